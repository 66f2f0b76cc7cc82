"""cores: how many processes this one may start, and how.

In      what the system allows this process.
Out     a number; a way to start a process.
Never   starts one.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from pathlib import Path
from typing import Final, Literal

Method = Literal["fork", "spawn"]
FORK: Final = "fork"
SPAWN: Final = "spawn"


def start_method() -> Method:
    """How a process is started: as a copy of this one where that is safe, else anew.

    A copy has only the thread that made it; locks that others hold stay locked for ever. macOS starts threads
    in its own libraries (https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods).
    """
    return FORK if sys.platform.startswith("linux") and threading.active_count() == 1 else SPAWN


def available_cores() -> int:
    """The cores that this process may use: as many as it is bound to, and no more than its control groups allow."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(bound, cpu_quota(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")))))


def cpu_quota(folder: Path, own: Path) -> float:
    """The least quota of the control groups (version 2) around this process; infinite without one.

    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files: `cpu.max` has "$MAX $PERIOD" or "max $PERIOD".
    In a container the files of its own group are those of the root, whatever the path says.
    """
    least = math.inf
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return least
    path = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    groups = [folder, *(folder.joinpath(*path.split("/")[:depth]) for depth in range(1, path.count("/") + 2))]
    for group in groups:
        try:
            most, period = (group / "cpu.max").read_text(encoding="utf-8").split()
            least = min(least, least if most == "max" else int(most) / int(period))
        except (OSError, ValueError, ZeroDivisionError):
            continue
    return least
