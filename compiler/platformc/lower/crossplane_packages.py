"""Pass: Crossplane's packages of crossplane/, their activated kinds, and their credentials for AWS.

In      the graph.
Out     packages and an activation policy in one Application; the provider's configuration in another, as its kind
        is there only after the packages.
Never   activates a kind that no Composition makes: a provider has hundreds, and each costs the API server memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from platformc.language.origin import because_of, derive
from platformc.link import Program, SecretValue
from platformc.lower.claim_api import claim_api, is_rendered, with_notes
from platformc.lower.composed import Kind, composed_kinds, kind_of
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import CONFIRMED_REMOVAL, SYNC_OPTIONS, WAVE, WITHOUT_DRY_RUN
from platformc.lower.values import value

APPLICATION = "crossplane-packages"
PROVIDER_CONFIG = "provider-config"
"""The Application of the provider's configuration."""
PACKAGES = "pkg.crossplane.io"
MANAGED = ".upbound.io"
"""The suffixes of the groups of managed resources."""
ACTIVATION_POLICY = "platformc"
OPTIONS = {SYNC_OPTIONS: f"{CONFIRMED_REMOVAL},{WITHOUT_DRY_RUN}"}
"""Removing a provider removes its kinds, and all their objects."""


def lower_crossplane_packages(program: Program) -> Iterator[Manifest]:
    """Packages as written, the activation policy and the provider's configuration."""
    if not is_rendered(program):
        return
    written = claim_api(program)
    for package in written:
        if kind_of(package)[0] == PACKAGES:
            yield with_notes(program, package, APPLICATION, OPTIONS)
    kinds = {kind for composition in written for kind in composed_kinds(composition)}
    activated = sorted(definition_name(kind) for kind in kinds if kind[0].endswith(MANAGED))
    if activated:
        yield _activation_policy(program, activated)
    yield from _provider_config(program)


def definition_name(kind: Kind) -> str:
    """The name of a managed resource's definition: its plural and its group.

    A provider's kinds are English nouns, made plural by rule; one that ends in a plain s is already plural. A
    Composition names the kind alone. Source: gobuffalo/flect, plural_rules.go, by which controller-gen names CRDs.

    >>> definition_name(("iam.aws.m.upbound.io", "Policy")), definition_name(("sqs.aws.upbound.io", "Queue"))
    ('policies.iam.aws.m.upbound.io', 'queues.sqs.aws.upbound.io')
    """
    group, name = kind
    singular = name.lower()
    if singular.endswith(("ss", "atus", "alias", "x", "ch", "sh")):
        plural = f"{singular}es"
    elif singular.endswith("s"):
        plural = singular
    elif singular.endswith("y") and singular[-2:-1] not in set("aeiou"):
        plural = f"{singular[:-1]}ies"
    else:
        plural = f"{singular}s"
    return derive(f"{plural}.{group}", group, name)


def _activation_policy(program: Program, activated: Iterable[str]) -> Manifest:
    made = {
        "apiVersion": "apiextensions.crossplane.io/v1alpha1",
        "kind": "ManagedResourceActivationPolicy",
        "metadata": {"name": ACTIVATION_POLICY},
        "spec": {"activate": list(activated)},
    }
    # Before the packages, so that a kind is activated as soon as it exists.
    return with_notes(program, made, APPLICATION, {**OPTIONS, WAVE: "-2"})


def _provider_config(program: Program) -> Iterator[Manifest]:
    """The provider's configuration if the Platform has credentials; otherwise it is configured elsewhere."""
    platform = program.platform
    aws = platform.settings.aws
    if aws is None or aws.credentials is None:
        return
    found = value(program, platform.platform, aws.credentials)
    if not isinstance(found, SecretValue):  # link has a finding for it
        return
    scope = platform.settings.crossplane.scope
    namespaced = scope == "Namespaced"
    because = aws.credentials.text
    reference = {
        "namespace": derive(found.namespace, because),
        "name": derive(found.secret, because),
        "key": derive(found.key, because),
    }
    made: dict[str, Any] = {
        "apiVersion": derive("aws.m.upbound.io/v1beta1" if namespaced else "aws.upbound.io/v1beta1", because_of(scope)),
        "kind": derive("ClusterProviderConfig" if namespaced else "ProviderConfig", because_of(scope)),
        "metadata": {"name": aws.provider_config.name},
        "spec": {"credentials": {"source": "Secret", "secretRef": reference}},
    }
    yield with_notes(program, made, derive(PROVIDER_CONFIG, because_of(because)), OPTIONS)
