"""Application: a folder of documents that Argo CD syncs together."""

from __future__ import annotations

from typing import Literal

from platformc.language.models.base import Boolean, DocumentSpec, Integer, SpecModel
from platformc.language.models.labels import Labels
from platformc.language.models.platform import Link
from platformc.language.models.types import Label


class Namespace(SpecModel):
    """The namespace that the application's objects live in."""

    name: Label
    """The namespace's name."""
    create: Boolean | None = None
    """Exactly one application creates a namespace; may be left out where one alone uses it."""
    labels: Labels = {}
    """Further labels of the namespace."""
    pod_security: Literal["restricted", "baseline", "privileged"] = "restricted"
    """The level that Kubernetes enforces on its pods."""
    network_policy: Literal["enforce", "off"] = "enforce"
    """`off` renders no NetworkPolicies."""
    image_pull_secrets: tuple[str, ...] = ()
    """Which of the platform's pull secrets the namespace gets."""


class ApplicationSpec(DocumentSpec):
    """A folder of documents that Argo CD syncs together."""

    namespace: Namespace
    """The namespace that the objects live in."""
    sync_wave: Integer = 10
    """When it is installed the first time, among the other applications."""
    sync_options: tuple[str, ...] = ()
    """Further sync options of Argo CD."""
    links: tuple[Link, ...] = ()
    """Links in Argo CD's page."""
