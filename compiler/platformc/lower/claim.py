"""Claim: what all claims of our own API (`aws.platformc.dev/v1alpha1`) have in common.

The compiler contains the logic; a Composition is one patch per field (D9). The fields of each kind of claim
are with the kind, in `kinds/`.
"""

from __future__ import annotations

import json
from typing import Any

from platformc.language import Resource
from platformc.language.models.aws import ManagedSpec
from platformc.language.origin import derive, unmarked
from platformc.link import Program, aws_names
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import CONFIRMED_REMOVAL, SYNC_OPTIONS, metadata, without_nothing

GROUP = "aws.platformc.dev"
API = f"{GROUP}/v1alpha1"
CLAIMS = "-aws"
"""The suffix of the Application of an application's claims: they take minutes, workloads do not."""


def compact(document: Any) -> str:
    """JSON in text for AWS: without spaces, keys in the given order."""
    return derive(json.dumps(unmarked(document), separators=(",", ":"), ensure_ascii=False), document)


def claim(program: Program, resource: Resource[Any], kind: str, name: str, spec: dict[str, Any]) -> Manifest:
    """One claim of a document; fields that are None or empty are left out."""
    described = metadata(program, resource, name, annotations={SYNC_OPTIONS: CONFIRMED_REMOVAL})
    made = {"apiVersion": API, "kind": kind, "metadata": described, "spec": without_nothing(spec)}
    return Manifest(made, resource.id, derive(f"{resource.id.application}{CLAIMS}", resource.id.application))


def common_fields(program: Program, resource: Resource[Any], name: str) -> dict[str, Any]:
    """The fields that every claim has; tags with the AWS name first. Of an Identity there is no region: IAM has none."""
    aws = aws_names.account(program.platform)
    spec = resource.spec
    own = dict(spec.tags)
    return {
        "region": aws.region if isinstance(spec, ManagedSpec) else None,
        "providerConfigName": aws.provider_config.name,
        "deletionPolicy": spec.deletion_policy if isinstance(spec, ManagedSpec) else "Delete",
        "tags": {"Name": name, **aws.tags, **own},
    }
