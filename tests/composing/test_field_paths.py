"""Field paths are read and written as crossplane-runtime does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from platformc.composing.field_paths import FieldPathError, NotThereError, parse, read, write


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("spec", ("spec",)),
        ("spec.tags", ("spec", "tags")),
        (
            "metadata.annotations[crossplane.io/external-name]",
            ("metadata", "annotations", "crossplane.io/external-name"),
        ),
        ("spec.items[0].name", ("spec", "items", 0, "name")),
        ("spec.items[0][12]", ("spec", "items", 0, 12)),
    ],
)
def test_parse(path: str, segments: tuple[str | int, ...]) -> None:
    """Numbers in brackets are items, everything else is a field."""
    assert parse(path) == segments


@pytest.mark.parametrize(
    "path", ["", ".", "spec.", ".spec", "spec..tags", "spec[", "spec[]", "spec]", "a[*].b", "a[99]", "a[0]b"]
)
def test_what_is_no_path(path: str) -> None:
    """Wildcards are none that we know."""
    with pytest.raises(FieldPathError):
        parse(path)


DOCUMENT = {"spec": {"name": "x", "nothing": None, "items": [{"a": 1}, None]}}


@pytest.mark.parametrize(
    ("path", "value"), [("spec.name", "x"), ("spec.nothing", None), ("spec.items[0].a", 1), ("spec.items[1]", None)]
)
def test_read(path: str, value: Any) -> None:
    """Null is a value."""
    assert read(DOCUMENT, path) == value


@pytest.mark.parametrize("path", ["spec.tags", "spec.items[2]", "spec.nothing.more", "spec.items[1].a", "status.arn"])
def test_nothing_there(path: str) -> None:
    """A path through null leads nowhere, too."""
    with pytest.raises(NotThereError):
        read(DOCUMENT, path)


@pytest.mark.parametrize("path", ["spec.name.first", "spec.name[0]", "spec[0]", "spec.items.a"])
def test_through_something_else(path: str) -> None:
    """Neither read nor written."""
    with pytest.raises(FieldPathError):
        read(DOCUMENT, path)
    with pytest.raises(FieldPathError):
        write(copy.deepcopy(DOCUMENT), path, 1)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("spec.a", {"spec": {"a": 1}}),
        ("spec.list[1].a.b", {"spec": {"list": [None, {"a": {"b": 1}}]}}),
        ("metadata.annotations[x.io/y]", {"spec": {}, "metadata": {"annotations": {"x.io/y": 1}}}),
    ],
)
def test_write(path: str, written: Any) -> None:
    """What is missing on the way is made."""
    document: dict[str, Any] = {"spec": {}}
    write(document, path, 1)
    assert document == written
    assert read(document, path) == 1


def test_write_over_something() -> None:
    """The value is replaced, and null on the way is nothing."""
    document = copy.deepcopy(DOCUMENT)
    write(document, "spec.items[1].a", [2])
    write(document, "spec.name", {"first": "x"})
    assert document == {"spec": {"name": {"first": "x"}, "nothing": None, "items": [{"a": 1}, {"a": [2]}]}}
