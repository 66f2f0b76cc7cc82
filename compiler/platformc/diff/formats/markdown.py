"""markdown: a Report as one comment of a pull request.

In      a Report, where the whole of it and the files of the two sides are shown, the most characters of a comment.
Out     markdown: what happens in one line, a table of causes and environments, what is dangerous unfolded, the rest
        folded and counted. Same report, same bytes.
Never   grows beyond its limit: it is cut by priority, and says what is left out. Lets a text of the report become
        markup.

GitHub takes 65,536 characters; other forges take more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from platformc.diff.effect import Verdict
from platformc.diff.formats.json_format import dump_report
from platformc.diff.formats.markdown_entries import Environments, Links, accepted_line, block, columns, rest_row, row
from platformc.diff.formats.markdown_text import cell, checked_url, code, html_code, linked, prose
from platformc.diff.formats.values import shortened
from platformc.diff.formats.words import (
    affected,
    alike,
    count,
    counts,
    findings_words,
    headline,
    is_dangerous,
    joined,
    joined_environments,
    known,
    tally,
    upgrade_headline,
    without_causes,
)
from platformc.diff.report import Entry, FindingState, Report, ReportedFinding

END = "</details>\n"

MARKER = "<!-- platformc diff -->"
"""The first line: by it, the one comment of a pull request is found again."""

MOST = 65_000
LEAST = 5_000
"""Characters that headline, counts and the last lines may need."""

COLUMNS = 3
"""Environments that have a column of their own in any case."""

WIDEST = 6
"""Columns beyond which a table is read by nobody."""

ROUTINE_ROWS = 6
"""Entries without danger that have a row of their own; the others are counted in one."""

TABLE_SHARE = 0.4
"""How much of a comment the table may take, so that what is dangerous is still told in full."""

LEFT_OUT_RESERVE = 1_000
"""Characters for saying what is left out."""

LABEL = 100
HEADLINE = 500
NOTE = 400


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the comment whose pieces can be left out from the end."""

    priority: int
    """The lowest is kept first."""
    head: str
    number: int
    """How many pieces there are."""
    pieces: Iterable[str]
    """Written one by one, as long as there is room: a large report has far more than are shown."""
    tail: str
    nouns: tuple[str, str]
    share: float = 1.0
    """How much of the whole it may take."""


def render_markdown(
    report: Report, *, details_url: str = "", source_url: str = "", base_source_url: str = "", most: int = MOST
) -> str:
    """Write a report as a comment of at most `most` characters, which are at least 5,000.

    `details_url` is where the whole report is. `source_url` shows files of the head
    (`https://github.com/o/r/blob/<commit>`), `base_source_url` those of the base; without them, places are no links.
    Raises UsageError if one of them is no URL.
    """
    details_url = checked_url(details_url, "--details-url")
    links = Links(checked_url(source_url, "the source URL"), checked_url(base_source_url, "the base's source URL"))
    top = f"{MARKER}\n### {prose(_capital(headline(report)), HEADLINE)}\n"
    footer = _footer(report, details_url)
    sections = _sections(report, links)
    room = max(most, LEAST) - len(top) - len(footer) - LEFT_OUT_RESERVE
    kept, left_out = _fitting(sections, room)
    parts = [top, *kept, _left_out(left_out, details_url), footer]
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def _sections(report: Report, links: Links) -> list[Section]:
    """Every section that has something to say, in the order in which they are read."""
    danger = [entry for entry in report.entries if is_dangerous(entry)]
    rest = [entry for entry in report.entries if not is_dangerous(entry)]

    environments = Environments(tuple(affected(report)), tuple(known(report)))

    def blocks(entries: Sequence[Entry]) -> Iterator[str]:
        return (block(entry, environments, links) for entry in entries)

    return [
        section
        for section in (
            _notes(report),
            _upgrade(report, links),
            _accepted(report, links),
            _table(report, environments, links),
            Section(5, "", len(danger), blocks(danger), "", ("grave entry in full", "grave entries in full")),
            _findings(report, FindingState.NEW, links, 6),
            _stale(report, links),
            Section(7, _open(_folded_title(rest)), len(rest), blocks(rest), END, ("folded entry", "folded entries")),
            _findings(report, FindingState.FIXED, links, 8),
            _findings(report, FindingState.STANDING, links, 9),
            _same(report),
        )
        if section.number
    ]


