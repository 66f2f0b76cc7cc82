"""What Crossplane's provider makes of our claims, made in moto: an AWS in memory, of one account.

In      the claims below rendered/, both environments in one account, as they are.
Out     the same resources in moto, made from the claims' values alone.
Never   leaves a field of a claim out: one that this does not know raises.

What makes a claim (aws_kinds) is the Composition and the provider in a few lines: claim field -> API call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped] # it has no types
import yaml
from aws_kinds import CLAIMS
from aws_kinds.facts import UnknownFieldError

ROOT = Path(__file__).parents[2]
COMMON = ("region", "providerConfigName", "deletionPolicy")
"""What is about Crossplane, or the client's; no call carries it."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The services, in one region."""

    service: Callable[[str], Any]
    """The client of a service, by its name; always the same one."""

    @property
    def dynamodb(self) -> Any:
        """Tables."""
        return self.service("dynamodb")

    @property
    def sqs(self) -> Any:
        """Queues."""
        return self.service("sqs")

    @property
    def ecr(self) -> Any:
        """Repositories."""
        return self.service("ecr")

    @property
    def iam(self) -> Any:
        """Users and policies."""
        return self.service("iam")


def clients(region: str) -> Clients:
    """Clients with credentials of nobody."""
    return Clients(cache(boto3.Session("testing", "testing", region_name=region).client))


def rendered_claims(environment: str) -> list[dict[str, Any]]:
    """All claims of an environment: what others point to stands first, as Crossplane tries again until it is there."""
    files = sorted((ROOT / "rendered" / environment).glob("*-aws/*/*.yaml"))
    claims = [yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in files]
    return sorted(
        (one for one in claims if one["apiVersion"].startswith("aws.platformc.dev/")),
        key=lambda one: (one["kind"] == "RepositoryLifecycle", "redrivePolicy" in one["spec"]),
    )


def create(made: Clients, claim: Mapping[str, Any]) -> None:
    """Make what one claim describes. Raises UnknownFieldError for a field or a kind that is not known here."""
    if claim["kind"] not in CLAIMS:
        raise UnknownFieldError(f"kind {claim['kind']}")
    spec = dict(claim["spec"])
    for field in COMMON:
        spec.pop(field, None)
    CLAIMS[claim["kind"]].make(made.service, spec)
    if spec:
        raise UnknownFieldError(f"{claim['kind']} {claim['metadata']['name']}: {', '.join(spec)}")
