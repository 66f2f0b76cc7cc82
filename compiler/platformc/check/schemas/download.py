"""download: fetch one pinned file over HTTP, complete and with the pinned checksum, or not at all.

In      a URL, its sha256, its maximum size, how long to wait for a response.
Out     the bytes.
Never   writes a file, follows a URL that is not http or https, accepts unpinned bytes.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from platformc.diagnostics import ToolError

AGENT = "platformc"


def download(address: str, *, sha256: str, limit: int, timeout: float) -> bytes:
    """Return the bytes at a URL. `limit` in bytes, `timeout` in seconds for each wait on the network.

    Raises ToolError with the URL: rejected, not found, too slow, truncated, too large, or another
    checksum (then with both sums).
    """
    if urlsplit(address).scheme not in {"http", "https"}:
        raise ToolError(f"{address} is not an http or https address")
    try:
        # Redirects stay on http, https and ftp (urllib); the response must match the checksum.
        request = urllib.request.Request(address, headers={"User-Agent": AGENT})  # noqa: S310 - scheme checked above
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            content: bytes = response.read(limit + 1)
            promised = response.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        with error:
            raise ToolError(f"{address}: the server responded with {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise ToolError(f"{address} cannot be reached: {error.reason}", hint=OFFLINE) from error
    except (OSError, http.client.HTTPException) as error:
        reason = "no response in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        raise ToolError(f"{address}: {reason}", hint=OFFLINE) from error
    if len(content) > limit:
        raise ToolError(f"{address} is larger than the limit of {limit} bytes")
    if promised is not None and promised.isdecimal() and len(content) < int(promised):
        raise ToolError(f"{address} was truncated: received {len(content)} of {promised} bytes")
    got = hashlib.sha256(content).hexdigest()
    if got != sha256:
        raise ToolError(
            f"{address} has the checksum {got}, expected {sha256}",
            hint="nothing was stored; the file changed upstream, or a proxy modifies it",
        )
    return content


OFFLINE = "check the network and its proxy (HTTPS_PROXY), then try again"
