"""post: a comment that a job of the same pipeline has written, on GitHub, GitLab, Gitea or Forgejo.

In      the folder of `report`, the address of the API, the project, the number; a token from TOKEN.
Out     one comment, created or updated, and only updated where nothing changes; what was done, on stdout.
Never   takes the token from the command line, where others can read it.

For pipelines whose every part is trusted alike: where a fork's pull request gets no token, or where there are none.
`python -P -m tools.pull_request.post HOST --api URL --project NAME --number N [--author NAME] FOLDER`. Exits with 64 for a
wrong command line, 69 where the API refused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tools.pull_request.api import Api, ApiError, bearer, private_token
from tools.pull_request.report import COMMENT, UNCHANGED
from tools.pull_request.sticky_comment import Thread, github, gitlab, put

EXIT_USAGE, EXIT_API = 64, 69


@dataclass(frozen=True, slots=True)
class Host:
    """How one kind of host is spoken to."""

    api: Callable[[str, str], Api]
    thread: Callable[[Api, str, int, str], Thread]


HOSTS: Mapping[str, Host] = {
    "github": Host(bearer, github),
    "gitlab": Host(private_token, gitlab),
    "gitea": Host(bearer, github),
    "forgejo": Host(bearer, github),
}


@click.command()
@click.argument("host", metavar="HOST", type=click.Choice(sorted(HOSTS)))
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--api", "address", required=True, help="Such as https://gitlab.example.com/api/v4.")
@click.option("--project", required=True, help="Owner and name, or GitLab's number of the project.")
@click.option("--number", required=True, type=int, help="Of the pull request or merge request.")
@click.option("--author", default="", help="Whose comment it is. By default the API is asked whose the token is.")
@click.pass_obj
def _post(
    environ: Mapping[str, str], /, *, host: str, folder: Path, address: str, project: str, number: int, author: str
) -> int:
    """Create or update the one comment of a pull request from what `report` wrote; the token is in TOKEN."""
    token = environ.get("TOKEN", "")
    if not token:
        raise click.UsageError("set TOKEN")
    try:
        unchanged = not (folder / COMMENT).exists()
        text = (folder / (UNCHANGED if unchanged else COMMENT)).read_text(encoding="utf-8")
        spoken = HOSTS[host]
        thread = spoken.thread(spoken.api(address, token), project, number, author)
        done = put(thread, text, only_update=unchanged)
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    except ApiError as error:
        click.echo(f"error: {error}", err=True)
        return EXIT_API
    click.echo(f"{number}: {done}")
    return 0


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Post once, and say what was done; the exit code."""
    try:
        return int(_post.main(list(arguments), standalone_mode=False, obj=environ) or 0)
    except click.UsageError as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
