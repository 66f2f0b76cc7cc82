"""markdown_entries: causes and effects in markdown: as rows of the summary, and in full.

In      Entries, the environments that have a column, where places are shown.
Out     rows of a table, and blocks of lists; each limited, with what is left out counted.
Never   puts a text from the spec anywhere but through `markdown_text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from platformc.diagnostics import Span
from platformc.diff.effect import Verdict
from platformc.diff.formats.markdown_text import cell, code, fenced, linked, prose, url_of
from platformc.diff.formats.values import apart, difference, is_text, shortened
from platformc.diff.formats.words import (
    DANGER,
    Alike,
    alike,
    cause_words,
    count,
    elsewhere,
    elsewhere_of_all,
    entry_label,
    joined,
    joined_environments,
    label,
    place_of,
    tally,
)
from platformc.diff.report import Entry, ReportedCause, ReportedEffect, ReportedField

CAUSES_IN_ROW = 3
LINES_IN_CELL = 4
OBJECTS_IN_CELL = 2
OBJECTS = 12
FIRST_OBJECTS = 2
CAUSES = 12
EFFECTS = 25
DETAILS = 12
FIELDS = 10
DIFFERENCE = 30
"""Limits of what is shown of one thing; more is counted."""

VALUE_IN_ROW = 48
VALUE = 160
MESSAGE_IN_CELL = 240
MESSAGE = 600

SAME = "same"
NONE = "–"  # noqa: RUF001 - a dash, as an empty cell looks like a mistake


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of a report, in its order."""

    affected: tuple[str, ...]
    """Those that something happens to. An effect in all of them does not name them."""
    known: tuple[str, ...]
    """Those that were compared."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where files of the two sides are shown; empty URLs if that is not known."""

    head: str
    base: str

    def url(self, span: Span, *, in_base: bool) -> str:
        """Where a place in the spec is shown; empty if that is not known."""
        return url_of(span, self.base if in_base else self.head)

    def place(self, span: Span, *, in_base: bool = False) -> str:
        """A place in the spec, as a link if possible."""
        text = span.path if span.is_whole_file else f"{span.path}:{span.line}"
        shown = linked(code(shortened(text, VALUE)), self.url(span, in_base=in_base))
        return f"{shown} of the base" if in_base else shown


@dataclass(frozen=True, slots=True)
class Columns:
    """The environments of each column of the table."""

    each: tuple[tuple[str, ...], ...]
    rest: tuple[str, ...]
    """Those for which there is no room: what happens there is counted in one column."""


def columns(entries: Sequence[Entry], environments: Environments, *, own: int, most: int) -> Columns:
    """A column for each environment, up to `own`; beyond, those that are alike in all rows share one, up to `most`."""
    if len(environments.affected) <= own:
        return Columns(tuple((name,) for name in environments.affected), ())
    groups = _alike_in_all(entries, environments)
    if len(groups) <= most:
        return Columns(groups, ())
    gravest = {
        name: min(effect.verdict for entry in entries for effect in entry.effects if name in effect.environments)
        for name in environments.affected
    }
    shown = set(sorted(groups, key=lambda names: gravest[names[0]])[: most - 1])
    kept = tuple(names for names in groups if names in shown)
    return Columns(kept, tuple(name for names in groups if names not in shown for name in names))


def _alike_in_all(entries: Sequence[Entry], environments: Environments) -> tuple[tuple[str, ...], ...]:
    own: dict[str, list[tuple[int, int]]] = {name: [] for name in environments.affected}
    for index, entry in enumerate(entries):
        for position, effect in enumerate(entry.effects):
            for name in effect.environments:
                own[name].append((index, position))
    together: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for name, effects in own.items():
        together.setdefault(tuple(effects), []).append(name)
    return tuple(tuple(names) for names in together.values())


def row(entry: Entry, shown: Columns, environments: Environments, links: Links) -> str:
    """One entry as a row of the summary: how grave, its causes, what happens in each column."""
    called, environments = _called(entry, environments)
    cells = [_effects_cell(entry, names[0], environments) for names in shown.each]
    rest = joined(tally(entry.effects, shown.rest)) if shown.rest else ""
    return _row(f"{called}<br>{_causes_cell(entry, links)}", cells, shown, rest)


def _called(entry: Entry, environments: Environments) -> tuple[str, Environments]:
    """How grave an entry is, and where it is not so if that holds for all of it; the rest need not say it then."""
    mark = elsewhere_of_all(entry, environments.known)
    if not mark:
        return f"**{entry_label(entry)}**", environments
    return f"**{entry_label(entry)}**, {prose(mark)}", replace(environments, known=())


