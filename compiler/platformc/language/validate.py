"""validate: check a node against its model, and report in the user's terms what does not fit.

In      a node, expanded and without constants; a pydantic model.
Out     the model's instance, or findings at the smallest place.
Finds   unknown-field, missing-field, wrong-type, invalid-value, and the rules that models name.
Never   shows a pydantic message if it has a better one.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from platformc.diagnostics import Finding, Span, known_hint, meant_hint, nearest
from platformc.language.models.base import FLATTENED, problems_of
from platformc.language.nodes import KeyPath, Mapping, Node, at, child, key_span, plain, span_of
from platformc.rules.fields import INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE

ModelT = TypeVar("ModelT", bound=BaseModel)

EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
}

OUTSIDE = {
    "less_than_equal": "{} is too large: the maximum is {}",
    "greater_than_equal": "{} is too small: the minimum is {}",
    "string_too_long": "{} is too long: the maximum length is {}",
    "string_too_short": "{} is too short: the minimum length is {}",
    "too_long": "{} has too many items: the maximum is {}",
    "too_short": "{} has too few items: the minimum is {}",
}

LONGEST_MESSAGE = 400
"""Characters; longer messages lose their middle."""


def validate(
    model: type[ModelT], node: Node, whole: Span | None = None, *, words: tuple[str, ...] = ()
) -> tuple[ModelT | None, tuple[Finding, ...]]:
    """Return the model's instance made from a node; None with findings if it does not fit.

    `words` are those for resources in AWS, which `needs` can name.

    `whole` is the place for findings about the node as a whole, by default its first key.
    """
    try:
        return model.model_validate(plain(node), context=words), ()
    except ValidationError as error:
        findings: dict[KeyPath, Finding] = {}
        misspelt: set[KeyPath] = set()
        refused = _refused(model, node, error, words)
        for problem in error.errors(include_url=False):
            path = _path(node, problem["loc"])
            for place, finding in _findings(model, node, path, problem, words):
                hinted = replace(finding, hint=refused[place]) if place in refused else finding
                shown = hinted if whole is None or _inside(node, place) else replace(hinted, at=whole)
                findings.setdefault(place, shown)
            if problem["type"] == "extra_forbidden":
                meant = _meant(model, node, path, words)
                if meant is not None:
                    misspelt.add((*path[:-1], meant))
        places = {path[:length] for path in findings for length in range(len(path))}
        short = {_path(node, one["loc"]) for one in error.errors(include_url=False) if one["type"] == "too_short"}
        return None, tuple(
            finding
            for path, finding in findings.items()
            # pydantic counts only the items that are valid
            if not _is_missing(path, finding, misspelt) and path not in places & short
        )


def _is_missing(path: KeyPath, finding: Finding, misspelt: set[KeyPath]) -> bool:
    """Whether a field is missing only because its name is misspelled, which already is a finding."""
    return finding.rule == MISSING_FIELD.id and path in misspelt


def _inside(node: Node, path: KeyPath) -> bool:
    """Whether a finding at a path shows a part of the node instead of the whole node."""
    return bool(path) and child(node, path[0]) is not None


def _findings(
    model: type[BaseModel], node: Node, path: KeyPath, problem: Any, words: tuple[str, ...]
) -> Iterator[tuple[KeyPath, Finding]]:
    """The findings of one of pydantic's errors; a validator of ours can put several into one."""
    ours = problems_of(problem.get("ctx"))
    if not ours:
        yield path, _finding(model, node, path, problem, words)
    is_key = bool(problem["loc"]) and problem["loc"][-1] == "[key]"
    for one in ours:
        place = (*path, *one.at)
        span = key_span(node, path) if is_key else span_of(node, place)
        yield place, one.rule.at(span, shortened(one.message), one.hint)


def _path(node: Node, location: tuple[int | str, ...]) -> KeyPath:
    """The steps of pydantic's location that are steps of the document (unions add names of their own)."""
    path: list[str | int] = []
    found: Node | None = node
    for position, step in enumerate(location):
        below = child(found, step)
        if below is not None:
            path.append(step)
            found = below
        elif position == len(location) - 1 and step != "[key]":
            path.append(step)
    return tuple(path)


def _finding(model: type[BaseModel], node: Node, path: KeyPath, problem: Any, words: tuple[str, ...]) -> Finding:
    kind, context = problem["type"], problem.get("ctx") or {}
    span = span_of(node, path)
    value = problem.get("input")
    if problem["loc"] and problem["loc"][-1] == "[key]":
        span = key_span(node, path)
    if kind == "missing":
        return MISSING_FIELD.at(span, f"`{path[-1]}` is missing")
    if kind == "extra_forbidden":
        return _unknown_field(model, node, path, words)
    if kind in EXPECTED:
        hint = ""
        if _otherwise(problem) is not None:
            hint = f'write "{_shown(value)}"' if kind == "string_type" else f"write [{value}]"
        elif kind.startswith(("int", "bool")) and isinstance(value, str):
            hint = "write it without quotes" if value.lstrip("-").isdigit() or value in {"true", "false"} else ""
        return WRONG_TYPE.at(span, shortened(f"expected {EXPECTED[kind]}, found {_describe(value)}"), hint)
    if kind == "literal_error":
        known = _choices(model, path)
        message = f"`{_shown(value)}` is not one of {', '.join(known)}"
        return INVALID_VALUE.at(span, shortened(message), meant_hint(nearest(str(value), known)))
    return INVALID_VALUE.at(span, shortened(_unfit(kind, value, context) or _reworded(problem["msg"])))


