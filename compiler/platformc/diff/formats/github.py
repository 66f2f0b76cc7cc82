"""github: effects as workflow commands, which GitHub Actions turns into annotations on the changed lines of the spec.

In      a Report; the verdicts that someone wants to be warned of.
Out     one line for each changed place of the head, the gravest first; empty if nothing changes.
Never   lets a text of the report start a command of its own: what GitHub interprets is escaped, as for findings.

What was removed has no line in the head: its effects are told without a place. GitHub shows ten warnings and ten
notices of a step and drops the rest (docs.github.com, "Workflow commands", limits), so the order matters.
Findings have annotations of their own: `platformc check --format github`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from platformc.diagnostics.github import command, place
from platformc.diff.effect import Verdict
from platformc.diff.formats.values import shortened
from platformc.diff.formats.words import DANGER, Alike, alike, count, entry_label, joined_environments, label
from platformc.diff.report import Entry, Report

EFFECTS = 8
OBJECTS = 3
LONGEST = 300
"""Limits of one annotation, which GitHub shows in a box between the lines."""


def render_github(report: Report, *, fail_on: Collection[Verdict] = DANGER) -> str:
    """Write one workflow command for each changed place: a warning if an effect in `fail_on` is not accepted."""
    return "".join(f"{line}\n" for entry in report.entries for line in _commands(entry, fail_on))


def _commands(entry: Entry, fail_on: Collection[Verdict]) -> Iterator[str]:
    gates = any(effect.verdict in fail_on and effect.accepted is None for effect in entry.effects)
    word = "warning" if gates else "notice"
    message = "\n".join(_lines(entry))
    places = dict.fromkeys(cause.at for cause in entry.causes if cause.at is not None and not cause.in_base)
    for span in places:
        yield command(word, {**place(span), "title": entry_label(entry)}, message)
    if not places:
        where = next((f"{cause.at} of the base\n" for cause in entry.causes if cause.at is not None), "")
        yield command(word, {"title": entry_label(entry)}, where + message)


def _lines(entry: Entry) -> Iterator[str]:
    groups = alike(entry.effects)
    yield from (_line(group) for group in groups[:EFFECTS])
    left_out = sum(len(group.effects) for group in groups[EFFECTS:])
    if left_out:
        yield f"and {count(left_out, 'more effect', 'more effects')}"


def _line(group: Alike) -> str:
    named = ", ".join(shortened(name, LONGEST) for name in group.objects[:OBJECTS])
    more = f" and {len(group.objects) - OBJECTS:,} more" if len(group.objects) > OBJECTS else ""
    where = joined_environments(group.environments)
    accepted = " (accepted)" if group.effect.accepted else ""
    # A line break in a message would look like an effect of its own.
    told = " ".join(shortened(group.effect.message, LONGEST).split())
    return f"{label(group.effect)} in {where}{accepted}: {named}{more}: {told}"
