"""commands: docs/commands.md, the help of every verb as the command line prints it."""

from __future__ import annotations

from collections.abc import Iterator

import click
from platformc.cli import platformc

from tools.docs.language import fragment
from tools.docs.markdown import code, page

WIDTH = 100
"""Columns; the width of somebody's terminal must not change a file."""


def commands() -> str:
    """One section for each verb, with the verbs below it."""
    return page("Commands", fragment("commands"), *_sections(platformc, None, ()))


def _sections(command: click.Command, parent: click.Context | None, above: tuple[str, ...]) -> Iterator[str]:
    name = command.name or ""
    context = click.Context(
        command, parent=parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, resilient_parsing=True
    )
    path = (*above, name)
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    text = "\n".join(lines).strip("\n")
    yield f"## {code(' '.join(path))}\n\n```text\n{text}\n```"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield from _sections(found, context, path)
