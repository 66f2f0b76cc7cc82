"""An API server on the loopback address that knows objects, discovery and server-side apply, and can misbehave."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from aws_kinds import CLAIMS

PLURALS = {
    "v1": {"ConfigMap": "configmaps", "Pod": "pods", "PersistentVolumeClaim": "persistentvolumeclaims"},
    "apps/v1": {"Deployment": "deployments", "StatefulSet": "statefulsets"},
    "batch/v1": {"Job": "jobs"},
    "argoproj.io/v1alpha1": {"Application": "applications", "AppProject": "appprojects"},
    "bitnami.com/v1alpha1": {"SealedSecret": "sealedsecrets"},
    "aws.platformc.dev/v1alpha1": {claim.kind: claim.plural for claim in CLAIMS.values()},
}
Object = dict[str, Any]


@dataclass
class FakeCluster:
    """What the API server knows, and how it answers."""

    address: str
    objects: dict[str, Object] = field(default_factory=dict)
    """By path."""
    kinds: dict[str, dict[str, str]] = field(default_factory=lambda: {key: dict(one) for key, one in PLURALS.items()})
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Beginning of a path -> status and message."""
    before: Callable[[str], object] = lambda _asked: None
    """Called with method and path before each answer: to change something just then, or to let it wait."""
    asked: list[str] = field(default_factory=list)
    """Methods and paths, as they came."""

    def add(self, instance: Object) -> None:
        """Let an object be there, whatever the user thinks of it."""
        api_version, kind, metadata = instance["apiVersion"], instance["kind"], instance["metadata"]
        base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        plural = self.kinds[api_version][kind]
        path = f"{base}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}"
        metadata.setdefault("resourceVersion", "1")
        self.objects[path] = instance

    def kubeconfig(self, folder: Path) -> Path:
        """A kubeconfig that leads here, with the contexts `tools` and `other`."""
        contexts = [{"name": name, "context": {"cluster": "fake", "user": "me"}} for name in ("tools", "other")]
        path = folder / "kubeconfig"
        made = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "fake", "cluster": {"server": self.address}}],
            "users": [{"name": "me", "user": {"token": "not-a-secret"}}],
            "contexts": contexts,
            "current-context": "tools",
        }
        path.write_text(yaml.safe_dump(made))
        return path


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up, as one does after its time limit, is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def fake_cluster() -> Iterator[FakeCluster]:
    """An API server without objects; it ends with the block."""
    with _Server(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        known = FakeCluster(f"http://127.0.0.1:{server.server_port}")
        server.RequestHandlerClass = _handler(known)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()


def _handler(known: FakeCluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.answer("GET")

        def do_PATCH(self) -> None:
            self.answer("PATCH")

        def answer(self, method: str) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            asked = f"{method} {parts.path}"
            known.asked.append(asked)
            known.before(asked)
            status, answer = _answer(known, method, parts.path, parse_qs(parts.query), content)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test looks at `asked`."""

    return Handler


def _answer(
    known: FakeCluster, method: str, path: str, query: dict[str, list[str]], content: bytes
) -> tuple[int, Object]:
    for beginning, (status, message) in known.refused.items():
        if path.startswith(beginning):
            return status, {"kind": "Status", "status": "Failure", "message": message, "code": status}
    if path == "/version":
        return 200, {"gitVersion": "v1.34.4", "major": "1", "minor": "34"}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version in known.kinds:
        resources = [
            one
            for kind, plural in known.kinds[version].items()
            for one in (
                {"name": plural, "kind": kind, "namespaced": True},
                {"name": f"{plural}/status", "kind": kind, "namespaced": True},
            )
        ]
        return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
    if method == "PATCH":
        return _applied(known, path, query, content)
    if path in known.objects:
        return 200, known.objects[path]
    return _listed(known, path, query)


def _listed(known: FakeCluster, path: str, query: dict[str, list[str]]) -> tuple[int, Object]:
    if path.rpartition("/")[2] not in {plural for plurals in known.kinds.values() for plural in plurals.values()}:
        return 404, {"kind": "Status", "status": "Failure", "message": "the server could not find it", "code": 404}
    selected = dict(pair.split("=") for text in query.get("labelSelector", []) for pair in text.split(","))
    items = [
        {key: value for key, value in one.items() if key not in {"apiVersion", "kind"}}  # as in a real list
        for place, one in sorted(known.objects.items())
        if place.startswith(f"{path}/") and selected.items() <= one["metadata"].get("labels", {}).items()
    ]
    return 200, {"kind": "List", "items": items}


def _applied(known: FakeCluster, path: str, query: dict[str, list[str]], content: bytes) -> tuple[int, Object]:
    """Server-side apply as far as it is needed: maps are merged, everything else replaced."""
    assert query == {"fieldManager": ["platformc"], "force": ["true"], "fieldValidation": ["Strict"]}
    wanted = yaml.load(content, Loader=yaml.CSafeLoader)
    before = known.objects.get(path, {})
    after = _merged(before, wanted)
    version = int(before.get("metadata", {}).get("resourceVersion", "0"))
    after["metadata"]["resourceVersion"] = str(version if before == after else version + 1)
    known.objects[path] = after
    return 200, after


def _merged(before: Any, wanted: Any) -> Any:
    if isinstance(before, dict) and isinstance(wanted, dict):
        return {**before, **{key: _merged(before.get(key), value) for key, value in wanted.items()}}
    return wanted
