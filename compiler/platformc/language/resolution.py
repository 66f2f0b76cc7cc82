"""resolution: make one environment's Platform from the documents.

In      Sources and the name of an environment.
Out     Platform: layers merged, constants replaced, models valid.
Finds   what values, layers, constants and validate find; unknown-environment, platform-missing,
        unknown-application, invalid-name, misplaced-document.
Raises  FindingsError if the Platform or the Environment itself cannot be used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import PydanticCustomError

from platformc.diagnostics import Finding, FindingsError, Span, nearest, suggestion
from platformc.language.constants import Constants, missing_values
from platformc.language.document import PLATFORM, Document, DocumentId
from platformc.language.kind import Kind, words_with_access
from platformc.language.layers import Layers, Override, bind_overrides, layered, unused_profiles
from platformc.language.models.base import problems_of
from platformc.language.models.environment import EnvironmentSpec
from platformc.language.models.metadata import Metadata
from platformc.language.models.platform import PlatformSpec
from platformc.language.models.types import dns_label, dns_safe
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, at, child, span_of
from platformc.language.overlay import MergeRules, overlay
from platformc.language.placement import misplaced_references, with_literals
from platformc.language.platform import Platform, Resource
from platformc.language.references import with_references
from platformc.language.sources import SEALED, Sources
from platformc.language.validate import validate
from platformc.language.values import check_values, combine
from platformc.rules.documents import DUPLICATE_DOCUMENT, MISPLACED_DOCUMENT, PLATFORM_MISSING
from platformc.rules.environments import UNKNOWN_APPLICATION, UNKNOWN_ENVIRONMENT
from platformc.rules.fields import INVALID_NAME, MISSING_FIELD
from platformc.rules.yaml import YAML_AMBIGUOUS_SCALAR

NOT_RESOURCES = ("Platform", "Environment", "Profile", "SealedValues")


@dataclass(slots=True)
class _Resolving:
    sources: Sources
    environment: str
    findings: list[Finding] = field(default_factory=list)
    failed: set[DocumentId] = field(default_factory=set)
    unresolved: set[Span] = field(default_factory=set)
    """Scalars with a constant that has no value; see Constants."""
    damaged_values: bool = False
    """Whether the environment or the platform is damaged, so that nothing is known about values."""
    without_profile: set[DocumentId] = field(default_factory=set)
    """Documents some of whose profiles are missing; see Layers."""


def resolve(sources: Sources, environment: str) -> Platform:
    """Return the Platform of one environment, with every finding in its documents."""
    resolving = _Resolving(sources, environment)
    environment_node, target = _environment(resolving)
    platform_document = _platform_document(resolving)
    applications = _applications(resolving, environment_node)
    overrides, findings = bind_overrides(sources, environment_node, applications)
    resolving.findings.extend(findings)
    constants = _constants(resolving, environment_node, platform_document)
    profiles = {document.id: document for document in sources.documents if document.id.kind == "Profile"}
    layers = Layers(sources, constants, overrides, profiles)
    resolving.unresolved, resolving.without_profile = constants.unresolved, layers.without_profile
    platform = _platform(resolving, layers, platform_document, environment_node)
    disabled = _disabled(sources, overrides, applications, environment_node)
    laid = [
        (document, layered(layers, document))
        for document in sources.documents
        if document.id.kind not in NOT_RESOURCES and document.id not in disabled
    ]
    namespaces = _namespaces(laid)
    resources = [
        resource
        for document, root in laid
        if (resource := _resource(resolving, document, root, namespaces)) is not None
    ]
    if platform is not None and platform.spec.aws is None:
        resources = _without_aws(resolving, platform, resources)
    resolving.findings.extend(unused_profiles(layers))
    sealed = _sealed(resolving)
    found = (*resolving.findings, *layers.findings, *constants.findings, *missing_values(constants, environment))
    ambiguous = _ambiguous(sources)
    found = tuple(finding for finding in found if finding.at not in ambiguous)
    if platform is None or target is None:
        raise FindingsError(found or sources.findings)  # the sources have the finding of a damaged document
    claim_api, claim_api_nodes = sources.claim_api.of_scope(platform.spec.crossplane.scope)
    return Platform(
        environment=environment,
        specs=sources.specs,
        kinds=sources.kinds,
        settings=platform.spec,
        platform=platform,
        target=target,
        target_node=environment_node,
        resources=tuple(resources),
        sealed=sealed,
        applications=applications,
        failed=frozenset(resolving.failed),
        disabled=disabled,
        incomplete=sources.incomplete,
        claim_api=claim_api,
        claim_api_nodes=claim_api_nodes,
        texts=sources.texts,
        findings=found,
    )


def _environment(resolving: _Resolving) -> tuple[Mapping, EnvironmentSpec | None]:
    sources, name = resolving.sources, resolving.environment
    documents = sources.environments.get(name)
    if not documents:
        message = f"there is no environment {name}"
        finding = UNKNOWN_ENVIRONMENT.at(
            Span(f"{sources.specs}/environments"), message, suggestion(name, sources.environments)
        )
        raise FindingsError((finding,))
    node, findings = combine([document.root for document in documents])
    resolving.findings.extend(findings)
    spec = node.get("spec")
    target, findings = validate(
        EnvironmentSpec,
        spec if isinstance(spec, Mapping) else Mapping({}, {}, documents[0].name_span),
        node.keys.get("spec", documents[0].name_span),
    )
    if not any(document.damaged for document in documents):
        resolving.findings.extend(findings)
    else:
        resolving.damaged_values = True
    return node, target


def _ambiguous(sources: Sources) -> set[Span]:
    """Scalars that must be written differently; they have a finding, and are not checked until then."""
    return {finding.at for finding in sources.findings if finding.rule == YAML_AMBIGUOUS_SCALAR.id}


def _platform_document(resolving: _Resolving) -> Document:
    sources = resolving.sources
    found = [document for document in sources.documents if document.id.kind == "Platform"]
    if len(found) == 1:
        return found[0]
    if found:
        related = ((found[0].name_span, "the first one"),)
        message = "the specs contain a second Platform"
        raise FindingsError(
            (DUPLICATE_DOCUMENT.at(found[1].name_span, message, "keep one of the two", related=related),)
        )
    if sources.incomplete:  # it may be in what could not be read
        raise FindingsError(sources.findings)
    message = "the specs contain no Platform"
    hint = f"add one to {sources.specs}/platform.yaml"
    raise FindingsError(
        (
            *sources.findings,
            PLATFORM_MISSING.at(Span(f"{sources.specs}/platform.yaml"), message, hint),
        )
    )


def _applications(resolving: _Resolving, environment: Mapping) -> tuple[str, ...]:
    """The applications of the environment, sorted; all if it names none."""
    documents = resolving.sources.documents
    applications = {document.id.name for document in documents if document.id.kind == "Application"}
    # A folder without one already has a finding; its documents are checked anyway.
    folders = {document.id.application for document in documents} - applications - {PLATFORM}
    resolving.failed |= {DocumentId("Application", name, name) for name in folders}
    known = sorted(applications | folders)
    listed = at(environment, ("spec", "applications"))
    if not isinstance(listed, Sequence):
        return tuple(known)
    chosen = []
    for item in listed.items:
        name = item.value if isinstance(item, Scalar) else None
        if name in known:
            chosen.append(str(name))
        elif isinstance(name, str) and not resolving.sources.incomplete:
            meant, hint = nearest(name, known), suggestion(name, known)
            chosen += [] if meant is None else [meant]  # otherwise everything that uses it would fail, too
            resolving.findings.append(UNKNOWN_APPLICATION.at(item.span, f"there is no application {name}", hint))
    return tuple(sorted(set(chosen)))


def _constants(resolving: _Resolving, environment: Mapping, platform: Document) -> Constants:
    schema, given = platform.part("spec", "valuesSchema"), at(environment, ("spec", "values"))
    values = check_values(schema, given, environment)
    damaged = any(node is not None and not isinstance(node, Mapping) for node in (schema, given))
    damaged = damaged or resolving.damaged_values or platform.damaged
    if not damaged:
        resolving.findings.extend(values.findings)
    name = at(environment, ("metadata", "name"))
    spec = environment.get("spec")
    entries: dict[str, Node] = {"name": name} if name is not None else {}
    if isinstance(spec, Mapping):
        entries |= spec.entries
    table = Mapping(entries, dict.fromkeys(entries, environment.span), environment.span)
    return Constants(
        values.given,
        values.declared,
        values.absent,
        table,
        resolving.sources.texts,
        invalid=values.invalid,
        damaged=damaged,
    )


def _platform(
    resolving: _Resolving, layers: Layers, document: Document, environment: Mapping
) -> Resource[PlatformSpec] | None:
    """Return the Platform with the environment's AWS account, region and overrides; sets `${platform…}`."""
    root = layered(layers, document)
    spec = root.entries["spec"]
    if not isinstance(spec, Mapping):
        return None
    change = at(environment, ("spec", "aws"))
    if isinstance(change, Mapping):
        own = {key: value for key, value in change.entries.items() if key in {"region", "accountID"}}
        if own and "aws" in spec.entries:
            wrapped = Mapping(
                {"aws": Mapping(own, {key: change.keys[key] for key in own}, change.span)},
                {"aws": change.span},
                change.span,
            )
            spec, _ = overlay(spec, wrapped, MergeRules({}, {}))
    network = at(environment, ("spec", "network"))
    if isinstance(network, Mapping):
        spec, _ = overlay(
            spec, Mapping({"network": network}, {"network": network.span}, network.span), MergeRules({}, {})
        )
    root = Mapping({**root.entries, "spec": spec}, root.keys, root.span)
    name = at(root, ("metadata", "name"))
    entries: dict[str, Node] = dict(spec.entries)
    if name is not None:
        entries["name"] = name
    layers.constants.platform = Mapping(entries, dict.fromkeys(entries, spec.span), spec.span)
    return _validated(resolving, document, root, PLATFORM)


