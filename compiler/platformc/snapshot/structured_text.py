"""structured_text: texts in objects that have a structure of their own: files of Configs, policies, JSON.

In      a text, and its path in its object.
Out     its content as plain data with what identifies the items of its lists; None for plain text.
Never   guesses: what its reader does not take, or reads with a loss, is plain text.
"""

from __future__ import annotations

import configparser
import json
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from platformc.language import SourceFile, read_documents
from platformc.language.nodes import KeyPath, plain
from platformc.snapshot.aws_documents import as_aws_document
from platformc.snapshot.field_type import UNDESCRIBED, FieldType

DEEPEST = 60
"""Levels of nesting, as in the spec language; comparing uses Python's stack for each."""

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
FILES = ("data", "stringData")
"""Maps from names of files to their contents."""


class Literal(str):
    """A value that JSON does not have, as it was written: a date, or a number that is not finite."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class StructuredText:
    """The content of a text."""

    form: str
    """`json`, `toml`, …"""
    value: Any
    type: FieldType = UNDESCRIBED


def structured(path: KeyPath, text: str) -> StructuredText | None:
    """Read a text by the suffix of the file that it is, or as JSON if it begins like it; None if it is plain text."""
    suffix = str(path[-1]).rpartition(".")[2].lower() if len(path) > 1 and path[-2] in FILES else ""
    form = FORMS.get(suffix)
    if form is None:
        form = "json" if text.lstrip()[:1] in {"{", "["} else ""
    if not form:
        return None
    try:
        value = READERS[form](text)
        if _depth(value) > DEEPEST:
            return None
    except (ValueError, RecursionError, configparser.Error):  # JSON's, TOML's and our own errors are ValueErrors
        return None
    if form == "json":
        value, described = as_aws_document(value)
        return StructuredText(form, value, described)
    return StructuredText(form, value) if isinstance(value, dict | list) else None


def text_difference(before: str, after: str) -> tuple[str, ...]:
    r"""The lines of a unified difference of two texts without its two headings; for formats.

    >>> text_difference("a\nb\n", "a\nc\n")
    ('@@ -1,2 +1,2 @@', ' a', '-b', '+c')
    """
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    return tuple(lines)[2:]


def _json(text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key occurs twice")
        return found

    return json.loads(text, object_pairs_hook=once, parse_constant=_refused)


def _refused(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _toml(text: str) -> Any:
    return _without_python(tomllib.loads(text))


def _without_python(value: Any) -> Any:
    """Dates, and numbers that are not finite, as they are shown."""
    if isinstance(value, dict):
        return {key: _without_python(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_python(item) for item in value]
    if isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return Literal(value)


def _yaml(text: str) -> Any:
    """By the spec language's own strict reader: what parsers disagree about is plain text."""
    documents, findings, complete = read_documents(SourceFile("text", text))
    if findings or not complete or any(document.damaged for document in documents):
        raise ValueError("not plain YAML")
    values = [plain(document.root) for document in documents]
    return values[0] if len(values) == 1 else values


def _ini(text: str) -> Any:
    parser = configparser.RawConfigParser(default_section="\0", allow_no_value=True, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep upper case
    parser.read_string(text)
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _variables(text: str) -> Any:
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or VARIABLE.match(name) is None or name in found:
            raise ValueError("not a list of variables")
        found[name] = value
    return found


def _depth(value: Any) -> int:
    """Levels of nesting, without using Python's stack for them."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
    return depth


READERS: Mapping[str, Callable[[str], Any]] = {
    "env": _variables,
    "ini": _ini,
    "json": _json,
    "toml": _toml,
    "yaml": _yaml,
}
FORMS = {"env": "env", "ini": "ini", "json": "json", "toml": "toml", "yaml": "yaml", "yml": "yaml"}
"""The form of a file by its suffix."""
