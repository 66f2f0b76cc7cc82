"""Rules of the claim API that schemas cannot say are kept by the spec, and what breaks one is told in the spec."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from composition_mutations import DEFINITION, FOLDER
from platformc.check.claim_api.cel.evaluation import compiled as compile_rule
from platformc.check.claim_api.cel.rules import broken_rules
from platformc.check.schemas.conversion import schemas_of
from platformc.check.schemas.structural_defaults import with_defaults
from platformc.check.schemas.yaml_documents import yaml_documents
from platformc.diagnostics import Finding, Severity
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from small_platform import HERE, Compiled, compiled, document, raw

JSON = Any

BAD_CLAIMS = Path(__file__).parents[2] / "e2e" / "bad_claims"
"""What a real API server refuses, with its messages: e2e/test_bad_claims.py."""

DEFINITIONS: Mapping[str, JSON] = {
    each["spec"]["names"]["kind"]: each
    for each in load_claim_api(DiskFolder(FOLDER), "crossplane").objects
    if each["kind"] == DEFINITION
}


@dataclass(frozen=True)
class Case:
    """A claim, and what an API server says of it; nothing where it takes it."""

    claim: JSON
    message: str

    def __str__(self) -> str:
        return f"{self.claim['kind']}: {self.message or 'taken'}"

    @property
    def schema(self) -> JSON:
        """What its definition says."""
        return DEFINITIONS[self.claim["kind"]]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]

    def with_defaults(self) -> JSON:
        """The claim as an API server keeps it."""
        return with_defaults(self.schema, self.claim)

    def broken(self) -> list[str]:
        """The rules that it breaks, by their messages."""
        return [broken.message for broken in broken_rules(self.with_defaults(), self.schema)]

    def fits_the_schema(self) -> bool:
        """What kubeconform says of it."""
        return bool(validator(self.claim["kind"]).is_valid(self.claim))


@cache
def validator(kind: str) -> Any:
    """What kubeconform holds claims of a kind against."""
    (schema,) = schemas_of(DEFINITIONS[kind])
    return jsonschema_rs.validator_for(schema.schema)


def merged(base: JSON, change: JSON) -> JSON:
    """RFC 7386: maps are merged, null removes, anything else replaces."""
    if not isinstance(change, Mapping) or not isinstance(base, Mapping):
        return copy.deepcopy(change)
    kept = {key: copy.deepcopy(value) for key, value in base.items() if change.get(key, value) is not None}
    return {**kept, **{key: merged(base.get(key), value) for key, value in change.items() if value is not None}}


def cases(when: str) -> list[Case]:
    """The cases of one list of all files."""
    found = []
    for path in sorted(BAD_CLAIMS.glob("*.yaml")):
        for content in yaml_documents(path.read_bytes()):
            found += [
                Case(merged(content["claim"], each["change"]), each.get("message", ""))
                for each in content.get(when, ())
            ]
    return found


class TestOfBadClaims:
    """The claims that a real API server has judged."""

    def test_they_are_there(self) -> None:
        """A moved folder must not turn this green."""
        assert len(cases("refused")) >= 30
        assert len(cases("taken_later")) >= 5
        assert sum(case.fits_the_schema() for case in cases("refused")) >= 10

    @pytest.mark.parametrize("case", cases("refused"), ids=str)
    def test_a_refused_one_is_found_here(self, case: Case) -> None:
        """By its schema, or by the rule whose message the API server gave."""
        if not case.fits_the_schema():
            return
        told = "another item has the same" if case.message.startswith("duplicate entries") else case.message
        assert any(message.startswith(told) for message in case.broken())

    @pytest.mark.parametrize("case", cases("taken_later"), ids=str)
    def test_a_taken_one_breaks_nothing(self, case: Case) -> None:
        """A rule that is stricter here would refuse good platforms."""
        assert case.fits_the_schema()
        assert case.broken() == []


TABLE = "hashKey: {name: pk, type: S}\nglobalSecondaryIndexes: [{name: by-at, hashKey: {name: at, type: N}}]"

PATCHED: dict[str, tuple[str, str, str, str]] = {
    # name: (kind, spec, the patch, what the message must end in)
    "capacity-without-provisioned": (
        "Table",
        TABLE,
        f"merge: {{spec: {{readCapacity: 5, writeCapacity: 5}}}} {HERE}",
        "readCapacity and writeCapacity go with billingMode PROVISIONED, and only with it",
    ),
    "provisioned-without-capacity": (
        "Table",
        TABLE,
        f"merge: {{spec: {{billingMode: PROVISIONED}}}} {HERE}",
        "readCapacity and writeCapacity go with billingMode PROVISIONED, and only with it",
    ),
    "attribute-that-is-no-key": (
        "Table",
        TABLE,
        f"jsonPatch: [{{op: add, path: /spec/attribute/-, value: {{name: colour, type: S}}}}] {HERE}",
        "attribute lists key attributes only: DynamoDB refuses others",
    ),
    "key-that-is-no-attribute": (
        "Table",
        TABLE,
        f"jsonPatch: [{{op: replace, path: /spec/globalSecondaryIndex/0/hashKey, value: when}}] {HERE}",
        "every index key must be declared in attribute",
    ),
    "two-attributes-of-one-name": (
        "Table",
        TABLE,
        f"jsonPatch: [{{op: add, path: /spec/attribute/-, value: {{name: pk, type: S}}}}] {HERE}",
        "spec.attribute.2: another item has the same name",
    ),
    "include-without-attributes": (
        "Table",
        TABLE,
        f"jsonPatch: [{{op: replace, path: /spec/globalSecondaryIndex/0/projectionType, value: INCLUDE}}] {HERE}",
        "nonKeyAttributes goes with projectionType INCLUDE, and only with it",
    ),
    "time-to-live-without-attribute": (
        "Table",
        TABLE,
        f"merge: {{spec: {{ttl: {{enabled: true}}}}}} {HERE}",
        "ttl.attributeName is required when ttl is enabled",
    ),
    "fifo-without-its-suffix": (
        "Queue",
        "delay: 1s",
        f"merge: {{spec: {{fifo: true}}}} {HERE}",
        "queueName ends in .fifo exactly when fifo is true",
    ),
    "two-kinds-of-encryption": (
        "Queue",
        "delay: 1s",
        f"merge: {{spec: {{kmsMasterKeyId: alias/aws/sqs}}}} {HERE}",
        "kmsMasterKeyId and sqsManagedSse exclude each other",
    ),
}

RAW = f"""\
apiVersion: aws.platformc.dev/v1alpha1
kind: Queue
metadata: {{name: raw}}
spec:
  region: eu-central-1
  fifo: true {HERE}
  queueName: raw
