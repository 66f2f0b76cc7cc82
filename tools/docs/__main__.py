"""Write docs/, or with --check say what in it is stale: `python -m tools.docs [--check] [DIR]`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tools.docs.documents import documents, stale, write


@click.command()
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if a file is stale.")
@click.argument("folder", metavar="[DIR]", default="docs", type=click.Path(path_type=Path))
def main(folder: Path, *, check_only: bool) -> None:
    """Make the reference from the models, rules and verbs, in DIR or docs/."""
    made = documents()
    if not check_only:
        changed = write(folder, made)
        click.echo(f"{folder}: {len(changed)} of {len(made)} files changed", err=True)
        return
    found = stale(folder, made)
    for path in found:
        click.echo(f"{folder / path} is stale")
    if found:
        click.echo("run `python -m tools.docs` and commit what it changes", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
