"""kustomize of one pinned version, built from its Go module and kept in the cache folder."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from platformc.cli.environment import read_environment

PACKAGE = "sigs.k8s.io/kustomize/kustomize/v5"
VERSION = "v5.8.1"


def kustomize() -> Path:
    """The program; building it takes a minute, once. Raises CalledProcessError with Go's words."""
    folder = read_environment(os.environ).cache / "bin"
    program = folder / f"kustomize-{VERSION}"
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            variables = {**os.environ, "GOBIN": made, "GOFLAGS": ""}
            subprocess.run(
                ["go", "install", "-trimpath", f"{PACKAGE}@{VERSION}"],
                env=variables,
                check=True,
                capture_output=True,
                text=True,
            )
            (Path(made) / "kustomize").replace(program)
    return program
