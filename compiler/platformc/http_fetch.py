"""http_fetch: what a web server answers to one question.

In      an http or https address; how much of the answer is wanted, and how long to wait for it.
Out     the answer, whatever its status is.
Never   speaks anything but http and https, also after a redirect; takes a certificate that this machine does not trust.

Whether an address may be asked, and what an answer is worth, is for who asks: a checksum, or a connection that
nobody can change on its way.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

AGENT = "platformc"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    reason: str
    content: bytes
    promised: int | None
    """How many bytes the server said that there are; None where it did not say."""


class FetchError(Exception):
    """Nothing whole came back. `cause` says why, `was_reached` whether a server had begun to answer."""

    def __init__(self, cause: object, *, was_reached: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.was_reached = was_reached


def fetch(address: str, *, limit: int, timeout: float, direct: bool = False) -> Answer:
    """Ask for an address. `limit` in bytes of the answer, `timeout` in seconds for each wait on the network.

    Proxies of the user and redirects are followed, unless it is to be `direct`. Raises ValueError for an address
    that is not http or https, FetchError.
    """
    if urlsplit(address).scheme not in {"http", "https"}:
        raise ValueError(f"{address} is not an http or https address")
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})  # noqa: S310 - scheme checked above
    try:
        with _opener(direct=direct).open(request, timeout=timeout) as response:
            return _answer(response, limit)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, str(error.reason), b"", None)
    except urllib.error.URLError as error:
        raise FetchError(error.reason, was_reached=False) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(error, was_reached=True) from error


def _answer(response: Any, limit: int) -> Answer:
    promised = response.headers.get("Content-Length")
    content: bytes = response.read(limit)
    whole = int(promised) if promised is not None and promised.isdecimal() else None
    return Answer(response.status, response.reason, content, whole)


def _opener(*, direct: bool) -> urllib.request.OpenerDirector:
    """What speaks http and https alone; urllib's own would also open files and ftp."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ]
    if not direct:
        handlers += [urllib.request.ProxyHandler(), urllib.request.HTTPRedirectHandler()]
    for handler in handlers:
        opener.add_handler(handler)
    return opener
