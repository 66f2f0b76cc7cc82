"""A stand-in for the controller behind the API server's proxy, on the loopback address.

It answers as controller 0.38 does (pkg/controller: Rotate): without a kind, and with items that nobody sent.
The real one is in e2e/; this one can have two keys, which the real one has only after a month.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from platformc.seal.envelope import Sealer
from platformc.seal.sealed_secret import parse
from platformc.sealed_secrets.certificate import read_certificate
from sealing_platform import certificate, opened

SERVICE = "/api/v1/namespaces/kube-system/services/sealed-secrets-controller"
PROXY = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:web/proxy"


@dataclass
class Controller:
    """What the stand-in knows."""

    address: str
    keys: list[rsa.RSAPrivateKey]
    """All of its keys, the newest one last."""
    broken: bool = False
    """Whether it leaves a key out of its answers."""
    asked: list[str] = field(default_factory=list)

    @property
    def pem(self) -> bytes:
        """The newest certificate."""
        return certificate(self.keys[-1])

    def kubeconfig(self, folder: Path) -> str:
        """A kubeconfig that leads here."""
        path = folder / "kubeconfig"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "fake", "cluster": {"server": self.address}}],
            "users": [{"name": "me", "user": {"token": "none"}}],
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me"}}],
            "current-context": "fake",
        }
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def answer(self, method: str, path: str, content: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self.asked.append(f"{method} {path}")
        match method, path:
            case "GET", "/api/v1":
                services = [{"name": "services", "kind": "Service", "namespaced": True}]
                return 200, json.dumps({"resources": services}).encode()
            case "GET", found if found == SERVICE:
                return 200, json.dumps({"spec": {"ports": [{"name": "web", "port": 8080}]}}).encode()
            case "GET", found if found == f"{PROXY}/v1/cert.pem":
                return 200, self.pem
            case "POST", found if found == f"{PROXY}/v1/rotate":
                return 200, self._rotated(content)
        return 404, json.dumps({"kind": "Status", "message": "not found", "code": 404}).encode()

    def _rotated(self, content: bytes) -> bytes:
        asked: dict[str, Any] = json.loads(content)
        found, newest = parse("asked", asked), Sealer(read_certificate(self.pem))
        made = {}
        for name, ciphertext in found.encrypted.items():
            made[name] = newest.seal(self._opened(ciphertext, found.scope.label), found.scope)
        made["rendered.file"] = newest.seal(b"of a template", found.scope)
        if self.broken:
            made.pop(next(iter(found.encrypted)))
        spec = {"encryptedData": made, "template": {"metadata": asked["metadata"]}}
        return json.dumps({"metadata": asked["metadata"], "spec": spec}).encode()

    def _opened(self, ciphertext: str, label: str) -> bytes:
        for key in self.keys:
            try:
                return opened(ciphertext, label, key)
            except ValueError:
                continue
        raise AssertionError("no key opens it")


@contextmanager
def stand_in(*keys: rsa.RSAPrivateKey) -> Iterator[Controller]:
    """A controller with these keys; it ends with the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        known = Controller(f"http://127.0.0.1:{server.server_port}", list(keys))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answered("GET")

            def do_POST(self) -> None:
                self.answered("POST")

            def answered(self, method: str) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body = known.answer(method, self.path, content)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server.RequestHandlerClass = Handler
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()
