"""sticky_comment: one comment on a pull request, written again and again.

In      where a host keeps the comments of one pull request; the text, which begins with the hidden marker.
Out     what was done: created, updated, or nothing.
Never   changes a comment of another author, whatever it begins with; writes a second one; writes what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from tools.pull_request.api import Api, ApiError, get, items, send

MARKER = "<!-- platformc diff -->"
"""How the Markdown of `platformc diff` begins; it is not shown."""


class Done(StrEnum):
    """What was done."""

    CREATED = "created the comment"
    UPDATED = "updated the comment"
    UNCHANGED = "the comment says that already"
    NOT_NEEDED = "nothing to say, and no comment that says otherwise"


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments of one pull request on one host: their paths, and who writes ours."""

    api: Api
    listed: str
    created: str
    update_method: str
    updated: str
    """The path of one comment without its number, which follows after a slash."""

    author_key: str
    name_key: str
    author: str


def github(api: Api, repository: str, number: int, author: str) -> Thread:
    """A pull request on GitHub, Gitea or Forgejo, whose comments are those of an issue of the same number.

    Source: docs.github.com/rest/issues/comments; Gitea's API takes the same paths below /api/v1.
    """
    comments = f"/repos/{repository}/issues/{number}/comments"
    return Thread(
        api,
        f"{comments}?per_page=100",
        comments,
        "PATCH",
        f"/repos/{repository}/issues/comments",
        "user",
        "login",
        author or _own_name(api, "login"),
    )


def gitlab(api: Api, project: str, number: int, author: str) -> Thread:
    """A merge request on GitLab; `project` is its number or its path. Source: docs.gitlab.com/api/notes."""
    notes = f"/projects/{quote(project, safe='')}/merge_requests/{number}/notes"
    return Thread(
        api,
        f"{notes}?per_page=100",
        notes,
        "PUT",
        notes,
        "author",
        "username",
        author or _own_name(api, "username"),
    )


def put(thread: Thread, text: str, *, only_update: bool = False) -> Done:
    """Let our comment be `text`; with `only_update` none is created. Raises ApiError, ValueError without the marker."""
    if not text.startswith(MARKER):
        raise ValueError("the text does not begin with the marker, and would never be found again")
    ours = next((one for one in items(thread.api, thread.listed) if _is_ours(thread, one)), None)
    if ours is None and only_update:
        return Done.NOT_NEEDED
    if ours is None:
        send(thread.api, "POST", thread.created, {"body": text})
        return Done.CREATED
    if ours["body"].replace("\r\n", "\n").rstrip() == text.rstrip():
        return Done.UNCHANGED
    send(thread.api, thread.update_method, f"{thread.updated}/{ours['id']}", {"body": text})
    return Done.UPDATED


def _is_ours(thread: Thread, comment: Any) -> bool:
    """By marker and by author: anybody can write a comment that begins with the marker."""
    if not isinstance(comment, dict) or not isinstance(comment.get("id"), int):
        return False
    author = comment.get(thread.author_key)
    name = author.get(thread.name_key) if isinstance(author, dict) else None
    body = comment.get("body")
    return name == thread.author and isinstance(body, str) and body.startswith(MARKER)


def _own_name(api: Api, key: str) -> str:
    user = get(api, "/user")
    name = user.get(key) if isinstance(user, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ApiError("GET /user does not say whose token this is: name the author of the comment")
    return name
