"""patches: whether every field that a Composition names exists, on both sides, and accepts its value.

In      a Composition, the schema of its claim, the schemas of what it composes.
Out     findings.
Finds   composition-unknown-field, composition-wrong-type, composition-missing-field, and what transforms finds.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.check.claim_api.composition import CONNECTION_SECRET, Composed, Patch
from platformc.check.claim_api.field_path import Steps, shown, steps_of
from platformc.check.claim_api.schemas import ClaimKind
from platformc.check.claim_api.shape import Gap, Misfit, Schema, follow, misfits, type_name, types, value_misfits
from platformc.check.claim_api.source_object import SourceObject
from platformc.check.claim_api.transforms import transformed
from platformc.check.policies.object_fields import below, text
from platformc.diagnostics import Finding, suggestion
from platformc.language.nodes import KeyPath, at
from platformc.rules.crossplane import (
    COMPOSITION_MALFORMED,
    COMPOSITION_MISSING_FIELD,
    COMPOSITION_UNKNOWN_FIELD,
    COMPOSITION_WRONG_TYPE,
)

WRITABLE = {False: ("spec", "metadata"), True: ("status", "metadata")}
"""What patches can write: the desired state of a managed resource, the status of a claim."""


ANNOTATIONS = ("crossplane.io/external-name", "crossplane.io/paused")
"""Crossplane's annotations of managed resources that users can set. Source: crossplane-runtime pkg/meta."""


def check_patches(
    source_object: SourceObject, composed: Composed, claim: ClaimKind, managed: Schema | None
) -> Iterator[Finding]:
    """Check each patch of one managed resource; without the managed kind's schema, only the claim's side."""
    for patch in composed.patches:
        source_side, target_side = (managed, claim.schema) if patch.to_claim else (claim.schema, managed)
        names = (composed.kind, claim.kind) if patch.to_claim else (claim.kind, composed.kind)
        source = _field(source_side, patch.source)
        target = _field(target_side, patch.target)
        if isinstance(source, Gap):
            yield COMPOSITION_UNKNOWN_FIELD.at(source_object.at(patch.from_at), source.message(names[0]), source.hint())
        if isinstance(target, Gap):
            yield COMPOSITION_UNKNOWN_FIELD.at(
                source_object.at(_target_at(source_object, patch)), target.message(names[1]), target.hint()
            )
        else:
            yield from _writable(source_object, patch)
        if source is None or isinstance(source, Gap):
            continue
        value, found = transformed(source_object, patch, source)
        yield from found
        if value is not None and isinstance(target, dict):
            yield from _fitting(source_object, patch, names[1], value, target)


def _writable(source_object: SourceObject, patch: Patch) -> Iterator[Finding]:
    """Report fields that a patch cannot write, and annotations that Crossplane does not use."""
    below_metadata = patch.target[:2] == ("metadata", "annotations") and len(patch.target) > len(
        ("metadata", "annotations")
    )
    annotation = str(patch.target[2]) if below_metadata else ""
    if patch.target[0] not in WRITABLE[patch.to_claim]:
        whose = "the claim" if patch.to_claim else "a managed resource"
        message = f"a patch to {whose} can write only below {WRITABLE[patch.to_claim][0]}"
        yield COMPOSITION_WRONG_TYPE.at(source_object.at(_target_at(source_object, patch)), message)
    elif annotation.startswith("crossplane.io/") and annotation not in ANNOTATIONS:
        message = f"Crossplane does not use the annotation {annotation}"
        hint = suggestion(annotation, ANNOTATIONS)
        yield COMPOSITION_UNKNOWN_FIELD.at(source_object.at(_target_at(source_object, patch)), message, hint)


def check_base(source_object: SourceObject, composed: Composed, managed: Schema) -> Iterator[Finding]:
    """Check the values of a base against its schema."""
    for misfit in value_misfits(composed.base, managed):
        place = (*composed.at, "base", *misfit.below)
        span, message = source_object.at(place), misfit.message
        if misfit.rule == COMPOSITION_UNKNOWN_FIELD:
            span, message = source_object.key_at(place), f"{composed.kind} has no field {shown(misfit.below)}"
        yield misfit.rule.at(span, message, misfit.hint)


READ_AS = {"MatchString": "string", "MatchInteger": "integer", "MatchTrue": "boolean", "MatchFalse": "boolean"}
"""The type of the field that a readiness check reads."""


def check_reads(source_object: SourceObject, composed: Composed, managed: Schema) -> Iterator[Finding]:
    """Check that what readiness checks and connection details read exists."""
    for place, path, wanted in _reads(composed):
        try:
            found = follow(managed, steps_of(path))
        except ValueError as error:
            yield COMPOSITION_MALFORMED.at(source_object.at(place), str(error))
            continue
        if isinstance(found, Gap):
            yield COMPOSITION_UNKNOWN_FIELD.at(source_object.at(place), found.message(composed.kind), found.hint())
        elif wanted and types(found) != {wanted}:
            message = f"{path} is {type_name(found)}, but this check needs {type_name({'type': wanted})}"
            yield COMPOSITION_WRONG_TYPE.at(source_object.at(place), message)
    if any(detail.get("type") == "FromConnectionSecretKey" for detail in composed.details):
        if composed.sources(CONNECTION_SECRET) or below(composed.base, "spec", "writeConnectionSecretToRef"):
            return
        message = f"{composed.name} has no connection secret to read details from"
        hint = f"set {shown(CONNECTION_SECRET)} in the base or with a patch"
        yield COMPOSITION_MISSING_FIELD.at(source_object.at((*composed.at, "connectionDetails")), message, hint)


def _reads(composed: Composed) -> Iterator[tuple[KeyPath, str, str]]:
    """The place where a field is read, its path, and the type that it must have; empty for any."""
    for index, check in enumerate(composed.readiness):
        if path := text(check.get("fieldPath")):
            wanted = READ_AS.get(text(check.get("type")), "")
            yield (*composed.at, "readinessChecks", index, "fieldPath"), path, wanted
    for index, detail in enumerate(composed.details):
        if path := text(detail.get("fromFieldPath")):
            yield (*composed.at, "connectionDetails", index, "fromFieldPath"), path, ""


def _field(schema: Schema | None, path: Steps) -> Schema | Gap | None:
    return None if schema is None else follow(schema, path)


def _fitting(source_object: SourceObject, patch: Patch, kind: str, value: Schema, target: Schema) -> Iterator[Finding]:
    """The first way in which the value does not fit; the others have the same cause."""
    misfit: Misfit | None = next(misfits(value, target), None)
    if misfit is None:
        return
    source, field = shown((*patch.source, *misfit.below)), shown((*patch.target, *misfit.below))
    if patch.transforms:
        place, message = (
            (*patch.at, "transforms"),
            f"the result of the transforms does not fit {field} of {kind}: {misfit.message}",
        )
    else:
        place, message = _target_at(source_object, patch), f"{source} does not fit {field} of {kind}: {misfit.message}"
    yield misfit.rule.at(source_object.at(place), message, misfit.hint)


def _target_at(source_object: SourceObject, patch: Patch) -> KeyPath:
    """The place of the target: a patch without a toFieldPath has its source's."""
    return patch.to_at if at(source_object.node, patch.to_at) is not None else patch.from_at
