"""Pull secrets: who can pull, with whose key, and which namespaces get the result.

In      the Platform's `imagePullSecrets`, what its references stand for, the namespaces.
Out     one PullSecretPlan for each.
Finds   unknown-reference, pull-secret-other-namespace, pull-access-missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import Finding, suggestion
from platformc.language import DocumentId, Platform, Resource
from platformc.link.namespaces import NamespacePlan
from platformc.link.platform_references import Values, bound
from platformc.link.program import Edge, EdgeKind, PullSecretPlan
from platformc.link.scope import Target
from platformc.rules.references import UNKNOWN_REFERENCE
from platformc.rules.secrets import PULL_ACCESS_MISSING, PULL_SECRET_OTHER_NAMESPACE

PULL = "pull"


@dataclass(frozen=True, slots=True)
class _Linked:
    """What was bound before."""

    platform: Platform
    namespaces: Mapping[str, NamespacePlan]
    edges: tuple[Edge, ...]


def plan_pull_secrets(
    platform: Platform, values: Values, namespaces: Mapping[str, NamespacePlan], edges: Iterable[Edge]
) -> tuple[tuple[PullSecretPlan, ...], tuple[Finding, ...]]:
    """The plans, sorted by name; none for a pull secret whose identity is not known."""
    linked = _Linked(platform, namespaces, tuple(edges))
    plans: list[PullSecretPlan] = []
    findings: list[Finding] = list(_unknown_names(linked))
    for name, settings in sorted(platform.settings.image_pull_secrets.items()):
        target = bound(platform, values, settings.identity)
        if isinstance(target, Target) and target.resource.kind.writes_key:
            users = [plan for plan in namespaces.values() if name in plan.image_pull_secrets]
            plans.append(PullSecretPlan(name, settings, target.resource, tuple(users)))
        elif target is not None:
            findings.append(_no_identity(platform, name))
    for plan in plans:
        findings += [*_namespace_of_keys(platform, plan), *_not_pullable(linked, plan)]
    return tuple(plans), tuple(findings)


def _no_identity(platform: Platform, name: str) -> Finding:
    at = platform.platform.at("imagePullSecrets", name, "identity")
    hint = "write ${identity.NAME} alone"
    return UNKNOWN_REFERENCE.at(at, "`identity` is not an Identity", hint)


def _unknown_names(linked: _Linked) -> Iterator[Finding]:
    known = linked.platform.settings.image_pull_secrets
    for plan in linked.namespaces.values():
        for user in plan.users:
            for position, name in enumerate(user.spec.namespace.image_pull_secrets):
                if name not in known:
                    at = user.at("namespace", "imagePullSecrets", position)
                    message = f"the platform has no pull secret {name}"
                    yield UNKNOWN_REFERENCE.at(at, message, suggestion(name, list(known)))


def _namespace_of_keys(platform: Platform, plan: PullSecretPlan) -> Iterator[Finding]:
    """The keys are read in the namespace where the claim writes them, the only place for them."""
    source, identity = plan.settings.source_namespace, plan.identity
    application = DocumentId("Application", identity.id.application, identity.id.application)
    if source == identity.namespace or application in platform.failed:  # its namespace may be what is wrong
        return
    message = f"the keys of the identity {identity.name} are in the namespace {identity.namespace}, not in {source}"
    at = platform.platform.at("imagePullSecrets", plan.name, "sourceNamespace")
    related = ((identity.name_span, "the identity"),)
    hint = f"write sourceNamespace: {identity.namespace}"
    yield PULL_SECRET_OTHER_NAMESPACE.at(at, message, hint, related=related)


def _not_pullable(linked: _Linked, plan: PullSecretPlan) -> Iterator[Finding]:
    """Each repository, once, that pods of the namespaces pull from but the identity cannot."""
    users = {plan_of.name for plan_of in plan.namespaces}
    sources: dict[DocumentId, Resource[Any]] = {one.id: one for one in linked.platform.resources}
    pullable = {
        edge.target
        for edge in linked.edges
        if edge.kind is EdgeKind.ACCESS and edge.source == plan.identity.id and PULL in edge.access
    }
    told: set[object] = set()
    for edge in linked.edges:
        if edge.kind is not EdgeKind.IMAGE or edge.target in pullable or edge.target in told:
            continue
        if sources[edge.source].namespace not in users or not isinstance(edge.target, DocumentId):
            continue
        told.add(edge.target)
        repository = edge.target.name
        message = f"the identity {plan.identity.name} is not allowed to pull from the repository {repository}"
        related = ((edge.at, f"this image is pulled with the pull secret {plan.name}"),)
        hint = f"add to its needs: {{repository: {repository}, access: [pull]}}"
        at = plan.identity.name_span
        yield PULL_ACCESS_MISSING.at(at, message, hint, related=related)
