"""function_input: the part of function-patch-and-transform's input that can be evaluated, as types.

In      a Composition of one step, or the input of that step, as plain data of any shape.
Out     FunctionInput: templates with patches, readiness checks and connection details, every default spelled out.
Finds   UnknownInputError for whatever else the function could do, and for a field that is too many or missing.
Never   ignores a key: what the evaluator does not know, it must not compose. Says where in a file something is.

`check.claim_api.composition` reads the same words for another purpose, and both are needed: there, every mistake is
collected with its place in a file, and what this module cannot evaluate (readiness by a field, say) is checked all
the same; here, the first word that is not known ends it, there may be no file (the core sends an input over gRPC),
and transforms become values. Both read paths with `steps_of`, and share the names of the function and its input.

Source: function-patch-and-transform v0.10.8, CRD `resources.pt.fn.crossplane.io`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from platformc.check.claim_api import FUNCTION, INPUT
from platformc.composing.field_paths import FieldPathError, parse

JSON: TypeAlias = Any

VERSION = "v0.10.8"
"""Of the function that the evaluator is held against."""

SAME_IN_GO = re.compile(r"[A-Za-z0-9.^-]*(?:[A-Za-z0-9.]\*)?[A-Za-z0-9.^-]*")
"""Regular expressions that mean the same to Go and to Python; with one `*` they take no time that anybody notices."""


class UnknownInputError(Exception):
    """The input asks for something that the evaluator does not know; the text says where, and what."""


@dataclass(frozen=True, slots=True)
class MapTransform:
    """A text becomes the value that stands beside it."""

    values: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class MatchTransform:
    """A text becomes the result of the first expression found in it: (expression, result)."""

    patterns: tuple[tuple[re.Pattern[str], JSON], ...]


@dataclass(frozen=True, slots=True)
class FormatTransform:
    """A text is put between two others."""

    before: str
    after: str


Transform: TypeAlias = MapTransform | MatchTransform | FormatTransform


Direction: TypeAlias = Literal["FromCompositeFieldPath", "ToCompositeFieldPath"]


@dataclass(frozen=True, slots=True)
class Patch:
    """One value that is copied. A `required` one keeps a resource from being made until it is there."""

    direction: Direction
    source: str
    target: str
    transforms: tuple[Transform, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """A condition of the managed resource, and the status that it must have."""

    condition: str
    status: str


@dataclass(frozen=True, slots=True)
class ConnectionDetail:
    """One key of our Secret, and the key of the provider's that its value comes from."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Template:
    """One managed resource: how it starts, and what is copied into it and out of it."""

    name: str
    base: JSON
    patches: tuple[Patch, ...]
    readiness_checks: tuple[ReadinessCheck, ...]
    connection_details: tuple[ConnectionDetail, ...]


@dataclass(frozen=True, slots=True)
class FunctionInput:
    """All managed resources of one claim."""

    templates: tuple[Template, ...]


def read_composition(composition: JSON) -> FunctionInput:
    """The input of the one step of a Composition. Raises UnknownInputError."""
    spec = _known(
        _mapping(composition, "the Composition").get("spec"),
        "spec",
        {"compositeTypeRef", "mode", "pipeline"},
        {"writeConnectionSecretsToNamespace"},
    )
    steps = _list(spec["pipeline"], "spec.pipeline")
    if spec["mode"] != "Pipeline" or len(steps) != 1:
        raise UnknownInputError("spec: a mode other than Pipeline, or more than one step")
    step = _known(steps[0], "spec.pipeline[0]", {"step", "functionRef", "input"})
    if step["functionRef"] != {"name": FUNCTION}:
        raise UnknownInputError(f"spec.pipeline[0].functionRef: {step['functionRef']}")
    return read_input(step["input"])


def read_input(given: JSON) -> FunctionInput:
    """What the core sends to the function. Raises UnknownInputError."""
    _known(given, "input", {"apiVersion", "kind", "resources"})
    if (given["apiVersion"], given["kind"]) != INPUT:
        raise UnknownInputError(f"input: {given['kind']} of {given['apiVersion']}")
    listed = _list(given["resources"], "resources")
    templates = tuple(_template(one, f"resources[{index}]") for index, one in enumerate(listed))
    names = [one.name for one in templates]
    if len(set(names)) != len(names):
        raise UnknownInputError("resources: a name is there twice")
    return FunctionInput(templates)


def _template(given: JSON, at: str) -> Template:
    _known(given, at, {"name", "base"}, {"patches", "readinessChecks", "connectionDetails"})
    patches = _list(given.get("patches", []), f"{at}.patches")
    checks = _list(
        given.get("readinessChecks", [{"type": "MatchCondition"}]),  # the CRD's own default
        f"{at}.readinessChecks",
    )
    details = _list(given.get("connectionDetails", []), f"{at}.connectionDetails")
    return Template(
        name=_text(given["name"], f"{at}.name"),
        base=_mapping(given["base"], f"{at}.base"),
        patches=tuple(_patch(one, f"{at}.patches[{index}]") for index, one in enumerate(patches)),
        readiness_checks=tuple(
            _readiness_check(one, f"{at}.readinessChecks[{index}]") for index, one in enumerate(checks)
        ),
        connection_details=tuple(
            _connection_detail(one, f"{at}.connectionDetails[{index}]") for index, one in enumerate(details)
        ),
    )


