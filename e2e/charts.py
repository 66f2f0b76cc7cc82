"""charts: a Helm repository on this machine, in place of those that the addons come from.

In      charts by name and version, each with objects that the real one brings, CRDs above all.
Out     the address of a repository that serves them, packaged and indexed by the real helm.
Never   has what runs in those charts: the programs are started by the tests, as there is no kubelet.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from e2e.binaries import build
from e2e.definitions import JSON
from e2e.processes import LOOPBACK

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as an addon names it, and what it brings."""

    name: str
    version: str
    objects: Sequence[JSON]


@contextmanager
def helm_repository(folder: Path, charts: Iterable[Chart]) -> Iterator[str]:
    """Package the charts, and serve them until the end of the block; the address."""
    served = folder / "served"
    served.mkdir(parents=True)
    for chart in charts:
        _package(chart, folder / "sources", served)
    with (folder / "requests.log").open("w", encoding="utf-8") as log:
        handler = partial(_Handler, directory=str(served), log=log)
        with ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
            address = f"http://{LOOPBACK}:{server.server_port}"
            _helm("repo", "index", served, "--url", address)
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                yield address
            finally:
                server.shutdown()
                thread.join()


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, and tells a log instead of the terminal."""

    def __init__(self, *arguments: Any, log: Any, **named: Any) -> None:
        self.log = log
        super().__init__(*arguments, **named)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the library's
        """One line for each request."""
        print(format % arguments, file=self.log, flush=True)


def _package(chart: Chart, sources: Path, served: Path) -> None:
    folder = sources / chart.name
    for name in ("crds", "templates"):
        (folder / name).mkdir(parents=True)
    # JSON, which is YAML.
    about = {
        "apiVersion": "v2",
        "name": chart.name,
        "version": chart.version,
        "description": "what its name says, without programs",
    }
    (folder / "Chart.yaml").write_text(json.dumps(about), encoding="utf-8")
    for each in chart.objects:
        # Helm templates CRDs of the folder crds/ not at all, as they hold braces of their own.
        place = folder / ("crds" if each["kind"] == "CustomResourceDefinition" else "templates")
        (place / f"{each['metadata']['name']}.yaml").write_text(json.dumps(each), encoding="utf-8")
    _helm("package", folder, "--destination", served)


def _helm(*words: str | Path) -> None:
    ran = subprocess.run(  # noqa: S603 - an argument list
        [str(build("helm")), *map(str, words)], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
