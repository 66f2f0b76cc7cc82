"""What CONTRIBUTING says about adding a kind is what every kind has, and all that it has."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from platformc.kinds import ALL
from toy_repository import REPOSITORY
from toy_stream import STREAM

ROOT = Path(__file__).parents[2]
STEPS = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Adding a kind")[2].partition("\n## ")[0]
OF_AWS, _, OF_OBJECTS = STEPS.partition("A kind of Kubernetes objects")
PATH = re.compile(r"`((?:compiler|crossplane|e2e|tests|tools)/[\w./<>-]+\.(?:py|yaml|md|json)|pyproject\.toml)`")
PATHS = PATH.findall(OF_AWS)
ONLY_OF_OBJECTS = set(PATH.findall(OF_OBJECTS))
IN_AWS = [kind.name for kind in ALL if kind.aws is not None]
WHERE_IT_DIFFERS = "crossplane/<kind>/legacy.yaml"
"""What only some kinds need."""
HOLD_KINDS = ("compiler", "crossplane", "e2e", "tests/aws_kinds", "tests/composing/every_field", "tools")
"""Where files are called after kinds; those in rendered/, docs/, tests/cases and tests of one kind follow."""
OTHER_WORDS = {
    "compiler/platformc/git/repository.py": "a repository of git",
    "e2e/story/repository.py": "the same",
}
"""Files that are called like a kind, and stand for something else."""

NAMED_ELSEWHERE = {
    "check/policies/aws.py": "policies about what one kind says",
    "check/schemas/lock.py": "another repository: where upstream's CRDs come from",
    "git/__init__.py": "a Repository of git",
    "graph/palette.py": "the word of an edge",
    "link/pods.py": "the field `identity` of pods, which names an Identity",
    "link/program.py": "the word of an edge",
    "link/pull_secrets.py": "the field `identity` of pull secrets",
}
"""Modules of the compiler that name a kind in AWS beside its own file, each with its reason."""

NAMED_IN_TOOLS = {
    "tools/docs/data_safety.py": "the change in tests/safety that shortens what a kind keeps; a kind without one fails",
}
"""Likewise, of what makes the documentation."""


def of_kind(path: str, kind: str) -> str:
    """A path of the steps, for one kind."""
    return path.replace("<kind>", kind.lower()).replace("<Kind>", kind)


def test_the_steps_are_found() -> None:
    """A heading that moved must not end the test."""
    assert "compiler/platformc/kinds/<kind>.py" in PATHS
    assert len(PATHS) >= 12
    assert len(ONLY_OF_OBJECTS) == 7


@pytest.mark.parametrize("kind", IN_AWS)
@pytest.mark.parametrize("path", [path for path in PATHS if path != WHERE_IT_DIFFERS])
def test_every_kind_in_aws_has_what_the_steps_name(kind: str, path: str) -> None:
    """Each file that a step names is there for each kind."""
    assert (ROOT / of_kind(path, kind)).is_file()


@pytest.mark.parametrize("kind", IN_AWS)
def test_a_kind_in_aws_has_nothing_else(kind: str) -> None:
    """Each file that is called after the kind is named in a step."""
    own = re.compile(rf"(?:^|/){kind}(?:[./]|$)", re.IGNORECASE)
    listed = subprocess.run(["git", "ls-files", *HOLD_KINDS], cwd=ROOT, capture_output=True, check=True, text=True)
    files = {path for path in listed.stdout.splitlines() if own.search(path)} - OTHER_WORDS.keys()
    assert f"compiler/platformc/kinds/{kind.lower()}.py" in files
    assert files <= {of_kind(path, kind) for path in PATHS}


def test_the_toy_has_what_the_steps_name() -> None:
    """As far as the compiler reads it: its file, and its claim API."""
    steps = [path for path in PATHS if path.startswith("crossplane/<kind>/")]
    assert len(steps) == 3
    assert [path for path in steps if not (REPOSITORY / of_kind(path, STREAM.name)).is_file()] == []
    assert "`tests/kinds/toy_stream.py`" in OF_AWS


def test_a_step_that_names_a_file_says_the_kind_in_it() -> None:
    """What is no file of the kind has a line of it."""
    shared = [path for path in PATHS if "<" not in path and not path.startswith("tests/kinds/")]
    words = {
        "compiler/platformc/kinds/__init__.py": "{kind}.KIND",
        "crossplane/packages/providers.yaml": "provider-aws-{service}",
        "compiler/platformc/check/schemas/lock.json": "{service}.aws.m.upbound.io_",
        "pyproject.toml": "",
    }
    assert set(shared) == words.keys()
    for kind in (kind for kind in ALL if kind.aws is not None):
        services = {one.service for claim in kind.aws.claims for one in claim.managed} if kind.aws is not None else ()
        for path, word in words.items():
            text = (ROOT / path).read_text(encoding="utf-8")
            assert [one for one in services if word.format(kind=kind.name.lower(), service=one) not in text] == []


def test_a_kind_of_objects_has_what_the_steps_name() -> None:
    """Shown on Workload."""
    assert [path for path in ONLY_OF_OBJECTS if not (ROOT / of_kind(path, "Workload")).is_file()] == []


def test_kinds_with_pods_are_named_where_the_steps_say() -> None:
    """Lists of them; a fourth kind is missing from nothing else."""
    package = ROOT / "compiler"
    lists = {
        path.relative_to(ROOT).as_posix() for path in package.rglob("*.py") if '"Workload", "Job"' in path.read_text()
    }
    assert lists == {path for path in ONLY_OF_OBJECTS if "<kind>" not in path} - {"compiler/platformc/kinds/cluster.py"}


def test_nothing_else_names_a_kind_in_aws() -> None:
    """A stage that asks for a kind by name is a list that the next kind is missing from."""
    words = {kind.word for kind in ALL if kind.aws is not None}
    named = re.compile(rf"[\"'](?:{'|'.join([*IN_AWS, *words])})[\"']|\b(?:{'|'.join(IN_AWS)})Spec\b")
    package = ROOT / "compiler" / "platformc"
    own = {f"kinds/{kind.lower()}.py" for kind in IN_AWS}
    found = {path for path in (*package.rglob("*.py"), *(ROOT / "tools").rglob("*.py")) if _names(path, named)}
    assert {path.relative_to(package).as_posix() for path in found if path.is_relative_to(package)} - own == set(
        NAMED_ELSEWHERE
    )
    tools = {path.relative_to(ROOT).as_posix() for path in found if not path.is_relative_to(package)}
    assert tools == set(NAMED_IN_TOOLS), "the documentation reads records"


def _names(path: Path, named: re.Pattern[str]) -> bool:
    return named.search(_without_comments(path.read_text(encoding="utf-8"))) is not None


def _without_comments(text: str) -> str:
    return re.sub(r'""".*?"""|#[^\n]*', "", text, flags=re.DOTALL)
