"""The rules that the compiler's own code can make findings of, read from its source."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COMPILER = Path(__file__).parents[2] / "compiler" / "platformc"
KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+\Z")
RULE_OF_FINDING, SEVERITY_OF_FINDING = 1, 2
"""Positions among the arguments of Finding."""


@dataclass(frozen=True, slots=True)
class Emission:
    """One place where a rule's id is given to a finding; no severity where it is no literal."""

    rule: str
    severity: str | None
    place: str


@cache
def emissions() -> tuple[Emission, ...]:
    """Every literal id in a call of Finding, or of a function that takes a `rule`, or returned beside a message."""
    modules = _modules()
    positions = _takers(modules.values())
    return tuple(
        Emission(rule, severity, f"{path.relative_to(COMPILER.parent)}:{node.lineno}")
        for path, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Call | ast.Return)
        for rule, severity in _of(node, positions)
    )


@cache
def literals() -> frozenset[str]:
    """Every text in the compiler's code that has the form of an id."""
    return frozenset(
        node.value
        for module in _modules().values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEBAB.match(node.value)
    )


@cache
def _modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(COMPILER.rglob("*.py"))}


def _takers(modules: Iterable[ast.Module]) -> dict[str, set[int]]:
    """Functions with a parameter `rule: str` -> its positions, `self` not counted."""
    found: dict[str, set[int]] = defaultdict(set)
    for module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef):
                for position, one in enumerate(one for one in node.args.args if one.arg != "self"):
                    if one.arg == "rule" and isinstance(one.annotation, ast.Name) and one.annotation.id == "str":
                        found[node.name].add(position)
    return found


def _of(node: ast.Call | ast.Return, positions: dict[str, set[int]]) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, ast.Return):
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) == 3:  # a rule, its message, its hint
            yield from ((rule, "error") for rule in _ids(node.value.elts[0]))
        return
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name == "Finding":
        severity = _severity(node)
        yield from ((rule, severity) for argument in _argument(node, RULE_OF_FINDING) for rule in _ids(argument))
    for position in positions.get(name, ()):
        yield from ((rule, "error") for argument in _argument(node, position) for rule in _ids(argument))


def _argument(call: ast.Call, position: int) -> list[ast.expr]:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    return named or ([call.args[position]] if position < len(call.args) else [])


def _ids(node: ast.expr) -> list[str]:
    return [
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and KEBAB.match(one.value)
    ]


def _severity(call: ast.Call) -> str | None:
    if len(call.args) > SEVERITY_OF_FINDING:
        given = call.args[SEVERITY_OF_FINDING]
        if isinstance(given, ast.Attribute) and isinstance(given.value, ast.Name) and given.value.id == "Severity":
            return given.attr.lower()
    return None
