"""The trusted half with the real compiler: what it makes of a real report, and of one that was written to do harm."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from code_hosts import BOT, TOKEN, Host, of_a_fork, packed, served

from tools.pull_request import comment
from tools.pull_request.comment_text import LONGEST

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = (
    "@everyone <img src=x> ![a](http://evil.example/x) [b](javascript:x) `|` ``` --> </details>\n::error::x\n# big\n"
    "> [!CAUTION]\n\x1b[31m\u202e"
)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as it is installed, whatever the environment says."""
    program = tmp_path_factory.mktemp("installed") / "platformc"
    path = f"PYTHONPATH={ROOT / 'compiler'}:{ROOT}"
    program.write_text(f'#!/bin/sh\n{path} exec "{sys.executable}" -P -m platformc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture(scope="module")
def report(compiler: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of a change that is refused, restarts pods and makes findings."""
    folder = tmp_path_factory.mktemp("sides")
    for side in ("base", "head"):
        shutil.copytree(ROOT / "tests" / "cases" / "base", folder / side)
    for name, old, new in (("aws", "name: id,", "name: key,"), ("bot", "cpu: 100m", "cpu: 200m")):
        file = folder / "head" / "specs" / "bot" / f"{name}.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    words = ["diff", f"--base={folder}/base", f"--head={folder}/head", "--format=json"]
    ran = subprocess.run([str(compiler), *words], cwd=folder, capture_output=True, check=True)
    told: dict[str, Any] = json.loads(ran.stdout)
    assert told["entries"]
    return told


@pytest.fixture
def host() -> Iterator[Host]:
    """GitHub, with a run of a fork's pull request."""
    with served(of_a_fork()) as host:
        yield host


def post(host: Host, compiler: Path, report: Any) -> int:
    """The job of diff-comment.yaml."""
    host.has_artifact("platformc-diff", packed(json.dumps(report).encode()))
    values = {
        "GITHUB_API_URL": host.address,
        "GITHUB_REPOSITORY": "acme/platform",
        "GITHUB_TOKEN": TOKEN,
        "RUN_ID": "42",
    }
    return comment.main({**values, "PLATFORMC": str(compiler), "COMMENT_AUTHOR": BOT["login"]})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every text in a report."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        if isinstance(child, str):
            yield (*path, key)
        yield from places(child, (*path, key))


def replaced(report: Any, path: tuple[Any, ...]) -> Any:
    """The report with a hostile text at one place."""
    copied = json.loads(json.dumps(report))
    found = copied
    for key in path[:-1]:
        found = found[key]
    found[path[-1]] = HOSTILE
    return copied


def test_a_real_report_becomes_a_comment(host: Host, compiler: Path, report: dict[str, Any]) -> None:
    """What the reviewer has to know stands there."""
    assert post(host, compiler, report) == 0
    body = host.comments[0]["body"]
    assert "hashKey.name" in body
    assert host.run["html_url"] in body


def test_a_report_without_effects_is_no_comment(host: Host, compiler: Path, tmp_path: Path) -> None:
    """The same on both sides."""
    shutil.copytree(ROOT / "tests" / "cases" / "base", tmp_path / "same")
    words = ["diff", f"--base={tmp_path}/same", f"--head={tmp_path}/same", "--format=json"]
    ran = subprocess.run([str(compiler), *words], cwd=tmp_path, capture_output=True, check=True)
    assert post(host, compiler, json.loads(ran.stdout)) == 0
    assert host.changed == []


@pytest.mark.parametrize(
    "change",
    [{"schemaVersion": 2}, {"number": 1}, {"entries": {}}, {"verdicts": ["fine"]}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_no_report_is_not_shown(
    change: dict[str, Any], host: Host, compiler: Path, report: dict[str, Any]
) -> None:
    """The compiler refuses what it would not have written, and the job fails."""
    assert post(host, compiler, report | change) == comment.EXIT_UNUSABLE
    assert "none that can be trusted" in host.comments[0]["body"]


def test_no_text_of_a_report_breaks_out(host: Host, compiler: Path, report: dict[str, Any]) -> None:
    """Wherever a report holds a free text: it is inside of code, or is escaped, and begins no line."""
    free = [path for path in places(report) if _is_accepted(replaced(report, path))]
    assert len(free) > 20
    hostile = report
    for path in free:
        hostile = replaced(hostile, path)
    assert post(host, compiler, hostile) == 0
    body = host.comments[0]["body"]
    assert len(body) <= LONGEST
    assert "everyone" in body
    outside = CODE.sub("", body)
    for harm in ("@everyone", "<img", "![a](", "[b](java", "\x1b", "\u202e", "\n::error", "\n# big", "\n> [!CAUTION]"):
        assert harm not in outside, harm
    assert [harm for harm in ("\x1b", "\u202e", "\n::error", "\n# big") if harm in body] == []


def _is_accepted(report: Any) -> bool:
    """Whether the compiler takes it; by its own reader, as a process for each place would take minutes."""
    from platformc.diagnostics import PlatformcError  # noqa: PLC0415
    from platformc.diff.formats.json_format import parse_report  # noqa: PLC0415

    try:
        parse_report(json.dumps(report).encode())
    except PlatformcError:
        return False
    return True
