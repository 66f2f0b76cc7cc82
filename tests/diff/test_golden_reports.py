"""Every format of every sample, as it was reviewed; and what holds for all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from golden_reports import FORMATS, GOLDEN, golden
from platformc.diff.formats.json_format import parse_report
from platformc.language.source import HIDDEN
from sample_reports import SAMPLES

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "diff-report.schema.json").read_text(encoding="utf-8"))


def test_there_are_samples_of_everything() -> None:
    """A list that lost its entries must not turn the suite green."""
    assert {"new-image", "environment-renamed", "compiler-upgrade"} <= SAMPLES.keys()
    assert {path.name for path in GOLDEN.iterdir()} == golden().keys()


@pytest.mark.parametrize("name", sorted(f"{name}.{ending}" for name in SAMPLES for ending in FORMATS))
def test_each_format_writes_what_was_reviewed(name: str) -> None:
    """`make cases` rewrites these files; their diff is reviewed like code."""
    assert golden()[name] == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_json_fits_the_published_schema(name: str) -> None:
    """docs/diff-report.schema.json, which the same shapes make."""
    document = json.loads((GOLDEN / f"{name}.json").read_bytes())
    assert [error.message for error in jsonschema_rs.validator_for(SCHEMA).iter_errors(document)] == []


def test_the_schema_refuses_what_is_no_report() -> None:
    """Otherwise it would say nothing."""
    validator = jsonschema_rs.validator_for(SCHEMA)
    document = json.loads((GOLDEN / "new-image.json").read_bytes())
    for broken in (
        {**document, "schemaVersion": 2},
        {**document, "verdicts": ["harmless"]},
        {**document, "entries": [{"causes": [], "effects": []}]},
        {key: value for key, value in document.items() if key != "notes"},
    ):
        assert not validator.is_valid(broken)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_report_that_is_read_back_is_the_same(name: str) -> None:
    """The trusted half of the workflow shows what the other half saw."""
    report = SAMPLES[name]()
    assert parse_report((GOLDEN / f"{name}.json").read_bytes()) == report
    assert all(made(parse_report((GOLDEN / f"{name}.json").read_bytes())) == made(report) for made in FORMATS.values())


@pytest.mark.parametrize("name", sorted(f"{name}.{ending}" for name in SAMPLES for ending in FORMATS))
def test_no_format_writes_what_nobody_sees(name: str) -> None:
    """No control character, and none that hides or reverses text."""
    assert HIDDEN.search((GOLDEN / name).read_text(encoding="utf-8")) is None


def test_another_process_writes_the_same_bytes() -> None:
    """No order of a set, and no locale, gets into a report."""
    ran = subprocess.run(
        [sys.executable, "-c", "import json, golden_reports; print(json.dumps(dict(golden_reports.golden())))"],
        env={"PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(ran.stdout) == golden()
