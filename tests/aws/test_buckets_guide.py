"""docs/buckets.md: what it tells to write is taken, and what it says of Crossplane is what the tests know."""

from __future__ import annotations

import json
import re
from functools import cache

import jsonschema_rs
import pytest
import yaml
from aws_kinds import CLAIMS
from claims_in_moto import ROOT

from tools.docs.schema import document_schema

BUCKET = CLAIMS["Bucket"]


@cache
def text() -> str:
    """The guide as it stands."""
    return (ROOT / "docs" / "buckets.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one code block of a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text(), flags=re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_statement_has_what_crossplane_calls() -> None:
    """For every managed resource, sorted; what deletes is told, and is not in it."""
    statement = json.loads(block("json"))
    calls = {call for one in BUCKET.managed.values() for call in one.calls}
    deletes = {call for one in BUCKET.managed.values() for call in one.deletes}
    assert statement["Action"] == sorted(calls)
    assert deletes
    assert deletes.isdisjoint(calls)
    assert all(f"`{call}` is left out" in text() for call in deletes)
    assert statement["Resource"] == [BUCKET.managed["bucket"].arn(yaml.safe_load(block("yaml"))["spec"])]
    assert not [one for one in (*statement["Action"], *statement["Resource"]) if "*" in one]


def test_each_managed_resource_is_told() -> None:
    """By its name in the Composition."""
    rows = re.findall(r"^\| `([a-z-]+)` \|", text(), flags=re.MULTILINE)
    assert rows == list(BUCKET.managed)


def test_the_document_fits_the_language() -> None:
    """What is to be pasted into a spec is taken by it."""
    validator = jsonschema_rs.validator_for(document_schema())
    assert [error.message for error in validator.iter_errors(yaml.safe_load(block("yaml")))] == []


def test_links_lead_somewhere() -> None:
    """To headings that are there."""
    links = re.findall(r"\]\((\w+\.md)#([\w-]+)\)", text())
    assert len(links) > 1
    for page, anchor in links:
        headings = re.findall(r"^##+ (.+)$", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["example-reports"])
def test_commands_name_the_bucket(name: str) -> None:
    """That of the document."""
    commands = re.findall(r"^aws s3api .*$", text(), flags=re.MULTILINE)
    assert len(commands) > 5
    assert {command.rpartition(" ")[2] for command in commands} == {name}
