"""validate: hold a node against its model, and say in the user's words what does not fit.

In      a node, written out and without constants; a pydantic model.
Out     the model's instance, or findings at the smallest place.
Finds   unknown-field, missing-field, wrong-type, invalid-value, and the rules that models name.
Never   shows a pydantic message where it knows a better one.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from platformc.diagnostics import Finding, Severity, Span
from platformc.language.load import suggestion
from platformc.language.models.base import FLATTENED
from platformc.language.nodes import KeyPath, Mapping, Node, at, child, key_span, plain, span_of

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
    "less_than_equal": "{} is too large: {} is the most",
    "greater_than_equal": "{} is too small: {} is the least",
    "string_too_long": "{} is too long: {} characters are the most",
    "string_too_short": "{} is too short: {} characters are the least",
    "too_long": "{} is too long: {} items are the most",
    "too_short": "{} is too short: {} items are the least",
}

LONGEST_MESSAGE = 400
"""Characters; what is longer loses its middle."""


def validate(
    model: type[ModelT], node: Node, whole: Span | None = None, *, words: tuple[str, ...] = ()
) -> tuple[ModelT | None, tuple[Finding, ...]]:
    """Make the model's instance from a node; None with findings where it does not fit.

    `words` are those for things in AWS, which `needs` can name.

    `whole` is where the node is shown when no part of it is to blame, by default its first key.
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
                misspelt.add((*path[:-1], _meant(model, node, path, words)))
        places = {path[:length] for path in findings for length in range(len(path))}
        short = {_path(node, one["loc"]) for one in error.errors(include_url=False) if one["type"] == "too_short"}
        return None, tuple(
            finding
            for path, finding in findings.items()
            # pydantic counts only the items that are valid
            if not _is_missing(path, finding, misspelt) and path not in places & short
        )


def _is_missing(path: KeyPath, finding: Finding, misspelt: set[KeyPath]) -> bool:
    """Whether a field is missing only because its name is misspelt, which is a finding already."""
    return finding.rule == "missing-field" and path in misspelt


def _inside(node: Node, path: KeyPath) -> bool:
    """Whether a finding at a path shows a part of the node, and not the node as a whole."""
    return bool(path) and child(node, path[0]) is not None


def _findings(
    model: type[BaseModel], node: Node, path: KeyPath, problem: Any, words: tuple[str, ...]
) -> Iterator[tuple[KeyPath, Finding]]:
    """The findings of one of pydantic's errors; a validator of ours can put several into one."""
    context = problem.get("ctx") or {}
    if "message" not in context:
        yield path, _finding(model, node, path, problem, words)
        return
    yield _problem(node, path, problem, problem["type"], context)
    for other in context["more"]:
        yield _problem(node, path, problem, other.type, other.context or {})


def _problem(node: Node, path: KeyPath, problem: Any, rule: str, context: Any) -> tuple[KeyPath, Finding]:
    place = (*path, *context["at"])
    is_key = bool(problem["loc"]) and problem["loc"][-1] == "[key]"
    span = key_span(node, path) if is_key else span_of(node, place)
    return place, _error(span, rule, context["message"], context["hint"])


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
        return _error(span, "missing-field", f"`{path[-1]}` is missing")
    if kind == "extra_forbidden":
        return _unknown_field(model, node, path, words)
    if kind in EXPECTED:
        hint = ""
        if _otherwise(problem) is not None:
            hint = f'write "{_shown(value)}"' if kind == "string_type" else f"write [{value}]"
        elif kind.startswith(("int", "bool")) and isinstance(value, str):
            hint = "write it without quotes" if value.lstrip("-").isdigit() or value in {"true", "false"} else ""
        return _error(span, "wrong-type", f"expected {EXPECTED[kind]}, found {_describe(value)}", hint)
    if kind in {"literal_error", "enum"}:
        known = [str(choice) for choice in _choices(context.get("expected", ""))]
        return _error(
            span, "invalid-value", f"`{_shown(value)}` is not one of {', '.join(known)}", _nearest(value, known)
        )
    return _error(span, "invalid-value", _unfit(kind, value, context) or _reworded(problem["msg"]))


