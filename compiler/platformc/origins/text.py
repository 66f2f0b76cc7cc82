"""text: explanations as people read them: the value, its places in the spec line by line, its convention."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Sequence

from platformc.diagnostics.text_cells import visible
from platformc.lower.secret_files import with_placeholders
from platformc.origins.explain import AccessWord, Allowed, Explanation, Origin

MOST_LINES = 12
"""Lines of the spec that are shown one by one. A checksum has a hundred, and then the documents say more."""

WIDTH = 100
"""Characters of a line of AWS actions."""

FILES = ("spec", "template", "data")
"""Where a SealedSecret has the files that the controller fills in."""

Paint = Callable[[str, str], str]


def as_text(explanations: Iterable[Explanation], output: str, paint: Paint) -> str:
    """All explanations, a blank line between them; `output` is the name of the output folder."""
    return "\n\n".join("\n".join(_block(one, output, paint)) for one in explanations) + "\n"


def _block(one: Explanation, output: str, paint: Paint) -> list[str]:
    value = json.dumps(one.value, ensure_ascii=False) if not isinstance(one.value, str) else one.value
    first, *more = value.split("\n")
    shown = visible(first) + (f" … ({len(more)} more lines)" if any(more) else "")
    place = f"{one.object} {written_path(one.path)}" + (f", line {one.line}" if one.line is not None else "")
    lines = [f"{paint(place, '1')} = {shown}", f"  in {output}/{one.file}"]
    by_line = _by_line(one.origins)
    if len(by_line) > MOST_LINES:
        lines += _documents(by_line, paint)
        lines.append(f"       the origins of {len(by_line)} lines; `--format json` lists each value")
    else:
        lines += [line for origins in by_line for line in _places(origins, paint)]
    if one.access:
        lines.append("  the access words in `needs`, their targets, and the actions that they allow:")
        lines += [line for word in one.access for line in _access(word, paint)]
    if one.kind == "SealedSecret" and one.path[:3] == FILES:
        lines.append("  which becomes, with the decrypted values:")
        lines += [f"       {visible(line)}".rstrip() for line in with_placeholders(value).rstrip("\n").split("\n")]
    lines += [line for origins in _by_line(one.part_of) for line in _places(origins, paint, "part of")]
    if one.allowed is not None:
        lines += _allowed(one.allowed)
    if one.convention is not None:
        lines.append(f"  by convention {paint(one.convention.id, '1;34')}: {one.convention.title}")
        lines.append(f"       {one.convention.reason} (docs/conventions.md#{one.convention.id})")
    return lines


def _access(word: AccessWord, paint: Paint) -> list[str]:
    """An access word with what it is said of and the AWS actions that it stands for."""
    names = ", ".join(word.targets)
    actions = textwrap.wrap(", ".join(word.actions), WIDTH, break_on_hyphens=False)
    return [
        f"       {paint(f'{word.kind} {word.word}', '1')}: {names}",
        *(f"         {line}" for line in actions),
    ]


def _by_line(origins: Iterable[Origin]) -> list[list[Origin]]:
    """The origins on one line of the spec together, parts of the value apart from its causes."""
    found: dict[tuple[str, int, bool], list[Origin]] = {}
    for origin in origins:
        found.setdefault((origin.at.path, origin.at.line, origin.is_cause), []).append(origin)
    return list(found.values())


def _places(origins: Sequence[Origin], paint: Paint, word: str = "") -> list[str]:
    """A line of the spec with what stood there before and what was substituted into it."""
    first = origins[0]
    lines = [f"  {word or _word(first)} {paint(str(first.at), '1;34')}  {visible(first.text)}"]
    lines += [f"       {_in_document(origins)}"] if first.document else []
    before = {f"       replaces {_with_document(one)}": None for origin in origins for one in origin.replaced}
    parts = {f"       with {_with_document(one)}": None for origin in origins for one in origin.constants}
    return [*lines, *before, *parts]


def _in_document(origins: Sequence[Origin]) -> str:
    """The document of a line of the spec, the paths of what stands there, and how a Profile comes in."""
    first = origins[0]
    paths = dict.fromkeys(written_path(one.path) for one in origins if one.path)
    through = f" (extended at {first.extended})" if first.extended is not None else ""
    return f"{first.document}{through}{': ' if paths else ''}{', '.join(paths)}"


def _allowed(allowed: Allowed) -> list[str]:
    """The objects for which a project allows a kind."""
    lines = []
    for words, objects in (("rendered of this kind:", allowed.rendered), ("made in the cluster of:", allowed.made_of)):
        if objects:
            more = f" and {len(objects) - MOST_LINES} more" if len(objects) > MOST_LINES else ""
            text = f"{words} {', '.join(objects[:MOST_LINES])}{more}"
            first, *rest = textwrap.wrap(text, WIDTH, break_on_hyphens=False)
            lines += [f"  {first}", *(f"       {line}" for line in rest)]
    return lines


def _documents(by_line: Iterable[Sequence[Origin]], paint: Paint) -> list[str]:
    """One line for each document, with its lines as ranges."""
    found: dict[tuple[bool, str, str], list[int]] = {}
    words: dict[tuple[bool, str, str], str] = {}
    for origins in by_line:
        for origin in (origins[0], *(part for one in origins for part in (*one.replaced, *one.constants))):
            key = (origins[0].is_cause, origin.at.path, origin.document)
            found.setdefault(key, []).append(origin.at.line)
            words.setdefault(key, _word(origins[0]))
    return [
        f"  {words[key]} {paint(f'{key[1]}:{_ranges(lines)}', '1;34')}  {key[2]}".rstrip()
        for key, lines in found.items()
    ]


def _ranges(lines: Iterable[int]) -> str:
    """`3-5,9`: numbers of lines, sorted, neighbours joined."""
    ranges: list[list[int]] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ",".join(str(start) if start == end else f"{start}-{end}" for start, end in ranges)


def _word(origin: Origin) -> str:
    return "because of" if origin.is_cause else "from"


def _with_document(origin: Origin) -> str:
    document = f"  ({origin.document})" if origin.document else ""
    return f"{origin.at}  {visible(origin.text)}{document}"


def written_path(path: Sequence[str | int]) -> str:
    """A path as people write it: `spec.containers[0].name`; a key with dots stands in `["…"]`."""
    made = ""
    for step in path:
        if isinstance(step, int):
            made += f"[{step}]"
        else:
            made += f'["{step}"]' if "." in step or "/" in step else f".{step}"
    return made.removeprefix(".")