def _disabled(
    sources: Sources, overrides: dict[DocumentId, list[Override]], applications: tuple[str, ...], environment: Mapping
) -> dict[DocumentId, Span]:
    """What does not exist in this environment, with the place that excludes it."""
    disabled = {
        identity: override.at for identity, entries in overrides.items() for override in entries if override.disabled
    }
    listed = span_of(environment, ("spec", "applications"))
    for document in sources.documents:
        application = document.id.name if document.id.kind == "Application" else document.id.application
        if application != PLATFORM and application not in applications:
            disabled.setdefault(document.id, listed)
    for document in sources.documents:
        if document.id in disabled:
            for name in _further_names(sources, document):
                disabled.setdefault(DocumentId(document.id.kind, document.id.application, name), disabled[document.id])
    return disabled


def _further_names(sources: Sources, document: Document) -> tuple[str, ...]:
    """The names that a document has besides its own, as far as it is valid without its layers."""
    kind = sources.kinds[document.id.kind]
    if not kind.has_aliases:
        return ()
    spec, _ = validate(kind.model, kind.layers.expand(document.spec), words=words_with_access(sources.kinds))
    metadata, _ = validate(Metadata, document.root.entries["metadata"])
    if spec is None or metadata is None:
        return ()
    return kind.aliases(Resource(document.id, kind, metadata, spec, document.root, ""))


