"""Ten mistakes made in the real specs: each gives one clear finding at the right place, and no other noise."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from platformc.diagnostics import Finding, Severity, Span
from platformc.pipeline import Request, Tools, compile_platform

pytestmark = pytest.mark.slow  # compiles all of specs/ for each mistake

ROOT = Path(__file__).parent.parent
BOMB = """\
---
apiVersion: platformc.dev/v1alpha1
kind: Config
metadata: {name: bomb}
spec:
  files:
    a: {text: &a lol}
    b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
    c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
    d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
    e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]
    f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]
    g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]
    h: &h [*g, *g, *g, *g, *g, *g, *g, *g, *g]
    i: [*h, *h, *h, *h, *h, *h, *h, *h, *h]
"""
SECOND_TABLE = """\
---
apiVersion: platformc.dev/v1alpha1
kind: Table
metadata: {name: discord-sessions}
spec:
  tableName: discord_sessions_2
  hashKey: {name: thread_id, type: S}
"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A change to one file that keeps all lines where they are, and what is said about it."""

    file: str
    old: str
    """What is replaced, the first time it stands in the file; empty to add at the end."""
    new: str
    rule: str
    at: str
    """What is underlined: the last one in the file."""
    behind: str = ""
    """What stands right before it, where the text alone would be found elsewhere too."""
    shown: str = ""
    """The file it is underlined in, where that is another one."""
    hint: str = ""


MISTAKES = {
    "wrong reference": Mistake(
        "discord-bot/bot.yaml",
        "${secret.discord-bot-secrets.DISCORD_TOKEN}",
        "${secret.discord-bot-secrets.DISCORD_TOKN}",
        "unknown-reference",
        "${secret.discord-bot-secrets.DISCORD_TOKN}",
        hint="did you mean DISCORD_TOKEN?",
    ),
    "misspelt field": Mistake(
        "discord-bot/bot.yaml",
        "  replicas: 1",
        "  replica: 1",
        "unknown-field",
        "replica",
        hint="did you mean replicas?",
    ),
    "missing access": Mistake(
        "discord-bot/bot.yaml",
        "    - {table: discord-sessions, access: [read, write]}",
        "    # forgotten",
        "missing-access",
        "${table.discord-sessions.name}",
        hint="add to needs: {table: discord-sessions, access: [read, write]}",
    ),
    "port clash": Mistake(
        "stoat/edge.yaml", "containerPort: 8443", "containerPort: 8080", "port-clash", "8080", "https: {containerPort: "
    ),
    "bad unit": Mistake(
        "discord-bot/bot.yaml", "256Mi..512Mi", "256mb..512Mi", "invalid-quantity", "256mb", hint="did you mean 256Mi?"
    ),
    "secret in a Config": Mistake(
        "stoat/config.yaml",
        'host: ""  ',
        "host: ${secret.stoat-secrets.MINIO_ROOT_USER}  ",
        "secret-in-config",
        "${secret.stoat-secrets.MINIO_ROOT_USER}",
        hint="move this part to the `files` of a Secret",
    ),
    "duplicate name": Mistake(
        "discord-bot/tables.yaml", "", SECOND_TABLE, "duplicate-document", "discord-sessions", "{name: "
    ),
    "override of nothing": Mistake(
        "environments/staging.yaml",
        "{name: stoat-mongodb}",
        "{name: stoat-mongdb}",
        "override-names-nothing",
        "stoat-mongdb",
        hint="did you mean stoat-mongodb?",
    ),
    "missing value": Mistake(
        "environments/production.yaml",
        "    botUsername: discord-bot",
        "    # forgotten",
        "missing-value",
        "${values.botUsername}",
        shown="discord-bot/bot.yaml",
        hint="add `botUsername:` to the environment's values",
    ),
    "alias bomb": Mistake("stoat/config.yaml", "", BOMB, "yaml-alias", "&a", "{text: "),
}


def _copy(folder: Path) -> Path:
    for name in ("specs", "crossplane", "argocd"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    return folder


def _findings(root: Path) -> frozenset[Finding]:
    request = Request(root=root, specs=root / "specs", output=root / "rendered", validate=False)
    outcome = compile_platform(request, Tools(cache=root / "cache", path=""), lambda _stage: None)
    return frozenset(outcome.findings)


def _without_environment(findings: frozenset[Finding]) -> set[tuple[Span, str, str]]:
    """A document that failed in one environment has its old warnings in the other one alone."""
    return {(finding.at, finding.rule, finding.message) for finding in findings}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> frozenset[Finding]:
    """What is said about the specs as they are."""
    return _findings(_copy(tmp_path_factory.mktemp("before")))


def _make(root: Path, mistake: Mistake) -> Span:
    """Make the mistake, and tell where it has to be found."""
    path = root / "specs" / mistake.file
    text = path.read_text(encoding="utf-8")
    if mistake.old:
        assert mistake.old in text
        changed = text.replace(mistake.old, mistake.new, 1)
    else:
        changed = text.rstrip("\n") + "\n" + mistake.new
    path.write_text(changed, encoding="utf-8")
    shown = mistake.shown or mistake.file
    lines = (root / "specs" / shown).read_text(encoding="utf-8").split("\n")
    wanted = mistake.behind + mistake.at
    line = max(number for number, line in enumerate(lines, 1) if wanted in line)
    column = lines[line - 1].index(wanted) + len(mistake.behind) + 1
    return Span(f"specs/{shown}", line, column, line, column + len(mistake.at))


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_one_finding(name: str, before: frozenset[Finding], tmp_path: Path) -> None:
    """One error, under exactly the wrong words; nothing else is new."""
    mistake = MISTAKES[name]
    root = _copy(tmp_path)
    place = _make(root, mistake)
    after = _findings(root)
    known = _without_environment(before)
    new = [one for one in after if (one.at, one.rule, one.message) not in known]
    assert [(one.at, one.rule, one.severity) for one in new] == [(place, mistake.rule, Severity.ERROR)]
    assert mistake.hint in new[0].hint
    assert new[0].hint


def test_all_mistakes_at_once_are_all_found(before: frozenset[Finding], tmp_path: Path) -> None:
    """A run does not stop at the first."""
    root = _copy(tmp_path)
    for mistake in MISTAKES.values():
        _make(root, mistake)
    known = _without_environment(before)
    new = {one.rule for one in _findings(root) if (one.at, one.rule, one.message) not in known}
    # The bot's document has a wrong field; what it refers to is looked at once that is right.
    hidden = {"unknown-reference", "missing-access"}
    assert new == {mistake.rule for mistake in MISTAKES.values()} - hidden
