"""What is asked of web servers, and what is not taken from them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import WebServer, serve
from platformc.diagnostics import ToolError
from platformc.http_fetch import Answer, FetchError, fetch
from platformc.seal.certificates import from_url


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """A server with one file; no proxy of the machine stands before it."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serve() as known:
        known.files["/file"] = b"content"
        yield known


def test_an_answer(server: WebServer) -> None:
    """Its status, its bytes as far as they are wanted, and how many there are."""
    assert fetch(f"{server.address}/file", limit=100, timeout=5) == Answer(200, "OK", b"content", 7)
    assert fetch(f"{server.address}/file", limit=3, timeout=5).content == b"con"


def test_an_answer_that_refuses(server: WebServer) -> None:
    """It is an answer, too."""
    answer = fetch(f"{server.address}/other", limit=100, timeout=5)
    assert (answer.status, answer.reason, answer.content) == (404, "Not Found", b"")


@pytest.mark.parametrize("direct", [True, False])
def test_redirects(server: WebServer, *, direct: bool) -> None:
    """They are followed, but not where the connection itself is what is trusted."""
    server.moved["/moved"] = f"{server.address}/file"
    answer = fetch(f"{server.address}/moved", limit=100, timeout=5, direct=direct)
    assert (answer.status, answer.content) == ((302, b"") if direct else (200, b"content"))
    assert server.asked == (["/moved"] if direct else ["/moved", "/file"])


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_a_redirect_to_something_else(server: WebServer, tmp_path: Path, scheme: str) -> None:
    """A server cannot make this read a file of the machine, nor speak another protocol."""
    (tmp_path / "secret").write_text("secret")
    server.moved["/moved"] = {"file": (tmp_path / "secret").as_uri(), "ftp": "ftp://127.0.0.1/", "data": "data:,x"}[
        scheme
    ]
    try:
        answer = fetch(f"{server.address}/moved", limit=100, timeout=5)
    except FetchError:
        return
    assert (answer.status, answer.content) == (302, b"")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:,x", "nowhere", ""])
def test_other_addresses(address: str) -> None:
    """Nothing but http and https is spoken."""
    with pytest.raises(ValueError, match="is not an http or https address"):
        fetch(address, limit=100, timeout=5)


def test_proxies(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's are asked, but not where it is to be direct."""
    with serve() as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert fetch(f"{server.address}/file", limit=100, timeout=5).status == 404
        assert fetch(f"{server.address}/file", limit=100, timeout=5, direct=True).status == 200
        assert (proxy.asked, server.asked) == ([f"{server.address}/file"], ["/file"])


def test_nobody_answers() -> None:
    """Whether a server was reached is told apart."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(FetchError) as refused:
        fetch(f"http://127.0.0.1:{port}/", limit=100, timeout=5, direct=True)
    assert not refused.value.was_reached


class TestCertificates:
    """What seal takes from an address."""

    def test_what_is_there(self, server: WebServer) -> None:
        """From a port that is forwarded."""
        assert from_url(f"{server.address}/file") == b"content"

    def test_what_is_not(self, server: WebServer) -> None:
        """A refusal, and a redirect: nobody says where that leads."""
        server.moved["/moved"] = f"{server.address}/file"
        for path, said in (
            ("other", "the server responded with 404 Not Found"),
            ("moved", "the server responded with 302 Found"),
        ):
            with pytest.raises(ToolError, match=said):
                from_url(f"{server.address}/{path}")
