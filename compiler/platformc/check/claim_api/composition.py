"""composition: what a Composition composes, and which parts of it are not supported.

In      a Composition as written.
Out     the claim kind that it is for; the managed resources that it composes, each with its patches.
Finds   composition-unsupported, composition-malformed, composition-duplicate-name.
Never   ignores a word that it does not know: what is not supported is not checked, and is reported (D52).
Source  crossplane-contrib/function-patch-and-transform v0.10.8, package/input/pt.fn.crossplane.io_resources.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.check.claim_api.field_path import Steps, covers, steps_of
from platformc.check.claim_api.source_object import SourceObject
from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.diagnostics import Finding, suggestion
from platformc.language.nodes import KeyPath
from platformc.rules.crossplane import COMPOSITION_DUPLICATE_NAME, COMPOSITION_MALFORMED, COMPOSITION_UNSUPPORTED

FUNCTION = "function-patch-and-transform"
INPUT = ("pt.fn.crossplane.io/v1beta1", "Resources")

FROM_CLAIM, TO_CLAIM = "FromCompositeFieldPath", "ToCompositeFieldPath"
PATCH_WORDS = ("type", "fromFieldPath", "toFieldPath", "transforms", "policy")
RESOURCE_WORDS = ("name", "base", "patches", "readinessChecks", "connectionDetails")

CONNECTION_SECRET: Steps = ("spec", "writeConnectionSecretToRef")
"""Where a managed resource, and a claim, says which Secret its connection details go to."""

READINESS = {
    "MatchString": ("fieldPath", "matchString"),
    "MatchInteger": ("fieldPath", "matchInteger"),
    "MatchTrue": ("fieldPath",),
    "MatchFalse": ("fieldPath",),
    "NonEmpty": ("fieldPath",),
    "MatchCondition": ("matchCondition",),
    "None": (),
}
"""Each kind of readiness check, and what it must have beside its type."""

DETAILS = {"FromConnectionSecretKey": "fromConnectionSecretKey", "FromFieldPath": "fromFieldPath", "FromValue": "value"}
"""Each kind of connection detail, and where it takes its value from."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One copy of a value between the claim and a managed resource."""

    at: KeyPath
    """Its path in the Composition."""
    to_claim: bool
    source: Steps
    target: Steps
    transforms: tuple[dict[str, Any], ...]
    required: bool
    """Whether the resource waits until the source is there."""

    @property
    def carries(self) -> bool:
        """Whether what arrives depends on what was read, and not just on its being there."""
        patterns = [sequence(mapping(one.get("match")).get("patterns")) for one in self.transforms if "match" in one]
        return not any(len(found) == 1 for found in patterns)

    @property
    def from_at(self) -> KeyPath:
        """The path of its source."""
        return (*self.at, "fromFieldPath")

    @property
    def to_at(self) -> KeyPath:
        """The path of its target; a patch without one has the source's."""
        return (*self.at, "toFieldPath")


