"""`--against`: what a pull request does to data is found in git's objects, whatever its own files say."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from cases_runner import Result, run
from changed_platform import Edit, copied, removed, replaced
from changes_of_data import AWS, OF_ORDERS, PRODUCTION, STAGING

pytestmark = pytest.mark.slow  # compiles two platforms for each command

RENAMED = replaced(AWS, OF_ORDERS, "metadata: {name: sales}\nspec:\n")
UNPROTECTED = replaced(AWS, OF_ORDERS, f"{OF_ORDERS}  deletionProtection: false\n")
SAME_TREE = "rendered/ is up to date (2 environments)\n"


def git(root: Path, *words: str) -> None:
    """Run git as nobody in particular, with no settings of this machine."""
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "PATH": os.environ["PATH"]}
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.com")
    subprocess.run(["git", *who, *words], cwd=root, env=settings, check=True, capture_output=True)


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A repository whose branch `main` has the small platform as it is, rendered."""
    root = copied(tmp_path / "repository")
    assert platformc(root, "render", "--no-validate").exit == 0
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=base")
    return root


def platformc(root: Path, *words: str) -> Result:
    """Run a command in the repository."""
    return run(["--specs", str(root / "specs"), "--no-color", *words], root.parent)


def submitted(root: Path, *edits: Edit) -> None:
    """What a pull request holds: other specs, and what they render to, by force."""
    for edit in edits:
        edit(root)
    (root / "rendered/.platformc/index.json").unlink()
    for path in (root / "rendered").iterdir():
        if path.name != ".platformc":
            removed(f"rendered/{path.name}")(root)
    assert platformc(root, "render", "--no-validate", "--discard-edits").exit == 0
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=head")


def test_the_branchs_own_tree_silences_nothing(branch: Path) -> None:
    """A tree that is rendered already has nothing left to compare with; the base has."""
    submitted(branch, UNPROTECTED)
    found = platformc(branch, "render", "--check", "--no-validate")
    assert (found.exit, found.rules) == (0, frozenset())
    assert SAME_TREE in found.output
    for words in (("check",), ("render", "--check")):
        found = platformc(branch, *words, "--no-validate", "--against", "HEAD^")
        assert found.exit == 1
        assert found.rules == {"data-unprotected"}
        assert "deletionProtection goes from true to false" in found.output
        assert "specs/shop/aws.yaml:5:23" in found.output


@pytest.mark.parametrize(
    ("edit", "rule", "code"),
    [
        (RENAMED, "data-removed", 0),
        (removed(STAGING), "environment-removed", 1),
        (
            replaced(
                PRODUCTION,
                "{name: production}\nspec:\n  destination: {name: production}",
                "{name: production}\nspec:\n  destination: {name: other}",
            ),
            "cluster-changed",
            1,
        ),
    ],
    ids=["renamed", "environment", "cluster"],
)
def test_what_is_gone(branch: Path, edit: Edit, rule: str, code: int) -> None:
    """So does what no file of the branch mentions any more; the place in the base is told in words."""
    submitted(branch, edit)
    found = platformc(branch, "check", "--no-validate", "--against", "main^")
    assert (found.exit, found.rules) == (code, frozenset({rule}))
    assert rule == "cluster-changed" or " in main^ at " in found.output


def test_an_exception_is_reviewed(branch: Path) -> None:
    """`allow` is in the diff of the pull request, with its reason."""
    allowed = "  allow: [{rule: data-unprotected, reason: it goes with the next release}]\n"
    submitted(branch, UNPROTECTED, replaced(AWS, OF_ORDERS, OF_ORDERS + allowed))
    found = platformc(branch, "check", "--no-validate", "--against", "HEAD^")
    assert (found.exit, found.rules) == (0, frozenset())


def test_nothing_changes(branch: Path) -> None:
    """A commit beside itself."""
    found = platformc(branch, "check", "--no-validate", "--against", "HEAD")
    assert (found.exit, found.rules) == (0, frozenset())


def test_one_environment(branch: Path) -> None:
    """Of the others nothing is told, nor are they gone."""
    submitted(branch, UNPROTECTED)
    found = platformc(branch, "check", "--no-validate", "--against", "HEAD^", "-e", "staging")
    assert (found.exit, found.rules) == (0, frozenset())
    assert "checked 1 environment\n" in found.output


def test_what_is_remembered_knows_no_commit(branch: Path) -> None:
    """An answer of a run with a commit is none for one without, and the other way round."""
    submitted(branch, UNPROTECTED)
    for _ in range(2):
        assert platformc(branch, "check", "--no-validate", "--against", "HEAD^").exit == 1
        assert platformc(branch, "check", "--no-validate").exit == 0


def test_other_mistakes_are_told_as_well(branch: Path) -> None:
    """One run tells all: an environment with an error is not judged, the other one is."""
    replaced(AWS, OF_ORDERS, f"{OF_ORDERS}  deletionProtection: false\n  unknown: true\n")(branch)
    replaced("specs/post/aws.yaml", "spec:\n", "spec:\n  deletionProtection: false\n")(branch)
    found = platformc(branch, "check", "--no-validate", "--against", "HEAD")
    assert found.exit == 1
    assert found.rules == {"unknown-field", "data-unprotected"}


def test_a_file_that_cannot_be_read_is_no_environment_that_is_gone(branch: Path) -> None:
    """One cause has one finding."""
    (branch / STAGING).write_text("a: [\n", encoding="utf-8")
    found = platformc(branch, "check", "--no-validate", "--against", "HEAD")
    assert "environment-removed" not in found.rules
    assert found.exit == 1


def test_no_such_commit(branch: Path) -> None:
    """A mistake on the command line."""
    found = platformc(branch, "check", "--no-validate", "--against", "origin/main")
    assert found.exit == 64
    assert found.output.startswith("error: there is no commit origin/main\n")


def test_no_repository(tmp_path: Path) -> None:
    """Nor is there a base without git."""
    root = copied(tmp_path / "repository")
    found = platformc(root, "check", "--no-validate", "--against", "HEAD")
    assert found.exit in (64, 69)
    assert "Traceback" not in found.output
