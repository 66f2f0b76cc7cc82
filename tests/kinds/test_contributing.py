"""What CONTRIBUTING says about adding a kind is what every kind has, and all that it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from platformc.kinds import ALL

ROOT = Path(__file__).parents[2]
STEPS = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Adding a kind")[2].partition("\n## ")[0]
PATHS = re.findall(r"`((?:compiler|crossplane|tests|tools)/[\w./<>-]+\.(?:py|yaml|md|json))`", STEPS)
IN_AWS = [kind.name for kind in ALL if kind.aws is not None]
ONLY_OF_OBJECTS = {"compiler/platformc/language/models/<kind>.py", "compiler/platformc/lower/<kind>.py"}

NAMED_ELSEWHERE = {
    "check/policies/aws.py": "policies about what one kind says",
    "check/schemas/lock.py": "another repository: where upstream's CRDs come from",
    "graph/palette.py": "the word of an edge",
    "link/pods.py": "the field `identity` of pods, which names an Identity",
    "link/program.py": "the word of an edge",
    "link/pull_secrets.py": "the field `identity` of pull secrets",
}
"""Modules of the compiler that name a kind in AWS beside its own file, each with its reason."""


def test_the_steps_are_found() -> None:
    """A heading that moved must not end the test."""
    assert "compiler/platformc/kinds/<kind>.py" in PATHS
    assert len(PATHS) >= 8


@pytest.mark.parametrize("kind", IN_AWS)
@pytest.mark.parametrize("path", [path for path in PATHS if path not in ONLY_OF_OBJECTS])
def test_every_kind_in_aws_has_what_the_steps_name(kind: str, path: str) -> None:
    """Each file that a step names is there for each kind."""
    assert (ROOT / path.replace("<kind>", kind.lower()).replace("<Kind>", kind)).is_file()


def test_a_kind_of_objects_has_what_the_steps_name() -> None:
    """Shown on Workload."""
    assert [path for path in ONLY_OF_OBJECTS if not (ROOT / path.replace("<kind>", "workload")).is_file()] == []


def test_nothing_else_names_a_kind_in_aws() -> None:
    """A stage that asks for a kind by name is a list that the next kind is missing from."""
    words = {kind.word for kind in ALL if kind.aws is not None}
    named = re.compile(rf"[\"'](?:{'|'.join([*IN_AWS, *words])})[\"']|\b(?:{'|'.join(IN_AWS)})Spec\b")
    package = ROOT / "compiler" / "platformc"
    own = {f"kinds/{kind.lower()}.py" for kind in IN_AWS}
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if named.search(_without_comments(path.read_text(encoding="utf-8")))
    }
    assert found - own == NAMED_ELSEWHERE.keys()


def _without_comments(text: str) -> str:
    return re.sub(r'""".*?"""|#[^\n]*', "", text, flags=re.DOTALL)
