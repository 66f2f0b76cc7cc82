"""checks: all checks, in the order in which they run, each with its input.

In      a LoweredEnvironment, or the WholePlatform.
Out     remarks, in any order.
Never   changes its input; makes a byte of the output.

kubeconform is not one of them: it is a process, started as soon as an environment has files (`kubeconform.validation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from platformc.check.across_environments import check_across_environments
from platformc.check.aws_limits import check_aws_limits
from platformc.check.claim_api import check_claim_api, provider_facts
from platformc.check.claim_api.cel import check_claims
from platformc.check.lowered import LoweredEnvironment, WholePlatform
from platformc.check.policies.run import check_policies
from platformc.check.remarks import Remark
from platformc.check.sealed_values import check_sealed
from platformc.check.sealing_certificate import check_certificate


class EnvironmentCheck(Protocol):
    """Checks one environment."""

    def __call__(self, one: LoweredEnvironment, /) -> Iterable[Remark]:
        """Return the remarks about it."""


class PlatformCheck(Protocol):
    """Checks what only all environments together can show."""

    def __call__(self, whole: WholePlatform, /) -> Iterable[Remark]:
        """Return the remarks about it."""


def _claim_api(whole: WholePlatform) -> Iterator[Remark]:
    checked = check_claim_api(
        whole.sources.claim_api, whole.claim_scopes, whole.store, provider_facts(whole.sources.kinds)
    )
    yield from checked.findings
    yield from checked.unchecked


ENVIRONMENT_CHECKS: tuple[EnvironmentCheck, ...] = (
    lambda one: check_aws_limits(one.program, one.manifests),
    lambda one: check_sealed(one.program, allow_unsealed=one.allow_unsealed),
    lambda one: check_certificate(one.program, one.specs, one.today),
)
"""The checks before an environment has files; all of its objects are there."""

OBJECT_CHECKS: tuple[EnvironmentCheck, ...] = (
    lambda one: check_claims(one.program, one.manifests, one.places, one.known_claims, paranoid=one.paranoid),
    lambda one: check_policies(one.program, one.manifests, one.places, is_whole=one.is_whole),
)
"""Slower checks, which run while kubeconform works; objects of documents with errors are left out."""

PLATFORM_CHECKS: tuple[PlatformCheck, ...] = (
    lambda whole: check_across_environments(whole.footprints),
    _claim_api,
)
"""The checks that run once, after all environments are compiled."""
