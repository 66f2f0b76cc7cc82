"""Layers: profiles and the environment's overrides, merged over each document.

In      the documents of Sources, constants replaced, short forms expanded.
Out     for each document one node with all layers.
Finds   unknown-profile, profile-cycle, override-names-nothing, override-ambiguous,
        override-left-out, override-changes-nothing, profile-unused, and what overlay finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace

from platformc.diagnostics import Finding, Span, suggestion
from platformc.language.constants import Constants, substitute
from platformc.language.document import PLATFORM, Document, DocumentId
from platformc.language.kind import Kind, words_with_access
from platformc.language.models.types import dns_safe
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, plain
from platformc.language.overlay import MergeRules, overlay, same
from platformc.language.sources import FOREIGN_KINDS, Sources
from platformc.rules.overlays import (
    OVERRIDE_AMBIGUOUS,
    OVERRIDE_CHANGES_NOTHING,
    OVERRIDE_LEFT_OUT,
    OVERRIDE_NAMES_NOTHING,
    PROFILE_CYCLE,
    PROFILE_UNUSED,
    UNKNOWN_PROFILE,
)

LONGEST_CHAIN = 20
"""The longest chain of profiles that extend each other; nobody can follow more."""

NEVER_OVERRIDDEN = ("Environment", "SealedValues")


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """One entry of the environment's `overrides`."""

    kind: str
    name: str
    application: str
    spec: Mapping
    disabled: bool
    at: Span
    kind_at: Span
    whole: bool
    """Whether it has only fields that an override can have."""


@dataclass(slots=True)
class Layers:
    """The layers of one environment, and what was found while merging them."""

    sources: Sources
    constants: Constants
    overrides: MappingType[DocumentId, list[Override]]
    profiles: MappingType[DocumentId, Document]
    findings: list[Finding] = field(default_factory=list)
    written_out: dict[DocumentId, Mapping | None] = field(default_factory=dict)
    used_profiles: set[DocumentId] = field(default_factory=set)
    without_profile: set[DocumentId] = field(default_factory=set)
    """Documents that extend a profile that does not exist or cannot be used."""


def merge_rules(kind: Kind, words: tuple[str, ...]) -> MergeRules:
    """How the fields of a kind merge; `words` are the words for resources in AWS."""
    return MergeRules(kind.layers.keys(words), kind.layers.one_of, kind.layers.null_values)


def layered(layers: Layers, document: Document) -> Mapping:
    """Return the document, merged over its profiles and below the environment's overrides."""
    kind = layers.sources.kinds[document.id.kind]
    root = substitute(layers.constants, document.root)
    if not isinstance(root, Mapping):
        return document.root
    spec = root.get("spec")
    if not isinstance(spec, Mapping):
        spec = Mapping({}, {}, document.name_span)
    spec = kind.layers.expand(spec)
    for base in reversed(_profiles(layers, spec, document.id, ())):
        spec = _over(layers, base, spec, kind)
    spec = _overridden(layers, document.id, spec, kind)
    entries: dict[str, Node] = {**root.entries, "spec": spec}
    return Mapping(entries, {**root.keys, "spec": root.keys.get("spec", document.name_span)}, root.span)


def unused_profiles(layers: Layers) -> Iterator[Finding]:
    """Profiles that no document extends; none if a misspelled name may mean one of them."""
    if layers.without_profile:
        return
    for identity, profile in layers.profiles.items():
        if identity not in layers.used_profiles and not profile.damaged:
            message = f"nothing extends the profile {identity.name}"
            yield PROFILE_UNUSED.at(profile.name_span, message, "remove it")


def _overridden(layers: Layers, identity: DocumentId, spec: Mapping, kind: Kind) -> Mapping:
    for override in layers.overrides.get(identity, ()):
        if override.disabled:
            continue
        change = substitute(layers.constants, override.spec)
        if not isinstance(change, Mapping):
            continue
        found = len(layers.findings)
        merged = _over(layers, spec, kind.layers.expand(change), kind)
        if same(merged, spec) and len(layers.findings) == found and override.whole:
            message = f"this override changes nothing in {identity.kind} {identity.name}"
            layers.findings.append(OVERRIDE_CHANGES_NOTHING.at(override.at, message, "remove it, or set another value"))
        spec = merged
    return spec


def _over(layers: Layers, base: Mapping, change: Mapping, kind: Kind) -> Mapping:
    merged, findings = overlay(base, change, merge_rules(kind, words_with_access(layers.sources.kinds)))
    layers.findings.extend(findings)
    return merged


def _profiles(layers: Layers, spec: Mapping, user: DocumentId, above: tuple[DocumentId, ...]) -> list[Mapping]:
    """The expanded profiles that `extends` names, in order."""
    extends = spec.get("extends")
    if not isinstance(extends, Sequence):
        return []
    found = []
    for item in extends.items:
        profile = _find_profile(layers, item, user)
        if profile is None:
            layers.without_profile.add(user)
            continue
        if profile.id in above:
            layers.findings.append(
                PROFILE_CYCLE.at(item.span, f"the profile {profile.id.name} extends itself", "remove one `extends`")
            )
            continue
        if len(above) >= LONGEST_CHAIN:
            message = f"a chain of more than {LONGEST_CHAIN} profiles that extend each other"
            layers.findings.append(PROFILE_CYCLE.at(item.span, message, "merge some of them"))
            layers.without_profile.add(user)
            continue
        written = _profile(layers, profile, user, (*above, profile.id))
        if written is None or profile.id in layers.without_profile:
            layers.without_profile.add(user)
        if written is not None:
            found.append(written)
    return found


