"""download: get one pinned file over HTTP, whole and with the promised checksum, or not at all.

In      an address, its sha256, the most bytes it may have, how long to wait for an answer.
Out     the bytes.
Never   writes a file, follows an address that is not http or https, takes unpinned bytes.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from platformc.diagnostics import ToolError
from platformc.http_fetch import FetchError, fetch

OFFLINE = "check the network and its proxy (HTTPS_PROXY), then try again"


def download(address: str, *, sha256: str, limit: int, timeout: float) -> bytes:
    """The bytes at an address. `limit` in bytes, `timeout` in seconds for each wait on the network.

    Raises ToolError, which names the address: refused, not found, too slow, cut short, too large,
    or another checksum (then with both sums).
    """
    try:
        answer = fetch(address, limit=limit + 1, timeout=timeout)
    except ValueError as error:
        raise ToolError(str(error)) from error
    except FetchError as error:
        raise ToolError(f"{address}{_why(error)}", hint=OFFLINE) from error
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise ToolError(f"{address}: the server responded with {answer.status} {answer.reason}")
    content = answer.content
    if len(content) > limit:
        raise ToolError(f"{address} is larger than the limit of {limit} bytes")
    if answer.promised is not None and len(content) < answer.promised:
        raise ToolError(f"{address} was truncated: received {len(content)} of {answer.promised} bytes")
    got = hashlib.sha256(content).hexdigest()
    if got != sha256:
        raise ToolError(
            f"{address} has the checksum {got}, expected {sha256}",
            hint="nothing was stored; the file changed upstream, or a proxy modifies it",
        )
    return content


def _why(error: FetchError) -> str:
    if not error.was_reached:
        return f" cannot be reached: {error.cause}"
    if isinstance(error.cause, TimeoutError):
        return ": no response in time"
    return f": {str(error.cause) or type(error.cause).__name__}"
