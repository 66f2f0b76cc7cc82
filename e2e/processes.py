"""processes: start programs of a test run, wait until they answer, stop exactly those.

In      argument lists, environments, what tells that a program is ready.
Out     Service: a running program with its log file.
Never   touches a process that it did not start; leaves one behind, however the run ends.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

LOOPBACK = "127.0.0.1"
READY_SECONDS = 180
STOP_SECONDS = 15
TAIL = 25
"""Lines of a log that are shown where something failed."""
WIDTH = 400
"""Characters of such a line that are shown."""

ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""Also where the tests are killed, and have no time to stop anything. From util-linux, which every Debian has."""

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
"""What a program gets of the caller's environment: no proxy, no kubeconfig, no credentials."""


class ServiceError(Exception):
    """A program ended, or is not ready in time; the text ends with its log."""


@dataclass(slots=True)
class Service:
    """A program that runs, or did."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    def tail(self) -> str:
        """How its log ends, and where it is."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
        lines = [line if len(line) <= WIDTH else f"{line[:WIDTH]}…" for line in lines]
        return "\n".join([f"--- {self.name}: the end of {self.log}", *lines])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and all that it started; a program that does not end in time is killed."""
        _signal(self.process, how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(self.process, signal.SIGKILL)
            self.process.wait(STOP_SECONDS)


@dataclass(slots=True)
class Processes:
    """All programs of a run. Their logs lie in one folder, one file a name."""

    logs: Path
    running: list[Service] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        seconds: float = READY_SECONDS,
    ) -> Service:
        """Start a program and wait until `ready` says yes.

        It gets `environment` and KEPT_VARIABLES. Raises ServiceError with the end of its log when it ends
        before, or is not ready in time; it is stopped then.
        """
        arguments = tuple(map(str, command))
        words = (*ENDS_WITH_US, *arguments)
        given = {key: os.environ[key] for key in KEPT_VARIABLES if key in os.environ} | dict(environment or {})
        log = self.logs / f"{name}.log"
        with log.open("ab") as file:
            process = subprocess.Popen(  # noqa: S603 - an argument list
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=given, start_new_session=True
            )
        service = Service(name, arguments, given, log, process)
        self.running.append(service)
        end = monotonic() + seconds
        while not ready():
            if process.poll() is not None:
                raise ServiceError(f"{name} left with {process.returncode}\n{service.tail()}")
            if monotonic() > end:
                self.stop(service)
                raise ServiceError(f"{name} is not ready after {seconds:.0f} s\n{service.tail()}")
            sleep(0.1)
        return service

    def restart(self, service: Service, *, ready: Callable[[], bool], how: signal.Signals = signal.SIGTERM) -> Service:
        """Stop a program and start it with the same words; its log goes on in the same file."""
        self.stop(service, how)
        return self.start(service.name, service.command, ready=ready, environment=service.environment)

    def stop(self, service: Service, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop one program."""
        service.stop(how)
        self.running.remove(service)

    def stop_all(self) -> None:
        """Stop what still runs, the last one first: what is used outlives what uses it."""
        while self.running:
            self.stop(self.running[-1])

    def tails(self) -> str:
        """How all logs end."""
        return "\n".join(service.tail() for service in self.running)


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """Programs whose logs lie in `folder/logs`; stopped at the end of the block, and at the end of Python."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    started = Processes(logs)
    atexit.register(started.stop_all)
    try:
        yield started
    finally:
        started.stop_all()
        atexit.unregister(started.stop_all)


def free_ports(count: int) -> tuple[int, ...]:
    """Ports of the loopback address that nobody listens on, all different.

    For a minute the kernel gives them to nobody who does not ask for one by its number.
    """
    return tuple(_reserved_port() for _ in range(count))


def _reserved_port() -> int:
    """A port on which a connection has just ended: TIME-WAIT keeps it, but not from servers, which set SO_REUSEADDR."""
    with socket.socket() as server, socket.socket() as client:
        server.bind((LOOPBACK, 0))
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after `bind`, which else may choose such a port
        server.listen(1)
        client.connect(server.getsockname())
        server.accept()[0].close()  # the side that closes first has to wait
        return int(server.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody takes connections on that port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _signal(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Signal the process group; each program has its own."""
    if process.poll() is None:
        os.killpg(process.pid, how)
