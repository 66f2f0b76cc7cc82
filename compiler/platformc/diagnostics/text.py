"""text: findings for people at a terminal, in the shape that rustc made familiar.

In      findings, the text of the files they point into, whether to use colour, the number of columns.
Out     text that ends with a line break; empty if there is nothing to report.
Never   sorts, drops or changes a finding; prints a control character that came from a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from platformc.diagnostics.finding import Finding, Severity, Span
from platformc.diagnostics.text_cells import visible
from platformc.diagnostics.text_snippet import snippet, split_lines

COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
"""SGR parameters per severity: bold red, yellow and cyan, which are visible on light and dark backgrounds."""

FRAME = "1;34"
STRONG = "1"

Paint = Callable[[str, str], str]
"""Text and SGR parameters -> text."""


def render_text(findings: Sequence[Finding], texts: Mapping[str, str], *, color: bool, width: int) -> str:
    """Write all findings, a blank line between them, and their count as the last line.

    `texts` maps the paths of spans to whole files; a finding in a file that is not in it has no
    snippet. Source lines are cut to `width` columns; sentences are not, the terminal wraps them.
    """
    if not findings:
        return ""
    paint = _coloured if color else _plain
    lines = _Lines(texts)
    blocks = ["\n".join(_finding(each, lines, paint, width)) for each in findings]
    return "\n\n".join([*blocks, _painted_summary(findings, paint)]) + "\n"


SHOWN_OF_A_RULE = 2
"""Findings of one rule that a short listing shows; the rest is counted."""


def render_brief(findings: Sequence[Finding], *, color: bool, elsewhere: str) -> str:
    """Write one line for each finding, and only the first few of each rule.

    `elsewhere` is the command that shows all of them with their snippets; it is printed if any is left out.
    """
    if not findings:
        return ""
    paint = _coloured if color else _plain
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    lines = []
    for rule, group in by_rule.items():
        head = paint(f"{group[0].severity}[{visible(rule)}]", COLOURS[group[0].severity])
        lines += [f"{head} {visible(str(one.at))}: {_sentence(one.message)[0]}" for one in group[:SHOWN_OF_A_RULE]]
        left_out = len(group) - SHOWN_OF_A_RULE
        if left_out > 0:
            lines.append(f"{head} and {left_out} more: run `{elsewhere}` to see all")
    return "\n".join([*lines, _painted_summary(findings, paint)]) + "\n"


def render_problem(message: str, hint: str = "", *, color: bool) -> str:
    """Write an error without a place in a file (a wrong command line, a tool that failed)."""
    paint = _coloured if color else _plain
    first, *more = _sentence(message)
    lines = [paint("error", COLOURS[Severity.ERROR]) + paint(f": {first}", STRONG), *(f"  {line}" for line in more)]
    if hint:
        lines += _note("help", hint, "  ", paint)
    return "\n".join(lines) + "\n"


def summary(findings: Sequence[Finding]) -> str:
    """Count findings in words: `3 errors, 2 warnings`; empty if there are none."""
    counts = ((each, sum(finding.severity is each for finding in findings)) for each in Severity)
    return ", ".join(f"{count} {each}{'' if count == 1 else 's'}" for each, count in counts if count)


class _Lines:
    """The lines of the files, each file split once however many findings it has."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._split: dict[str, tuple[str, ...]] = {}

    def at(self, span: Span) -> str | None:
        """Return the first line of a span; None if there is none to show."""
        if span.path not in self._texts or span.is_whole_file:
            return None
        if span.path not in self._split:
            self._split[span.path] = split_lines(self._texts[span.path])
        lines = self._split[span.path]
        return lines[span.line - 1] if 1 <= span.line <= len(lines) else None


def _finding(finding: Finding, lines: _Lines, paint: Paint, width: int) -> Iterator[str]:
    colour = COLOURS[finding.severity]
    first, *more = _sentence(finding.message)
    yield paint(f"{finding.severity}[{visible(finding.rule)}]", colour) + paint(f": {first}", STRONG)
    yield from (f"  {line}" for line in more)
    spans = (finding.at, *(span for span, _ in finding.related))
    digits = max((len(str(span.line)) for span in spans if lines.at(span) is not None), default=1)
    hidden = _Lines({}) if finding.confidential else lines
    yield from _place("-->", finding.at, "", hidden, _Frame(paint, colour, "^", digits, width))
    for span, label in finding.related:
        yield from _place(":::", span, label, lines, _Frame(paint, FRAME, "-", digits, width))
    gutter = " " * (digits + 1)
    if finding.environment:
        yield from _note("in environment", finding.environment, gutter, paint)
    if finding.hint:
        yield from _note("help", finding.hint, gutter, paint)


class _Frame:
    """How a snippet is drawn: the mark that underlines it, its colour, and the available width."""

    def __init__(self, paint: Paint, colour: str, mark: str, digits: int, width: int) -> None:
        self.mark = mark
        self.colour = colour
        self.paint = paint
        self.digits = digits
        self.width = width - digits - len(" | ")


def _place(arrow: str, span: Span, label: str, lines: _Lines, frame: _Frame) -> Iterator[str]:
    """Print the place of something and, if its file is known, the line with the place underlined."""
    paint = frame.paint
    place = span.path if span.is_whole_file else str(span)
    head = " " * frame.digits + paint(arrow, FRAME) + " " + visible(place)
    line = lines.at(span)
    told = visible(" ".join(label.split()))
    if line is None:
        yield f"{head}: {told}" if told else head
        return
    shown = snippet(line, span, frame.width)
    bar = " " * (frame.digits + 1) + paint("|", FRAME)
    yield head
    yield bar
    yield (paint(f"{span.line:>{frame.digits}} |", FRAME) + " " + shown.text).rstrip()
    underline = frame.mark * shown.length + (f" {told}" if told else "")
    yield f"{bar} {' ' * shown.offset}{paint(underline, frame.colour)}"


def _note(word: str, text: str, gutter: str, paint: Paint) -> Iterator[str]:
    first, *more = _sentence(text)
    yield f"{gutter}{paint('=', FRAME)} {paint(word, STRONG)}: {first}"
    indent = " " * (len(gutter) + len(f"= {word}: "))
    yield from (indent + line for line in more)


def _sentence(text: str) -> list[str]:
    """Split the text of a finding into lines that are safe to print; never empty."""
    return [visible(line).rstrip() for line in text.split("\n")]


def _painted_summary(findings: Sequence[Finding], paint: Paint) -> str:
    counted = summary(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return paint("error", COLOURS[Severity.ERROR]) + paint(f": {counted}", STRONG)
    return paint(counted, STRONG)


def _coloured(text: str, parameters: str) -> str:
    return f"\x1b[{parameters}m{text}\x1b[0m"


def _plain(text: str, _parameters: str) -> str:
    return text