"""


def the_refusal(root: Path, documents: str, said: str) -> tuple[Compiled, Finding]:
    """The error that ends so, of a small platform with our claim API; all errors are refusals."""
    shutil.copytree(FOLDER, root / "crossplane")
    found = compiled(root, [documents])
    errors = [finding for finding in found.findings if finding.severity is Severity.ERROR]
    assert {finding.rule for finding in errors} == {"claim-refused"}
    (error,) = (finding for finding in errors if finding.message.endswith(said))
    return found, error


@pytest.mark.parametrize("name", PATCHED)
def test_what_a_patch_breaks_stands_at_the_patch(tmp_path: Path, name: str) -> None:
    """With the message of the definition, and the rule beside it."""
    kind, spec, patch, said = PATCHED[name]
    patches = f"patches:\n- target: {{kind: {kind}}}\n  {patch}"
    found, error = the_refusal(tmp_path, document(kind, "one", f"{spec}\n{patches}"), said)
    assert HERE in found.line_of(error.at)
    ((rule_at, label),) = error.related
    assert (rule_at.path, label) == (f"crossplane/{kind.lower()}/definition.yaml", "the rule")


def test_what_a_raw_claim_breaks_stands_in_it(tmp_path: Path) -> None:
    """At the first field that the rule reads."""
    found, error = the_refusal(tmp_path, raw(RAW), "queueName ends in .fifo exactly when fifo is true")
    assert error.message.startswith("Queue app/raw: spec: ")
    assert HERE in found.line_of(error.at)


def test_claims_of_the_older_form_have_rules(tmp_path: Path) -> None:
    """A definition that is written with claimNames is one of those claims, and not of its composites."""
    shutil.copytree(FOLDER, tmp_path / "crossplane")
    path = tmp_path / "crossplane" / "queue" / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    older = text.replace("crossplane.io/v2", "crossplane.io/v1").replace("scope: Namespaced", "scope: LegacyCluster")
    names = "  names: {kind: XQueue, plural: xqueues}\n  claimNames:\n"
    path.write_text(older.replace("  names:\n", names), encoding="utf-8")
    found = compiled(tmp_path, [raw(RAW)])
    assert len(found.of("claim-refused")) == 1


def test_a_claim_of_the_wrong_shape_is_left_to_its_schema(tmp_path: Path) -> None:
    """A rule over a text that is a list says nothing that helps."""
    shutil.copytree(FOLDER, tmp_path / "crossplane")
    found = compiled(tmp_path, [raw(RAW.replace("queueName: raw", "queueName: [raw]"))])
    assert found.of("claim-refused") == ()


def test_a_rule_that_is_not_understood_is_told(tmp_path: Path) -> None:
    """Once, at the rule; the claims are not called good for it."""
    shutil.copytree(FOLDER, tmp_path / "crossplane")
    path = tmp_path / "crossplane" / "queue" / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("rule: self.fifo ==", "rule: self.fifo.odd() =="), encoding="utf-8")
    found = compiled(tmp_path, [document("Queue", "one", "fifo: false"), document("Queue", "two", "fifo: false")])
    (warning,) = found.of("claim-rule-not-understood")
    assert warning.severity is Severity.WARNING
    assert warning.message.endswith("odd() is not supported")
    assert warning.at.path == "crossplane/queue/definition.yaml"


def test_every_rule_of_ours_is_understood() -> None:
    """So that no claim of ours reaches a cluster untried, but for what changes."""
    rules = [rule for definition in DEFINITIONS.values() for rule in rules_of(definition)]
    assert len(rules) > 25
    assert sum(not compile_rule(rule).compares for rule in rules) > 10


def rules_of(part: JSON) -> Iterator[str]:
    """The rules anywhere in a definition."""
    if isinstance(part, Mapping):
        yield from (entry["rule"] for entry in part.get("x-kubernetes-validations", ()))
    for below in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from rules_of(below)
