"""Findings for programs: JSON, GitHub workflow commands and SARIF."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import platformc.diagnostics
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.diagnostics import Finding, Severity, Span
from platformc.diagnostics.github import render_github
from platformc.diagnostics.json_format import SCHEMA_VERSION, render_json
from platformc.diagnostics.sarif import render_sarif

SCHEMA = json.loads((Path(platformc.diagnostics.__file__).parent / "findings.schema.json").read_text())
SARIF = json.loads((Path(__file__).parent / "sarif.schema.json").read_text())
LOCATION = {"path": "specs/a b.yaml", "line": 2, "column": 3, "endLine": 2, "endColumn": 7}
FINDING = Finding(
    Span("specs/a b.yaml", 2, 3, 2, 7),
    "image-tag-mutable",
    Severity.ERROR,
    "image `a:b` has no digest, 100%\nreally",
    hint="pin it",
    related=((Span("b.yaml", 1, 1, 3, 1), "set here"),),
    environment="staging",
)
WHOLE_FILE = Finding(Span("rendered/x.yaml"), "rendered-stale", Severity.WARNING, "out of date")

NUMBERS = st.integers(min_value=1, max_value=9)
SPANS = st.builds(Span, st.text(max_size=8), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
FINDINGS = st.lists(
    st.builds(
        Finding,
        at=SPANS,
        rule=st.sampled_from(("some-rule", "other")),
        severity=st.sampled_from(Severity),
        message=st.text(max_size=20),
        hint=st.text(max_size=20),
        related=st.lists(st.tuples(SPANS, st.text(max_size=8)), max_size=2).map(tuple),
        environment=st.text(max_size=5),
    ),
    max_size=3,
)


@dataclass(frozen=True)
class Page:
    """A rule as SARIF wants to know it."""

    id: str
    severity: Severity
    summary: str
    page: str


class TestJson:
    """The JSON document and its published schema."""

    def test_document(self) -> None:
        """Every field of a finding is there under a name of its own; what has no value is null."""
        document = json.loads(render_json([FINDING, WHOLE_FILE]))
        assert document == {
            "schemaVersion": 1,
            "summary": {"errors": 1, "warnings": 1, "notes": 0},
            "findings": [
                {
                    "rule": "image-tag-mutable",
                    "severity": "error",
                    "message": "image `a:b` has no digest, 100%\nreally",
                    "hint": "pin it",
                    "environment": "staging",
                    "location": LOCATION,
                    "related": [
                        {
                            "label": "set here",
                            "location": {"path": "b.yaml", "line": 1, "column": 1, "endLine": 3, "endColumn": 1},
                        }
                    ],
                },
                {
                    "rule": "rendered-stale",
                    "severity": "warning",
                    "message": "out of date",
                    "hint": None,
                    "environment": None,
                    "location": {"path": "rendered/x.yaml", "line": 1, "column": 1, "endLine": 1, "endColumn": 1},
                    "related": [],
                },
            ],
        }

    def test_schema_describes_every_field(self) -> None:
        """The schema is itself valid, names this version, and requires each field that is written."""
        jsonschema_rs.meta.validate(SCHEMA)
        assert SCHEMA["properties"]["schemaVersion"]["const"] == SCHEMA_VERSION
        document = json.loads(render_json([FINDING]))
        assert SCHEMA["required"] == list(document)
        assert SCHEMA["$defs"]["finding"]["required"] == list(document["findings"][0])
        assert SCHEMA["$defs"]["location"]["required"] == list(document["findings"][0]["location"])

    @pytest.mark.parametrize("field", ["rule", "location", "hint"])
    def test_schema_refuses_what_misses_a_field(self, field: str) -> None:
        """The validation below can fail."""
        document = json.loads(render_json([FINDING]))
        del document["findings"][0][field]
        assert not jsonschema_rs.is_valid(SCHEMA, document)

    @settings(max_examples=50)
    @given(FINDINGS)
    def test_output_is_valid(self, findings: list[Finding]) -> None:
        """Whatever the findings say, the document is valid, keeps every text, and is printable ASCII."""
        text = render_json(findings)
        document = json.loads(text)
        jsonschema_rs.validate(SCHEMA, document)
        assert [each["message"] for each in document["findings"]] == [each.message for each in findings]
        assert text.replace("\n", "").isprintable()
        assert text.isascii()


class TestGithub:
    """Workflow commands."""

    def test_one_line(self) -> None:
        """Place and rule are properties; related places, environment and help are in the message."""
        assert render_github([FINDING]) == (
            "::error file=specs/a b.yaml,line=2,col=3,endLine=2,endColumn=7,title=image-tag-mutable::"
            "image `a:b` has no digest, 100%25%0Areally%0Ab.yaml:1:1: set here%0Ain environment: staging%0Ahelp: pin it\n"
        )

    def test_several_lines_have_no_columns(self) -> None:
        """GitHub refuses columns across lines; an end at the start of a line leaves that line out."""
        finding = Finding(Span("a.yaml", 2, 3, 5, 4), "some-rule", Severity.WARNING, "m")
        assert render_github([finding]) == "::warning file=a.yaml,line=2,endLine=5,title=some-rule::m\n"
        finding = Finding(Span("a.yaml", 2, 3, 5, 1), "some-rule", Severity.NOTE, "m")
        assert render_github([finding]) == "::notice file=a.yaml,line=2,endLine=4,title=some-rule::m\n"

    def test_file_as_a_whole(self) -> None:
        """No line is named where none is meant."""
        assert render_github([WHOLE_FILE]) == "::warning file=rendered/x.yaml,title=rendered-stale::out of date\n"

    def test_separators_in_a_path(self) -> None:
        """A path cannot add properties or end them."""
        finding = Finding(Span("a,b:c%d::e.yaml"), "some-rule", Severity.ERROR, "m")
        assert render_github([finding]) == "::error file=a%2Cb%3Ac%25d%3A%3Ae.yaml,title=some-rule::m\n"

    @settings(max_examples=50)
    @given(FINDINGS)
    def test_no_finding_starts_a_command(self, findings: list[Finding]) -> None:
        """There is one line, and so one command, per finding; properties are free of separators."""
        lines = render_github(findings).split("\n")
        assert lines.pop() == ""
        assert len(lines) == len(findings)
        for line in lines:
            assert re.match(r"::(error|warning|notice) file=[^:,]*(,[A-Za-z]+=[^:,]+)+::", line)
            assert line.isprintable()


class TestSarif:
    """The SARIF log."""

    def test_places_are_regions(self) -> None:
        """A span is a region, ends exclusive; a related place is a related location; paths are URIs."""
        (run,) = json.loads(render_sarif([FINDING]))["runs"]
        (result,) = run["results"]
        assert result["level"] == "error"
        assert result["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "specs/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 7},
                }
            }
        ]
        assert result["relatedLocations"][0]["message"] == {"text": "set here"}
        assert result["message"]["text"].endswith("really\nin environment: staging\nhelp: pin it")

    def test_rules_have_their_page(self) -> None:
        """A rule with a page brings it along; a result points at its rule; other rules stay out."""
        rules = (
            Page("unused", Severity.ERROR, "never", "# never"),
            Page("image-tag-mutable", Severity.ERROR, "Image named by a tag alone.", "Why is this bad? …"),
        )
        (run,) = json.loads(render_sarif([WHOLE_FILE, FINDING], rules))["runs"]
        described = run["tool"]["driver"]["rules"]
        assert described == [
            {
                "id": "image-tag-mutable",
                "shortDescription": {"text": "Image named by a tag alone."},
                "help": {"text": "Why is this bad? …", "markdown": "Why is this bad? …"},
                "defaultConfiguration": {"level": "error"},
            },
            {"id": "rendered-stale"},
        ]
        assert [described[each["ruleIndex"]]["id"] for each in run["results"]] == [
            "rendered-stale",
            "image-tag-mutable",
        ]

    def test_file_as_a_whole_has_no_region(self) -> None:
        """No line is named where none is meant."""
        (run,) = json.loads(render_sarif([WHOLE_FILE]))["runs"]
        assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]

    @settings(max_examples=50)
    @given(FINDINGS)
    def test_output_is_valid(self, findings: list[Finding]) -> None:
        """Whatever the findings say, the log has the structure that readers of SARIF 2.1.0 rely on."""
        text = render_sarif(findings)
        jsonschema_rs.validate(SARIF, json.loads(text))
        assert text.isascii()

    @pytest.mark.parametrize(
        ("key", "value"), [("level", "fatal"), ("ruleIndex", "0"), ("message", {}), ("unknown", 1), ("locations", [{}])]
    )
    def test_schema_can_refuse(self, key: str, value: Any) -> None:
        """The validation above can fail."""
        document = json.loads(render_sarif([FINDING]))
        document["runs"][0]["results"][0][key] = value
        assert not jsonschema_rs.is_valid(SARIF, document)
