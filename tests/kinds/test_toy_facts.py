"""Facts of a kind: none can be left out, none can contradict another, and each that is wrong is noticed."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import proofs_in_aws
import proofs_of_claims
import proofs_of_data
import proofs_of_documents
import pytest
from platformc.language import aws_facts, kind
from platformc.language.aws_facts import Credentials
from proofs import Proof, changed, proofs_in
from toy_stream import STREAM

PROOFS = proofs_in(proofs_of_documents, proofs_in_aws, proofs_of_claims, proofs_of_data)
FACTS = tuple(
    one
    for module in (kind, aws_facts)
    for one in vars(module).values()
    if inspect.isclass(one) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__
)
"""Every class of facts that the language knows."""
FIELDS = [(one, field.name) for one in FACTS for field in dataclasses.fields(one)]


def records(value: Any) -> Iterator[Any]:
    """All records in a record, itself included; of what its functions make there are some in the proofs."""
    if dataclasses.is_dataclass(value) and type(value) in FACTS:
        yield value
        for field in dataclasses.fields(value):
            yield from records(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from records(below)
    elif isinstance(value, tuple):
        for below in value:
            yield from records(below)


class TestLeftOut:
    """A fact that nobody wrote down fails when the record is made."""

    def test_the_classes_are_found(self) -> None:
        """A class of facts that is new needs proofs, too."""
        assert sorted(one.__name__ for one in FACTS) == [
            "AWSFacts", "Action", "Attribute", "Change", "ClaimFacts", "Data", "Immutable", "Kept", "Kind", "Layers",
            "ManagedResource", "NameForm", "NameInAWS", "Protection", "References", "Retention",
        ]  # fmt: skip
        made_by_functions = {"Change", "Kept", "NameInAWS"}
        assert {type(one).__name__ for one in records(STREAM)} == {one.__name__ for one in FACTS} - made_by_functions

    @pytest.mark.parametrize(("record", "field"), FIELDS, ids=lambda one: one if isinstance(one, str) else one.__name__)
    def test_it_is_named(self, record: Any, field: str) -> None:
        """Whichever it is."""
        others = {one.name: None for one in dataclasses.fields(record) if one.name != field}
        with pytest.raises(TypeError, match=f"'{field}'"):
            record(**others)


CONTRADICTIONS: Mapping[str, Mapping[tuple[str | int, ...], Any]] = {
    "a kind in AWS needs a word and makes claims": {("references",): None},
    "a kind in AWS needs a word and makes claims ": {("lower",): None},
    "no reference can ask for colour": {("aws", "outputs"): {"colour": "colour"}},
    "access words and credentials go together": {("aws", "credentials"): Credentials.NOT_USED},
    "access words and credentials go together ": {("aws", "access"): {}, ("aws", "need"): ""},
    "access words need a description": {("aws", "need"): ""},
    "it does not become a claim": {("aws", "claims"): ()},
    "a written Secret needs a name": {("aws", "connection_secret"): None},
    "a written Secret needs a name ": {("aws", "claims", 0, "writes_secret"): False},
}
"""Sentence -> facts that cannot be true together."""


@pytest.mark.parametrize("sentence", CONTRADICTIONS)
def test_contradictions(sentence: str) -> None:
    """Facts that contradict each other are refused when the record is made."""
    with pytest.raises(ValueError, match=sentence.strip()):
        changed(STREAM, CONTRADICTIONS[sentence])


def test_all_contradictions_are_here() -> None:
    """As many as the records refuse."""
    refusals = [
        inspect.getsource(one.__post_init__).count("raise ValueError") for one in FACTS if hasattr(one, "__post_init__")
    ]
    assert sum(refusals) == len({sentence.strip() for sentence in CONTRADICTIONS})


class TestWrong:
    """A fact that is wrong is one that a test notices, and names."""

    def test_each_fact_has_a_proof(self) -> None:
        """One at least, and there is no proof of what is none."""
        assert {one.fact for one in PROOFS} == {f"{record.__name__}.{field}" for record, field in FIELDS}

    @pytest.mark.parametrize("proof", PROOFS, ids=lambda one: one.fact)
    def test_it_holds(self, proof: Proof, tmp_path: Path) -> None:
        """The toy's record keeps every promise."""
        proof.show(tmp_path, wrong=False)

    @pytest.mark.parametrize("proof", PROOFS, ids=lambda one: one.fact)
    def test_it_fails_with_the_facts_name(self, proof: Proof, tmp_path: Path) -> None:
        """So the compiler reads it."""
        with pytest.raises(AssertionError, match=rf"^{proof.fact}: "):
            proof.show(tmp_path, wrong=True)