def _otherwise(problem: Any) -> str | list[str] | None:
    """The value of another type that was probably meant; None if that is not known."""
    kind, value = problem["type"], problem.get("input")
    if kind == "string_type" and isinstance(value, int | float):
        return _shown(value)
    return [value] if kind in {"list_type", "tuple_type"} and isinstance(value, str) else None


def _refused(model: type[BaseModel], node: Node, error: ValidationError, words: tuple[str, ...]) -> dict[KeyPath, str]:
    """The places where the model would also reject what was probably meant, each with its hint."""
    data: Any = plain(node)
    changed: set[KeyPath] = set()
    for problem in error.errors(include_url=False):
        path = _path(node, problem["loc"])
        other = _otherwise(problem)
        if other is not None and path and at(node, path) is not None:
            parent: Any = descend(data, path[:-1])
            parent[path[-1]] = other
            changed.add(path)
    if not changed:
        return {}
    refused: dict[KeyPath, str] = {}
    try:
        model.model_validate(data, context=words)
    except ValidationError as again:
        for problem in again.errors(include_url=False):
            path = _path(node, problem["loc"])
            for place in (path, path[:-1]):  # the value itself, or the item of the list that it became
                if place in changed:
                    refused.setdefault(place, next((one.hint for one in problems_of(problem.get("ctx"))), ""))
    return refused


def _unfit(kind: str, value: object, context: Any) -> str:
    """What is wrong with a value of the right type; empty if pydantic's message is used."""
    if kind in OUTSIDE:
        (limit,) = (context[name] for name in ("le", "ge", "max_length", "min_length") if name in context)
        return OUTSIDE[kind].format(_shown(value) if kind.endswith("_equal") else "it", limit)
    if kind == "string_pattern_mismatch":
        return f"`{_shown(value)}` does not match the pattern {context['pattern']}"
    return ""


def shortened(message: str) -> str:
    """Return a message without its middle if it is too long: it shows a value, which can be a whole file."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[: LONGEST_MESSAGE // 2]}…{message[-LONGEST_MESSAGE // 4 :]}"


def _unknown_field(model: type[BaseModel], node: Node, path: KeyPath, words: tuple[str, ...]) -> Finding:
    hint = meant_hint(_meant(model, node, path, words)) or known_hint(fields_at(model, path[:-1], words))
    return UNKNOWN_FIELD.at(key_span(node, path), shortened(f"unknown field `{path[-1]}`"), hint)


def _meant(model: type[BaseModel], node: Node, path: KeyPath, words: tuple[str, ...]) -> str | None:
    """The field that a misspelled one stands for; None if none is similar."""
    parent = at(node, path[:-1])
    known = fields_at(model, path[:-1], words)
    given = set(parent.entries) if isinstance(parent, Mapping) else set()
    absent = [name for name in known if name not in given]
    # A lower layer may already have the one that is meant.
    return nearest(str(path[-1]), absent) or nearest(str(path[-1]), known)


def _choices(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The values that are allowed at a path as they are written, in the model's order."""
    return [
        _shown(choice)
        for annotation in _at(model, path)
        if get_origin(annotation) is Literal
        for choice in get_args(annotation)
    ]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _describe(value: object) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    return f"the text {value!r}" if isinstance(value, str) else _shown(value)


def _reworded(message: str) -> str:
    for said, meant in (
        ("Input should be ", "must be "),
        ("Tuple should have ", "must have "),
        ("Value error, ", ""),
    ):
        if message.startswith(said):
            return meant + message[len(said) :]
    return message[:1].lower() + message[1:]


def fields_at(model: type[BaseModel], path: KeyPath, words: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names of the fields that a map at `path` can have, as in the spec."""
    kinds = [one for one in _at(model, path) if isinstance(one, type) and issubclass(one, BaseModel)]
    found = (alias for kind in kinds for alias in aliases(kind))
    return tuple(name for alias in found for name in (words if alias == FLATTENED else (alias,)))


def _at(model: type[BaseModel], path: KeyPath) -> list[Any]:
    """The types that are allowed at a path."""
    found: list[Any] = [model]
    for step in path:
        found = [below for annotation in found for below in _below(annotation, step)]
    return found


def aliases(model: type[BaseModel]) -> dict[str, str]:
    """Name in the spec -> attribute of the model."""
    return {(info.alias or name): name for name, info in model.model_fields.items()}


def _below(annotation: Any, step: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        known = aliases(annotation)
        if str(step) not in known and FLATTENED in known:
            return _below(annotation.model_fields[known[FLATTENED]].annotation, step)
        attribute = known.get(str(step))
        return _plain_types(annotation.model_fields[attribute].annotation) if attribute else []
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple and isinstance(step, int):
        return _plain_types(arguments[0])
    if origin is dict:
        return _plain_types(arguments[1])
    return []


def _plain_types(annotation: Any) -> list[Any]:
    """The types that a union or an annotated type stands for."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain_types(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [found for part in get_args(annotation) for found in _plain_types(part)]
    if isinstance(annotation, typing.TypeVar):
        return []
    return [annotation]


def _flattened(model: BaseModel) -> dict[str, Any]:
    """The entries of a model that its own map has besides its fields."""
    attribute = aliases(type(model)).get(FLATTENED)
    return getattr(model, attribute) if attribute else {}


def descend(value: Any, path: KeyPath) -> Any:
    """The part of a model's instance at a path of the document; None if it ends early."""
    for step in path:
        if isinstance(value, BaseModel):
            attribute = aliases(type(value)).get(str(step))
            value = getattr(value, attribute) if attribute else _flattened(value).get(str(step))
        elif isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, tuple | list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return value  # a template: everything below belongs to it
    return value
