"""Docstrings: what the models say about themselves and about each field.

The text under a field is no part of the model at run time, so it is read from the source.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from platformc.kinds import ALL
from platformc.language.kind import Kind
from platformc.language.models.base import FLATTENED
from platformc.language.validate import aliases
from pydantic import BaseModel


def summary_of(model: type) -> str:
    """The docstring of a model or dataclass in one line."""
    return _one_line(inspect.getdoc(model) or "")


@cache
def fields_of(model: type[BaseModel]) -> dict[str, str]:
    """Attribute -> what is said about it, inherited fields included. Raises ValueError where one says nothing."""
    said: dict[str, str] = {}
    for ancestor in reversed(model.__mro__):
        if ancestor is not BaseModel and issubclass(ancestor, BaseModel):
            said |= said_in(ancestor)
    missing = [name for name in model.model_fields if not said.get(name)]
    if missing:
        raise ValueError(f"{model.__name__} has fields without a docstring: {', '.join(missing)}")
    found = {name: said[name] for name in model.model_fields}
    if FLATTENED in aliases(model):  # the words of kinds stand in its place
        found |= needs_of(ALL)
    return found


def needs_of(kinds: Iterable[Kind]) -> dict[str, str]:
    """Word -> what is said about it as a field of `needs`."""
    return {kind.word: kind.aws.need for kind in kinds if kind.aws is not None and kind.aws.access}


def said_in(model: type) -> dict[str, str]:
    """Attribute -> what the class itself says about it, for those of its fields that have a docstring."""
    body = _class(model).body
    return {
        field.target.id: _one_line(said.value.value)
        for field, said in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
        and isinstance(said.value.value, str)
    }


def _class(model: type) -> ast.ClassDef:
    for node in _module(sys.modules[model.__module__].__file__ or "").body:
        if isinstance(node, ast.ClassDef) and node.name == model.__name__:
            return node
    raise ValueError(f"{model.__name__} is not defined at the top of its module")


@cache
def _module(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def _one_line(text: str) -> str:
    return " ".join(text.split())
