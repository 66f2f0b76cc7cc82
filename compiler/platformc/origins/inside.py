"""inside: the places in the spec behind one line of a file of a Config or Secret.

In      a Program with origins, a Config or Secret, the name of one of its files, a line of it.
Out     what changes that line when it changes: values of the file's data, their keys, or lines of its text.
Never   parses the format of a file: each value is changed in turn, and the file written again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from platformc.diagnostics import Span
from platformc.language import Reference, Resource, pieces
from platformc.language.models.config import ConfigFile, ConfigSpec
from platformc.language.models.secret import SecretFile, SecretSpec
from platformc.language.models.types import Template, TemplateTree
from platformc.language.nodes import KeyPath, Scalar
from platformc.language.origin import origins_of, unmarked
from platformc.link import Program
from platformc.lower import config, secret_files

CHANGE = "x"
"""What is appended to a text, or to a line of it, to find it in the file."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """A file, and what writes it."""

    program: Program
    resource: Resource[Any]
    name: str

    @property
    def file(self) -> ConfigFile | SecretFile:
        found: ConfigFile | SecretFile = self.resource.spec.files[self.name]
        return found

    def written(self, file: ConfigFile | SecretFile) -> list[str]:
        """The lines that the file would have if it were this one."""
        spec = self.resource.spec.model_copy(update={"files": {self.name: file}})
        resource = replace(self.resource, spec=spec)
        contents = config.contents if isinstance(spec, ConfigSpec) else secret_files.contents
        return str(unmarked(contents(self.program, resource)[self.name])).split("\n")

    def moves(self, file: ConfigFile | SecretFile, before: list[str], line: int) -> bool:
        """Whether a line differs in this file, and everything else is in the same place."""
        after = self.written(file)
        return len(after) == len(before) and after[line] != before[line]

    def bound(self, text: Any) -> list[Any]:
        """What the references in a text stand for."""
        found = pieces(unmarked(text)) if isinstance(text, str) else ()
        values = self.program.values
        return [values.get((self.resource.id, one.text)) for one in found if isinstance(one, Reference)]


def origins_of_line(
    program: Program, resource: Resource[Any], name: str, line: int, rendered: str
) -> tuple[Scalar, ...]:
    """The scalars behind a line of a file, counted from 0; none if there is no value on it.

    Also none if something else is `rendered` in place of the file, for example by a patch.
    """
    if not isinstance(resource.spec, ConfigSpec | SecretSpec) or name not in resource.spec.files:
        return ()
    holder = _Holder(program, resource, name)
    before = holder.written(holder.file)
    if line >= len(before) or before != rendered.split("\n"):
        return ()
    if holder.file.data is not None:
        return _in_data(holder, holder.file.data.value, before, line)
    return _in_text(holder, before, line) if holder.file.text is not None else ()


def _in_data(holder: _Holder, data: Any, before: list[str], line: int) -> tuple[Scalar, ...]:
    """Those of the values on the line; if there are none, as on the head of a table, those of the keys."""

    def moves(changed: Any) -> bool:
        return holder.moves(holder.file.model_copy(update={"data": TemplateTree(changed)}), before, line)

    leaves = [leaf for path, leaf in _leaves(data, ()) if moves(_changed(data, path))]
    if leaves:
        return origins_of(*leaves, *(bound for leaf in leaves for bound in holder.bound(leaf)))
    keys = [path for path in _keys(data, ()) if moves(_renamed(data, path))]
    deepest = max(keys, key=len, default=())
    return origins_of(deepest[-1:])


def _in_text(holder: _Holder, before: list[str], line: int) -> tuple[Scalar, ...]:
    """The line of the spec's text, with what its references stand for."""
    text = holder.file.text.text if holder.file.text is not None else ""
    lines = unmarked(text).split("\n")
    for number, one in enumerate(lines):
        changed = "\n".join([*lines[:number], one + CHANGE, *lines[number + 1 :]])
        if holder.moves(holder.file.model_copy(update={"text": Template(changed)}), before, line):
            own = tuple(_line(scalar, number, len(lines) - (not lines[-1])) for scalar in origins_of(text))
            return (*own, *origins_of(*holder.bound(one)))
    return ()


def _line(scalar: Scalar, number: int, lines: int) -> Scalar:
    """The place of one line of a text; that of the text if its lines are not one below the other in the spec."""
    span = scalar.span
    last = span.end_line - 1 if span.end_column == 1 else span.end_line
    if last - span.line != lines:
        return scalar
    at = span.line + 1 + number
    return replace(scalar, span=Span(span.path, at, 1, at, 1))


def _leaves(data: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, below in items:
        if isinstance(below, dict | list):
            yield from _leaves(below, (*path, step))
        else:
            yield (*path, step), below


def _keys(data: Any, path: KeyPath) -> Iterator[KeyPath]:
    """The paths of all keys of maps, the outer ones first."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, below in items:
        if isinstance(step, str):
            yield (*path, step)
        yield from _keys(below, (*path, step))


def _changed(data: Any, path: KeyPath) -> Any:
    """The data with another value at a path."""
    if not path:
        return _other(unmarked(data))
    if isinstance(data, dict):
        return {key: _changed(below, path[1:]) if key == path[0] else below for key, below in data.items()}
    return [_changed(below, path[1:]) if position == path[0] else below for position, below in enumerate(data)]


def _renamed(data: Any, path: KeyPath) -> Any:
    """The data with another name for the last key of a path."""
    if isinstance(data, dict):
        if len(path) == 1:
            return {key + CHANGE if key == path[0] else key: below for key, below in data.items()}
        return {key: _renamed(below, path[1:]) if key == path[0] else below for key, below in data.items()}
    return [_renamed(below, path[1:]) if position == path[0] else below for position, below in enumerate(data)]


def _other(value: Any) -> Any:
    """Another value of the same form: a text gets something appended to each of its lines."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return "\n".join(line + CHANGE for line in value.split("\n")) if isinstance(value, str) else CHANGE
