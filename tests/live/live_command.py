"""A command line that leads to a fake cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_cluster import FakeCluster
from platformc.cli import main

ROOT = Path(__file__).parents[2]
Command = Callable[..., int]


def command_for(cluster: FakeCluster, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run platformc on this repository's platform; the kubeconfig, in `folder`, leads to the cluster."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig(folder)))

    def run(*words: str) -> int:
        return main(["--specs", str(ROOT / "specs"), "--no-color", *words])

    return run
