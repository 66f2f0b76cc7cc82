"""transforms: what a patch's transforms make of a value.

In      the schema of the value that a patch reads, and the patch's transforms.
Out     the schema of the value that it writes; None if a finding says why that is not known.
Finds   composition-unsupported, composition-malformed, composition-wrong-type, composition-map-mismatch.
Source  crossplane-contrib/function-patch-and-transform v0.10.8, transforms.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platformc.check.claim_api.composition import Patch
from platformc.check.claim_api.shape import TYPES, Schema, choices, type_name, types
from platformc.check.claim_api.source_object import SourceObject
from platformc.check.policies.object_fields import mapping, sequence, text
from platformc.diagnostics import Finding, suggestion
from platformc.language.nodes import KeyPath
from platformc.rules.crossplane import (
    COMPOSITION_MALFORMED,
    COMPOSITION_MAP_MISMATCH,
    COMPOSITION_UNSUPPORTED,
    COMPOSITION_WRONG_TYPE,
)

VERB = re.compile(r"%[-+# 0-9.]*([a-zA-Z%])")
VERBS = {"string": "sqv", "integer": "dv", "number": "fgev", "boolean": "tv"}
"""The verbs of Go's fmt for each type; with any other verb, the result says that the verb is bad."""


class _UnknownError(Exception):
    """The result is not known; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def transformed(source_object: SourceObject, patch: Patch, given: Schema) -> tuple[Schema | None, tuple[Finding, ...]]:
    """Follow a value through the transforms of a patch, one after the other."""
    found: list[Finding] = []
    value = given
    for position, transform in enumerate(patch.transforms):
        at = (*patch.at, "transforms", position)
        kind = text(transform.get("type"))
        if kind not in TRANSFORMS:
            message = f"transforms of type {kind or '(none)'} are not supported"
            found.append(
                COMPOSITION_UNSUPPORTED.at(
                    source_object.at((*at, "type")), message, suggestion(kind, tuple(TRANSFORMS))
                )
            )
            return None, tuple(found)
        try:
            _known_words(source_object, at, transform, ("type", kind))
            value, more = TRANSFORMS[kind](source_object, (*at, kind), transform.get(kind), value)
        except _UnknownError as unknown:
            return None, (*found, unknown.finding)
        found += more
    return value, tuple(found)


def _map(source_object: SourceObject, at: KeyPath, given: Any, value: Schema) -> tuple[Schema, list[Finding]]:
    """Each text has its own result. A text without a key in the map prevents the claim from being composed."""
    _needs_text(source_object, at, value, "map")
    pairs, allowed = mapping(given), _texts(value)
    if not pairs:
        raise _UnknownError(COMPOSITION_MALFORMED.at(source_object.at(at), "a map transform needs a map"))
    if allowed is None:
        hint = "give the field an enum, or use match with a fallbackValue"
        raise _UnknownError(
            COMPOSITION_MAP_MISMATCH.at(
                source_object.at(at), "the input can be any text, and a map needs a key for each", hint
            )
        )
    found = [
        COMPOSITION_MAP_MISMATCH.at(source_object.at(at), f"the input can be {choice}, but the map has no such key")
        for choice in allowed
        if choice not in pairs
    ]
    for key in pairs:
        if key not in allowed:
            hint = suggestion(str(key), allowed)
            found.append(
                COMPOSITION_MAP_MISMATCH.at(source_object.key_at((*at, key)), f"the input is never {key}", hint)
            )
    return _one_of(list(pairs.values())), found


def _match(source_object: SourceObject, at: KeyPath, given: Any, value: Schema) -> tuple[Schema, list[Finding]]:
    """The first pattern that matches has the result."""
    _needs_text(source_object, at, value, "match")
    settings = mapping(given)
    _known_words(source_object, at, settings, ("patterns", "fallbackTo", "fallbackValue"))
    patterns = [mapping(pattern) for pattern in sequence(settings.get("patterns"))]
    results, literals, all_fit = [], set(), False
    for position, pattern in enumerate(patterns):
        place = (*at, "patterns", position)
        kind = pattern.get("type", "literal")
        _known_words(source_object, place, pattern, ("type", "literal", "regexp", "result"))
        if kind not in ("literal", "regexp") or not isinstance(pattern.get(kind), str):
            raise _UnknownError(
                COMPOSITION_MALFORMED.at(
                    source_object.at(place), "a pattern needs a type (literal or regexp) and its text"
                )
            )
        if "result" not in pattern:
            raise _UnknownError(COMPOSITION_MALFORMED.at(source_object.at(place), "a pattern needs a result"))
        if kind == "literal":
            literals.add(pattern["literal"])
        else:
            all_fit |= _fits_everything(source_object, (*place, "regexp"), pattern["regexp"])
        results.append(pattern["result"])
    fallback = settings.get("fallbackTo", "Value")
    if fallback == "Input":
        raise _UnknownError(
            COMPOSITION_UNSUPPORTED.at(source_object.at((*at, "fallbackTo")), "fallbackTo: Input is not supported")
        )
    if "fallbackValue" in settings:
        return _one_of([*results, settings["fallbackValue"]]), []
    allowed = _texts(value)
    if not all_fit and (allowed is None or not literals >= set(allowed)):
        hint = "add a pattern for the rest, or a fallbackValue"
        return _one_of(results), [
            COMPOSITION_MAP_MISMATCH.at(source_object.at(at), "the input can be a text that no pattern matches", hint)
        ]
    return _one_of(results), []


def _fits_everything(source_object: SourceObject, at: KeyPath, pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error as error:
        message = f"{pattern!r} is not a valid regular expression: {error}"
        raise _UnknownError(COMPOSITION_MALFORMED.at(source_object.at(at), message)) from error
    return pattern in {"", ".*", "^.*$", "(.*)"}


def _string(source_object: SourceObject, at: KeyPath, given: Any, value: Schema) -> tuple[Schema, list[Finding]]:
    """Go's fmt with one value."""
    settings = mapping(given)
    kind = settings.get("type", "Format")
    _known_words(source_object, at, settings, ("type", "fmt"))
    if kind != "Format":
        message = f"string transforms of type {kind} are not supported"
        raise _UnknownError(COMPOSITION_UNSUPPORTED.at(source_object.at((*at, "type")), message, "use Format"))
    form = settings.get("fmt")
    if not isinstance(form, str):
        raise _UnknownError(
            COMPOSITION_MALFORMED.at(source_object.at(at), "a string transform of type Format needs fmt")
        )
    have = types(value)
    if not have or not have <= VERBS.keys():
        message = f"{type_name(value)} cannot be turned into text; only a plain value can"
        raise _UnknownError(COMPOSITION_WRONG_TYPE.at(source_object.at(at), message))
    verbs = [verb for verb in VERB.findall(form) if verb != "%"]
    if len(verbs) != 1 or not all(verbs[0] in VERBS[name] for name in have):
        known = " or ".join(f"%{verb}" for verb in VERBS[min(have)])
        message = f"{form!r} needs exactly one verb for {type_name(value)}"
        raise _UnknownError(COMPOSITION_WRONG_TYPE.at(source_object.at((*at, "fmt")), message, f"write {known}"))
    return {"type": "string"}, []


