"""Programs of a run end with it, however it ends."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.kubernetes_api import eventually
from e2e.processes import LOOPBACK, free_ports, listening

STARTS_AND_IS_KILLED = """
import os, signal, sys
from pathlib import Path
from e2e.processes import Processes
logs = Path(sys.argv[1])
command = ("sh", "-c", 'echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 600', "sh", logs / "number")
Processes(logs).start("sleeps", command, ready=lambda: (logs / "number").is_file())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_they_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """Nothing can be stopped in an orderly way then, and nothing stays."""
    command = [sys.executable, "-c", STARTS_AND_IS_KILLED, str(tmp_path)]
    ran = subprocess.run(command, check=False)  # noqa: S603 - an argument list
    assert ran.returncode == -9
    number = (tmp_path / "number").read_text(encoding="utf-8").strip()
    eventually(f"process {number} ended", lambda: not _runs(number))


def test_a_free_port_stays_free() -> None:
    """For a server that names it: nobody else is given it between this and the server's start."""
    ports = free_ports(20)
    assert len(set(ports)) == len(ports)
    for port in ports:
        assert not listening(port)
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind((LOOPBACK, port))  # as where the kernel chooses
        with socket.create_server((LOOPBACK, port)):  # sets SO_REUSEADDR, as Go, redis and gRPC do
            assert listening(port)


def _runs(number: str) -> bool:
    """Whether a process is there and has not ended; one that nobody waited for stays as a name."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
