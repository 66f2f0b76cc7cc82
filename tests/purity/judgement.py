"""What a compilation may touch, and what it did that it may not.

In      audited events of a probe, and the system calls that strace wrote down.
Out     one line for each thing that is not allowed; empty for a pure compilation.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformc

SPEC_FOLDERS = ("specs", "argocd", "crossplane")
"""All that is read of a repository (D1)."""

SCHEMAS = Path("no-cache", "schemas")
"""The store of schemas that Compositions are held against, as kubeconform holds objects: what is found can
depend on it, no byte that is rendered does (D52)."""

VERDICTS = Path("no-cache", "verdicts", "valid-claims")
"""Which claims were found valid before: these are not judged again, which changes nothing that is told (D53)."""

OF_THE_LOADER = (
    "/etc/ld.so.cache",  # the dynamic loader: where shared libraries are
    "/etc/ld.so.preload",  # the dynamic loader
    "/lib",  # shared libraries that Python and its extension modules are linked with
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/locale/locale.alias",  # the C library: what the locale in LANG is called, when Python starts
    "/usr/share/zoneinfo/UTC",  # pendulum at its import, which cel-python has for times; no rule here can ask for one
    "/etc/localtime",  # Python's module `time` at its import, which logging imports; nothing of ours does
    "/proc/self/cgroup",  # Rust's run-time library in extension modules: how many threads there may be
    "/proc/self/mountinfo",  # the same
    "/sys/fs/cgroup",  # the same
    "/sys/devices/system/cpu",  # the same
)
"""What starting Python and loading extension modules reads, outside of Python's own folders."""

OF_THE_SEARCH_PATH = (f"python{sys.version_info.major}{sys.version_info.minor}.zip",)
"""Entries of sys.path that are never there: Python's library as one file; an editable install adds its own."""

SEEDS = (", 16, GRND_INSECURE) = 16", '("", 0, 0) = 0', ", 64, 0) = 64", ", 16, GRND_INSECURE) = 16")
"""Chance that compiling takes, each once: the keys of hash maps inside of extension modules, when first used.

In jsonschema_rs those of Rust's std (16 bytes) and of its package ahash (a trial without bytes, then 64), in
pendulum, which cel-python has for times, those of Rust's std. They decide where in memory an entry lies; what
comes out is compared between two runs.
"""

