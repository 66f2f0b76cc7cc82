"""field_path: Crossplane's field paths, `spec.forProvider.tags` or `metadata.annotations[example.org/name]`.

In      the text of a `fromFieldPath` or `toFieldPath`.
Out     its steps: keys of maps as text, positions in lists as numbers.
Finds   nothing; a text that is no path raises ValueError with the bare reason.
Source  crossplane/crossplane-runtime pkg/fieldpath/fieldpath.go.
"""

from __future__ import annotations

import re

Steps = tuple[str | int, ...]

STEP = re.compile(r"(?P<dot>\.)?(?P<name>[^.\[\]\s]+)|\[(?P<bracket>[^\[\]\s]+)\]")


def steps_of(text: str) -> Steps:
    """The steps of a path. Raises ValueError for wildcards, too: what they reach depends on the object.

    >>> steps_of("spec.list[0].name"), steps_of("metadata.annotations[example.org/name]")
    (('spec', 'list', 0, 'name'), ('metadata', 'annotations', 'example.org/name'))
    """
    found: list[str | int] = []
    position = 0
    while position < len(text):
        match = STEP.match(text, position)
        if match is None or (match["name"] is not None and bool(match["dot"]) != bool(found)):
            raise ValueError(f"{text!r} is not a field path")
        step = match["name"] or match["bracket"]
        if step in {"*", "'*'"}:
            raise ValueError(f"{text!r} has a wildcard, whose targets depend on each object")
        found.append(int(step) if match["bracket"] is not None and step.isdecimal() else step)
        position = match.end()
    if not found:
        raise ValueError("an empty field path")
    return tuple(found)


def shown(steps: Steps) -> str:
    """The path as people write it.

    >>> shown(("spec", "list", 0, "example.org/name"))
    'spec.list[0][example.org/name]'
    """
    text = ""
    for step in steps:
        plain = isinstance(step, str) and "." not in step
        text += f"{'.' if text else ''}{step}" if plain else f"[{step}]"
    return text


def covers(one: Steps, other: Steps) -> bool:
    """Whether a value at `one` holds what stands at `other`: it is the same place, or above it."""
    return other[: len(one)] == one