def _namespaces(laid: list[tuple[Document, Mapping]]) -> dict[str, str]:
    """The namespace of each application in this environment, as far as it is known before validation."""
    found = {}
    for document, root in laid:
        if document.id.kind == "Application":
            name = at(root, ("spec", "namespace", "name"))
            if isinstance(name, Scalar) and isinstance(name.value, str):
                found[document.id.name] = name.value
    return found


def _resource(
    resolving: _Resolving, document: Document, root: Mapping, namespaces: dict[str, str]
) -> Resource[Any] | None:
    application = document.id.name if document.id.kind == "Application" else document.id.application
    return _validated(resolving, document, root, namespaces.get(application, ""))


def _validated(resolving: _Resolving, document: Document, root: Mapping, namespace: str) -> Resource[Any] | None:
    kind = resolving.sources.kinds[document.id.kind]
    words = words_with_access(resolving.sources.kinds)
    spec, findings = validate(kind.model, root.entries["spec"], root.keys["spec"], words=words)
    references = with_references(root)
    literal = with_literals(kind, root, references, spec)
    if literal is not root:
        spec, findings = validate(kind.model, child(literal, "spec") or root, root.keys["spec"], words=words)
    metadata, metadata_findings = validate(Metadata, child(literal, "metadata") or root)
    misnamed = _name_findings(kind, document)
    if misnamed:  # a reference to the name that it should have is right
        resolving.failed.add(replace(document.id, name=dns_safe(document.id.name)))
    found = [*metadata_findings, *findings, *misnamed]
    refused = {finding.at for finding in findings}
    misplaced = misplaced_references(kind, references, spec, refused, resolving.sources.texts)
    places = {finding.at for finding in misplaced}
    found = [finding for finding in found if finding.at not in places | resolving.unresolved] + misplaced
    if document.id in resolving.without_profile:  # what is missing may be in the profile
        found, spec = [finding for finding in found if finding.rule != MISSING_FIELD.id], None
    if document.damaged:  # what had to be left out already has a finding, and would only be reported as missing again
        found, spec = [], None
    resolving.findings.extend(found)
    if spec is None or metadata is None:
        resolving.failed.add(document.id)
        return None
    return Resource(document.id, kind, metadata, spec, root, metadata.namespace or namespace)


