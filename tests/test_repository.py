"""What holds for the repository as a whole: directions of import, pins, versions, the shape of its modules."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import requires
from pathlib import Path

import platformc
import pytest
from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 420
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

LAYERS = (
    ("diagnostics", "atomic_file", "canonical_yaml", "console", "disk", "http_fetch", "rendered_folder", "request"),
    ("rules",),
    ("language",),
    ("cache",),  # what an answer is remembered under; imports no stage
    ("link",),
    ("lower",),
    ("kinds",),  # the records of all kinds: what link and lower have for each
    ("sealed_secrets",),
    ("origins",),  # runs link and lower a second time
    ("check",),
    ("graph",),
    ("tree",),
    ("replacing",),
    ("origins.explain", "origins.named", "origins.text", "origins.json_format"),  # reads what was written
    ("pipeline",),
    ("rendering",),  # what came of it, and the output folder
    ("programs",),  # graphs alone, for verbs that compile nothing
    ("bootstrap",),  # Argo CD's settings, and what is applied first
    ("seal",),
    ("live",),
    ("cli",),
    ("__main__",),
)
"""Who may import whom: what stands in the same line or above."""

AGAINST_THE_FLOW = {
    ("platformc.language.aws_facts", "platformc.link.program"): "the same, of what is in AWS",
    ("platformc.language.aws_facts", "platformc.link.scope"): "the same",
    ("platformc.language.aws_facts", "platformc.lower.manifest"): "the same",
    ("platformc.language.kind", "platformc.link.program"): "a type alone: the signatures in the record of a kind",
    ("platformc.language.kind", "platformc.link.scope"): "a type alone: the signatures in the record of a kind",
    ("platformc.language.kind", "platformc.lower.manifest"): "a type alone: the signatures in the record of a kind",
    ("platformc.request", "platformc.language.kind"): "a type alone: a run that is remembered imports no model",
    (
        "platformc.check.kubeconform.validation",
        "platformc.tree",
    ): "kubeconform reads the very bytes that will be written",
}
"""Imports that go the other way, each with its reason."""

ONLY_IN = {
    "boto3": ("platformc.live.*",),
    "botocore": ("platformc.live.*",),
    "celpy": ("platformc.check.claim_api.cel.*",),
    "click": ("platformc.cli", "platformc.cli.*", "tools.docs.*"),
    "cryptography": ("platformc.seal.*",),
    "httpx": ("platformc.live.cluster",),
    "kr8s": ("platformc.live.cluster",),
    "pydantic": ("platformc.kinds.*", "platformc.language.*", "platformc.origins.marked", "tools.docs.*"),
    "pydantic_core": ("platformc.kinds.*", "platformc.language.*", "tools.docs.*"),
    "yaml": ("platformc.language.reader", "platformc.check.schemas.yaml_documents"),
}
"""What is heavy or reaches outside, and the only modules that may import it."""

UNWANTED = {
    "a mark of unfinished work": re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b"),
    "a path of one machine": re.compile(r"(?<![\w./])/(root|Users|home/(?!nonroot)\w+)/|" + re.escape(f"{ROOT}/")),
    "a package index": re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|proxy[.]golang"),
}


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`module` imports `target` in this line, at its top or inside of a function."""

    module: str
    target: str
    line: int


@cache
def repository_files() -> tuple[Path, ...]:
    """What git tracks or would track, without what is not text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file() and not path.is_symlink()))


@cache
def modules(folder: str) -> tuple[tuple[Path, str], ...]:
    """Every Python file below a folder with its text."""
    return tuple(
        (path, path.read_text(encoding="utf-8"))
        for path in repository_files()
        if path.is_relative_to(ROOT / folder) and path.suffix == ".py"
    )


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the compiler, wherever it stands in its module."""
    return tuple(_imports())


def _imports() -> Iterator[Import]:
    known = {module_name(path) for path, _ in modules("compiler")}
    for path, text in modules("compiler"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                yield from (Import(module_name(path), alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
                assert node.module is not None
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield Import(module_name(path), inner if inner in known else node.module, node.lineno)


def module_name(path: Path) -> str:
    """How a file is imported, from the repository's root."""
    return ".".join(path.relative_to(ROOT / "compiler").with_suffix("").parts).removesuffix(".__init__")


def layer(module: str) -> int:
    """How late a module of ours is in the flow; the package's own top comes first."""
    rest = module.removeprefix("platformc").removeprefix(".")
    found = {name: index for index, names in enumerate(LAYERS) for name in names if f"{rest}.".startswith(f"{name}.")}
    assert found or not rest, f"{module} stands in no line of LAYERS"
    return found[max(found, key=len)] if found else -1


class TestImports:
    """DESIGN section 2: data flows one way, and so do imports."""

    def test_they_are_found(self) -> None:
        """A parser that sees nothing must not turn the suite green."""
        found = {(each.module, each.target) for each in imports()}
        assert ("platformc.pipeline", "platformc.language.sources") in found
        assert ("platformc.cli.compile_options", "platformc.pipeline") in found, "inside of a function"

    def test_no_stage_imports_a_later_one(self) -> None:
        """A later stage may import an earlier one, never the reverse."""
        ours = {each for each in imports() if each.target.split(".")[0] == "platformc"}
        against = {each for each in ours if layer(each.target) > layer(each.module)}
        assert {(each.module, each.target) for each in against} == set(AGAINST_THE_FLOW), sorted(against)

    def test_what_reaches_outside_stays_where_it_belongs(self) -> None:
        """Clusters, AWS, the terminal, models and YAML events each have one place."""
        strayed = [
            each
            for each in imports()
            if (places := ONLY_IN.get(each.target.split(".")[0])) is not None
            and not any(fnmatchcase(each.module, place) for place in places)
        ]
        assert strayed == []

    def test_compiling_never_imports_what_only_some_verbs_need(self) -> None:
        """`live` and `seal` are imported by their own verbs alone."""
        assert [
            each
            for each in imports()
            if f"{each.target}.".startswith(("platformc.live.", "platformc.seal."))
            and not f"{each.module}.".startswith(("platformc.live.", "platformc.seal.", "platformc.cli."))
        ] == []


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
        """A tag can be moved to other code, a commit cannot; the tag stands beside it."""
        used = [
            line.strip()
            for path in sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
            for line in path.read_text(encoding="utf-8").splitlines()
            if "uses:" in line
        ]
        assert used
        assert [line for line in used if not re.fullmatch(r"- uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


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