@dataclass(frozen=True, slots=True)
class Composed:
    """One managed resource."""

    at: KeyPath
    """Its path in the Composition."""
    name: str
    base: dict[str, Any]
    patches: tuple[Patch, ...]
    readiness: tuple[dict[str, Any], ...]
    details: tuple[dict[str, Any], ...]

    @property
    def api_version(self) -> str:
        """Of the managed kind."""
        return text(self.base.get("apiVersion"))

    @property
    def kind(self) -> str:
        """The managed kind."""
        return text(self.base.get("kind"))

    def sources(self, target: Steps) -> tuple[Patch, ...]:
        """The patches that write a field of the managed resource, or something around or below it."""
        return tuple(
            patch
            for patch in self.patches
            if not patch.to_claim and (covers(target, patch.target) or covers(patch.target, target))
        )


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything that one Composition makes from a claim."""

    source_object: SourceObject
    claim: tuple[str, str]
    """apiVersion and kind."""
    resources: tuple[Composed, ...]


def read_composition(source_object: SourceObject) -> tuple[Composition, tuple[Finding, ...]]:
    """Parse a Composition. What is not supported is left out, with a finding each."""
    findings: list[Finding] = []
    resources: list[Composed] = []
    spec = mapping(source_object.data.get("spec"))
    if text(spec.get("mode")) != "Pipeline":
        message = "only Compositions with mode Pipeline are supported"
        findings.append(COMPOSITION_UNSUPPORTED.at(source_object.at(("spec", "mode")), message, "write mode: Pipeline"))
    for position, step in enumerate(sequence(spec.get("pipeline"))):
        at = ("spec", "pipeline", position)
        found = list(_step_findings(source_object, at, mapping(step)))
        findings += found
        if not found:
            templates = sequence(below(step, "input", "resources"))
            for index, template in enumerate(templates):
                composed = _composed(source_object, (*at, "input", "resources", index), mapping(template), findings)
                resources.append(composed)
    findings += _duplicates(source_object, resources)
    if not resources and not findings:
        findings.append(
            COMPOSITION_MALFORMED.at(source_object.at(("spec",)), "there are no resources", "add a step with resources")
        )
    claim = mapping(spec.get("compositeTypeRef"))
    return Composition(
        source_object, (text(claim.get("apiVersion")), text(claim.get("kind"))), tuple(resources)
    ), tuple(findings)


def _step_findings(source_object: SourceObject, at: KeyPath, step: dict[str, Any]) -> Iterator[Finding]:
    function = text(below(step, "functionRef", "name"))
    if function != FUNCTION:
        message = f"the function {function or '(none)'} is not supported"
        yield COMPOSITION_UNSUPPORTED.at(source_object.at((*at, "functionRef", "name")), message, f"use {FUNCTION}")
        return
    given = mapping(step.get("input"))
    for word, wanted in (("apiVersion", INPUT[0]), ("kind", INPUT[1])):
        if given.get(word) != wanted:
            message = f"the input of {FUNCTION} is {INPUT[1]} of {INPUT[0]}"
            yield COMPOSITION_MALFORMED.at(source_object.at((*at, "input", word)), message, f"write {wanted}")
    for word in given:
        if word not in {"apiVersion", "kind", "resources"}:
            message = f"{word} is not supported"
            yield COMPOSITION_UNSUPPORTED.at(
                source_object.key_at((*at, "input", word)), message, "write the patches at each resource"
            )


def _composed(source_object: SourceObject, at: KeyPath, template: dict[str, Any], findings: list[Finding]) -> Composed:
    """One template; what is wrong with it is added to `findings`."""
    name = text(template.get("name"))
    if not name:
        hint = "Crossplane identifies the resource by its name: never rename it afterwards"
        findings.append(COMPOSITION_MALFORMED.at(source_object.at(at), "a composed resource has no name", hint))
    findings += _unknown_words(source_object, at, template, RESOURCE_WORDS, "a composed resource")
    base = mapping(template.get("base"))
    if not text(base.get("apiVersion")) or not text(base.get("kind")):
        findings.append(COMPOSITION_MALFORMED.at(source_object.at((*at, "base")), "a base needs apiVersion and kind"))
    patches = []
    for index, patch in enumerate(sequence(template.get("patches"))):
        understood = _patch(source_object, (*at, "patches", index), mapping(patch), findings)
        if understood is not None:
            patches.append(understood)
    readiness = tuple(mapping(check) for check in sequence(template.get("readinessChecks")))
    details = tuple(mapping(detail) for detail in sequence(template.get("connectionDetails")))
    findings += _readiness(source_object, at, readiness)
    findings += _details(source_object, at, details)
    return Composed(at, name, base, tuple(patches), readiness, details)


def _patch(source_object: SourceObject, at: KeyPath, patch: dict[str, Any], findings: list[Finding]) -> Patch | None:
    direction = patch.get("type", FROM_CLAIM)
    if direction not in (FROM_CLAIM, TO_CLAIM):
        hint = suggestion(str(direction), (FROM_CLAIM, TO_CLAIM))
        message = f"patches of type {direction} are not supported"
        findings.append(COMPOSITION_UNSUPPORTED.at(source_object.at((*at, "type")), message, hint))
        return None
    before = len(findings)
    findings += _unknown_words(source_object, at, patch, PATCH_WORDS, "a patch")
    policy = mapping(patch.get("policy"))
    if policy and (set(policy) != {"fromFieldPath"} or policy["fromFieldPath"] not in ("Optional", "Required")):
        message = "in a patch's policy, only fromFieldPath: Optional or Required is supported"
        findings.append(COMPOSITION_UNSUPPORTED.at(source_object.key_at((*at, "policy")), message))
    source = _steps(source_object, (*at, "fromFieldPath"), patch.get("fromFieldPath"), findings)
    target = _steps(source_object, (*at, "toFieldPath"), patch.get("toFieldPath", patch.get("fromFieldPath")), findings)
    if source is None or target is None or len(findings) > before:
        return None
    transforms = tuple(mapping(transform) for transform in sequence(patch.get("transforms")))
    return Patch(at, direction == TO_CLAIM, source, target, transforms, policy.get("fromFieldPath") == "Required")


def _steps(source_object: SourceObject, at: KeyPath, given: Any, findings: list[Finding]) -> Steps | None:
    try:
        if not isinstance(given, str):
            raise ValueError(f"a patch needs {at[-1]}")  # noqa: TRY301, TRY004 - reported like the others
        return steps_of(given)
    except ValueError as error:
        findings.append(COMPOSITION_MALFORMED.at(source_object.at(at), str(error)))
        return None


def _readiness(source_object: SourceObject, at: KeyPath, checks: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for index, check in enumerate(checks):
        place = (*at, "readinessChecks", index)
        kind = text(check.get("type"))
        if kind not in READINESS:
            message = f"there is no readiness check of type {kind or '(none)'}"
            yield COMPOSITION_MALFORMED.at(
                source_object.at((*place, "type")), message, suggestion(kind, tuple(READINESS))
            )
            continue
        yield from _unknown_words(source_object, place, check, ("type", *READINESS[kind]), f"a check of type {kind}")
        for word in READINESS[kind]:
            if check.get(word) in (None, "", {}):
                yield COMPOSITION_MALFORMED.at(source_object.at(place), f"a check of type {kind} needs {word}")
        condition = mapping(check.get("matchCondition"))
        for word in ("type", "status") if condition else ():
            if not text(condition.get(word)):
                message = f"the {word} of a condition must be text"
                yield COMPOSITION_MALFORMED.at(
                    source_object.at((*place, "matchCondition", word)), message, "write it in quotes"
                )


def _details(source_object: SourceObject, at: KeyPath, details: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    names: set[str] = set()
    for index, detail in enumerate(details):
        place = (*at, "connectionDetails", index)
        kind, name = text(detail.get("type")), text(detail.get("name"))
        if kind not in DETAILS:
            message = f"there is no connection detail of type {kind or '(none)'}"
            yield COMPOSITION_MALFORMED.at(
                source_object.at((*place, "type")), message, suggestion(kind, tuple(DETAILS))
            )
            continue
        yield from _unknown_words(
            source_object, place, detail, ("name", "type", DETAILS[kind]), f"a detail of type {kind}"
        )
        for word in ("name", DETAILS[kind]):
            if not text(detail.get(word)):
                yield COMPOSITION_MALFORMED.at(
                    source_object.at(place), f"a connection detail of type {kind} needs {word}"
                )
        if name and name in names:
            yield COMPOSITION_DUPLICATE_NAME.at(source_object.at((*place, "name")), f"{name} is given twice")
        names.add(name)


def _duplicates(source_object: SourceObject, resources: Sequence[Composed]) -> Iterator[Finding]:
    first: dict[str, Composed] = {}
    for composed in resources:
        known = first.setdefault(composed.name, composed)
        if known is not composed and composed.name:
            message = f"another resource is named {composed.name}"
            related = ((source_object.at((*known.at, "name")), "the other one"),)
            hint = "rename one: Crossplane keeps only one of two resources with the same name"
            yield COMPOSITION_DUPLICATE_NAME.at(
                source_object.at((*composed.at, "name")), message, hint, related=related
            )


def _unknown_words(
    source_object: SourceObject, at: KeyPath, given: dict[str, Any], known: Sequence[str], what: str
) -> Iterator[Finding]:
    for word in given:
        if word not in known:
            message = f"`{word}` of {what} is not supported"
            yield COMPOSITION_UNSUPPORTED.at(
                source_object.key_at((*at, word)), message, suggestion(str(word), tuple(known))
            )
