"""link: bind every reference of a Platform and build the typed graph (Program).

In      Platform: layers applied, models valid. A document that failed is absent; its name is kept.
Out     Program: all edges sorted, findings beside them, never raised.
Finds   what bind, needs, pods, order, namespaces, pull_secrets and platform_references find.
Never   reads a file, changes its input, formats text for people. See D3, D4, D8.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from platformc.diagnostics import Finding, suggestion
from platformc.language import DocumentId, Platform, Resource
from platformc.language.models.pod import PodFields
from platformc.language.models.secret import SecretSpec
from platformc.link.bind import Values, bind
from platformc.link.moved import check_moved
from platformc.link.namespaces import plan_namespaces
from platformc.link.needs import edges_of_needs
from platformc.link.order import cycles, waves
from platformc.link.platform_references import check_credentials
from platformc.link.pods import edges_of_pod
from platformc.link.program import Edge, EdgeKind, Outside, Program
from platformc.link.pull_secrets import plan_pull_secrets
from platformc.link.scope import Absent, Missing, Scope, scope_of
from platformc.rules.order import RESTART_CYCLE
from platformc.rules.references import UNKNOWN_REFERENCE


def link(platform: Platform) -> Program:
    """Bind all references. A document with an unbound one stays, so that the rest of it is still checked."""
    scope = scope_of(platform)
    values: Values = {}
    found: list[Edge | Finding] = []
    for resource in (platform.platform, *platform.resources):
        found += _edges(scope, resource, values)
    edges = sorted((one for one in found if isinstance(one, Edge)), key=_edge_order)
    findings = [one for one in found if isinstance(one, Finding)]
    jobs = [resource.id for resource in platform.resources if resource.id.kind == "Job" and resource.spec.run is None]
    found_waves, wave_findings = waves(edges, jobs)
    restarts: dict[DocumentId, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.kind is EdgeKind.RESTART:
            restarts[edge.source].append(edge)
    namespaces, namespace_findings = plan_namespaces(platform)
    pull_secrets, pull_secret_findings = plan_pull_secrets(platform, values, namespaces, edges)
    restart_findings = cycles(restarts, RESTART_CYCLE, "restarts with")
    if restart_findings:  # computing along these edges would not terminate
        edges = [edge for edge in edges if edge.kind is not EdgeKind.RESTART]
    outgoing: dict[DocumentId, list[Edge]] = defaultdict(list)
    incoming: dict[DocumentId, list[Edge]] = defaultdict(list)
    for edge in edges:
        outgoing[edge.source].append(edge)
        if isinstance(edge.target, DocumentId):
            incoming[edge.target].append(edge)
    findings += [
        *wave_findings,
        *namespace_findings,
        *check_credentials(platform, values),
        *pull_secret_findings,
        *restart_findings,
    ]
    return Program(
        platform=platform,
        scope=scope,
        values=values,
        edges=tuple(edges),
        outgoing={key: tuple(of_source) for key, of_source in outgoing.items()},
        incoming={key: tuple(of_target) for key, of_target in incoming.items()},
        waves=found_waves,
        namespaces=namespaces,
        pull_secrets=pull_secrets,
        resources={resource.id: resource for resource in (platform.platform, *platform.resources)},
        findings=tuple(findings),
    )


def _edges(scope: Scope, resource: Resource[Any], values: Values) -> list[Edge | Finding]:
    bound: list[Edge | Finding | Missing] = []
    if resource.kind.has_needs:
        bound += edges_of_needs(scope, resource)
    needs = tuple(one for one in bound if isinstance(one, Edge))
    bound += bind(scope, resource, values, needs)
    found = _told_once(bound)
    if isinstance(resource.spec, PodFields):
        found += edges_of_pod(scope, resource)
    if isinstance(resource.spec, SecretSpec):
        found += _copies(scope, resource)
    found += check_moved(scope, resource)
    return found


def _told_once(found: list[Edge | Finding | Missing]) -> list[Edge | Finding]:
    """What was found, without notes about an ignored need if an error reports its target."""
    wrong = {one.target for one in found if isinstance(one, Missing) and one.finding.rule == UNKNOWN_REFERENCE.id}
    told: list[Edge | Finding] = []
    for one in found:
        if not isinstance(one, Missing):
            told.append(one)
        elif one.finding.rule == UNKNOWN_REFERENCE.id or one.target not in wrong:
            told.append(one.finding)
    return told


def _copies(scope: Scope, resource: Resource[SecretSpec]) -> list[Edge | Finding]:
    """Check `copyOf: secret.redis.password`, the source of a key's value."""
    found: list[Edge | Finding] = []
    for name, key in resource.spec.keys.items():
        if key.copy_of is None:
            continue
        at = resource.at("keys", name, "copyOf")
        word, _, rest = key.copy_of.partition(".")
        secret, _, copied = rest.partition(".")
        if word != "secret" or not copied:
            found.append(
                UNKNOWN_REFERENCE.at(at, f"`{key.copy_of}` is not a Secret's key", "write secret.<name>.<key>")
            )
            continue
        target = scope.find("secret", secret, resource.id.application)
        if isinstance(target, Absent):
            if not target.silent:
                found.append(UNKNOWN_REFERENCE.at(at, target.message, target.hint, related=target.related))
        elif copied not in target.resource.spec.keys:
            message = f"the secret {secret} has no key {copied}"
            hint = suggestion(copied, list(target.resource.spec.keys))
            found.append(UNKNOWN_REFERENCE.at(at, message, hint))
            found.append(Edge(EdgeKind.SECRET, resource.id, target.resource.id, at))  # some key of it is meant
        else:
            found.append(Edge(EdgeKind.SECRET, resource.id, target.resource.id, at, key=copied))
    return found


def _edge_order(edge: Edge) -> tuple[Any, ...]:
    target = edge.target
    name = ("", target.name, "") if isinstance(target, Outside) else (target.kind, target.application, target.name)
    return (edge.source, name, edge.kind, edge.port, edge.key, edge.access, edge.at)
