"""kubeconform_binary: find the one pinned version of kubeconform, or get it.

In      PATH, the cache folder; Go or the network, only when asked to install.
Out     the path of a kubeconform that is exactly the pinned version.
Never   runs another version: messages, flags and JSON differ between them.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from platformc.atomic_file import write_atomically
from platformc.check.schemas.download import download
from platformc.diagnostics import ToolError

VERSION = "v0.7.0"
MODULE = "github.com/yannh/kubeconform"
RELEASES = "https://github.com/yannh/kubeconform/releases/download"

# sha256 of kubeconform-<platform>.tar.gz, from the file CHECKSUMS of release v0.7.0. Four public
# repositories that pin this release (three of them all four platforms) agree on every sum. Other
# platforms have releases, too; their sums could not be confirmed, so they are built with Go.
ARCHIVES: Mapping[str, str] = {
    "darwin-amd64": "c6771cc894d82e1b12f35ee797dcda1f7da6a3787aa30902a15c264056dd40d4",
    "darwin-arm64": "b5d32b2cb77f9c781c976b20a85e2d0bc8f9184d5d1cfe665a2f31a19f99eeb9",
    "linux-amd64": "c31518ddd122663b3f3aa874cfe8178cb0988de944f29c74a0b9260920d115d3",
    "linux-arm64": "cc907ccf9e3c34523f0f32b69745265e0a6908ca85b92f41931d4537860eb83c",
}
ARCHIVE_LIMIT = 64 * 1024 * 1024
PROBE_SECONDS = 10
BUILD_SECONDS = 600

INSTALL_HINT = f"put kubeconform {VERSION} on PATH, or install Go 1.24 or later and try again"


def find_kubeconform(path_environment: str, cache: Path) -> Path | None:
    """The pinned kubeconform on PATH, else the one in the cache, else None.

    Which version a program on PATH is, is remembered by its place, times and size; not that it did not answer,
    which a busy machine can be the reason for.
    """
    for folder in path_environment.split(os.pathsep):
        candidate = Path(folder) / "kubeconform"
        usable = Path(folder).is_absolute() and candidate.is_file() and os.access(candidate, os.X_OK)
        if usable and _remembered_version(candidate, cache) == VERSION:
            return candidate
    kept = _kept(cache)
    return kept if os.access(kept, os.X_OK) else None


def install_kubeconform(
    environ: Mapping[str, str],
    cache: Path,
    report: Callable[[str], None],
    *,
    base: str = RELEASES,
    archives: Mapping[str, str] = ARCHIVES,
) -> Path:
    """Find the pinned kubeconform or install it into the cache: with Go, else the pinned release.

    `environ` is what Go gets (proxy, module settings, PATH); `report` gets a line before each slow
    step. Two processes at once: the second waits and finds what the first one made. Raises ToolError
    with what to do when no way leads there.
    """
    path_environment = environ.get("PATH", "")
    found = find_kubeconform(path_environment, cache)
    if found is not None:
        return found
    with _alone(cache):
        found = find_kubeconform(path_environment, cache)
        if found is not None:
            return found
        go = shutil.which("go", path=path_environment)
        failure = ""
        if go is not None:
            report(f"building kubeconform {VERSION} with Go")
            failure = _build(go, environ, cache)
            if not failure:
                return _kept(cache)
            report(f"the build with Go failed: {failure.splitlines()[-1]}")
        return _unpack_release(cache, report, base, archives, failure)


def _kept(cache: Path) -> Path:
    """The cache's own; its name is the promise of its version, kept by whoever writes it."""
    return cache / "bin" / f"kubeconform-{VERSION}"


def _remembered_version(binary: Path, cache: Path) -> str:
    status = binary.stat()
    # Whoever puts another program in its place can set its time, but not when that was done (`ctime`).
    known_by = f"{binary.resolve()} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_size}"
    key = hashlib.sha256(known_by.encode()).hexdigest()
    note = cache / "probes" / key[:32]
    try:
        return note.read_text(encoding="utf-8")
    except OSError:
        version = _version(binary)
        if version:
            write_atomically(note, version.encode())
        return version


