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
    """Exactly one application creates a namespace; optional if only one uses it."""
    labels: Labels = {}
    """Additional labels of the namespace."""
    pod_security: Literal["restricted", "baseline", "privileged"] = "restricted"
    """The Pod Security level that Kubernetes enforces."""
    network_policy: Literal["enforce", "off"] = "enforce"
    """`off` renders no NetworkPolicies."""
    image_pull_secrets: tuple[str, ...] = ()
    """The platform's pull secrets that the namespace gets."""


class ApplicationSpec(DocumentSpec):
    """A folder of documents that Argo CD syncs together."""

    namespace: Namespace
    """The namespace of the objects."""
    sync_wave: Integer = 10
    """Its position among the applications on the first installation."""
    sync_options: tuple[str, ...] = ()
    """Additional sync options for Argo CD."""
    links: tuple[Link, ...] = ()
    """Links on its page in Argo CD."""
