"""CRDs for machines that have none: fetched files are those that all other tests here run with."""

from __future__ import annotations

import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from platformc.check.schemas.lock import locked_files

from e2e.definitions import CRDS
from e2e.fetch_definitions import fetch_definitions
from e2e.processes import LOOPBACK


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """The files of CRDS, laid out as upstream's repositories serve them."""
    folder = tmp_path / "upstream"
    for each in locked_files():
        name = each.repository.rpartition("/")[2]
        path = folder / each.repository / each.tag / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CRDS / f"{name}-{each.tag}" / path.name, path)
    return folder


def test_what_is_fetched_is_what_is_tested(upstream: Path, tmp_path: Path) -> None:
    """The same files at the same places; a second time, nothing is asked."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(upstream))
    with ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        fetched = fetch_definitions(tmp_path / "crds", f"http://{LOOPBACK}:{server.server_port}")
        server.shutdown()
        thread.join()
    assert len(fetched) == len(locked_files())
    for path in fetched:
        assert path.read_bytes() == (CRDS / path.relative_to(tmp_path / "crds")).read_bytes()
    nobody = f"http://{LOOPBACK}:{server.server_port}"
    assert fetch_definitions(tmp_path / "crds", nobody) == fetched