def _version(binary: Path) -> str:
    """What a kubeconform says its version is; empty when it does not run.

    Built by a plain `go install`, it calls itself `development`: then the version stands in the
    build information that Go puts into every program (`mod`, module, version, between tabs).
    """
    try:
        ran = subprocess.run(  # noqa: S603 - an argument list, the program is the question
            [str(binary), "-v"], capture_output=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = ran.stdout.decode(errors="replace").strip() if ran.returncode == 0 else ""
    if said == "development" and f"mod\t{MODULE}\t{VERSION}\t".encode() in binary.read_bytes():
        return VERSION
    return said


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Hold the only right to install. The kernel gives it back when the process ends."""
    folder = cache / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(go: str, environ: Mapping[str, str], cache: Path) -> str:
    """Build with Go into the cache; what went wrong, or nothing.

    GOOS and GOARCH are dropped: the program is for this machine.
    """
    with tempfile.TemporaryDirectory(dir=cache / "bin") as folder:
        command = [
            go,
            "install",
            "-trimpath",
            f"-ldflags=-X main.version={VERSION}",
            f"{MODULE}/cmd/kubeconform@{VERSION}",
        ]
        settings = {name: value for name, value in environ.items() if name not in {"GOOS", "GOARCH"}}
        try:
            ran = subprocess.run(  # noqa: S603 - an argument list of fixed words
                command,
                env={**settings, "GOBIN": folder},
                cwd=folder,
                capture_output=True,
                timeout=BUILD_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        built = Path(folder) / "kubeconform"
        if ran.returncode != 0 or not built.is_file():
            return ran.stderr.decode(errors="replace").strip() or f"go install exited with {ran.returncode}"
        return _keep(built, cache)


def _keep(made: Path, cache: Path) -> str:
    """Take a program into the cache if it is the pinned version; what is wrong with it, or nothing."""
    version = _version(made)
    if version != VERSION:
        return f"it reports the version {version or 'unknown'}"
    made.replace(_kept(cache))
    return ""


def _unpack_release(
    cache: Path, report: Callable[[str], None], base: str, archives: Mapping[str, str], failure: str
) -> Path:
    name = platform_name()
    if name not in archives:
        raise ToolError(
            f"kubeconform {VERSION} is not on PATH, Go cannot build it, and no release for {name} is pinned",
            output=failure,
            hint=INSTALL_HINT,
        )
    address = f"{base.rstrip('/')}/{VERSION}/kubeconform-{name}.tar.gz"
    report(f"downloading {address}")
    try:
        archive = download(address, sha256=archives[name], limit=ARCHIVE_LIMIT, timeout=30.0)
    except ToolError as error:
        message = f"kubeconform {VERSION} is not on PATH and cannot be installed: {error.message}"
        raise ToolError(message, output=failure, hint=INSTALL_HINT) from error
    with tempfile.TemporaryDirectory(dir=cache / "bin") as folder:
        made = Path(folder) / "kubeconform"
        try:
            with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
                program = packed.extractfile("kubeconform")
                content = program.read() if program is not None else b""
        except (tarfile.TarError, KeyError, OSError, EOFError) as error:
            raise ToolError(f"{address} does not contain an executable kubeconform", hint=INSTALL_HINT) from error
        write_atomically(made, content, 0o755)
        wrong = _keep(made, cache)
    if wrong:
        raise ToolError(f"{address} contains another tool: {wrong}", hint=INSTALL_HINT)
    return _kept(cache)


def platform_name() -> str:
    """This machine as kubeconform's releases name it, such as `linux-amd64`."""
    machine = platform.machine().lower()
    names = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{platform.system().lower()}-{names.get(machine, machine)}"
