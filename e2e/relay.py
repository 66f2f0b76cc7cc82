"""relay: a loopback port, reachable under the machine's own address for as long as a test needs it.

In      a port of the loopback address.
Out     an address that Kubernetes takes for an endpoint, and a port there.
Never   stays open longer than its block.

Kubernetes takes no loopback address for an endpoint (pkg/apis/core/validation: ValidateNonSpecialIP).
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

from e2e.processes import LOOPBACK

ELSEWHERE = ("192.0.2.1", 9)
"""An address of nobody (RFC 5737). Nothing is sent there: it only makes the kernel choose where it would be sent from."""


def own_address() -> str:
    """The address that this machine has for others; empty where it has none but loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(ELSEWHERE)
        except OSError:
            return ""
        address: str = asked.getsockname()[0]
    return "" if address.startswith("127.") else address


@contextmanager
def relayed(port: int, address: str) -> Iterator[int]:
    """Pass connections to a port of `address` on to a loopback port; gives the port of `address`."""

    class Passing(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((LOOPBACK, port)) as inside:
                back = threading.Thread(target=_copy, args=(inside, self.request))
                back.start()
                _copy(self.request, inside)
                back.join()

    with ThreadingTCPServer((address, 0), Passing) as server:
        server.daemon_threads = True  # an API server keeps connections for 90 s, and closing would wait for them
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on all bytes, then the end."""
    with suppress(OSError):  # the other side went away
        with source.makefile("rb", buffering=0) as read, target.makefile("wb", buffering=0) as written:
            shutil.copyfileobj(read, written)
        target.shutdown(socket.SHUT_WR)
