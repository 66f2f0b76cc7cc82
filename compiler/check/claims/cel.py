"""cel: whether a CEL rule holds for a value.

In      a rule's text, the value that it stands on.
Out     a Rule; true or false for each value.
Finds   nothing; a rule that uses more of the language raises NotUnderstoodError when it is compiled,
        one that fails for a value raises EvaluationError, which an API server takes for false.
Source  cel-spec doc/langdef.md; Kubernetes docs, "Common Expression Language in Kubernetes".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from compiler.check.claims.cel_syntax import Node, NotUnderstoodError, names, parse, selections

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope], Any]

LOOPS = ("all", "exists", "exists_one", "filter", "map")
"""Macros over a list with a name for each item."""


class EvaluationError(Exception):
    """A rule that has no answer for a value: a field that is not there, values of the wrong types."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule."""

    evaluate: Evaluate
    fields: tuple[tuple[str, ...], ...]
    """The fields of `self` that it reads, in the order of its text."""
    compares: bool
    """Whether it is about a change: it reads `oldSelf`, and says nothing about one value alone."""

    def holds(self, value: Any) -> bool:
        """Whether the rule allows a value. Raises EvaluationError where it has no answer."""
        return _truth(self.evaluate({"self": value}))


@cache
def compiled(text: str) -> Rule:
    """Compile a rule. Raises NotUnderstoodError for what is not known here."""
    node = parse(text)
    used = set(names(node))
    return Rule(_compile(node, {"self", "oldSelf"}), tuple(dict.fromkeys(selections(node))), "oldSelf" in used)


def _compile(node: Node, known: set[str]) -> Evaluate:
    if node.kind == "call":
        return _call(node, known)
    if node.kind == "name" and node.word not in known:
        raise NotUnderstoodError(f"the name {node.word} is not understood")
    parts = tuple(_compile(part, known) for part in node.parts)
    if node.kind in ("||", "&&"):
        return _either(*parts, decisive=node.kind == "||")
    if node.kind in OPERATORS:
        combine = OPERATORS[node.kind]
        return lambda scope: combine(parts[0](scope), parts[1](scope))
    simple: dict[str, Evaluate] = {
        "literal": lambda _scope: node.value,
        "name": lambda scope: _named(scope, node.word),
        "select": lambda scope: _field(parts[0](scope), node.word),
        "index": lambda scope: _item(parts[0](scope), parts[1](scope)),
        "list": lambda scope: [part(scope) for part in parts],
        "not": lambda scope: not _truth(parts[0](scope)),
        "negate": lambda scope: -_number(parts[0](scope)),
        "choose": lambda scope: parts[1](scope) if _truth(parts[0](scope)) else parts[2](scope),
    }
    return simple[node.kind]


def _call(node: Node, known: set[str]) -> Evaluate:
    if node.word == "has" and not node.method:
        (field,) = node.parts if len(node.parts) == 1 else (Node("literal"),)
        if field.kind != "select":
            raise NotUnderstoodError("has() takes a field")
        owner = _compile(field.parts[0], known)
        return lambda scope: field.word in _mapping(owner(scope))
    if node.word in LOOPS and node.method:
        return _loop(node, known)
    parts = tuple(_compile(part, known) for part in node.parts)
    function = FUNCTIONS.get((node.word, len(parts), node.method))
    if function is None:
        raise NotUnderstoodError(f"{node.word}() is not understood")
    return lambda scope: function(*(part(scope) for part in parts))


def _loop(node: Node, known: set[str]) -> Evaluate:
    if len(node.parts) != 3 or node.parts[1].kind != "name":  # noqa: PLR2004 - list, name, expression
        raise NotUnderstoodError(f"{node.word}() takes a name and an expression")
    values, name = _compile(node.parts[0], known), node.parts[1].word
    each = _compile(node.parts[2], {*known, name})

    def run(scope: Scope) -> Any:
        found = values(scope)
        items = list(found) if isinstance(found, list | dict) else _wrong(found, "a list")
        results = [_attempt(each, {**scope, name: item}) for item in items]
        if node.word == "all":
            return _decided(results, decisive=False)
        if node.word == "exists":
            return _decided(results, decisive=True)
        answers = [_answer(result) for result in results]
        if node.word == "exists_one":
            return sum(map(_truth, answers)) == 1
        if node.word == "filter":
            return [item for item, answer in zip(items, answers, strict=True) if _truth(answer)]
        return answers

    return run