def _profile(layers: Layers, profile: Document, user: DocumentId, above: tuple[DocumentId, ...]) -> Mapping | None:
    layers.used_profiles.add(profile.id)
    if profile.id not in layers.written_out:
        kind = layers.sources.kinds[user.kind]
        spec = substitute(layers.constants, profile.spec)
        if profile.damaged or not isinstance(spec, Mapping):
            layers.written_out[profile.id] = None
            return None
        spec = kind.layers.expand(spec)
        for base in reversed(_profiles(layers, spec, profile.id, above)):
            spec = _over(layers, base, spec, kind)
        spec = _overridden(layers, profile.id, spec, kind)
        kept = {key: value for key, value in spec.entries.items() if key != "extends"}
        layers.written_out[profile.id] = replace(spec, entries=kept)
    return layers.written_out[profile.id]


def _find_profile(layers: Layers, item: Node, user: DocumentId) -> Document | None:
    """Return the profile of the own application, else the only one of that name, else `application/name`."""
    if not isinstance(item, Scalar) or not isinstance(item.value, str):
        return None  # the model reports what is wrong
    application, _, name = item.value.rpartition("/")
    matches = [
        profile
        for identity, profile in layers.profiles.items()
        if identity.name == name and (not application or identity.application == application)
    ]
    own = [profile for profile in matches if profile.id.application == user.application]
    if own or len(matches) == 1:
        return (own or matches)[0]
    if matches:
        choices = " or ".join(f"{profile.id.application}/{name}" for profile in matches)
        layers.findings.append(UNKNOWN_PROFILE.at(item.span, f"several profiles are named {name}", f"write {choices}"))
    elif not layers.sources.incomplete:
        known = sorted({identity.name for identity in layers.profiles})
        layers.findings.append(
            UNKNOWN_PROFILE.at(item.span, f"there is no profile {item.value}", suggestion(name, known))
        )
    return None


def bind_overrides(
    sources: Sources, environment: Mapping, applications: Iterable[str]
) -> tuple[dict[DocumentId, list[Override]], tuple[Finding, ...]]:
    """Find the document that each override means."""
    bound: dict[DocumentId, list[Override]] = {}
    findings: list[Finding] = []
    spec = environment.get("spec")
    entries = spec.get("overrides") if isinstance(spec, Mapping) else None
    for item in entries.items if isinstance(entries, Sequence) else ():
        override = _override(item)
        if override is None:
            continue  # the model reports what is wrong
        identity, finding = _overridden_document(sources, override, set(applications))
        if finding:
            findings.append(finding)
        if identity:
            bound.setdefault(identity, []).append(override)
    return bound, tuple(findings)


def _override(item: Node) -> Override | None:
    data = plain(item) if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(data, dict):
        return None
    kind, metadata = data.get("kind"), data.get("metadata") or {}
    if not isinstance(kind, str) or not isinstance(metadata, dict):
        return None
    if item.get("metadata") is not None and kind != "Platform" and not isinstance(metadata.get("name"), str):
        return None
    spec = item.get("spec")
    if not isinstance(spec, Mapping):
        spec = Mapping({}, {}, item.span)
    place = item.get("metadata")
    name = place.get("name") if isinstance(place, Mapping) else None
    return Override(
        kind=kind,
        name=str(metadata.get("name", "")),
        application=str(metadata.get("application") or ""),
        spec=spec,
        disabled=data.get("disabled") is True,
        at=name.span if name is not None else item.entries["kind"].span,
        kind_at=item.entries["kind"].span,
        whole=set(data) <= {"kind", "metadata", "spec", "disabled"} and isinstance(data.get("spec", {}), dict),
    )


def _overridden_document(
    sources: Sources, override: Override, applications: set[str]
) -> tuple[DocumentId | None, Finding | None]:
    if override.kind not in sources.kinds or override.kind in NEVER_OVERRIDDEN:
        known = [kind for kind in sources.kinds if kind not in NEVER_OVERRIDDEN]
        hint = suggestion(override.kind, known)
        if override.kind in FOREIGN_KINDS:
            hint = f"write {FOREIGN_KINDS[override.kind]}"
        return None, OVERRIDE_NAMES_NOTHING.at(override.kind_at, f"{override.kind} cannot be overridden", hint)
    same_kind = [document.id for document in sources.documents if document.id.kind == override.kind]
    matches = [
        identity
        for identity in same_kind
        if (override.kind == "Platform" or identity.name == override.name)
        and (not override.application or identity.application == override.application)
    ]
    if not matches:
        # If the mistake is in the document's own name, the override's name is right.
        meant = {dns_safe(identity.name) for identity in same_kind} - {identity.name for identity in same_kind}
        if sources.incomplete or override.name in meant:
            return None, None
        hint = suggestion(override.name, [identity.name for identity in same_kind])
        return None, OVERRIDE_NAMES_NOTHING.at(
            override.at, f"there is no {override.kind} {override.name}".rstrip(), hint
        )
    if len(matches) > 1:
        choices = ", ".join(identity.application for identity in matches)
        message = f"several applications have a {override.kind} {override.name}"
        return None, OVERRIDE_AMBIGUOUS.at(
            override.at, message, f"add `application:` to the override's metadata: {choices}"
        )
    application = matches[0].name if override.kind == "Application" else matches[0].application
    if application != PLATFORM and application not in applications:
        message = f"this environment leaves out the application {application}"
        return None, OVERRIDE_LEFT_OUT.at(
            override.at, message, "remove the override, or add the application to `applications`"
        )
    return matches[0], None
