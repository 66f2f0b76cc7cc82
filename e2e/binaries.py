"""binaries: build the real programs that tests run, from Go modules in `e2e/go/`, once for each version.

In      the name of a program; `go` on PATH (or where Go's own installer puts it).
Out     the path of the program in the user's cache folder, named by all that it was built from.
Never   leaves half a program behind, also with two processes at once; builds two programs at a time,
        since one alone fills the machine.

`python -m e2e.binaries [NAME …]` builds the named ones, or all that `make e2e` runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic

from platformc.cache.storage import cache_folder

MODULES = Path(__file__).resolve().parent / "go"
KUBERNETES = "v1.34.4"
STRIPPED = "-s -w"
"""No symbols, no debug information: a third of the bytes and of the time to link."""

SECONDS = 2400
"""What one build may take. The slowest, argocd, takes 5 minutes on an idle machine of 2 cores."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program: the folder of its module below `e2e/go/`, its package, what the linker sets."""

    module: str
    package: str
    linked: Mapping[str, str]

    def flags(self) -> tuple[str, ...]:
        """What `go build` gets beside the package."""
        settings = "".join(f" -X {name}={value}" for name, value in self.linked.items())
        return ("-buildvcs=false", f"-ldflags={STRIPPED}{settings}")


# Built without it, an API server says it is v0.0.0, and clients switch features off.
KUBERNETES_VERSION = {
    "k8s.io/component-base/version.gitVersion": KUBERNETES,
    "k8s.io/component-base/version.gitMajor": "1",
    "k8s.io/component-base/version.gitMinor": "34",
}

# Argo CD asks it, and reads the answer.
HELM_VERSION = {"helm.sh/helm/v3/internal/version.version": "v3.21.4"}

PROGRAMS: Mapping[str, Program] = {
    "kubeseal": Program("sealed-secrets", "github.com/bitnami/sealed-secrets/cmd/kubeseal", {}),
    "sealed-secrets-controller": Program("sealed-secrets", "github.com/bitnami/sealed-secrets/cmd/controller", {}),
    "crossplane": Program("crossplane", "github.com/crossplane/crossplane/v2/cmd/crossplane", {}),
    "kube-apiserver": Program("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", KUBERNETES_VERSION),
    "kube-controller-manager": Program(
        "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", KUBERNETES_VERSION
    ),
    "helm": Program("helm", "helm.sh/helm/v3/cmd/helm", HELM_VERSION),
    "argocd": Program("argocd", "github.com/argoproj/argo-cd/v3/cmd", {}),
    "crossplane-cli": Program("crossplane-cli", "github.com/crossplane/cli/v2/cmd/crossplane", {}),
}

NIGHTLY = frozenset({"crossplane-cli"})
"""Programs that only `make nightly` runs, so that only it has to build them."""


class CannotBuildError(Exception):
    """A program could not be built; the text says what to do, or how Go's output ends."""


def build(name: str, report: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)) -> Path:  # noqa: T201 - people wait
    """Give the program of that name, built now if it was not before.

    Raises KeyError for an unknown name, CannotBuildError when there is no Go or its build fails.
    """
    program = PROGRAMS[name]
    folder = _cache() / "e2e"
    kept = folder / f"{name}-{_fingerprint(program)}"
    if kept.is_file():
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            report(f"building {name} (kept in {folder})")
            started = monotonic()
            _build(program, kept)
            report(f"built {name} in {monotonic() - started:.0f} s")
    return kept


@cache
def module_folder(module: str, path: str) -> Path:
    """Where the sources of a Go module lie that a program of ours is built from: its CRDs among them."""
    ran = subprocess.run(  # noqa: S603 - an argument list of fixed words
        [_go(), "mod", "download", "-json", path],
        cwd=MODULES / module,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if ran.returncode != 0:
        raise CannotBuildError(f"go mod download {path} failed:\n{ran.stdout}{ran.stderr}")
    listed = subprocess.run(  # noqa: S603 - an argument list of fixed words
        [_go(), "list", "-m", "-f", "{{.Dir}}", path],
        cwd=MODULES / module,
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    return Path(listed.stdout.strip())


def _build(program: Program, kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".building-") as folder:
        made = Path(folder) / "program"
        ran = subprocess.run(  # noqa: S603 - an argument list of fixed words
            [_go(), "build", *program.flags(), "-o", str(made), program.package],
            cwd=MODULES / program.module,
            env={name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOFLAGS"}},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if ran.returncode != 0:
            end = "\n".join(ran.stderr.splitlines()[-20:])
            raise CannotBuildError(f"go build {program.package} left with {ran.returncode}:\n{end}")
        made.replace(kept)


def _fingerprint(program: Program) -> str:
    """What a program's bytes follow from: the pins of its module, its own sources, its flags, Go's version."""
    digest = hashlib.sha256("\0".join((program.package, *program.flags(), _go_version())).encode())
    folder = MODULES / program.module
    for path in (folder / "go.mod", folder / "go.sum", *_own_sources(program)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _own_sources(program: Program) -> Sequence[Path]:
    return sorted((MODULES / program.module / program.package).glob("*.go")) if program.package.startswith(".") else ()


@cache
def _go_version() -> str:
    ran = subprocess.run(  # noqa: S603 - an argument list of fixed words
        [_go(), "env", "GOVERSION", "GOOS", "GOARCH"],
        cwd=MODULES,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ran.stdout


def _go() -> str:
    found = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if found is None:
        raise CannotBuildError("there is no `go`; install Go 1.24 or later: https://go.dev/doc/install")
    return found


def _cache() -> Path:
    """The folder that the compiler uses, so that there is one to keep and one to delete."""
    given = os.environ.get("PLATFORMC_CACHE")
    return Path(given).absolute() if given else cache_folder(os.environ)


def main(names: Sequence[str]) -> int:
    """Build what is named, or everything that `make e2e` runs; the last line says where it is."""
    for name in names or [name for name in PROGRAMS if name not in NIGHTLY]:
        print(build(name))  # noqa: T201 - the result of a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
