"""measure: run programs and say how long they took and how much memory they had.

In      Cases: commands, and what has to be done before each of their runs.
Out     a Measurement for each, of runs that take turns.
Never   counts what prepares a run; goes on after a command that failed.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class BenchmarkError(Exception):
    """A command failed, so that there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Command:
    """One program. Its stdout goes to a file or nowhere; its stderr is shown if it fails."""

    words: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    stdout: Path | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of a case."""

    seconds: float
    """By the clock, over all commands of the case."""
    cpu_seconds: float
    """Of all its processes, in user mode and in the kernel."""
    peak_bytes: int
    """Resident memory of its largest process."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    name: str
    includes: str
    """What the figure stands for, in words."""
    commands: tuple[Command, ...]
    """One after the other, as a loop in a shell would."""
    prepare: Callable[[], None] = field(default=lambda: None)
    output: Path | None = None
    """What was written, for megabytes a second."""
    scale: float = 1.0
    """Greater than 1 where only a part was run, and time is multiplied."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came out for one case; times are scaled."""

    case: Case
    samples: tuple[Sample, ...]
    output_bytes: int

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def cpu_seconds(self) -> float:
        """The median."""
        return statistics.median(sample.cpu_seconds for sample in self.samples)

    @property
    def peak_bytes(self) -> int:
        """The most of all runs."""
        return max(sample.peak_bytes for sample in self.samples)


def measure(cases: Sequence[Case], runs: int, tell: Callable[[str], None]) -> tuple[Measurement, ...]:
    """Run every case `runs` times, taking turns, so that a slow minute of the machine hits all of them."""
    samples: dict[str, list[Sample]] = {case.name: [] for case in cases}
    sizes: dict[str, int] = {}
    for number in range(runs):
        for case in cases:
            tell(f"run {number + 1} of {runs}: {case.name}")
            samples[case.name].append(run(case))
            sizes[case.name] = size(case.output) if case.output else 0
    return tuple(Measurement(case, tuple(samples[case.name]), sizes[case.name]) for case in cases)


def run(case: Case) -> Sample:
    """Prepare and run a case once. What was written before goes to the disk first. Raises BenchmarkError."""
    case.prepare()
    os.sync()
    used: list[resource.struct_rusage] = []
    started = time.perf_counter()
    used.extend(_run(command) for command in case.commands)
    seconds = time.perf_counter() - started
    return Sample(
        seconds * case.scale,
        sum(each.ru_utime + each.ru_stime for each in used) * case.scale,
        max(each.ru_maxrss for each in used) * 1024,  # getrusage(2): kilobytes, of the largest process
    )


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder but hidden ones."""
    if path.is_file():
        return path.stat().st_size
    return sum(
        each.stat().st_size
        for each in path.rglob("*")
        if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
    )


def _run(command: Command) -> resource.struct_rusage:
    with tempfile.TemporaryFile() as errors, Path(command.stdout or os.devnull).open("wb") as stdout:
        process = subprocess.Popen(  # noqa: S603 - an argument list
            command.words,
            cwd=command.folder,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            told = errors.read()[-2000:].decode(errors="replace")
            raise BenchmarkError(f"{' '.join(command.words)} left with {process.returncode}:\n{told}")
    return usage
