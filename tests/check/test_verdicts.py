"""What kubeconform found valid before is not asked again; everything else always is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from platformc.cache.verdicts import MOST, SIZE, keys_of, known_valid, remember_valid
from platformc.check.kubeconform.documents import Verdict, begin, finish
from platformc.check.kubeconform.install import VERSION
from platformc.check.kubeconform.process import Document
from platformc.check.schemas.store import SchemaStore
from platformc.diagnostics import BugReport, ToolError

GOOD = Document(
    "production", "a.yaml", "v1", "ConfigMap", "a", b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
)
BAD = Document(
    "production",
    "b.yaml",
    "v1",
    "ConfigMap",
    "b",
    b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\ndatas: {}\n",
)


def _validate(cache: Path, binary: Path, *documents: Document, paranoid: bool = False) -> Verdict:
    return finish(
        begin(
            documents,
            kubernetes_version="1.34",
            own_definitions=[],
            store=SchemaStore(cache / "schemas"),
            cache=cache,
            binary=binary,
            paranoid=paranoid,
        )
    )


def test_a_valid_document_is_not_asked_about_again(tmp_path: Path, kubeconform: Path) -> None:
    """The second time no program is run: one that is not there does not matter."""
    assert _validate(tmp_path, kubeconform, GOOD).valid == 1
    nowhere = tmp_path / "nowhere"
    assert _validate(tmp_path, nowhere, GOOD) == Verdict(1)
    with pytest.raises(ToolError):
        _validate(tmp_path, nowhere, replace(GOOD, content=GOOD.content + b"data: {}\n"))


def test_an_invalid_document_is_asked_about_again(tmp_path: Path, kubeconform: Path) -> None:
    """Only validity is remembered, so the second verdict has the same words."""
    first = _validate(tmp_path, kubeconform, GOOD, BAD)
    assert first.valid == 1
    assert [problem.file for problem in first.problems] == ["b.yaml"]
    assert _validate(tmp_path, kubeconform, GOOD, BAD) == first


def test_paranoia_finds_a_wrong_memory(tmp_path: Path, kubeconform: Path) -> None:
    """A cache that calls an invalid document valid is believed, and found out when asked to."""
    _validate(tmp_path, kubeconform, GOOD)
    schema = next(path for path in tmp_path.rglob("ConfigMap_v1.json".lower()) if path.is_file())
    remember_valid(tmp_path, known_valid(tmp_path), keys_of([BAD.content], [schema], VERSION))
    assert _validate(tmp_path, kubeconform, BAD) == Verdict(1)
    with pytest.raises(BugReport, match=r"b\.yaml"):
        _validate(tmp_path, kubeconform, BAD, paranoid=True)
    assert _validate(tmp_path, kubeconform, GOOD, paranoid=True) == Verdict(1)


def test_another_schema_is_another_key(tmp_path: Path) -> None:
    """A changed schema forgets every verdict that was made with the old one."""
    schema = tmp_path / "one.json"
    schema.write_text("{}")
    before = keys_of([b"x", b"y"], [schema, schema], VERSION)
    schema.write_text('{"type": "object"}')
    after = keys_of([b"x", b"y"], [schema, schema], VERSION)
    assert len({*before, *after}) == 4


def test_a_damaged_file_is_forgotten(tmp_path: Path) -> None:
    """Half a key means that nothing in the file can be trusted."""
    remember_valid(tmp_path, {}, [b"k" * SIZE])
    assert list(known_valid(tmp_path)) == [b"k" * SIZE]
    file = tmp_path / "verdicts" / "valid"
    file.write_bytes(file.read_bytes() + b"half")
    assert not known_valid(tmp_path)


def test_the_oldest_are_forgotten_first(tmp_path: Path) -> None:
    """The file does not grow for ever."""
    remember_valid(tmp_path, {}, (number.to_bytes(SIZE, "big") for number in range(MOST + 5)))
    known = list(known_valid(tmp_path))
    assert len(known) == MOST
    assert known[0] == (5).to_bytes(SIZE, "big")
