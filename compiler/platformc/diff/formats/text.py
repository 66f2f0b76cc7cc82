"""text: a Report for people at a terminal, in the look of findings.

In      a Report, whether to use colour, the number of columns, whether to show everything.
Out     text that ends with a line break: what happens in one line, then each cause with what it does.
Never   prints a control character that came from a file; leaves something out without counting it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from platformc.diagnostics import Severity, Span
from platformc.diagnostics.text_cells import cells, visible
from platformc.diff.effect import Verdict
from platformc.diff.formats.values import apart, difference, is_text, shortened
from platformc.diff.formats.words import (
    Alike,
    affected,
    alike,
    cause_words,
    count,
    counts,
    elsewhere,
    entry_label,
    findings_words,
    headline,
    joined,
    joined_environments,
    known,
    label,
    place_of,
    tally,
    upgrade_headline,
    without_causes,
)
from platformc.diff.report import Entry, FindingState, Report, ReportedCause, ReportedField, ReportedFinding

RED, YELLOW, CYAN = "1;31", "1;33", "1;36"
FRAME, STRONG = "1;34", "1"
"""The colours of findings (diagnostics/text.py)."""
COMES, GOES = "32", "31"
"""Green and red without bold, for lines and values."""

FINDINGS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.NOTE: CYAN}

FIRST_OBJECTS = 2
"""Objects that come before what happens to them."""

NARROWEST = 40
WIDEST_SENTENCE = 120
"""Columns beyond which nobody reads a line to its end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each thing is shown; more is counted."""

    causes: int
    objects: int
    details: int
    fields: int
    lines: int
    value: int


SHORT = Limits(causes=4, objects=4, details=6, fields=4, lines=12, value=100)
LONG = Limits(causes=1_000, objects=1_000, details=1_000, fields=1_000, lines=1_000, value=2_000)


@dataclass(frozen=True, slots=True)
class Style:
    """How lines are written."""

    color: bool
    width: int
    everything: bool
    affected: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def limits(self) -> Limits:
        """What is shown."""
        return LONG if self.everything else SHORT

    def paint(self, text: str, parameters: str) -> str:
        """Text that is safe to print, in a colour."""
        return f"\x1b[{parameters}m{text}\x1b[0m" if self.color and text else text

    def wrapped(self, head: str, painted: str, text: str, parameters: str = "") -> Iterator[str]:
        """A sentence after `head`, whose lines begin below its first word; `painted` is the head as it is printed."""
        indent = _columns(head)
        room = max(min(self.width, WIDEST_SENTENCE + indent) - indent, NARROWEST)
        lines: list[list[str]] = [[]]
        used = 0
        for word in visible(" ".join(text.split())).split(" "):
            columns = _columns(word)
            if lines[-1] and used + 1 + columns > room:
                lines.append([])
            used = used + 1 + columns if lines[-1] else columns
            lines[-1].append(word)
        for position, words in enumerate(lines):
            line = " ".join(words)
            lead = painted if position == 0 else " " * indent
            yield (lead + (self.paint(line, parameters) if parameters else line)).rstrip()


def render_text(report: Report, *, color: bool, width: int, verbose: bool) -> str:
    """Write a report; without `verbose`, long lists and routine effects beside graver ones are counted."""
    style = Style(color, width, verbose, tuple(affected(report)), tuple(known(report)))
    blocks: list[list[str]] = [
        [*style.wrapped("", "", headline(report), STRONG)],
        [*_notes(report, style)],
        [*_upgrade(report, style)],
        [*_accepted(report, style)],
        *([*_entry(entry, style)] for entry in report.entries),
        [*_findings(report, style)],
        [*_stale(report, style)],
        [*_end(report, style)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def colour_of(verdict: Verdict) -> str:
    """Red for what is lost, opened or refused; yellow for what interrupts; cyan for the rest."""
    if verdict <= Verdict.CERTIFICATE:
        return RED
    return YELLOW if verdict <= Verdict.RESTART else CYAN


def _notes(report: Report, style: Style) -> Iterator[str]:
    for one in report.environments:
        if one.unknown:
            yield from _said("warning", YELLOW, f"nothing is known of {one.name}: {one.unknown}", style)
    for side, where in without_causes(report):
        yield from _said("note", CYAN, f"of {side}, only files are known in {where}: no causes there", style)
    for note in report.notes:
        yield from _said("note", CYAN, note, style)


def _said(word: str, colour: str, text: str, style: Style) -> Iterator[str]:
    yield from style.wrapped(f"{word}: ", f"{style.paint(word, colour)}: ", text)


def _upgrade(report: Report, style: Style) -> Iterator[str]:
    """What another compiler or a stale base changes: in full if it is more than routine."""
    if not report.upgrade:
        return
    yield from style.wrapped("", "", upgrade_headline(report), STRONG)
    if style.everything or any(entry.verdict is not Verdict.ROUTINE for entry in report.upgrade):
        for entry in report.upgrade:
            yield from (f"  {line}" for line in _entry(entry, style))


def _accepted(report: Report, style: Style) -> Iterator[str]:
    """What is grave and wanted."""
    for group in alike(effect for effect in report.effects if effect.accepted is not None):
        accepted = group.effect.accepted
        if accepted is not None:
            what = f"{label(group.effect)} in {joined_environments(group.environments)}: "
            yield from _said("accepted", YELLOW, what + _sentence(group, style.limits), style)
            yield from _place(accepted.at, style, in_base=False)
            yield from _note("reason", accepted.reason, style)


def _entry(entry: Entry, style: Style) -> Iterator[str]:
    """Causes with their places, and below them what they do."""
    colour = colour_of(entry.verdict)
    word = entry_label(entry)
    shown = entry.causes[: style.limits.causes]
    for position, cause in enumerate(shown):
        painted = style.paint(word, colour) + style.paint(":", STRONG) if position == 0 else " " * (len(word) + 1)
        yield from style.wrapped(f"{word}: ", f"{painted} ", _cause(cause, style.limits.value), STRONG)
        if (place := place_of(cause)) is not None:
            yield from _place(place, style, in_base=cause.in_base)
    if not shown:
        yield style.paint(word, colour)
    if len(entry.causes) > len(shown):
        yield f"  and {count(len(entry.causes) - len(shown), 'more cause', 'more causes')}"
    grave = [effect for effect in entry.effects if effect.verdict is not Verdict.ROUTINE]
    routine = [effect for effect in entry.effects if effect.verdict is Verdict.ROUTINE]
    folds = bool(grave) and not style.everything
    groups = alike(grave if folds else [*grave, *routine])
    width = max(len(label(group.effect)) for group in groups)
    for group in groups:
        yield from _effect(group, width, style)
    if folds and (counted := tally(routine, beside=grave)):
        yield from style.wrapped("  ", "  ", f"and {joined(counted)}")


def _cause(cause: ReportedCause, most: int) -> str:
    words = cause_words(cause)
    before, after = (shortened(value, most) for value in apart(words.before, words.after, most))
    said = (
        f"{before} -> {after}" if before and after else " ".join(part for part in (words.change, before, after) if part)
    )
    what = " ".join(
        part for part in (words.plain, shortened(words.document, most), shortened(words.field, most)) if part
    )
    return f"{what}: {said}" if said else what


def _place(span: Span, style: Style, *, in_base: bool) -> Iterator[str]:
    place = visible(span.path if span.is_whole_file else str(span))
    yield f" {style.paint('-->', FRAME)} {place}{' of the base' if in_base else ''}"


def _note(word: str, text: str, style: Style) -> Iterator[str]:
    yield from style.wrapped(f"  = {word}: ", f"  {style.paint('=', FRAME)} {style.paint(word, STRONG)}: ", text)


def _effect(group: Alike, width: int, style: Style) -> Iterator[str]:
    effect = group.effect
    where = [] if set(group.environments) >= set(style.affected) else [joined_environments(group.environments)]
    where += [other] if (other := elsewhere(group, style.known)) else []
    if effect.accepted is not None:
        where.append("accepted")
    word = label(effect)
    indent = " " * (width + 4)
    head = style.paint(word, colour_of(effect.verdict)) + " " * (width - len(word))
    sentence = _sentence(group, style.limits) + (f" ({', '.join(where)})" if where else "")
    yield from style.wrapped(indent, f"  {head}  ", sentence)
    limits = style.limits
    for detail in effect.details[: limits.details]:
        yield from style.wrapped(f"{indent}- ", f"{indent}- ", detail)
    if len(effect.details) > limits.details:
        yield f"{indent}and {count(len(effect.details) - limits.details, 'more detail', 'more details')}"
    for field in group.fields[: limits.fields]:
        yield from _field(field, indent, style)
    if len(group.fields) > limits.fields:
        yield f"{indent}and {count(len(group.fields) - limits.fields, 'more value', 'more values')}"


def _sentence(group: Alike, limits: Limits) -> str:
    """Which objects, and what happens to them; long lists of objects come last."""
    if len(group.objects) <= FIRST_OBJECTS:
        return f"{joined(group.objects)}{' each' if len(group.objects) > 1 else ''}: {group.effect.message}"
    left_out = len(group.objects) - limits.objects
    named = (
        joined(group.objects)
        if left_out <= 1
        else f"{', '.join(group.objects[: limits.objects])} and {left_out:,} more"
    )
    return f"{len(group.objects):,} objects each: {group.effect.message}: {named}"


def _field(field: ReportedField, indent: str, style: Style) -> Iterator[str]:
    own = f"in {visible(joined_environments(field.environments))}: " if field.environments else ""
    path = own + visible(shortened(field.path, style.limits.value))
    if is_text(field):
        yield f"{indent}{path}:"
        for line in difference(field, style.limits.lines):
            colour = {"+": COMES, "-": GOES, "@": CYAN}.get(line[:1], "")
            shown = visible(line)
            yield f"{indent}  {style.paint(shown, colour) if colour else shown}".rstrip()
        return
    limit = style.limits.value
    both = apart(field.before or "", field.after or "", limit)
    before, after = (visible(shortened(value, limit)) for value in both)
    same = f" ({visible(field.same)})" if field.same else ""
    if field.before is None:
        yield f"{indent}{path}: added {style.paint(_shown(after), COMES)}{same}"
    elif field.after is None:
        yield f"{indent}{path}: removed {style.paint(_shown(before), GOES)}{same}"
    else:
        arrow = f"{style.paint(_shown(before), GOES)} -> {style.paint(_shown(after), COMES)}"
        yield f"{indent}{path}: {arrow}{same}"


def _shown(value: str) -> str:
    return value or '""'


def _findings(report: Report, style: Style) -> Iterator[str]:
    """New ones; what is fixed and what stands is counted, or shown with everything."""
    for state in FindingState:
        found = [one for one in report.findings if one.state is state]
        if found and (state is FindingState.NEW or style.everything):
            yield style.paint(f"{findings_words(state, len(found))}:", STRONG)
            for one in found:
                yield from _finding(one, style)
        elif found:
            yield findings_words(state, len(found))


def _finding(reported: ReportedFinding, style: Style) -> Iterator[str]:
    finding = reported.finding
    head = f"{finding.severity}[{visible(finding.rule)}]"
    where = f" (in environment {finding.environment})" if finding.environment else ""
    yield from style.wrapped(f"{head}: ", style.paint(head, FINDINGS[finding.severity]) + ": ", finding.message + where)
    yield from _place(finding.at, style, in_base=reported.state is FindingState.FIXED)
    if finding.hint:
        yield from _note("help", finding.hint, style)


def _stale(report: Report, style: Style) -> Iterator[str]:
    for each in report.stale_acceptances:
        said = f"{each.effect} of {each.object} is accepted and does not happen: remove the entry ({each.reason})"
        yield from _said("note", CYAN, said, style)
        yield from _place(each.at, style, in_base=False)


def _end(report: Report, style: Style) -> Iterator[str]:
    """What was compared, and what is folded."""
    alike_counted: dict[str, list[str]] = {}
    for one in report.environments:
        if said := counts(one.created, one.updated, one.deleted):
            unchanged = f", {one.unchanged:,} unchanged" if one.unchanged else ""
            alike_counted.setdefault(f"{said}{unchanged}", []).append(one.name)
    for said, names in alike_counted.items():
        yield from style.wrapped("", "", f"{'each of ' if len(names) > 1 else ''}{joined_environments(names)}: {said}")
    same = [f"{number:,} times {why}" for why, number in sorted(report.folded.items()) if number]
    if same:
        yield from style.wrapped("", "", f"differs and means the same: {joined(same)}")
    if report.entries and not style.everything:
        yield "-v shows every object and value"
    yield from style.wrapped(
        "", "", f"compared: {report.base.label} -> {report.head.label}, by platformc {report.compiler}"
    )


def _columns(text: str) -> int:
    return len(text) if text.isascii() and text.isprintable() else sum(each.width for each in cells(text))
