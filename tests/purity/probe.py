"""Compiles a repository and tells what it touched: run as a program of its own, under strace where there is one.

Arguments: the repository's root, then names of planted violations, which run as if they were part of
the compiler. Prints JSON: the digest of every file, and every audited event with its phase.

`python probe.py ROOT [read write network process random environment]`
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

COMPILE_BEGINS = "/platformc-purity/compile-begins"
"""Asked for, and never there: strace shows where importing ends and compiling begins."""
COMPILE_ENDS = "/platformc-purity/compile-ends"

Event = tuple[str, str, str]
"""Phase, event, and what it was about."""


def plant_read() -> str:
    """Read a file that has nothing to do with the platform."""
    return Path("/etc/hostname").read_text(encoding="utf-8")


def plant_write() -> str:
    """Write beside the spec."""
    Path(sys.argv[1], "planted").touch()
    return ""


def plant_network() -> str:
    """Connect to a port of this machine that nobody listens on."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return str(connection.connect_ex(("127.0.0.1", 9)))


def plant_process() -> str:
    """Start a program."""
    return str(subprocess.run(["true"], check=False).returncode)


def plant_random() -> str:
    """Ask the kernel for chance."""
    return os.urandom(7).hex()


def plant_environment() -> str:
    """Read a variable."""
    return os.environ.get("LANG", "")


PLANTS = {
    "read": plant_read,
    "write": plant_write,
    "network": plant_network,
    "process": plant_process,
    "random": plant_random,
    "environment": plant_environment,
}


def main() -> None:
    """Compile, and print what happened."""
    events: list[Event] = []
    phase = ["import"]

    def record(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(("open", "os.", "shutil.", "socket.", "subprocess.", "tempfile.", "urllib.", "ctypes.")):
            about = arguments[0] if arguments else ""
            shown = os.fsdecode(about) if isinstance(about, str | bytes | os.PathLike) else repr(about)
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            events.append((phase[0], "open for writing" if writes else event, shown))

    sys.addaudithook(record)
    from platformc.pipeline import Request, Tools, compile_platform  # noqa: PLC0415 - under the hook

    root = Path(sys.argv[1])
    request = Request(root, root / "specs", root / "rendered", validate=False)
    phase[0] = "compile"
    _mark(COMPILE_BEGINS)
    planted = [PLANTS[name]() for name in sys.argv[2:]]
    outcome = compile_platform(request, Tools(root / "no-cache", ""), lambda _: None)
    _mark(COMPILE_ENDS)
    phase[0] = "end"
    digests = {
        f"{tree.environment}/{path}": hashlib.sha256(file.content + "".join(planted).encode()).hexdigest()
        for tree in outcome.trees
        for path, file in tree.files.items()
    }
    findings = sorted({f"{finding.at}: {finding.rule}: {finding.message}" for finding in outcome.findings})
    shown = {"failed": outcome.failed, "digests": digests, "findings": findings}
    print(json.dumps({**shown, "events": [event for event in events if event[0] != "end"]}))  # noqa: T201 - the result


def _mark(name: str) -> None:
    """Leave a mark that strace sees and an audit hook does not."""
    try:
        os.stat(name)  # noqa: PTH116 - one system call, nothing else
    except FileNotFoundError:
        return
    raise AssertionError(f"{name} exists")


if __name__ == "__main__":
    main()
