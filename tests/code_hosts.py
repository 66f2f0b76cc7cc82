"""Servers that play what CI talks to: GitHub's API with its storage of artifacts, and GitLab's notes.

The answers have the documented shapes, cut to what is read: docs.github.com/rest (actions/workflow-runs, actions/artifacts,
pulls, issues/comments) and docs.gitlab.com/api/notes. They divide lists into pages of two, so that no reader gets
everything from the first.
"""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

TOKEN = "the-token-of-the-job"  # noqa: S105 - opens nothing
HEAD = "1" * 40
BOT = {"login": "github-actions[bot]", "type": "Bot"}
PAGE = 2


@dataclass
class Host:
    """What a server knows, what it was told to change, and what it was asked."""

    address: str = ""
    run: dict[str, Any] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    packed: dict[int, bytes] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Method and path of whatever changed something."""

    asked: list[str] = field(default_factory=list)
    storage_saw: list[str] = field(default_factory=list)
    """Headers with a token that reached the storage, which is another host."""

    after: Callable[[str], None] = lambda _: None
    """Called after each answer: lets the world move on in between."""

    def has_artifact(self, name: str, packed: bytes) -> None:
        """One more artifact of the run."""
        number = len(self.artifacts) + 100
        self.artifacts.append({"id": number, "name": name, "size_in_bytes": len(packed), "expired": False})
        self.packed[number] = packed


def packed(content: bytes, name: str = "report.json") -> bytes:
    """A zip with one file, as actions/upload-artifact makes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def of_a_fork() -> Host:
    """A finished run of a fork's pull request #7, beside others that are open."""
    host = Host()
    host.run = {
        "id": 42,
        "event": "pull_request",
        "head_sha": HEAD,
        "head_branch": "patch-1",
        "head_repository": {"full_name": "somebody/platform", "owner": {"login": "somebody"}},
        "conclusion": "success",
        "html_url": "https://github.example/acme/platform/actions/runs/42",
        "pull_requests": [],  # as it is for forks
    }
    host.pulls = [pull(5, "other"), pull(6, "2" * 40), pull(7, HEAD)]
    host.files = [{"filename": f"specs/bot/{name}.yaml"} for name in ("a", "b", "c")]
    return host


def pull(number: int, head: str) -> dict[str, Any]:
    """An open pull request, whose files are counted when it is asked for."""
    return {"number": number, "state": "open", "head": {"sha": head, "label": "somebody:patch-1"}}


@contextmanager
def served(host: Host) -> Iterator[Host]:
    """The server, with the storage of artifacts beside it under another port; both end with the block."""
    with _running(_storage(host)) as storage, _running(_api(host, storage)) as address:
        host.address = address
        yield host


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _storage(host: Host) -> type[BaseHTTPRequestHandler]:
    class Storage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.storage_saw += [text for text in self.headers.values() if TOKEN in text]
            content = host.packed[int(self.path.rpartition("/")[2])]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Storage


def _api(host: Host, storage: str) -> type[BaseHTTPRequestHandler]:
    class Api(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            host.asked.append(f"{self.command} {self.path}")
            if TOKEN not in {
                self.headers.get("PRIVATE-TOKEN"),
                self.headers.get("Authorization", "").removeprefix("Bearer "),
            }:
                self._reply(401, {"message": "Bad credentials\n::error::from the server"}, {})
                return
            where = urlsplit(self.path).path
            if self.command == "GET":
                self._reply(*_found(host, storage, self.path))
            else:
                host.changed.append(f"{self.command} {where}")
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._reply(*_changed(host, self.command, where, body["body"]))
            host.after(where)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - their names are the protocol's

        def _reply(self, status: int, content: Any, headers: Mapping[str, str]) -> None:
            written = json.dumps(content).encode()
            self.send_response(status)
            for name, text in {"Content-Length": str(len(written)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test looks at `asked`."""

    return Api


NOTES = f"/projects/{quote('acme/platform', safe='')}/merge_requests/7/notes"
COMMENTS = "/repos/acme/platform/issues/7/comments"
CREATED: Mapping[str, dict[str, Any]] = {COMMENTS: {"user": BOT}, NOTES: {"author": {"username": "bot"}}}
UPDATED = {"PATCH": "/repos/acme/platform/issues/comments", "PUT": NOTES}
NOT_FOUND = (404, {"message": "Not Found"}, dict[str, str]())


def _changed(host: Host, method: str, where: str, text: str) -> tuple[int, Any, dict[str, str]]:
    """Create or update a comment."""
    if method == "POST" and where in CREATED:
        host.comments.append({"id": len(host.comments) + 1000, "body": text, **CREATED[where]})
        return 201, host.comments[-1], {}
    folder, _, number = where.rpartition("/")
    for comment in host.comments:
        if folder == UPDATED.get(method) and str(comment["id"]) == number:
            comment["body"] = text
            return 200, comment, {}
    return NOT_FOUND


def _found(host: Host, storage: str, path: str) -> tuple[int, Any, dict[str, str]]:
    """What there is at a path: an object, or a page of a list."""
    where, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
    known: dict[str, Any] = {
        "/user": {"username": "bot", "login": "bot"},
        "/repos/acme/platform/actions/runs/42": host.run,
        "/repos/acme/platform/actions/runs/42/artifacts": host.artifacts,
        "/repos/acme/platform/pulls": [
            one for one in host.pulls if query.get("head") == [one["head"]["label"]] and one["state"] == "open"
        ],
        "/repos/acme/platform/pulls/7/files": host.files,
        COMMENTS: host.comments,
        NOTES: host.comments,
        **{
            f"/repos/acme/platform/pulls/{one['number']}": {"changed_files": len(host.files), **one}
            for one in host.pulls
        },
    }
    if archive := re.fullmatch(r"/repos/acme/platform/actions/artifacts/(\d+)/zip", where):
        return 302, {}, {"Location": f"{storage}/blobs/{archive[1]}"}
    if where not in known:
        return NOT_FOUND
    if not isinstance(known[where], list):
        return 200, known[where], {}
    number = int(query.get("page", ["1"])[0])
    listed = known[where][(number - 1) * PAGE : number * PAGE]
    more = (
        {"Link": f'<{host.address}{where}?{_next(query, number)}>; rel="next"'} if known[where][number * PAGE :] else {}
    )
    return (
        200,
        ({"total_count": len(known[where]), "artifacts": listed} if where.endswith("artifacts") else listed),
        more,
    )


def _next(query: Mapping[str, list[str]], number: int) -> str:
    kept = [f"{name}={quote(texts[0], safe='')}" for name, texts in query.items() if name != "page"]
    return "&".join([*kept, f"page={number + 1}"])