def _fitting(sections: Sequence[Section], room: int) -> tuple[list[str], list[tuple[int, tuple[str, str]]]]:
    """What fits of each section, by priority but in the order of reading; and how much of each does not."""
    kept: dict[int, str] = {}
    left_out: dict[int, tuple[int, tuple[str, str]]] = {}
    whole = room
    for index in sorted(range(len(sections)), key=lambda each: sections[each].priority):
        section = sections[index]
        used, pieces = len(section.head) + len(section.tail) + 4, list[str]()
        limit = min(room, int(whole * section.share))
        for piece in section.pieces:
            if used + len(piece) + 1 > (limit if pieces else room):
                break
            pieces.append(piece)
            used += len(piece) + 1
        if len(pieces) < section.number:
            left_out[index] = (section.number - len(pieces), section.nouns)
        if pieces:
            kept[index] = "\n".join(part for part in (section.head, *pieces, section.tail) if part)
            room -= used
    return [kept[index] for index in sorted(kept)], [left_out[index] for index in sorted(left_out)]


def _left_out(parts: Sequence[tuple[int, tuple[str, str]]], details_url: str) -> str:
    if not parts:
        return ""
    said = joined([count(number, *nouns) for number, nouns in parts])
    where = linked("the whole report", details_url) if details_url else "`platformc diff`, which shows all"
    return f"**Left out here, as a comment has an end:** {said}. See {where}."


def _footer(report: Report, details_url: str) -> str:
    """What was compared, by whom, and which report this is of."""
    digest = hashlib.sha256(dump_report(report).encode()).hexdigest()
    sides = f"{prose(report.base.label, LABEL)} → {prose(report.head.label, LABEL)}"
    parts = [
        sides,
        f"compiled by platformc {prose(report.compiler, LABEL)}",
        f"report {code(f'sha256:{digest}')}",
        *([linked("the whole report", details_url)] if details_url else []),
    ]
    return f"<sub>Compared: {' · '.join(parts)}</sub>\n"


def _notes(report: Report) -> Section:
    """What a reader must know about the report before believing it."""
    unknown = (
        f"> **Not known:** {prose(one.name, LABEL)}: {prose(one.unknown, NOTE)}"
        for one in report.environments
        if one.unknown
    )
    sides = (
        f"> **No causes:** of {prose(side, LABEL)}, only files are known in {prose(where, NOTE)}, "
        "so effects there have no causes"
        for side, where in without_causes(report)
    )
    notes = (f"> **Note:** {prose(note, NOTE)}" for note in report.notes)
    # A line of its own each: two lines of a quote would be one sentence.
    lines = [f"{line}\n" for line in (*unknown, *sides, *notes)]
    return Section(0, "", len(lines), lines, "", ("note", "notes"))


def _upgrade(report: Report, links: Links) -> Section:
    """What the compiler, or a stale base, changes without the pull request."""
    nouns = ("cause of the upgrade", "causes of the upgrade")
    if not report.upgrade:
        return Section(4, "", 0, (), "", nouns)
    environments = Environments(tuple(one.name for one in report.environments), tuple(known(report)))
    pieces = (block(entry, environments, links) for entry in report.upgrade)
    number = len(report.upgrade)
    title = _capital(upgrade_headline(report))
    if all(entry.verdict is Verdict.ROUTINE for entry in report.upgrade):
        return Section(4, _open(title), number, pieces, END, nouns)
    return Section(4, f"#### {prose(title, HEADLINE)}\n", number, pieces, "---\n", nouns)