def _with_spec(document: Document) -> Mapping:
    """Return the document with a `spec`, an empty one if it has none."""
    root = document.root
    if "spec" in root.entries:
        return root
    return Mapping({**root.entries, "spec": document.spec}, {**root.keys, "spec": document.name_span}, root.span)


def _name_findings(kind: Kind, document: Document) -> list[Finding]:
    name, span = document.id.name, document.name_span
    try:
        dns_label(name)
    except PydanticCustomError as error:
        return [one.rule.at(span, one.message, one.hint) for one in problems_of(error.context)]
    if len(name) > kind.longest_name:
        message = f"the name is {len(name)} characters long; the limit for a {kind.name} is {kind.longest_name}"
        return [INVALID_NAME.at(span, message, "Kubernetes appends to it and allows 63 characters in all")]
    return []


def _without_aws(
    resolving: _Resolving, platform: Resource[PlatformSpec], resources: list[Resource[Any]]
) -> list[Resource[Any]]:
    """Return what can be made without an AWS account; the finding names the first document that needs one."""
    needing = [resource for resource in resources if resource.kind.aws is not None]
    if needing:
        first = needing[0]
        related = ((first.name_span, f"the {first.kind.name} {first.name}"),)
        message = "`aws` is missing, but the platform has resources in AWS"
        hint = 'add aws: {region: eu-central-1, accountID: "123456789012"}'
        resolving.findings.append(MISSING_FIELD.at(platform.key_at(), message, hint, related=related))
        resolving.failed |= {resource.id for resource in needing}
    return [resource for resource in resources if resource not in needing]


def _sealed(resolving: _Resolving) -> dict[tuple[str, str], Resource[Any]]:
    """The sealed values of this environment by namespace and name."""
    found: dict[tuple[str, str], Resource[Any]] = {}
    for document in resolving.sources.sealed.get(resolving.environment, ()):
        resource = _validated(resolving, document, _with_spec(document), "")
        if resource is None:
            continue
        key = (resource.namespace, resource.name)
        named = resource.metadata.environment
        if named is not None and named != resolving.environment:
            span = span_of(document.root, ("metadata", "environment"))
            folder = f"{resolving.sources.specs}/{SEALED}/{resolving.environment}/"
            resolving.findings.append(
                MISPLACED_DOCUMENT.at(
                    span, f"sealed for {named}, but is in {folder}", f"seal it for {resolving.environment}"
                )
            )
            found.setdefault(key, resource)  # its keys are not missing
        elif key in found:
            related = ((found[key].name_span, "the first one"),)
            message = f"a second file contains the sealed values of {key[0]}/{key[1]}"
            resolving.findings.append(
                DUPLICATE_DOCUMENT.at(document.name_span, message, "remove one of the two", related=related)
            )
        else:
            found[key] = resource
    return found
