"""A fleet: many environments of one small platform, and commands that compile them in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

API = "apiVersion: platformc.dev/v1alpha1"
PLATFORM = f"""\
{API}
kind: Platform
metadata: {{name: fleet}}
spec:
  git: {{repoURL: https://github.com/example/platform.git}}
  kubernetes: {{version: "1.34"}}
"""
WORKLOAD = """\
apiVersion: platformc.dev/v1alpha1
kind: Workload
metadata: {name: NAME}
spec: {image: DIGEST, resources: {cpu: 100m, memory: 64Mi}, securityContext: {runAsUser: 1000}}
"""
"""With a warning in each environment: it has no probes."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A repository with environments `e000`, `e001`, …, each with all workloads."""

    root: Path

    def environment(self, number: int, spec: str = "") -> Path:
        """Write an environment; `spec` has further lines of it, or takes the place of usual ones."""
        name = f"e{number:03d}"
        usual = (
            f"  destination: {{name: {name}}}\n  argocd: {{namePrefix: {name}-}}\n" if "destination" not in spec else ""
        )
        text = f"{API}\nkind: Environment\nmetadata: {{name: {name}}}\nspec:\n{usual}{spec}"
        return self.write(f"environments/{name}.yaml", text)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the spec."""
        path = self.root / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def command(self, *words: str) -> list[str]:
        """A command line of its own, with a cache beside the repository."""
        return [sys.executable, "-m", "platformc", "--specs", str(self.root / "specs"), "--no-color", *words]

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command in a process group of its own, killed at the end."""
        variables = {**os.environ, "PLATFORMC_CACHE": str(self.root.parent / "cache"), "COLUMNS": "120"}
        process = subprocess.Popen(
            self.command(*words),
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that starts the tests in the background has SIGINT ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


def fleet(folder: Path, environments: int, workloads: Sequence[str] = ("web",)) -> Fleet:
    """Write a fleet that has warnings and no error."""
    made = Fleet(folder / "repository")
    made.write("platform.yaml", PLATFORM)
    made.write(
        "shop/application.yaml",
        f"{API}\nkind: Application\nmetadata: {{name: shop}}\nspec: {{namespace: {{name: shop, create: true}}}}\n",
    )
    for name in workloads:
        made.write(
            f"shop/{name}.yaml",
            WORKLOAD.replace("NAME", name).replace("DIGEST", f"registry.example.com/{name}@sha256:{'a' * 64}"),
        )
    for number in range(environments):
        made.environment(number)
    return made