def rest_row(entries: Sequence[Entry], shown: Columns) -> str:
    """Entries that have no row of their own, counted."""
    effects = [effect for entry in entries for effect in entry.effects]
    cells = [joined(tally(effects, names[:1])) or NONE for names in shown.each]
    rest = joined(tally(effects, shown.rest)) if shown.rest else ""
    return _row(f"{count(len(entries), 'more entry', 'more entries')}, folded below", cells, shown, rest)


def _row(head: str, cells: Sequence[str], shown: Columns, rest: str) -> str:
    # What is the same need not be read twice, and what differs stands out.
    told = [cells[0], *(SAME if each == cells[0] != NONE else each for each in cells[1:])]
    made = (head, *told, *([rest or NONE] if shown.rest else []))
    return f"| {' | '.join(cell(each) for each in made)} |"


def _causes_cell(entry: Entry, links: Links) -> str:
    """The causes of an entry: one in full, of several only which fields they are."""
    if len(entry.causes) == 1:
        return _cause(entry.causes[0], VALUE_IN_ROW, links, separator="<br>")
    lines = [_short_cause(cause, links) for cause in entry.causes[:CAUSES_IN_ROW]]
    left_out = len(entry.causes) - len(lines)
    if left_out:
        lines.append(f"and {count(left_out, 'more cause', 'more causes')}")
    return "<br>".join(lines) or "not known"


def _short_cause(cause: ReportedCause, links: Links) -> str:
    """A cause without its values; its document is a link to its place, if it can be one."""
    words = cause_words(cause)
    document = words.document and code(shortened(words.document, VALUE_IN_ROW * 2))
    url = links.url(cause.at, in_base=cause.in_base) if cause.at is not None else ""
    named = linked(document or words.plain, url)
    what = " ".join(part for part in (named, words.field and code(shortened(words.field, VALUE_IN_ROW * 2))) if part)
    change = f": {words.change}" if words.change and not words.field else ""
    if words.field.endswith("]"):  # its position in a list says nothing
        change = f": {_change(words.change, words.before, words.after, VALUE_IN_ROW * 2)}"
    place = place_of(cause)
    where = f" · {links.place(place, in_base=cause.in_base)}" if place is not None and not url else ""
    return f"{what}{change}{where}"


def _cause(cause: ReportedCause, most: int, links: Links, *, separator: str) -> str:
    """A cause: what, which value, where."""
    words = cause_words(cause)
    what = " ".join(
        part for part in (words.plain, words.document and code(shortened(words.document, most * 2))) if part
    )
    field = words.field and code(shortened(words.field, most * 2))
    change = _change(words.change, words.before, words.after, most)
    told = separator.join(part for part in (what, field) if part)
    place = place_of(cause)
    where = links.place(place, in_base=cause.in_base) if place is not None else ""
    return separator.join(part for part in (": ".join(part for part in (told, change) if part), where) if part)


def _change(change: str, before: str, after: str, most: int) -> str:
    """`1.2` → `1.3`, or what is known of it."""
    values = [code(shortened(value, most)) for value in apart(before, after, most) if value]
    return " → ".join(values) if before and after else " ".join(part for part in (change, *values) if part)


def _effects_cell(entry: Entry, environment: str, environments: Environments) -> str:
    """What an entry does in an environment: what is grave in words, what is routine counted."""
    own = [effect for effect in entry.effects if environment in effect.environments]
    grave = alike(effect for effect in own if effect.verdict is not Verdict.ROUTINE)
    routine = [effect for effect in own if effect.verdict is Verdict.ROUTINE]
    lines = [_cell_line(each, entry, environments) for each in grave[:LINES_IN_CELL]]
    beyond = [effect for group in grave[LINES_IN_CELL:] for effect in group.effects]
    if beyond:
        lines.append(f"and {joined(tally(beyond, (environment,)))}")
    together = alike(routine)
    if not grave and len(together) == 1:
        lines.append(_cell_line(together[0], entry, environments))
    elif counted := joined(tally(routine, (environment,), beside=own)):
        lines.append(f"{'and ' if lines else ''}{counted}")
    return "<br>".join(lines) or NONE


def _cell_line(group: Alike, entry: Entry, environments: Environments) -> str:
    """Effects in a cell; their verdict only if it is not that of the row."""
    called = "" if label(group.effect) == entry_label(entry) else f"**{label(group.effect)}** "
    marks = [elsewhere(group, environments.known), "accepted" if group.effect.accepted else ""]
    said = ", ".join(prose(mark) for mark in marks if mark)
    return f"{called}{_sentence(group, OBJECTS_IN_CELL, '', MESSAGE_IN_CELL)}{f' **({said})**' if said else ''}"