def _patch(given: JSON, at: str) -> Patch:
    _known(given, at, {"fromFieldPath"}, {"type", "toFieldPath", "transforms", "policy"})
    policy = _known(given.get("policy", {}), f"{at}.policy", set(), {"fromFieldPath", "toFieldPath"})
    if policy.get("toFieldPath", "Replace") != "Replace":
        raise UnknownInputError(f"{at}.policy.toFieldPath: {policy['toFieldPath']}")
    required = policy.get("fromFieldPath", "Optional")
    if required not in ("Optional", "Required"):
        raise UnknownInputError(f"{at}.policy.fromFieldPath: {required}")
    source = _path(given["fromFieldPath"], f"{at}.fromFieldPath")
    transforms = _list(given.get("transforms", []), f"{at}.transforms")
    return Patch(
        direction=_direction(given.get("type", "FromCompositeFieldPath"), at),
        source=source,
        target=_path(given.get("toFieldPath", source), f"{at}.toFieldPath"),
        transforms=tuple(_transform(one, f"{at}.transforms[{index}]") for index, one in enumerate(transforms)),
        required=required == "Required",
    )


def _direction(given: JSON, at: str) -> Direction:
    if given == "FromCompositeFieldPath":
        return "FromCompositeFieldPath"
    if given == "ToCompositeFieldPath":
        return "ToCompositeFieldPath"
    raise UnknownInputError(f"{at}.type: {given}")


def _path(given: JSON, at: str) -> str:
    """A path that leads to one place: the function's wildcards lead to many."""
    try:
        parse(_text(given, at))
    except FieldPathError as error:
        raise UnknownInputError(f"{at}: {error}") from error
    return str(given)


def _transform(given: JSON, at: str) -> Transform:
    kind = _mapping(given, at).get("type")
    content = _known(given, at, {"type", str(kind)})[kind]
    if kind == "map":
        return MapTransform(_mapping(content, f"{at}.map"))
    if kind == "match":
        return _match_transform(content, f"{at}.match")
    if kind == "string":
        return _format_transform(content, f"{at}.string")
    raise UnknownInputError(f"{at}.type: {kind}")


def _match_transform(given: JSON, at: str) -> MatchTransform:
    patterns = []
    for index, one in enumerate(_list(_known(given, at, {"patterns"})["patterns"], f"{at}.patterns")):
        where = f"{at}.patterns[{index}]"
        _known(one, where, {"type", "regexp", "result"})
        if one["type"] != "regexp" or not SAME_IN_GO.fullmatch(_text(one["regexp"], f"{where}.regexp")):
            raise UnknownInputError(f"{where}: {one}")
        patterns.append((re.compile(one["regexp"]), one["result"]))
    return MatchTransform(tuple(patterns))


def _format_transform(given: JSON, at: str) -> FormatTransform:
    _known(given, at, {"fmt"}, {"type"})
    before, verb, after = _text(given["fmt"], f"{at}.fmt").partition("%s")
    if given.get("type", "Format") != "Format" or not verb or "%" in before + after:
        raise UnknownInputError(f"{at}: {given}")
    return FormatTransform(before, after)


def _readiness_check(given: JSON, at: str) -> ReadinessCheck:
    _known(given, at, {"type"}, {"matchCondition"})
    if given["type"] != "MatchCondition":
        raise UnknownInputError(f"{at}.type: {given['type']}")
    match = _known(given.get("matchCondition", {}), f"{at}.matchCondition", set(), {"type", "status"})
    return ReadinessCheck(
        _text(match.get("type", "Ready"), f"{at}.matchCondition.type"),
        _text(match.get("status", "True"), f"{at}.matchCondition.status"),
    )


def _connection_detail(given: JSON, at: str) -> ConnectionDetail:
    _known(given, at, {"name", "type", "fromConnectionSecretKey"})
    if given["type"] != "FromConnectionSecretKey":
        raise UnknownInputError(f"{at}.type: {given['type']}")
    return ConnectionDetail(
        _text(given["name"], f"{at}.name"), _text(given["fromConnectionSecretKey"], f"{at}.fromConnectionSecretKey")
    )


def _known(given: JSON, at: str, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()) -> JSON:
    """The mapping, which has all keys that it must have, and none that we do not know."""
    keys = {*_mapping(given, at)}
    wrong = sorted(map(str, keys - required - optional)) + sorted(required - keys)
    if wrong:
        raise UnknownInputError(f"{at}: {', '.join(wrong)}")
    return given


def _mapping(given: JSON, at: str) -> JSON:
    if not isinstance(given, dict):
        raise UnknownInputError(f"{at}: no map")
    return given


def _list(given: JSON, at: str) -> list[JSON]:
    if not isinstance(given, list):
        raise UnknownInputError(f"{at}: no list")
    return given


def _text(given: JSON, at: str) -> str:
    if not isinstance(given, str):
        raise UnknownInputError(f"{at}: no text")
    return given
