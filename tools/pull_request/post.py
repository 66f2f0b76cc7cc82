"""post: a comment that a job of the same pipeline has written, on GitHub, GitLab, Gitea or Forgejo.

In      Markdown that begins with the marker, the address of the API, the project, the number; a token from TOKEN.
Out     one comment, created or updated; what was done, on stdout.
Never   takes the token from the command line, where others can read it.

For pipelines whose every part is trusted alike: where a fork's pull request gets no token, or where there are none.
`python -P -m tools.pull_request.post HOST --api URL --project NAME --number N [--author NAME] FILE`. Exits with 64 for a
wrong command line, 69 where the API refused.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.pull_request.api import Api, ApiError, bearer, private_token
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


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Post once, and say what was done; the exit code."""
    parser = argparse.ArgumentParser(prog="python -P -m tools.pull_request.post", exit_on_error=False)
    parser.add_argument("host", choices=sorted(HOSTS))
    parser.add_argument("--api", required=True, help="such as https://gitlab.example.com/api/v4")
    parser.add_argument("--project", required=True, help="owner/name, or GitLab's number of the project")
    parser.add_argument("--number", required=True, type=int, help="of the pull request or merge request")
    parser.add_argument(
        "--author", default="", help="whose comment it is; by default the API is asked whose the token is"
    )
    parser.add_argument("file", type=Path)
    try:
        asked = parser.parse_args(arguments)
    except argparse.ArgumentError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    token = environ.get("TOKEN", "")
    if not token:
        print("error: set TOKEN", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    host = HOSTS[asked.host]
    try:
        thread = host.thread(host.api(asked.api, token), asked.project, asked.number, asked.author)
        done = put(thread, asked.file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    except ApiError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_API
    print(f"{asked.number}: {done}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