def _texts(value: Schema) -> list[str] | None:
    """The only possible texts; None if others are possible."""
    allowed = choices(value)
    return None if allowed is None else [choice for choice in allowed if isinstance(choice, str)]


def _needs_text(source_object: SourceObject, at: KeyPath, value: Schema, kind: str) -> None:
    if types(value) != {"string"}:
        message = f"a {kind} transform needs text, but the input is {type_name(value)}"
        raise _UnknownError(COMPOSITION_WRONG_TYPE.at(source_object.key_at(at), message))


def _known_words(source_object: SourceObject, at: KeyPath, given: dict[str, Any], known: Sequence[str]) -> None:
    for word in given:
        if word not in known:
            message = f"`{word}` of a transform is not supported"
            raise _UnknownError(
                COMPOSITION_UNSUPPORTED.at(source_object.key_at((*at, word)), message, suggestion(word, tuple(known)))
            )


def _one_of(values: list[Any]) -> Schema:
    """The schema of a choice of literal values."""
    return {"type": sorted({TYPES.get(type(value), "null") for value in values}), "enum": values}


Transformer = Callable[[SourceObject, KeyPath, Any, Schema], tuple[Schema, list[Finding]]]

TRANSFORMS: Mapping[str, Transformer] = {"map": _map, "match": _match, "string": _string}
