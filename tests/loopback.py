"""A web server on the loopback address, for tests of what is downloaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class WebServer:
    """A web server on the loopback address. `files` maps a path to its bytes, `moved` one to another address."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    promise: int = 0
    """Added to every Content-Length, as if the answer were cut short."""
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve() -> Iterator[WebServer]:
    """A server that knows no files yet; it ends with the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        known = WebServer(f"http://127.0.0.1:{server.server_port}")
        server.RequestHandlerClass = _handler(known)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()


def _handler(known: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            if self.path in known.moved:
                self.send_response(302)
                self.send_header("Location", known.moved[self.path])
                self.end_headers()
                return
            content = known.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + known.promise))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test looks at `asked`."""

    return Handler