def _sentence(group: Alike, most: int, where: str, longest: int = MESSAGE) -> str:
    """Which objects, in which environments, and what happens to them; long lists of objects come last."""
    said = prose(group.effect.message, longest)
    named = [code(shortened(name, VALUE)) for name in group.objects[: most + 1]]
    if len(group.objects) <= FIRST_OBJECTS:
        each = " each" if len(group.objects) > 1 else ""
        return f"{joined(named)}{each}{where}: {said}"
    left_out = len(group.objects) - most
    shown = joined(named) if left_out <= 1 else f"{', '.join(named[:most])} and {left_out:,} more"
    return f"{len(group.objects):,} objects each{where}: {said}: {shown}"


def block(entry: Entry, environments: Environments, links: Links) -> str:
    """One entry in full: its causes, and every effect with its details and changed values.

    Beside dangerous effects, the others are folded.
    """
    causes = [_cause(cause, VALUE, links, separator=" · ") for cause in entry.causes[:CAUSES]]
    if len(entry.causes) > CAUSES:
        causes.append(count(len(entry.causes) - CAUSES, "more cause", "more causes"))
    called, environments = _called(entry, environments)
    head = called + (f" · {causes[0]}" if causes else "")
    blocks = ["<br>\n".join([head, *(f"and {each}" for each in causes[1:])])]
    danger = [effect for effect in entry.effects if effect.verdict in DANGER]
    rest = [effect for effect in entry.effects if effect.verdict not in DANGER]
    if danger:
        blocks.append(_effects(danger, environments, links))
    if rest and danger:
        title = joined(tally(rest, beside=danger)) or count(len(rest), "update", "updates") + " of the same"
        blocks.append(
            f"<details><summary>Besides: {title}</summary>\n\n{_effects(rest, environments, links)}\n\n</details>"
        )
    elif rest:
        blocks.append(_effects(rest, environments, links))
    return "\n\n".join(blocks) + "\n"


def _effects(effects: Sequence[ReportedEffect], environments: Environments, links: Links) -> str:
    groups = alike(effects)
    shown = [line for group in groups[:EFFECTS] for line in _effect(group, environments, links)]
    beyond = [effect for group in groups[EFFECTS:] for effect in group.effects]
    if beyond:
        shown.append(f"- and {joined(tally(beyond))}, not shown here")
    return "\n".join(shown)


def _effect(group: Alike, environments: Environments, links: Links) -> Iterator[str]:
    effect = group.effect
    everywhere = set(group.environments) >= set(environments.affected)
    said = "" if everywhere else f" in {prose(joined_environments(group.environments))}"
    said += f" ({prose(other)})" if (other := elsewhere(group, environments.known)) else ""
    yield f"- **{label(effect)}** {_sentence(group, OBJECTS, said)}"
    if effect.accepted is not None:
        yield f"  - accepted: {prose(effect.accepted.reason)} · {links.place(effect.accepted.at)}"
    yield from (f"  - {prose(detail)}" for detail in effect.details[:DETAILS])
    if len(effect.details) > DETAILS:
        yield f"  - and {count(len(effect.details) - DETAILS, 'more detail', 'more details')}"
    for field in group.fields[:FIELDS]:
        yield from _field(field)
    if len(group.fields) > FIELDS:
        yield f"  - and {count(len(group.fields) - FIELDS, 'more value', 'more values')}"


def _field(field: ReportedField) -> Iterator[str]:
    own = f"in {prose(joined_environments(field.environments))}: " if field.environments else ""
    path = own + code(shortened(field.path, VALUE))
    if is_text(field):
        change = "added" if field.before is None else "removed" if field.after is None else "changed"
        yield f"  - {path} {change}"
        yield ""
        yield fenced(difference(field, DIFFERENCE), "diff", "    ")
        return
    same = f" ({prose(field.same)})" if field.same else ""
    if field.before is not None and field.after is not None:
        before, after = apart(field.before, field.after, VALUE)
        change = f"{code(shortened(before, VALUE))} → {code(shortened(after, VALUE))}"
    elif field.after is not None:
        change = f"added {code(shortened(field.after, VALUE))}"
    else:
        change = f"removed {code(shortened(field.before or '', VALUE))}"
    yield f"  - {path}: {change}{same}"


def accepted_line(group: Alike, links: Links) -> str:
    """An effect that the spec wants, with its reason and its line."""
    effect = group.effect
    reason, place = ("", "") if effect.accepted is None else (effect.accepted.reason, links.place(effect.accepted.at))
    where = f" in {prose(joined_environments(group.environments))}"
    return f"- **{label(effect)}, accepted** {_sentence(group, OBJECTS, where)}<br>because: {prose(reason)} · {place}"
