"""sealed_text: a file of SealedValues as text, and the same text with some keys changed.

In      the text of the file, entries to set, keys to remove.
Out     text with these changes, and with every comment and every other line as it was.
Never   guesses: a form that cannot be edited in place is rejected, and the result is parsed before it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

from platformc.canonical_yaml import emit
from platformc.diagnostics import Span, ToolError
from platformc.language import API_VERSION, SourceFile, read_documents
from platformc.language.nodes import Mapping, Node, Scalar, plain, scalars

HEADER = "# written by `platformc seal`; change it with `platformc seal`, not by hand\n"
FIELDS = ("revision", "certificateFingerprint", "scope", "namespace", "name", "ciphertext", "public")
FORM_HINT = "move it aside, seal its keys again, and copy its comments"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored of one key. `data` has the fields in the order in which they are written."""

    revision: int
    certificate_fingerprint: str
    scope: str
    namespace: str
    name: str
    ciphertext: str
    public: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The fields as the spec names them."""
        values = (
            self.revision,
            self.certificate_fingerprint,
            self.scope,
            self.namespace,
            self.name,
            self.ciphertext,
            self.public,
        )
        return {name: value for name, value in zip(FIELDS, values, strict=True) if value is not None}


def new_text(namespace: str, name: str, environment: str, entries: MappingType[str, Entry]) -> str:
    """A file for a Secret that has none."""
    document = {
        "apiVersion": API_VERSION,
        "kind": "SealedValues",
        "metadata": {"name": name, "namespace": namespace, "environment": environment},
        "spec": {"keys": {key: entry.data for key, entry in entries.items()}},
    }
    return HEADER + emit(document)


def changed_text(
    path: str, text: str, identity: tuple[str, str], entries: MappingType[str, Entry], removed: frozenset[str]
) -> str | None:
    """Return the file with the entries set and the keys removed; None if no key is left.

    Raises ToolError if the file is in a form that cannot be edited in place.
    """
    keys = _keys(path, text, identity)
    if keys is None:
        raise ToolError(f"{path} has no map spec.keys that can be edited in place", hint=FORM_HINT)
    wanted: dict[str, Any] = {key: value for key, value in plain(keys).items() if key not in removed}
    wanted |= {key: entry.data for key, entry in entries.items()}
    if not wanted:
        return None
    edits = _Edits(text)
    for key in removed & keys.entries.keys():
        edits.remove_entry(keys, key)
    for key, entry in entries.items():
        if key in keys.entries:
            edits.set_entry(keys, key, entry)
    added = {key: entry.data for key, entry in entries.items() if key not in keys.entries}
    if added:
        edits.append(keys, added)
    made = edits.applied()
    after = _keys(path, made, identity)
    if after is None or _without_nulls(plain(after)) != _without_nulls(wanted):
        raise ToolError(f"{path} is written in a form that cannot be edited in place", hint=FORM_HINT)
    return made


def _without_nulls(keys: dict[str, Any]) -> dict[str, Any]:
    """A field that is null means the same as an absent one."""
    return {
        key: {name: value for name, value in entry.items() if value is not None} if isinstance(entry, dict) else entry
        for key, entry in keys.items()
    }


def _keys(path: str, text: str, identity: tuple[str, str]) -> Mapping | None:
    """The map spec.keys of the document for one Secret."""
    documents, _, complete = read_documents(SourceFile(path, text))
    for document in documents:
        root = document.root
        if not complete or document.damaged or not isinstance(root, Mapping):
            continue
        metadata, spec = root.get("metadata"), root.get("spec")
        named = plain(metadata) if isinstance(metadata, Mapping) else {}
        if (named.get("namespace"), named.get("name")) == identity and isinstance(spec, Mapping):
            keys = spec.get("keys")
            return keys if isinstance(keys, Mapping) else None
    return None


class _Edits:
    """Changes to a text by place, applied from its end to its beginning."""

    def __init__(self, text: str) -> None:
        self._text = text if text.endswith("\n") else text + "\n"
        self._starts = [0]
        for line in self._text.split("\n")[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: list[tuple[int, int, str]] = []

    def applied(self) -> str:
        """The text with all changes."""
        text = self._text
        # Additions at one place stay in their order.
        for _, (start, end, replacement) in sorted(enumerate(self._edits), key=_by_place, reverse=True):
            text = text[:start] + replacement + text[end:]
        return text

    def set_entry(self, keys: Mapping, key: str, entry: Entry) -> None:
        """Set the fields of an existing key."""
        node = keys.entries[key]
        if not isinstance(node, Mapping) or not node.entries:
            self._replace_value(keys, key, entry)
            return
        flow = self._is_flow(node)
        last: str | None = None
        for name in FIELDS:
            value = entry.data.get(name)
            old = node.entries.get(name)
            if old is not None and value is None:
                self._remove_field(node, name, flow=flow)
            elif old is not None:
                self._replace(old, value, flow=flow)
                last = name
            elif value is not None:
                self._add_field(node, name, value, last, flow=flow)

    def remove_entry(self, keys: Mapping, key: str) -> None:
        """Remove a key with its lines."""
        first = keys.keys[key].line
        if not self._is_flow(keys):
            self._edits.append((self._starts[first - 1], self._starts[self._last_line(keys, key)], ""))

    def append(self, keys: Mapping, added: dict[str, Any]) -> None:
        """Add keys after the last one."""
        if not keys.entries or self._is_flow(keys):
            return  # parsing the result will show that it is wrong
        column = next(iter(keys.keys.values())).column - 1
        end = self._starts[self._last_line(keys, next(reversed(keys.entries)))]
        lines = emit(added).splitlines(keepends=True)
        self._edits.append((end, end, "".join(" " * column + line for line in lines)))

    def _replace_value(self, keys: Mapping, key: str, entry: Entry) -> None:
        """Replace something else, such as `{}` or nothing, by a map."""
        start, end = self._offset(keys.keys[key]), self._starts[self._last_line(keys, key)]
        indentation = " " * (keys.keys[key].column - 1)
        body = "".join(indentation + line for line in emit({key: entry.data}).splitlines(keepends=True))
        self._edits.append((start, end, body.removeprefix(indentation)))

    def _replace(self, old: Node, value: Any, *, flow: bool) -> None:
        if plain(old) == value and isinstance(old, Scalar):
            return
        start = self._offset(old.span)
        end = self._starts[old.span.end_line - 1] + old.span.end_column - 1
        ending = "\n" if old.span.end_line > old.span.line and old.span.end_column == 1 else ""
        self._edits.append((start, end, _scalar(value, flow=flow) + ending))

    def _remove_field(self, node: Mapping, name: str, *, flow: bool) -> None:
        if flow:
            self._replace(node.entries[name], None, flow=True)
            return
        line = node.keys[name].line
        if line == min(span.line for span in node.keys.values()) and self._shares_line(node, name):
            self._replace(node.entries[name], None, flow=False)
            return
        self._edits.append((self._starts[line - 1], self._starts[self._last_line(node, name)], ""))

    def _shares_line(self, node: Mapping, name: str) -> bool:
        span = node.keys[name]
        return bool(self._text[self._starts[span.line - 1] : self._offset(span)].strip())

    def _add_field(self, node: Mapping, name: str, value: Any, after: str | None, *, flow: bool) -> None:
        """After the field that precedes it; without one, before the first."""
        if after is None:
            start = self._offset(next(iter(node.keys.values())))
            column = next(iter(node.keys.values())).column - 1
            ending = ", " if flow else "\n" + " " * column
            self._edits.append((start, start, f"{name}: {_scalar(value, flow=flow)}{ending}"))
        elif flow:
            span = node.entries[after].span
            end = self._starts[span.end_line - 1] + span.end_column - 1
            self._edits.append((end, end, f", {name}: {_scalar(value, flow=True)}"))
        else:
            end = self._starts[self._last_line(node, after)]
            indentation = " " * (next(iter(node.keys.values())).column - 1)
            self._edits.append((end, end, f"{indentation}{name}: {_scalar(value, flow=False)}\n"))

    def _is_flow(self, node: Mapping) -> bool:
        return self._text[self._offset(node.span)] == "{"

    def _last_line(self, parent: Mapping, key: str) -> int:
        """The last line of an entry, counted from 1."""
        spans = [parent.keys[key], *(scalar.span for _, scalar in scalars(parent.entries[key]))]
        return max(span.end_line - (span.end_column == 1 and span.end_line > span.line) for span in spans)

    def _offset(self, span: Span) -> int:
        return self._starts[span.line - 1] + span.column - 1


def _by_place(numbered: tuple[int, tuple[int, int, str]]) -> tuple[int, int]:
    return numbered[1][0], numbered[0]


def _scalar(value: Any, *, flow: bool) -> str:
    """A value as written after a key. In braces everything is quoted, as in JSON."""
    if flow:
        return json.dumps(value)
    return emit({"value": value}).removeprefix("value:").strip()