def _otherwise(problem: Any) -> str | list[str] | None:
    """The value of another type that was probably meant; None where that is not known."""
    kind, value = problem["type"], problem.get("input")
    if kind == "string_type" and isinstance(value, int | float):
        return _shown(value)
    return [value] if kind in {"list_type", "tuple_type"} and isinstance(value, str) else None


def _refused(model: type[BaseModel], node: Node, error: ValidationError, words: tuple[str, ...]) -> dict[KeyPath, str]:
    """Where the model would take what was probably meant no better, and what it would say then to do."""
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
                    refused.setdefault(place, str((problem.get("ctx") or {}).get("hint", "")))
    return refused


def _unfit(kind: str, value: object, context: Any) -> str:
    """What is wrong with a value of the right type; empty where pydantic's words must do."""
    if kind in OUTSIDE:
        (limit,) = (context[name] for name in ("le", "ge", "max_length", "min_length") if name in context)
        return OUTSIDE[kind].format(_shown(value) if kind.endswith("_equal") else "it", limit)
    if kind == "string_pattern_mismatch":
        return f"`{_shown(value)}` does not match the pattern {context['pattern']}"
    return ""


def shortened(message: str) -> str:
    """A message that shows a value, which can be a whole file, without the middle of it."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[: LONGEST_MESSAGE // 2]}…{message[-LONGEST_MESSAGE // 4 :]}"


def _error(span: Span, rule: str, message: str, hint: str = "") -> Finding:
    return Finding(span, rule, Severity.ERROR, shortened(message), hint)


def _unknown_field(model: type[BaseModel], node: Node, path: KeyPath, words: tuple[str, ...]) -> Finding:
    parent = at(node, path[:-1])
    known = sorted(fields_at(model, path[:-1], words))
    given = set(parent.entries) if isinstance(parent, Mapping) else set()
    hint = suggestion(str(path[-1]), [name for name in known if name not in given])
    if not hint.startswith("did you mean"):  # a layer below may have given the one that is meant
        hint = suggestion(str(path[-1]), known)
    return _error(key_span(node, path), "unknown-field", f"unknown field `{path[-1]}`", hint)


def _meant(model: type[BaseModel], node: Node, path: KeyPath, words: tuple[str, ...]) -> str:
    """The field that a misspelt one stands for; empty where none is near."""
    hint = _unknown_field(model, node, path, words).hint
    return hint.removeprefix("did you mean ").removesuffix("?") if hint.startswith("did you mean ") else ""


def _choices(expected: str) -> list[str]:
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


def _nearest(value: object, known: list[str]) -> str:
    found = suggestion(str(value), known)
    return found if found.startswith("did you mean") else ""


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
    """The names of the fields that a map at `path` may have, as the spec writes them."""
    kinds = [model]
    found: list[Any] = [model]
    for step in path:
        found = [below for annotation in found for below in _below(annotation, step)]
    kinds = [annotation for annotation in found if isinstance(annotation, type) and issubclass(annotation, BaseModel)]
    found_names = (alias for kind in kinds for alias in aliases(kind))
    return tuple(name for alias in found_names for name in (words if alias == FLATTENED else (alias,)))


def aliases(model: type[BaseModel]) -> dict[str, str]:
    """Name in the spec -> attribute of the model."""
    return {(info.alias or name): name for name, info in model.model_fields.items()}


def _below(annotation: Any, step: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        attribute = aliases(annotation).get(str(step))
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
    """The entries of a model that its own map holds beside its fields."""
    attribute = aliases(type(model)).get(FLATTENED)
    return getattr(model, attribute) if attribute else {}


def descend(value: Any, path: KeyPath) -> Any:
    """The part of a model's instance that a path of the document leads to; None where it ends early."""
    for step in path:
        if isinstance(value, BaseModel):
            attribute = aliases(type(value)).get(str(step))
            value = getattr(value, attribute) if attribute else _flattened(value).get(str(step))
        elif isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, tuple | list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return value  # a template: whatever is below belongs to it
    return value
