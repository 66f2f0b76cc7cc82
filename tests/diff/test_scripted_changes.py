"""What a reviewer is told of each change in `scripted_changes`, as it was reviewed; and that no secret is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from platformc.diff.formats.github import render_github
from platformc.diff.formats.json_format import dump_report, parse_report
from platformc.diff.formats.markdown import render_markdown
from platformc.diff.formats.text import render_text
from platformc.diff.report import CauseKind, Report
from scripted_changes import BOT, CHANGES, GOLDEN, ROOT, golden, report_of
from scripted_edits import Edit, ScriptedChange, appended, replaced

pytestmark = pytest.mark.slow

SCHEMA = json.loads((ROOT / "docs" / "diff-report.schema.json").read_text(encoding="utf-8"))
CANARY = "tr0ub4dor-canary-7f3a9c"
TWICE = ("application-removed", "renamed-store", "secret-rotated")
"""Changes that are reported once more, by another process."""

PLACES = (BOT, "specs/stoat/config.yaml", "specs/discord-bot/raw.yaml")
PLANTED = ScriptedChange(
    "planted",
    (
        replaced(
            BOT,
            "    DYNAMODB_CHAT_HISTORY_TABLE:",
            f"    DATABASE_PASSWORD: {CANARY}-1\n"
            f"    STORE_URL: https://bot:{CANARY}-2@store.example.com\n"
            "    DYNAMODB_CHAT_HISTORY_TABLE:",
        ),
        replaced(
            BOT,
            "  ports: {http: 3000}\n",
            f'  args: ["--token={CANARY}-3", --password, {CANARY}-4]\n'
            "  patches:\n"
            "    - target: {kind: Deployment}\n"
            f'      merge: {{metadata: {{annotations: {{example.com/api-key: "{CANARY}-5"}}}}}}\n'
            "  ports: {http: 3000}\n",
        ),
        appended(
            "specs/stoat/config.yaml",
            "---\n"
            "apiVersion: platformc.dev/v1alpha1\n"
            "kind: Config\n"
            "metadata: {name: planted}\n"
            "spec:\n"
            "  files:\n"
            f'    app.ini: {{text: "user = bot\\npassword = {CANARY}-6\\n"}}\n'
            f"    app.json: {{format: json, data: {{database: {{password: {CANARY}-7}}}}}}\n",
        ),
        appended(
            "specs/discord-bot/raw.yaml",
            "apiVersion: platformc.dev/v1alpha1\n"
            "kind: RawManifest\n"
            "metadata: {name: planted}\n"
            "spec:\n"
            "  objects:\n"
            "    - apiVersion: v1\n"
            "      kind: Secret\n"
            "      metadata: {name: planted, namespace: discord-bot}\n"
            f"      stringData: {{word: {CANARY}-8}}\n",
        ),
    ),
)


def test_the_changes_are_all_there() -> None:
    """A list that lost its entries must not turn the suite green."""
    names = [change.name for change in CHANGES]
    assert len(set(names)) == len(names) > 35
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{end}" for name in names for end in ("md", "json")}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_is_told(change: ScriptedChange, tmp_path: Path) -> None:
    """As reviewed: `make cases` rewrites it. The JSON fits the published schema, and is read back as it was written."""
    for path, content in golden(change, tmp_path):
        assert path.read_text(encoding="utf-8") == content, path.name
        if path.suffix == ".json":
            errors = jsonschema_rs.validator_for(SCHEMA).iter_errors(json.loads(content))
            assert [error.message for error in errors] == []
            report = parse_report(content.encode())
            assert dump_report(report) == content
            assert render_markdown(report) == path.with_suffix(".md").read_text(encoding="utf-8")


def test_every_effect_has_a_cause() -> None:
    """In the spec, the claim API or the settings: both sides have a graph, and the compiler is the same."""
    for change in CHANGES:
        report = parse_report((GOLDEN / f"{change.name}.json").read_bytes())
        for entry in report.entries:
            assert entry.causes, change.name
            assert {cause.kind for cause in entry.causes} <= {CauseKind.SPEC, CauseKind.CLAIM_API, CauseKind.ARGOCD}


def test_another_process_tells_the_same() -> None:
    """No order of a set gets into a report, and no path of this machine."""
    program = (
        "import sys, tempfile, pathlib\n"
        "from scripted_changes import CHANGES, golden\n"
        "for change in (one for one in CHANGES if one.name in sys.argv[1:]):\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        for path, text in golden(change, pathlib.Path(folder)):\n"
        "            assert path.read_text(encoding='utf-8') == text, path.name\n"
        "            print(path.name)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *TWICE],
        env={"PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert sorted(ran.stdout.split()) == sorted(f"{name}.{end}" for name in sorted(TWICE) for end in ("md", "json"))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Report]:
    """Of canaries that come, and that are rotated."""
    rotated = ScriptedChange("rotated", tuple(map(_again, PLACES)), PLANTED.edits)
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    return report_of(PLANTED, first), report_of(rotated, second)


class TestCanaries:
    """Secrets that somebody wrote in clear text: the findings refuse them, and nobody shows them."""

    def test_they_are_in_no_format(self, reports: tuple[Report, Report]) -> None:
        """Neither when they come nor when they change, also not in part."""
        for report in reports:
            told = "".join(_everything(report))
            assert "planted" in told
            assert "DATABASE_PASSWORD" in told
            assert CANARY[:8] not in told

    def test_the_specs_have_them(self, tmp_path: Path) -> None:
        """Otherwise the test above would say nothing."""
        report_of(PLANTED, tmp_path)
        text = "".join(path.read_text(encoding="utf-8") for path in sorted((tmp_path / "head").rglob("*.yaml")))
        assert all(f"{CANARY}-{number}" in text for number in range(1, 9))


def _again(file: str) -> Edit:
    """Other values of all canaries in a file."""

    def edit(root: Path) -> None:
        path = root / file
        path.write_text(path.read_text(encoding="utf-8").replace(CANARY, f"{CANARY[:14]}-other"), encoding="utf-8")

    return edit


def _everything(report: Report) -> Iterator[str]:
    yield render_markdown(report)
    yield dump_report(report)
    yield render_github(report)
    for verbose in (False, True):
        yield render_text(report, color=True, width=120, verbose=verbose)
