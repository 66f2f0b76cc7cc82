"""What holds for the repository as a whole: pins, versions, the shape of its modules."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import requires

import platformc
import pytest
from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from repository_modules import ROOT, modules, repository_files

MOST_LINES = 420
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

UNWANTED = {
    "a mark of unfinished work": re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b"),
    "a path of one machine": re.compile(r"(?<![\w./])/(root|Users|home/(?!nonroot)\w+)/|" + re.escape(f"{ROOT}/")),
    "a package index": re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|proxy[.]golang"),
}


class TestModules:
    """One job a module, told in its first lines."""

    def test_each_says_what_it_is(self) -> None:
        """Every module of the compiler has a docstring; a test's file name says what it tests."""
        without = [
            str(path.relative_to(ROOT)) for path, text in modules("compiler") if not ast.get_docstring(ast.parse(text))
        ]
        assert without == []

    def test_none_grows_beyond_one_job(self) -> None:
        """Past about 400 lines there is a second noun inside."""
        lengths = {
            str(path.relative_to(ROOT)): text.count("\n")
            for folder in ("compiler", "tests", "e2e")
            for path, text in modules(folder)
        }
        assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}

    @pytest.mark.parametrize("what", UNWANTED)
    def test_nothing_unwanted_is_written(self, what: str) -> None:
        """No file holds marks of unfinished work, nor names a machine or a mirror it was made with."""
        found = []
        for path in repository_files():
            if path.is_relative_to(ROOT / "specs" / "sealed") or path.is_relative_to(ROOT / "rendered"):
                continue  # ciphertext can spell anything
            try:
                lines = path.read_text(encoding="utf-8").splitlines()
            except UnicodeDecodeError:
                continue  # a hostile input among the cases
            where = path.relative_to(ROOT)
            found += [
                f"{where}:{number}: {line}" for number, line in enumerate(lines, 1) if UNWANTED[what].search(line)
            ]
        assert found == []


class TestPins:
    """What is installed is what was reviewed."""

    def test_constraints_name_everything_that_is_installed_and_nothing_else(self) -> None:
        """On every supported Python; build tools included."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        wanted: set[str] = set()
        for python in PYTHONS:
            waiting = [
                *map(Requirement, project["build-system"]["requires"]),
                *map(Requirement, project["project"]["dependencies"]),
                *map(Requirement, project["project"]["optional-dependencies"]["test"]),
            ]
            seen: set[tuple[str, frozenset[str]]] = set()
            while waiting:
                requirement = waiting.pop()
                key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
                if key not in seen:
                    seen.add(key)
                    waiting += needed_by(requirement, python)
            wanted |= {name for name, _ in seen}
        assert set(pins()) == wanted

    def test_constraints_satisfy_the_lower_bounds(self) -> None:
        """Every requirement of pyproject.toml allows its pin."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        direct = [
            *project["build-system"]["requires"],
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["test"],
        ]
        refused = [
            text
            for text in direct
            if pins()[canonicalize_name(Requirement(text).name)] not in Requirement(text).specifier
        ]
        assert refused == []

    def test_actions_are_pinned_by_commit(self) -> None:
        """A tag can be moved to other code, a commit cannot; the tag stands beside it. `./` is the own commit."""
        used = [
            line.strip()
            for path in (*sorted((ROOT / ".github" / "workflows").glob("*.yaml")), ROOT / "action.yml")
            for line in path.read_text(encoding="utf-8").splitlines()
            if "uses:" in line
        ]
        pinned = re.compile(r"- uses: ([\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./)")
        assert used
        assert [line for line in used if not pinned.fullmatch(line)] == []

    def test_an_action_has_one_pin(self) -> None:
        """Also where a page shows how to use it; parts of one action are of one commit."""
        pins_of: dict[str, set[str]] = {}
        for path in repository_files():
            if path.suffix in {".yaml", ".yml", ".md"} and not path.is_relative_to(ROOT / "tests"):
                text = path.read_text(encoding="utf-8")
                for owner, name, pin in re.findall(r"uses: ([\w-]+)/([\w-]+)[\w/-]*@([0-9a-f]{40} # \S+)", text):
                    pins_of.setdefault(f"{owner}/{name}", set()).add(pin)
        assert {"actions/checkout", "actions/cache", "actions/upload-artifact"} <= pins_of.keys()
        assert {name: found for name, found in pins_of.items() if len(found) > 1} == {}


def pins() -> dict[str, str]:
    """The lines of constraints.txt: name -> version."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = (re.fullmatch(r"([\w.-]+)==(\S+)", line) for line in lines if not line.startswith("#"))
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def needed_by(requirement: Requirement, python: str) -> list[Requirement]:
    """What an installed requirement itself needs, on that Python, with the extras that are asked for."""
    needed = map(Requirement, requires(requirement.name) or [])
    environments = [
        {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        for extra in (requirement.extras or {""})
    ]
    return [
        each
        for each in needed
        if each.marker is None or any(each.marker.evaluate(environment) for environment in environments)
    ]


def test_no_example_has_to_be_fast() -> None:
    """A machine that is busy makes no property fail (conftest.py at the root)."""
    assert settings().deadline is None


class TestVersions:
    """There is one version of this program, and everything tells the same."""

    def test_the_package_has_the_one_that_the_code_tells(self) -> None:
        """pyproject.toml holds no second copy."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        assert project["project"]["dynamic"] == ["version"]
        assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "platformc.__version__"}

    def test_the_changelog_is_at_the_same_version(self) -> None:
        """Unreleased changes stand first, and name the version that they will be; released ones follow."""
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
        assert headings
        assert headings[0] == "[Unreleased]"
        versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
        assert (versions or re.findall(r"^The first release, (\d+\.\d+\.\d+)", changelog, re.MULTILINE))[
            0
        ] == platformc.__version__