def _accepted(report: Report, links: Links) -> Section:
    """What is grave and wanted, before everything else."""
    groups = alike(effect for effect in report.effects if effect.accepted is not None)
    return Section(
        1,
        "",
        len(groups),
        (accepted_line(group, links) for group in groups),
        "",
        ("accepted effect", "accepted effects"),
    )


def _table(report: Report, environments: Environments, links: Links) -> Section:
    """A row for each cause, a column for each environment."""
    nouns = ("row of the table", "rows of the table")
    if not report.entries:
        return Section(2, "", 0, (), "", nouns)
    shown = columns(report.entries, environments, own=COLUMNS, most=WIDEST)
    changes = {one.name: counts(one.created, one.updated, one.deleted) for one in report.environments}
    heads = [_column_head(names, changes) for names in shown.each]
    if shown.rest:
        heads.append(count(len(shown.rest), "other environment", "other environments"))
    head = [f"| cause | {' | '.join(cell(each) for each in heads)} |", "|---" * (len(heads) + 1) + "|"]
    routine = [index for index, entry in enumerate(report.entries) if not is_dangerous(entry)]
    positions = frozenset(routine[ROUTINE_ROWS:])
    folded = [report.entries[index] for index in sorted(positions)]
    own = [entry for index, entry in enumerate(report.entries) if index not in positions]
    rows = (row(entry, shown, environments, links) for entry in own)
    last = (rest_row(folded, shown),) if folded else ()
    return Section(2, "\n".join(head), len(own) + len(last), chain(rows, last), "", nouns, TABLE_SHARE)


def _column_head(names: Sequence[str], changes: Mapping[str, str]) -> str:
    below = changes[names[0]] if len(names) == 1 else prose(", ".join(names), LABEL)
    return prose(joined_environments(names), LABEL) + (f"<br><sub>{below}</sub>" if below else "")


def _folded_title(entries: Iterable[Entry]) -> str:
    return f"Every object and value: {joined(tally(effect for entry in entries for effect in entry.effects))}"


def _open(title: str) -> str:
    return f"<details><summary>{prose(title, HEADLINE, as_code=html_code)}</summary>\n"


def _findings(report: Report, state: FindingState, links: Links, priority: int) -> Section:
    """Findings of one state: new ones unfolded."""
    found = [each for each in report.findings if each.state is state]
    lines = (_finding(each, links) for each in found)
    title = findings_words(state, len(found))
    nouns = (findings_words(state, 1).removeprefix("1 "), findings_words(state, 2).removeprefix("2 "))
    if state is FindingState.NEW:
        return Section(priority, f"#### {title}\n", len(found), lines, "", nouns)
    return Section(priority, _open(title), len(found), lines, f"\n{END}", nouns)


def _finding(reported: ReportedFinding, links: Links) -> str:
    finding = reported.finding
    place = links.place(finding.at, in_base=reported.state is FindingState.FIXED)
    where = f" in {prose(finding.environment, LABEL)}" if finding.environment else ""
    hint = f"<br>help: {prose(finding.hint)}" if finding.hint else ""
    message = f"{prose(finding.message)}{where} · {place}{hint}"
    return f"- **{finding.severity.value}** {code(shortened(finding.rule, LABEL))}: {message}"


def _stale(report: Report, links: Links) -> Section:
    lines = (
        f"> **Stale:** {code(shortened(each.effect, LABEL))} of {code(shortened(each.object, LABEL))} is accepted and does "
        f"not happen: remove the entry ({prose(each.reason)}) · {links.place(each.at)}\n"
        for each in report.stale_acceptances
    )
    return Section(6, "", len(report.stale_acceptances), lines, "", ("acceptance of nothing", "acceptances of nothing"))


def _same(report: Report) -> Section:
    parts = [f"{number:,} × {prose(why, LABEL)}" for why, number in sorted(report.folded.items()) if number]  # noqa: RUF001
    line = f"<sub>Differs and means the same: {', '.join(parts)}</sub>\n"
    return Section(
        3, "", len(parts[:1]), (line,), "", ("count of what means the same", "counts of what means the same")
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