NETWORK_CALLS = frozenset(
    [
        "socket",
        "socketpair",
        "bind",
        "connect",
        "listen",
        "accept",
        "accept4",
        "sendto",
        "sendmsg",
        "sendmmsg",
        "recvfrom",
        "recvmsg",
        "recvmmsg",
        "getsockname",
        "getpeername",
        "setsockopt",
        "getsockopt",
        "shutdown",
    ]
)
PROCESS_CALLS = frozenset(["execve", "execveat", "fork", "vfork"])
WRITING_CALLS = frozenset(
    [
        "mkdir",
        "mkdirat",
        "rmdir",
        "rename",
        "renameat",
        "renameat2",
        "unlink",
        "unlinkat",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "chmod",
        "fchmodat",
        "chown",
        "truncate",
        "mknod",
        "mknodat",
        "utimensat",
        "creat",
    ]
)
AUDITED_WRITES = frozenset(
    [
        "os.mkdir",
        "os.rmdir",
        "os.rename",
        "os.remove",
        "os.link",
        "os.symlink",
        "os.chmod",
        "os.chown",
        "os.truncate",
        "os.utime",
    ]
)
WRITE_FLAGS = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
CALL = re.compile(r"(?:\d+ +)?(?P<name>\w+)\((?P<arguments>.*)")
PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<path>(?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which folders and files may be read."""

    root: Path
    """The repository that is compiled."""
    program: Path
    """The script that compiles it."""

    def may_read(self, path: str) -> bool:
        """Whether a file or folder may be looked at: its contents, or whether it is there."""
        wanted = os.path.normpath(path)
        ours = [*(self.root / name for name in SPEC_FOLDERS), self.root / SCHEMAS, self.root / VERDICTS]
        below = [*ours, *_python(), *map(Path, OF_THE_LOADER)]
        if any(Path(wanted).is_relative_to(folder) for folder in below):
            return True
        if Path(wanted).name in OF_THE_SEARCH_PATH or Path(wanted).name.startswith("__editable__."):
            return True
        # To find a file, each folder above it is looked at.
        return wanted == str(self.program) or any(
            Path(folder).is_relative_to(wanted) for folder in [*below, *_added_to_the_search_path(), self.program]
        )


def _python() -> list[Path]:
    """Where this Python, what is installed in it, and the compiler itself are."""
    folders = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, str(Path(sys.executable).parent)}
    home = Path(platformc.__file__).parent
    # An editable install: Python looks at the folder that holds the package, and its metadata.
    return [*map(Path, sorted(folders)), home, *home.parent.glob("*.egg-info")]


def _added_to_the_search_path() -> Iterator[Path]:
    """The folders that an editable install names: Python looks at them, even where another tree is under test."""
    for path in Path(sysconfig.get_path("purelib")).glob("*.pth"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("/"):  # anything else is a comment, code, or below site-packages
                yield Path(line)


def judge_events(events: Iterable[tuple[str, str, str]], allowed: Allowed) -> Iterator[str]:
    """What Python itself tells that is not allowed; importing and compiling alike."""
    for phase, event, about in events:
        if event.startswith(("socket.", "urllib.")):
            # Importing `socket` tells its constants to nobody; making one is another thing.
            yield f"{phase}: network: {event} {about}"
        elif event in ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn"):
            yield f"{phase}: process: {event} {about}"
        elif event in AUDITED_WRITES or event.startswith(("shutil.", "tempfile.")) or event == "open for writing":
            yield f"{phase}: write: {event} {about}"
        elif event in ("open", "os.listdir", "os.scandir") and not about.isdecimal() and not allowed.may_read(about):
            yield f"{phase}: read: {about}"


def judge_calls(lines: Iterable[str], allowed: Allowed, begins: str, ends: str) -> Iterator[str]:
    """What the kernel was asked for that is not allowed, from strace's lines, until compiling ends.

    Raises ValueError where the marks are missing: then nothing was judged.
    """
    phase = "import"
    started = False
    seeds = list(SEEDS)
    for line in lines:
        match = CALL.match(line)
        if match is None:
            continue  # a signal, an exit, or the second half of an interrupted call
        name, arguments = match["name"], match["arguments"]
        path = _path(arguments)
        if path in (begins, ends):
            phase = "compile" if path == begins else "end"
        elif phase == "end":
            break
        elif name == "execve" and not started:
            started = True  # Python itself
        elif name == "getrandom" and phase == "compile" and (seed := _seed(arguments, seeds)):
            seeds.remove(seed)
        else:
            yield from (f"{phase}: {problem}" for problem in _judge_call(name, arguments, path, phase, allowed))
    if phase != "end":
        raise ValueError("the marks of the probe are missing in what strace wrote")


def _judge_call(name: str, arguments: str, path: str, phase: str, allowed: Allowed) -> Iterator[str]:
    if name in NETWORK_CALLS:
        yield f"network: {name}({arguments[:80]}"
    elif name in PROCESS_CALLS:
        yield f"process: {name} {path}"
    elif name in WRITING_CALLS or (path and WRITE_FLAGS.search(arguments)):
        yield f"write: {name} {path}"
    elif name == "getrandom":
        if phase == "compile":  # starting Python and its modules takes seeds, too
            yield f"random: {name} {arguments[-24:]}"
    elif path and not allowed.may_read(path):
        yield f"read: {name} {path}"


def _seed(arguments: str, seeds: list[str]) -> str:
    """Which of the seeds that are still allowed a call of getrandom is; empty for none."""
    call = re.sub(r"\)\s+=", ") =", f"({arguments}").rstrip()
    return next((seed for seed in seeds if call.endswith(seed)), "")


def _path(arguments: str) -> str:
    """The absolute path that a call is about; empty where there is none."""
    match = PATH.match(arguments)
    if match is None:
        return ""
    if not match["path"]:
        return ""  # the descriptor itself, whose opening was seen
    return os.path.normpath(Path(match["folder"] or "/", match["path"]))
