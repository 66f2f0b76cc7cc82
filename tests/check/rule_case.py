"""A policy rule's case: a spec that it finds once, at the line that is wrong, and one that is right."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from small_platform import HERE, Compiled, compiled

NOISE = frozenset({"secret-not-sealed"})
"""The small platforms have no sealed values."""


@dataclass(frozen=True)
class Case:
    """One rule in both directions. The wrong line of `bad` ends with the mark HERE."""

    rule: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    at: str = ""
    """The text that is underlined; empty where the line is all that counts."""
    also: frozenset[str] = frozenset()
    """Other rules that the bad spec breaks by the same mistake."""
    files: dict[str, str] = field(default_factory=dict)
    """Further files of the bad spec, or other texts for those of every platform."""
    name: str = ""
    """Tells the cases of one rule apart."""

    @property
    def label(self) -> str:
        """How pytest shows the case."""
        return f"{self.rule}-{self.name}" if self.name else self.rule


def assert_found_once(case: Case, root: Path) -> None:
    """The bad spec gives the rule's finding once, on the marked line, and nothing else."""
    result = compiled(root, case.bad, case.files)
    assert _rules(result) == {case.rule} | case.also
    (finding,) = result.of(case.rule)
    assert result.line_of(finding.at).endswith(HERE)
    if case.at:
        assert result.underlined(finding.at) == case.at


def assert_clean(case: Case, root: Path) -> None:
    """The good spec gives no finding of any rule."""
    assert _rules(compiled(root, case.good)) == set()


def _rules(result: Compiled) -> set[str]:
    return {finding.rule for finding in result.findings} - NOISE
