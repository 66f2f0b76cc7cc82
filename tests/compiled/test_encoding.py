"""What is kept of an environment comes back as it was, whatever fields it has one day."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from itertools import count
from types import NoneType, UnionType
from typing import Any

from platformc.compiled import CompiledEnvironment, dump_environment, parse_environment
from platformc.diagnostics import Finding, Severity, Span
from platformc.language import DocumentId
from platformc.lower import ObjectId

NAME = "production"


class Examples:
    """A value of any type, all of its parts told apart, so that none can take another's place."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def of(self, kind: Any, field: str = "") -> Any:
        """An example of a type; optional things are there, and lists have two items."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        made: Any
        if kind is str:
            made = NAME if field in ("environment", "name of the whole") else self._text(field)
        elif kind is bool:
            made = True
        elif kind is int:
            made = next(self._numbers)
        elif kind is Severity:
            made = Severity.WARNING
        elif kind is Span:
            made = Span(self._text("path"), *(next(self._numbers) for _ in range(4)))
        elif origin in (typing.Union, UnionType):
            (some,) = (one for one in arguments if one is not NoneType)
            made = self.of(some, field)
        elif origin is tuple and arguments[-1] is Ellipsis:
            made = (self.of(arguments[0]), self.of(arguments[0]))
        elif origin is tuple:
            made = tuple(self.of(one) for one in arguments)
        elif origin is Mapping:
            made = {f"bot/bot/config-{next(self._numbers)}.yaml": self.of(arguments[1]) for _ in range(2)}
        else:
            assert dataclasses.is_dataclass(kind), kind
            assert isinstance(kind, type)
            types = typing.get_type_hints(kind)
            whole = kind is CompiledEnvironment
            names = {
                one.name: "name of the whole" if whole and one.name == "name" else one.name
                for one in dataclasses.fields(kind)
            }
            made = kind(**{name: self.of(types[name], shown) for name, shown in names.items()})
        return made

    def _text(self, field: str) -> str:
        if field == "sha256":
            return f"{next(self._numbers):064x}"
        return f"{field} {next(self._numbers)} \u00e4\u2028\ud800"


def test_every_field_comes_back() -> None:
    """A field that is new and not encoded fails here, before somebody recalls an environment without it."""
    made = Examples().of(CompiledEnvironment)
    assert isinstance(made, CompiledEnvironment)
    assert made.footprint is not None
    assert made.footprint.managed[0].document != made.footprint.managed[1].document
    assert isinstance(made.footprint.placed[0].id, ObjectId)
    assert isinstance(made.footprint.managed[0].document, DocumentId)
    assert isinstance(made.refused[1], Finding)
    assert parse_environment(dump_environment(made)) == made


def test_little_comes_back() -> None:
    """Of an environment that could not be resolved."""
    made = CompiledEnvironment(NAME, (), None, None, None)
    assert parse_environment(dump_environment(made)) == made
