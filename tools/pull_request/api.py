"""api: questions to the REST API of GitHub, GitLab, Gitea or Forgejo, and their answers as JSON.

In      an address, a header that says who asks, paths.
Out     JSON; all items of a list, page after page; the bytes of a download, up to a limit.
Never   follows a redirect with the token: what a download is redirected to is another host, and is asked without it.
        Shows the token. Reads more than a limit.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from platformc.http_fetch import FetchError, fetch

SECONDS = 30
ANSWER_LIMIT = 16 * 1024 * 1024
"""Of one answer, in bytes: a page of 100 comments of 65,536 characters each is less."""

MOST_PAGES = 100
NEXT_PAGE = re.compile(r'<([^>]+)>;\s*rel="next"')
REDIRECTS = {HTTPStatus.FOUND, HTTPStatus.TEMPORARY_REDIRECT}
LONGEST_MESSAGE = 200


class ApiError(Exception):
    """An API refused, or said what it never says; the text names the question, and never the token."""


@dataclass(frozen=True, slots=True)
class Api:
    """One API as one user."""

    address: str
    """Such as https://api.github.com: paths are added to it as they are."""

    header: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: its status, its headers, up to a limit of its bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def bearer(address: str, token: str) -> Api:
    """An API that takes `Authorization: Bearer`: GitHub's, Gitea's, Forgejo's."""
    return Api(_checked(address), "Authorization", f"Bearer {token}")


def private_token(address: str, token: str) -> Api:
    """An API that takes `PRIVATE-TOKEN`: GitLab's."""
    return Api(_checked(address), "PRIVATE-TOKEN", token)


def get(api: Api, path: str) -> Any:
    """What the API says at a path. Raises ApiError, also where it is not there."""
    return _json(_asked(api, "GET", f"{api.address}{path}"), f"GET {path}")


def send(api: Api, method: str, path: str, body: Mapping[str, Any]) -> Any:
    """Tell the API something; its answer. Raises ApiError."""
    return _json(_asked(api, method, f"{api.address}{path}", body), f"{method} {path}")


def items(api: Api, path: str, key: str = "") -> Iterator[Any]:
    """The items of a list on all its pages; `key` is where an object has it.

    The next page is where the header Link says, as long as that is below the API's address: Gitea says none for
    lists that it never divides. Raises ApiError.
    """
    following = f"{api.address}{path}"
    for _ in range(MOST_PAGES):
        answer = _asked(api, "GET", following)
        page = _json(answer, f"GET {path}")
        page = page.get(key) if key and isinstance(page, dict) else page
        if not isinstance(page, list):
            raise ApiError(f"GET {path} did not answer with a list")
        yield from page
        link = NEXT_PAGE.search(answer.headers.get("link", ""))
        if link is None:
            return
        following = link[1]
        if not following.startswith(f"{api.address}/"):
            raise ApiError(f"GET {path}: the next page is not below {api.address}")
    raise ApiError(f"GET {path}: more than {MOST_PAGES} pages")


def download(api: Api, path: str, limit: int) -> bytes:
    """The bytes behind a path that redirects to where they lie. Raises ApiError where they are more than `limit`."""
    answer = _asked(api, "GET", f"{api.address}{path}", limit=limit)
    if answer.status not in REDIRECTS:
        raise ApiError(f"GET {path} answered {answer.status}, where a redirect was expected")
    try:
        there = fetch(answer.headers.get("location", ""), limit=limit + 1, timeout=SECONDS)
    except (FetchError, ValueError) as error:
        raise ApiError(f"GET {path}: the download failed: {type(error).__name__}") from error
    if there.status != HTTPStatus.OK:
        raise ApiError(f"GET {path}: the download answered {there.status}")
    if len(there.content) > limit:
        raise ApiError(f"GET {path}: the download has more than {limit} bytes")
    return there.content


def _checked(address: str) -> str:
    if urlsplit(address).scheme not in {"http", "https"}:
        raise ApiError("the address of the API is not an http or https address")
    return address.rstrip("/")


def _asked(
    api: Api, method: str, address: str, body: Mapping[str, Any] | None = None, limit: int = ANSWER_LIMIT
) -> Answer:
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked where the Api was made
        address,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            api.header: api.value,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "platformc",
        },
    )
    where = urlsplit(address).path
    try:
        with _opener().open(request, timeout=SECONDS) as response:
            content = response.read(limit + 1)
            answer = Answer(response.status, {name.lower(): text for name, text in response.headers.items()}, content)
    except (OSError, http.client.HTTPException) as error:
        raise ApiError(f"{method} {where}: no answer: {error}") from error
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise ApiError(f"{method} {where} answered {answer.status}{_message(answer.content)}")
    if len(content) > limit:
        raise ApiError(f"{method} {where}: the answer has more than {limit} bytes")
    return answer


@cache
def _opener() -> urllib.request.OpenerDirector:
    """Speaks http and https, gives every status back as it is, follows nothing; made once, as certificates take time."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
    ):
        opener.add_handler(handler)
    return opener


def _json(answer: Answer, question: str) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise ApiError(f"{question} answered {answer.status} with something that is not JSON") from error


def _message(content: bytes) -> str:
    """What an API says of a refusal, on one line: it ends in a log, where a line could be a command."""
    try:
        told = json.loads(content)
    except ValueError:
        return ""
    message = told.get("message") if isinstance(told, dict) else None
    return f": {' '.join(message.split())[:LONGEST_MESSAGE]}" if isinstance(message, str) else ""
