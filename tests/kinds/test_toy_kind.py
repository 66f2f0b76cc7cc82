"""Each fact of a kind in AWS has its effect: left out it is an error, and wrong it is found here, by its name."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from platformc.cli import main
from platformc.language import aws_facts, kind
from platformc.language.aws_facts import AWSFacts, ClaimFacts
from platformc.language.kind import Kind
from platformc.link import EdgeKind, Outside
from toy_proofs import FACTS, PROOFS, REGION, WITHOUT_PROOF, is_read_by_reference
from toy_repository import SPECS, Toy
from toy_stream import STREAM, StreamSpec


def records(module: ModuleType) -> Iterator[type[Any]]:
    """The dataclasses of a module."""
    for found in vars(module).values():
        if inspect.isclass(found) and dataclasses.is_dataclass(found) and found.__module__ == module.__name__:
            yield found


CLASSES = (*records(kind), *records(aws_facts))
FIELDS = [(one, field) for one in CLASSES for field in dataclasses.fields(one)]


def prove(fact: str, toy: Toy) -> None:
    """Run a fact's proof; what it finds is told with the fact's name."""
    try:
        PROOFS[fact][0](toy)
    except Exception as error:
        raise AssertionError(f"{fact} is wrong: {error}") from error


def test_the_records_are_found() -> None:
    """A class that moved must not end the proofs."""
    assert {Kind, AWSFacts, ClaimFacts} <= set(CLASSES)
    assert {f"{one.__name__}.{field.name}" for one, field in FIELDS} == PROOFS.keys() | WITHOUT_PROOF.keys()


@pytest.mark.parametrize(
    ("record", "field"), FIELDS, ids=lambda one: getattr(one, "__name__", getattr(one, "name", ""))
)
def test_no_fact_can_be_left_out(record: type[Any], field: dataclasses.Field[Any]) -> None:
    """A record without it is not made, and the error names it."""
    others = {one.name: None for one in dataclasses.fields(record) if one is not field}
    with pytest.raises(TypeError, match=rf"'{field.name}'"):
        record(**others)


@pytest.mark.parametrize("fact", PROOFS)
def test_a_fact_has_its_effect(fact: str, tmp_path: Path) -> None:
    """As the record says it."""
    prove(fact, Toy(tmp_path, STREAM))


@pytest.mark.parametrize("fact", PROOFS)
def test_a_wrong_fact_is_found_by_its_name(fact: str, tmp_path: Path) -> None:
    """By the record itself, or by what it does; so no proof is one that cannot fail."""
    try:
        wrong = PROOFS[fact][1]()
    except ValueError as error:
        assert "Stream" in str(error) or FACTS.form.what in str(error)  # noqa: PT017 - one of two ways to be found
        return
    with pytest.raises(AssertionError, match=f"{fact} is wrong"):
        prove(fact, Toy(tmp_path, wrong))


def test_its_arn_is_the_one_of_its_attribute(tmp_path: Path) -> None:
    """The record's ARN and the one that references give are one function."""
    toy = Toy(tmp_path, STREAM)
    is_read_by_reference(toy)
    assert FACTS.arn(toy.program.platform, toy.program.scope.find("stream", "letters", "post")) == f"{REGION}/letters"  # type: ignore[arg-type] # it is there


class TestNeeds:
    """What a need of something in AWS opens, and what it does not."""

    def test_traffic(self, tmp_path: Path) -> None:
        """HTTPS outside of private ranges, and nothing in the name of the Kubernetes API."""
        program = Toy(tmp_path, STREAM).program
        (reader,) = [one for one in program.resources if one.name == "reader"]
        targets = [edge.target for edge in program.edges_from(reader, EdgeKind.TRAFFIC)]
        assert [(one.name, one.ports) for one in targets if isinstance(one, Outside)] == [("internet", (443,))]
        assert all(isinstance(one, Outside) and one.excluded for one in targets)

    @pytest.mark.parametrize(
        ("need", "rule"),
        [
            ("{steam: letters, access: [read]}", "unknown-field"),
            ("{kubernetesAPI: false}", "invalid-need"),
            ("{workload: null}", "invalid-need"),
            ("{stream: 5, access: [read]}", "wrong-type"),
            ("{stream: letters, table: x, access: [read]}", "invalid-need"),
            ("{stream: letters, access: [paint]}", "unknown-access"),
            ("{stream: letters}", "missing-access"),
            ("{stream: nobody, access: [read]}", "unknown-reference"),
            ("{'<words of kinds>': {stream: letters}, access: [read]}", "unknown-field"),
        ],
    )
    def test_what_is_refused(self, need: str, rule: str, tmp_path: Path) -> None:
        """Nothing is opened for a need that means nothing."""
        text = SPECS["post/all.yaml"].replace("{stream: letters, access: [read]}", need)
        assert rule in [found for found, _ in Toy(tmp_path, STREAM).with_spec("post/all.yaml", text).found]


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--no-validate"),
        ("render", "--no-validate"),
        ("render", "--no-validate", "--check"),
        ("render", "--no-validate", "--stdout"),
        ("explain", "stream/letters", "-e", "production"),
        ("graph", "-e", "production"),
        ("graph", "-e", "production", "--as", "dot"),
        ("graph", "-e", "production", "--as", "mermaid"),
        ("graph", "-e", "production", "--as", "json"),
        ("graph", "-e", "production", "--impact", "stream/letters"),
        ("outputs", "-e", "production"),
    ],
    ids=" ".join,
)
def test_every_verb_knows_it(words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the records that a command line is given."""
    toy = Toy(tmp_path, STREAM)
    if "--check" in words or words[0] == "explain":
        toy.render()
    code = main(["--specs", str(tmp_path / "specs"), *words], kinds=toy.request.kinds)
    said = capsys.readouterr()
    assert code == 0, said.err
    if words[0] in {"explain", "graph"}:
        assert "letters" in said.out


def test_the_toy_is_written_as_kinds_are() -> None:
    """Its model has a docstring for each field, and its file what theirs have."""
    assert StreamSpec.__doc__
    own = {name for name, value in vars(inspect.getmodule(StreamSpec)).items() if callable(value)}
    assert {"_names", "_arn", "_lower"} <= own