def _either(left: Evaluate, right: Evaluate, *, decisive: bool) -> Evaluate:
    """`||` and `&&`: one side that decides is enough, even where the other has no answer."""
    return lambda scope: _decided((_attempt(left, scope), _attempt(right, scope)), decisive=decisive)


def _attempt(evaluate: Evaluate, scope: Scope) -> Any:
    try:
        return evaluate(scope)
    except EvaluationError as error:
        return error


def _answer(result: Any) -> Any:
    if isinstance(result, EvaluationError):
        raise result
    return result


def _decided(results: Any, *, decisive: bool) -> bool:
    failed = [result for result in results if isinstance(result, EvaluationError)]
    if any(result is decisive for result in results):
        return decisive
    if failed:
        raise failed[0]
    for result in results:
        _truth(result)
    return not decisive


def _named(scope: Scope, name: str) -> Any:
    if name not in scope:
        raise EvaluationError(f"there is no {name}")
    return scope[name]


def _field(value: Any, name: str) -> Any:
    if name not in _mapping(value):
        raise EvaluationError(f"there is no field {name}")
    return value[name]


def _item(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError) as error:
        raise EvaluationError(f"there is no {key}") from error


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else bool(_wrong(value, "true or false"))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else dict(_wrong(value, "a map"))


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else _wrong(value, "a number")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(_wrong(value, "text"))


def _wrong(value: Any, wanted: str) -> Any:
    raise EvaluationError(f"{value!r} is not {wanted}")


def _equal(left: Any, right: Any) -> bool:
    """Equal in value and kind: in Python true equals 1."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return [*left, *right]
    return _number(left) + _number(right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        return compare(_number(left), _number(right))

    return run


def _divide(left: Any, right: Any) -> Any:
    """Towards zero, as Go does."""
    if not _number(right):
        raise EvaluationError("division by zero")
    quotient = _number(left) / right
    return int(quotient) if isinstance(left, int) and isinstance(right, int) else quotient


def _remainder(left: Any, right: Any) -> Any:
    return left - right * _divide(left, right)


def _in(value: Any, values: Any) -> bool:
    if isinstance(values, dict):
        return value in values
    return any(_equal(value, one) for one in values) if isinstance(values, list) else bool(_wrong(values, "a list"))


def _matches(value: Any, pattern: Any) -> bool:
    try:
        return re.search(_text(pattern), _text(value)) is not None
    except re.error as error:
        raise EvaluationError(f"{pattern!r} is no regular expression") from error


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | dict) else int(_wrong(value, "a text, a list or a map"))


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": _in,
    "+": _add,
    "-": lambda left, right: _number(left) - _number(right),
    "*": lambda left, right: _number(left) * _number(right),
    "/": _divide,
    "%": _remainder,
}

FUNCTIONS: Mapping[tuple[str, int, bool], Callable[..., Any]] = {
    ("size", 1, False): _size,
    ("size", 1, True): _size,
    ("startsWith", 2, True): lambda value, start: _text(value).startswith(_text(start)),
    ("endsWith", 2, True): lambda value, end: _text(value).endswith(_text(end)),
    ("contains", 2, True): lambda value, part: _text(part) in _text(value),
    ("matches", 2, True): _matches,
    ("lowerAscii", 1, True): lambda value: _text(value).lower(),
    ("upperAscii", 1, True): lambda value: _text(value).upper(),
    ("trim", 1, True): lambda value: _text(value).strip(),
}
"""Name, how many values with the one that it is called on, and whether it is called on one."""
