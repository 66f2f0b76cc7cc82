"""comment_text: the whole comment, from the report's Markdown and what this side knows for itself.

In      Markdown of the compiler; the pull request and its run as the API tells them.
Out     Markdown that begins with the marker, and is no longer than a comment can be.
Never   contains a word of the pull request that the compiler did not make inert: no file's name, no title, no branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.pull_request.rendering import Rendered
from tools.pull_request.sticky_comment import MARKER

LONGEST = 65_536
"""Characters of a comment on GitHub."""

SHORT = 10
WORKFLOWS = ".github/"
"""A change below decides about the report in every repository."""


@dataclass(frozen=True, slots=True)
class About:
    """What the comment is about, from the API: hexadecimal, and an address of the host."""

    head: str
    run_url: str
    touched: tuple[str, ...]
    """Which of the paths that make the report itself are changed."""


def touched(watched: Sequence[str], changed: Sequence[str]) -> tuple[str, ...]:
    """Which of the watched paths a change is in; folders end with a slash."""
    return tuple(
        one for one in watched if any(path == one or (one[-1] == "/" and path.startswith(one)) for path in changed)
    )


def with_report(rendered: Rendered, by_head: Rendered | None, about: About) -> str:
    """The comment that shows a report; `by_head` is that of the pull request's own compiler, where it changes that."""
    text = f"{MARKER}\n{_warning(about)}{_body(rendered)}\n\n{_footer(about)}\n"
    if by_head is None:
        return text
    same = by_head.markdown == rendered.markdown
    own = (
        "\nThe compiler of this pull request makes the same report.\n"
        if same
        else "\n<details><summary>What the compiler of this pull request makes of it, which is not reviewed yet</summary>\n\n"
        f"{_body(by_head)}\n\n</details>\n"
    )
    elsewhere = "\nThe compiler of this pull request makes another report, too long to stand here: the run has it.\n"
    return text + (own if len(text) + len(own) <= LONGEST else elsewhere)


def without_report(why: str, about: About) -> str:
    """The comment where there is none: what stands there from an older commit would be taken for this one's."""
    return f"{MARKER}\n{_warning(about)}**No report of what this changes:** {why}.\n\n{_footer(about)}\n"


def _body(rendered: Rendered) -> str:
    return rendered.markdown.removeprefix(MARKER).strip("\n")


def _warning(about: About) -> str:
    if not about.touched:
        return ""
    names = ", ".join(f"`{one}`" for one in about.touched)
    return (
        "> [!CAUTION]\n"
        f"> This pull request changes what makes this report ({names}). Until that is reviewed, the report is only"
        " what the pull request says of itself.\n\n"
    )


def _footer(about: About) -> str:
    return f"<sub>Commit {about.head[:SHORT]}, [run]({about.run_url})</sub>"
