"""cel: whether a CEL rule holds for a value. cel-python reads and evaluates; here stands what it may be asked.

In      a rule's text; the value that it stands on, with the schema of that value.
Out     a Rule; true or false for each value.
Finds   nothing; what cannot be judged raises NotUnderstoodError, a rule that has no answer for a value
        raises EvaluationError, which an API server takes for false.
Source  cel-spec doc/langdef.md; Kubernetes docs, "Common Expression Language in Kubernetes".

cel-python knows more than an API server does, and differs from it in places: `has(a.b)` is false where
there is no `a`, numbers of two types cannot be compared, a time without a date is one of today. So a rule is
judged only if it is made of words whose answers are the same, and an error of types is no answer at all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from platformc.check.claim_api.cel.values import cel_value, field_name

JSON = Any
Tree = Any
"""A `lark.Tree`: `data` is the name of a rule of CEL's grammar, `children` are trees and tokens."""

FUNCTIONS = frozenset(["contains", "endsWith", "matches", "size", "startsWith"])
LOOPS = frozenset(["all", "exists", "exists_one", "filter", "map"])
"""Macros over a list with a name for each item."""

UNKNOWN = {
    "dot_ident": "a name that starts with a dot",
    "dot_ident_arg": "a name that starts with a dot",
    "map_lit": "a map that is written out",
    "member_object": "an object that is written out",
}
"""What is in the grammar, and evaluated otherwise than an API server does, or not at all."""

NO_ANSWER = (KeyError, IndexError, ZeroDivisionError)
"""Of which error of Python cel-python made its own, where an API server has one, too."""

SHOWN = 20
"""Characters of a rule that are shown where it cannot be read."""


class NotUnderstoodError(Exception):
    """A rule, or a value for it, that is not judged here."""


class EvaluationError(Exception):
    """A rule that has no answer for a value: a field that is not there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule."""

    runner: Any
    """A `celpy.Runner`."""
    fields: tuple[tuple[str, ...], ...]
    """The fields of `self` that it reads, in the order of its text."""
    compares: bool
    """Whether it is about a change: it reads `oldSelf`, and says nothing about one value alone."""

    def holds(self, value: JSON, schema: JSON) -> bool:
        """Whether the rule allows a value of that schema. Raises EvaluationError, NotUnderstoodError."""
        from celpy import celtypes, evaluation  # noqa: PLC0415 - only claims with rules pay for its start

        try:
            found = self.runner.evaluate({"self": cel_value(value, schema)})
        except evaluation.CELEvalError as error:
            reason, kind, *_ = (*error.args, None)
            if isinstance(kind, type) and issubclass(kind, NO_ANSWER):
                raise EvaluationError(str(reason)) from error
            raise NotUnderstoodError("its operations on values of these types are not supported") from error
        except RecursionError as error:
            raise NotUnderstoodError("it is nested too deeply") from error
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            raise NotUnderstoodError("its operations on values of these types are not supported") from error
        if not isinstance(found, celtypes.BoolType):
            raise NotUnderstoodError("its result is neither true nor false")
        return bool(found)


@cache
def compiled(text: str) -> Rule:
    """Compile a rule. Raises NotUnderstoodError for what is not known here."""
    tree = _parsed(text)
    try:
        _understand(tree, frozenset(["self", "oldSelf"]))
    except RecursionError as error:
        raise NotUnderstoodError("it is nested too deeply") from error
    fields = tuple(dict.fromkeys(_selections(tree)))
    compares = any(ident.children[0] == "oldSelf" for ident in tree.find_data("ident"))
    for call in list(tree.find_data("ident_arg")):
        if call.children[0] == "has":
            _ask_for_key(call)
    return Rule(_environment().program(tree), fields, compares)


@cache
def _environment() -> Any:
    """A `celpy.Environment`: its parser takes a tenth of a second to make."""
    import celpy  # noqa: PLC0415 - only claims with rules pay for its start

    limit = sys.getrecursionlimit()
    made = celpy.Environment()
    sys.setrecursionlimit(limit)  # it raises the limit of the whole process
    return made


def _parsed(text: str) -> Tree:
    from celpy import celparser  # noqa: PLC0415 - only claims with rules pay for its start

    try:
        return _environment().compile(text)
    except celparser.CELParseError as error:
        line, column = error.line or 1, error.column or 1
        rest = "".join(text.splitlines()[line - 1 : line])[column - 1 :].strip()[:SHOWN]
        raise NotUnderstoodError(f"it cannot be read at {rest!r}" if rest else "it is empty") from error


def _understand(tree: Tree, known: frozenset[str]) -> None:
    """Raise NotUnderstoodError for a word whose meaning is not known; `known` are the names of values."""
    if tree.data in UNKNOWN:
        raise NotUnderstoodError(f"{UNKNOWN[tree.data]} is not supported")
    if tree.data == "ident" and tree.children[0] not in known:
        raise NotUnderstoodError(f"the name {tree.children[0]} is not supported")
    if tree.data == "ident_arg":
        _understand_call(str(tree.children[0]), tree.children[1:])
    if tree.data == "member_dot_arg":
        owner, word, *given = tree.children
        if word in LOOPS:
            name, each = _loop(str(word), given)
            _understand(owner, known)
            _understand(each, known | {name})
            return
        if word not in FUNCTIONS:
            raise NotUnderstoodError(f"{word}() is not supported")
    for part in _parts(tree):
        _understand(part, known)


def _understand_call(word: str, given: list[Tree]) -> None:
    if word == "has":
        arguments = given[0].children if given else []
        if len(arguments) != 1 or _inner(arguments[0]).data != "member_dot":
            raise NotUnderstoodError("has() takes a field")
    elif word not in FUNCTIONS:
        raise NotUnderstoodError(f"{word}() is not supported")


def _loop(word: str, given: list[Tree]) -> tuple[str, Tree]:
    """The name that a loop gives to each item, and what it asks of it."""
    arguments = given[0].children if given else []
    if len(arguments) != 2 or _inner(arguments[0]).data != "ident":  # noqa: PLR2004 - name, expression
        raise NotUnderstoodError(f"{word}() takes a name and an expression")
    return str(_inner(arguments[0]).children[0]), arguments[1]


def _parts(tree: Tree) -> list[Tree]:
    return [part for part in tree.children if not isinstance(part, str)]  # tokens are texts


def _inner(tree: Tree) -> Tree:
    """What an expression consists of: the grammar has a level for each strength of operator."""
    while len(_parts(tree)) == len(tree.children) == 1 and tree.data != "list_lit":
        tree = tree.children[0]
    return tree


def _ask_for_key(call: Tree) -> None:
    """Change `has(a.b)` into `('b' in a)`, which has no answer where there is no `a`; cel-python says false then."""
    owner, field = _inner(call.children[1].children[0]).children
    asked = _environment().compile(f"'{field}' in owner")
    (place,) = (member for member in asked.find_data("member") if _inner(member).data == "ident")
    place.children = owner.children
    call.data, call.children = "paren_expr", [asked]


def _selections(tree: Tree) -> Iterator[tuple[str, ...]]:
    """The fields that are taken of `self`, each with the fields of that: `self.a.b` is (a, b) and (a,)."""
    for selection in tree.iter_subtrees_topdown():
        path: list[str] = []
        found = selection
        while found.data == "member_dot":
            path.insert(0, field_name(found.children[1]))
            found = _inner(found.children[0])
        if path and found.data == "ident" and found.children[0] == "self":
            yield tuple(path)
