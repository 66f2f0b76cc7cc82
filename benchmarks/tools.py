"""tools: the other tools at fixed versions, built from their sources.

In      a folder that is kept between runs; Go, npm and node.
Out     the programs, and the environment that programs are run with.
Never   takes a tool that is installed on the machine: its version would be anyone's guess.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import BenchmarkError
from benchmarks.platform_generator import PROGRAMS

GO_MODULES: Mapping[str, tuple[str, str]] = {
    "kustomize": ("sigs.k8s.io/kustomize/kustomize/v5", "v5.8.1"),
    "helm": ("helm.sh/helm/v3/cmd/helm", "v3.21.4"),
    "jsonnet": ("github.com/google/go-jsonnet/cmd/jsonnet", "v0.21.0"),
    "dyff": ("github.com/homeport/dyff/cmd/dyff", "v1.12.0"),
}
"""Package and version of each program that Go builds."""

UNWANTED = ("PLATFORMC_", "PYTHON", "HELM_", "NODE_", "DYFF_", "GIT_", "JSONNET_", "KUSTOMIZE_", "XDG_")
"""Starts of variables that would change what is measured."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Absolute paths."""

    python: Path
    platformc: Path
    kustomize: Path
    helm: Path
    jsonnet: Path
    dyff: Path
    node: Path
    node_modules: Path


def clean_environment() -> dict[str, str]:
    """Our own environment, without what configures one of the tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}


def prepare_tools(cache: Path, tell: Callable[[str], None]) -> Tools:
    """Build what is not there yet. Raises BenchmarkError where a build fails."""
    cache.mkdir(parents=True, exist_ok=True)
    programs = {name: _built(name, cache, tell) for name in GO_MODULES}
    python = Path(sys.executable)
    return Tools(
        python=python,
        platformc=python.with_name("platformc"),
        kustomize=programs["kustomize"],
        helm=programs["helm"],
        jsonnet=programs["jsonnet"],
        dyff=programs["dyff"],
        node=_found("node"),
        node_modules=_node_modules(cache, tell),
    )


def versions(tools: Tools) -> dict[str, str]:
    """The version of everything that is measured, by name."""
    modules = {name: version.removeprefix("v") for name, (_, version) in GO_MODULES.items()}
    cdk8s = "import json,sys; print(json.load(open(sys.argv[1]))['version'])"
    package = str(tools.node_modules / "cdk8s/package.json")
    return {
        "platformc": _output(str(tools.platformc), "--version").removeprefix("platformc "),
        "Python": _output(str(tools.python), "--version").removeprefix("Python "),
        **modules,
        "cdk8s": _output(str(tools.python), "-c", cdk8s, package),
        "node": _output(str(tools.node), "--version").removeprefix("v"),
        "Go": _output(str(_found("go")), "env", "GOVERSION").removeprefix("go"),
    }


def _built(name: str, cache: Path, tell: Callable[[str], None]) -> Path:
    """Build a program of GO_MODULES; its folder is named after the version, and comes in one piece."""
    package, version = GO_MODULES[name]
    folder = cache / f"{name}-{version}"
    if not (folder / name).is_file():
        tell(f"building {name} {version} with Go")
        with tempfile.TemporaryDirectory(dir=cache) as made:
            target = Path(made) / "bin"
            _checked("go", "install", f"{package}@{version}", variables={"GOBIN": str(target), "GOFLAGS": ""})
            target.rename(folder)
    return folder / name


def _node_modules(cache: Path, tell: Callable[[str], None]) -> Path:
    """Install what cdk8s' package-lock.json names; a folder for each state of that file."""
    locked = PROGRAMS / "cdk8s/package-lock.json"
    folder = cache / "cdk8s"
    installed = folder / "package-lock.json"
    if not installed.is_file() or installed.read_bytes() != locked.read_bytes():
        tell("installing cdk8s with npm")
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            target = Path(made) / "cdk8s"
            target.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(locked.with_name(name), target)
            _checked("npm", "ci", "--prefix", str(target), "--ignore-scripts", "--no-audit", "--no-fund")
            target.rename(folder)
    return folder / "node_modules"


def _found(program: str) -> Path:
    path = shutil.which(program)
    if path is None:
        raise BenchmarkError(f"{program} is needed and not on PATH")
    return Path(path)


def _checked(program: str, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    command = [str(_found(program)), *arguments]
    ran = subprocess.run(  # noqa: S603 - an argument list
        command, env={**os.environ, **(variables or {})}, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise BenchmarkError(f"{' '.join(command)} left with {ran.returncode}:\n{ran.stderr[-2000:]}")
    return ran.stdout


def _output(*command: str) -> str:
    return _checked(command[0], *command[1:]).strip()
