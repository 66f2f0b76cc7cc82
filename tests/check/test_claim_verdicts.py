"""A claim that was found valid is not judged again; everything else always is."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from composition_mutations import FOLDER
from platformc.cache.verdicts import CLAIMS, remember_valid
from platformc.check.claim_api.cel import rules
from platformc.diagnostics import BugReport, Finding
from platformc.pipeline import Request, compile_environment, load_sources
from small_platform import compiled, raw, written
from test_claim_rules import RAW

GOOD = RAW.replace("fifo: true", "fifo: false")


@dataclass(frozen=True)
class Judged:
    """What one compilation says of claims."""

    findings: tuple[Finding, ...]
    valid: tuple[bytes, ...]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with our claim API."""
    shutil.copytree(FOLDER, tmp_path / "crossplane")
    return tmp_path


def judged(root: Path, claim: str, known: Iterable[bytes] = (), *, paranoid: bool = False) -> Judged:
    """Compile a small platform with a claim."""
    written(root, [raw(claim)])
    sources = load_sources(Request(root, root / "specs", root / "rendered"))
    made = compile_environment(sources, "production", known_claims=frozenset(known), paranoid=paranoid)
    told = tuple(finding for finding in made.findings if finding.rule.startswith("claim-"))
    return Judged(told, made.valid_claims)


def changed_rule(root: Path, rule: str) -> None:
    """Write another rule where a queue's name is held against `fifo`."""
    path = root / "crossplane" / "queue" / "definition.yaml"
    text = (FOLDER / "queue" / "definition.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("rule: self.fifo ==", f"rule: {rule}"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text


def test_a_valid_one_is_not_judged_again(root: Path) -> None:
    """Nor are the rules of its kind; a claim that is new is."""
    first = judged(root, GOOD)
    assert first.findings == ()
    assert len(set(first.valid)) == len(first.valid) > 2
    assert judged(root, GOOD, first.valid) == Judged((), ())
    assert len(judged(root, GOOD.replace("queueName: raw", "queueName: other"), first.valid).valid) == 1


def test_what_is_wrong_is_told_again(root: Path) -> None:
    """A refusal is never remembered."""
    first = judged(root, RAW)
    assert [finding.rule for finding in first.findings] == ["claim-refused"]
    assert judged(root, RAW, first.valid).findings == first.findings


def test_another_rule_is_another_key(root: Path) -> None:
    """All claims of a definition that changes are judged again."""
    first = judged(root, GOOD)
    changed_rule(root, "self.fifo !=")
    (finding,) = judged(root, GOOD, first.valid).findings
    assert finding.rule == "claim-refused"


@pytest.mark.parametrize("rule", ["self.fifo.odd() ==", "self.queueName < 1 =="])
def test_what_is_not_understood_is_told_again(root: Path, rule: str) -> None:
    """Also where it is told only once there is a value."""
    changed_rule(root, rule)
    first = judged(root, GOOD)
    assert [finding.rule for finding in first.findings] == ["claim-rule-not-understood"]
    assert judged(root, GOOD, first.valid).findings == first.findings


def test_paranoia_finds_a_wrong_memory(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that calls a refused claim valid is believed, and found out when asked to."""
    with monkeypatch.context() as patched:
        patched.setattr(rules, "judged_rules", lambda *_: iter(()))
        wrong = judged(root, RAW).valid
    remember_valid(root / "cache", {}, wrong, CLAIMS)
    assert compiled(root, [raw(RAW)]).of("claim-refused") == ()
    with pytest.raises(BugReport, match="Queue app/raw"):
        judged(root, RAW, wrong, paranoid=True)
    assert judged(root, RAW, paranoid=True).findings
