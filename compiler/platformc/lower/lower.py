"""lower: turn the graph into the objects that Argo CD syncs.

In      Program: every reference bound, or reported by link.
Out     manifests in a total order, each with the document that it comes from.
Finds   duplicate-object, application-name-reserved, and what patches find.
Never   validates a spec: whatever can be wrong in it was found before, so lowering is total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from platformc.diagnostics import Finding
from platformc.language import DocumentId, Resource
from platformc.link import Program
from platformc.lower.argocd import lower_argocd
from platformc.lower.claim_api import lower_claim_api
from platformc.lower.crossplane_packages import lower_crossplane_packages
from platformc.lower.manifest import Manifest, ObjectId
from platformc.lower.namespaces import lower_namespaces
from platformc.lower.network_policies import lower_network_policies
from platformc.lower.patches import patched
from platformc.lower.pull_secrets import lower_pull_secrets
from platformc.lower.reserved_names import reserved_names
from platformc.lower.restarts import with_restarts
from platformc.rules.documents import DUPLICATE_OBJECT

PASSES: tuple[Callable[[Program], Iterable[Manifest]], ...] = (
    lower_namespaces,
    lower_network_policies,
    lower_crossplane_packages,
    lower_claim_api,
    lower_pull_secrets,
)
"""What is made from the whole graph, not from one document."""


def lower(program: Program) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Make all objects of an environment, sorted by application, kind, namespace and name."""
    findings = list(reserved_names(program))
    program = with_restarts(program)
    made = list(_documents(program, findings))
    for one_pass in PASSES:
        made += one_pass(program)
    made = list(_once(program, made, findings))
    made += lower_argocd(program, tuple(made))
    # Again: an Addon and an Application of one name are one Application of Argo CD.
    made = list(_once(program, made, findings))
    made.sort(key=lambda manifest: (manifest.application, manifest.id))
    return tuple(made), tuple(findings)


def lower_document(program: Program, resource: Resource[Any]) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Make what one document makes by itself, with its patches; `program` must have its restarts."""
    # Patches do not apply to what passes make, which is not of one document; that they match nothing is reported.
    manifests = tuple(resource.kind.lower(program, resource)) if resource.kind.lower else ()
    return patched(resource, manifests) if resource.spec.patches else (manifests, ())


def _documents(program: Program, findings: list[Finding]) -> Iterator[Manifest]:
    for resource in (program.platform.platform, *program.platform.resources):
        manifests, found = lower_document(program, resource)
        findings.extend(found)
        yield from manifests


def _once(program: Program, manifests: Iterable[Manifest], findings: list[Finding]) -> Iterator[Manifest]:
    """Two documents that make the same object would overwrite each other on the cluster (D11)."""
    first: dict[ObjectId, Manifest] = {}
    shared: dict[tuple[DocumentId, DocumentId], list[ObjectId]] = {}
    for manifest in manifests:
        known = first.setdefault(manifest.id, manifest)
        if known is manifest:
            yield manifest
        else:
            shared.setdefault((manifest.owner, known.owner), []).append(manifest.id)
    findings += [_duplicate(program, *owners, objects) for owners, objects in shared.items()]


def _duplicate(program: Program, one: DocumentId, other: DocumentId, objects: list[ObjectId]) -> Finding:
    """One finding for each pair of documents, however many objects they share."""
    owner, first = program.resources[one], program.resources[other]
    what = f"the {objects[0]}" + (f" and {len(objects) - 1} more" if len(objects) > 1 else "")
    if one == other:
        message = f"{owner.name} makes {what} twice"
        return DUPLICATE_OBJECT.at(owner.name_span, message, "give one of them another name")
    message = f"{owner.id.kind} {owner.name} and {first.id.kind} {first.name} both make {what}"
    related = ((first.name_span, "made here too"),)
    return DUPLICATE_OBJECT.at(owner.name_span, message, "give one of them another name", related=related)
