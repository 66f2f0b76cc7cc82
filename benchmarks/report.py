"""report: what was measured, as one Markdown page.

In      Results.
Out     the page; the same for the same results: no date, no path, no name of a host.
Never   measures, rounds a figure to look better, or leaves an aim out because it was missed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import diffs, workspace
from benchmarks.compare import Agreement
from benchmarks.measure import Measurement

MEGABYTE = 1_000_000
MOST_MEMORY = 512 * MEGABYTE
MOST_START = 1.5
FLEET = (
    (workspace.FLEET_CHECK, workspace.FLEET_CHECK_ALONE, 0.60),
    (workspace.FLEET_RENDER, workspace.FLEET_RENDER_ALONE, 0.75),
    (workspace.FLEET_CHECK_CHANGE, workspace.FLEET_CHECK_ALONE, 0.30),
    (workspace.FLEET_RENDER_CHANGE, workspace.FLEET_RENDER_ALONE, 0.50),
)
"""What is compared with what, and at most which part of its time it takes; the first two on two cores."""
DIFFS = (
    (diffs.OWN, 0.9),
    (diffs.OWN_REMEMBERED, 0.9),
    (diffs.GENERATED, 3.0),
    (diffs.GENERATED_REMEMBERED, 2.2),
)
"""Seconds that a diff may take; the last two are about 1,000 components."""
MOST_EXPONENT = 1.1
"""A power of the number of components; 1 is linear, and a tenth is left for the noise of five points."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What it was measured on."""

    processor: str
    cores: int
    memory_bytes: int
    system: str


@dataclass(frozen=True, slots=True)
class Results:
    """All that was measured."""

    components: int
    runs: int
    quick: bool
    machine: Machine
    versions: Mapping[str, str]
    agreements: Mapping[str, Agreement]
    cases: Sequence[Measurement]
    starts: Sequence[Measurement]
    growth: Mapping[int, Measurement]
    """By the number of components; the smallest stands for start-up alone."""
    environments: Sequence[Measurement]
    fleet: Sequence[Measurement]
    """Of the same environments: by one process, by several, after a change in one."""
    diffs: Sequence[Measurement]
    sealing: Mapping[str, Sequence[float]]
    """Milliseconds of each round: kubeseal, its start, platformc."""
    own_peak_bytes: int
    """Of the program that measures: a process starts as a copy of it, so that less cannot be seen."""

    def of(self, name: str) -> Measurement:
        """The measurement of one case."""
        return next(each for each in (*self.cases, *self.starts, *self.fleet, *self.diffs) if each.case.name == name)


@dataclass(frozen=True, slots=True)
class Aim:
    """What the design asks for, and what came out."""

    aim: str
    measured: str
    met: bool


def write_report(results: Results) -> str:
    """The page, from its title to its last line."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            *_introduction(results),
            *_side_by_side(results),
            *_aims(results),
            *_growth(results),
            *_environments(results),
            *_diffs(results),
            *_starts(results),
            *_sealing(results),
            *_method(results),
        ]
    )


def aims(results: Results) -> Iterator[Aim]:
    """Every aim of the design, met or not."""
    cold = results.of(workspace.COLD).seconds
    jsonnet = results.of(workspace.JSONNET).seconds
    yield Aim("cold, not validated: faster than jsonnet", f"{cold:.2f} s, jsonnet {jsonnet:.2f} s", cold < jsonnet)
    validated = results.of(workspace.COLD_VALIDATED).seconds
    alone = results.of(workspace.KUBECONFORM).seconds
    yield Aim(
        "cold, validated: no more than that and kubeconform alone",
        f"{validated:.2f} s, together {cold + alone:.2f} s",
        validated <= cold + alone,
    )
    copy = results.of(workspace.COPY).seconds
    for name in (workspace.UNCHANGED, workspace.UNCHANGED_VALIDATED):
        seconds = results.of(name).seconds
        title = name.removeprefix("platformc, ")
        yield Aim(f"{title}: faster than a copy of the files", f"{seconds:.2f} s, copy {copy:.2f} s", seconds < copy)
    ratio = results.of(workspace.HELP).seconds / results.of(workspace.IMPORT_CLICK).seconds
    yield Aim(
        f"`--help`: at most {MOST_START} times as long as importing click", f"{ratio:.2f} times", ratio <= MOST_START
    )
    power = exponent(results.growth)
    yield Aim("time grows linearly with components", f"to the power of {power:.2f}", power <= MOST_EXPONENT)
    for each in results.environments:
        memory = each.peak_bytes
        yield Aim(f"{each.case.name}: below 512 MB", f"{memory / MEGABYTE:.0f} MB", memory < MOST_MEMORY)
    for name, other, most in FLEET:
        ratio = results.of(name).seconds / results.of(other).seconds
        words = f"{name}: at most {most:.0%} of the time of {other.partition(', ')[2]}"
        yield Aim(words, f"{ratio:.0%}", ratio <= most)
    for name, most in DIFFS:
        seconds = results.of(name).seconds
        yield Aim(f"{name}: at most {most} s", f"{seconds:.2f} s", seconds <= most)


def exponent(growth: Mapping[int, Measurement]) -> float:
    """The power of the number of components that time grows with, start-up left out: a line through logarithms."""
    least = min(growth)
    points = [
        (math.log(size), math.log(max(measured.seconds - growth[least].seconds, 1e-6)))
        for size, measured in growth.items()
        if size != least
    ]
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / sum((x - middle_x) ** 2 for x, _ in points)


def _introduction(results: Results) -> Iterator[str]:
    ours = results.agreements["platformc"]
    machine = results.machine
    yield "Written by `make bench`; what it runs is in `benchmarks/`."
    yield ""
    yield f"{results.components:,} components, each a workload with settings, a service and what it calls: a Deployment,"
    yield "a Service, a ConfigMap, a ServiceAccount and a NetworkPolicy. Every tool gets the same components as its own"
    yield f"kind of input and writes the same {5 * results.components:,} objects; platformc writes {ours.on_top:,} more:"
    yield "namespaces, a policy for each, and what Argo CD needs."
    yield ""
    if results.quick:
        yield "**A quick run**: fewer components and runs than the aims are about."
        yield ""
    yield f"- Machine: {machine.cores} cores, {machine.processor}, {machine.memory_bytes / 1024**3:.0f} GiB, {machine.system}"
    yield f"- Versions: {', '.join(f'{name} {version}' for name, version in results.versions.items())}"
    yield f"- Figures: medians; runs, which took turns: {results.runs}; environments: a single run"
    yield ""


def _side_by_side(results: Results) -> Iterator[str]:
    cold = results.of(workspace.COLD).seconds
    yield "## Side by side"
    yield ""
    yield from _table(
        ("what", "seconds", "least to most", "processor", "cold is 1", "MB/s", "memory", "what the figure includes"),
        "lrrrrrrl",
        [
            (
                each.case.name,
                f"{each.seconds:.2f}",
                f"{min(one.seconds for one in each.samples):.2f} to {max(one.seconds for one in each.samples):.2f}",
                f"{each.cpu_seconds:.2f} s",
                f"{each.seconds / cold:.2f}",
                _speed(each),
                _memory(results, each),
                each.case.includes,
            )
            for each in results.cases
        ],
    )
    yield ""
    yield "MB/s is what was written, or found to be the same, in a second. Memory is that of the largest process."
    yield ""


def _aims(results: Results) -> Iterator[str]:
    yield "## Aims"
    yield ""
    rows = [(each.aim, each.measured, "yes" if each.met else "**no**") for each in aims(results)]
    yield from _table(("aim", "measured", "met"), "lll", rows)
    yield ""


def _growth(results: Results) -> Iterator[str]:
    least = min(results.growth)
    start = results.growth[least].seconds
    yield "## Growth"
    yield ""
    yield f"Cold, not validated. With {least} component it takes {start:.2f} s, which is left out of the last column."
    yield ""
    rows = [
        (
            f"{size:,}",
            f"{each.seconds:.2f}",
            _memory(results, each),
            f"{(each.seconds - start) / size * 1000:.2f} ms",
        )
        for size, each in sorted(results.growth.items())
        if size != least
    ]
    yield from _table(("components", "seconds", "memory", "for each component"), "rrrr", rows)
    yield ""


def _environments(results: Results) -> Iterator[str]:
    yield "## Environments"
    yield ""
    rows = [
        (each.case.name, f"{each.seconds:.2f}", _speed(each), _memory(results, each)) for each in results.environments
    ]
    yield from _table(("what", "seconds", "MB/s", "memory"), "lrrr", rows)
    yield ""
    yield "The same environments, not validated. A change is one number of replicas in one of them; all others are"
    yield "remembered (D73), and `render` reads and compares their files."
    yield ""
    rows = [
        (each.case.name, f"{each.seconds:.2f}", f"{each.cpu_seconds:.2f} s", _memory(results, each))
        for each in results.fleet
    ]
    yield from _table(("what", "seconds", "processor", "memory"), "lrrr", rows)
    yield ""
    yield "Memory is that of the largest process: of the first one, which keeps all files for `render`. Each further process"
    yield "needs what compiling one environment does, less what it shares with the first; there are at most as many as cores"
    yield "or environments, and `--jobs` limits them."
    yield ""


def _diffs(results: Results) -> Iterator[str]:
    cold, dyff = results.of(workspace.COLD).seconds, results.of(diffs.DYFF).seconds
    yield "## Diff"
    yield ""
    rows = [
        (
            each.case.name,
            f"{each.seconds:.2f}",
            f"{each.cpu_seconds:.2f} s",
            f"{each.seconds / cold:.2f}",
            f"{each.seconds / dyff:.2f}",
            _memory(results, each),
            each.case.includes,
        )
        for each in results.diffs
    ]
    heads = ("what", "seconds", "processor", "cold render is 1", "dyff is 1", "memory", "what the figure includes")
    yield from _table(heads, "lrrrrrl", rows)
    yield ""
    yield "The base is a commit, the head is the working tree with a change that no run before had seen. Where nothing is"
    yield "remembered, the cache folder has no more than schemas and kubeconform. dyff compares what others rendered before:"
    yield "rendering both trees is not in its figure. It takes two files, so that each tree is one file for it."
    yield ""


def _starts(results: Results) -> Iterator[str]:
    yield "## Start"
    yield ""
    rows = [(f"`{each.case.name}`", f"{each.seconds * 1000:.0f} ms") for each in results.starts]
    yield from _table(("what", "time"), "lr", rows)
    yield ""


def _sealing(results: Results) -> Iterator[str]:
    yield "## Sealing"
    yield ""
    first = statistics.median(next(iter(results.sealing.values())))
    rows = [
        (
            name,
            f"{statistics.median(times):.0f} ms",
            f"{min(times):.0f} to {max(times):.0f}",
            f"{statistics.median(times) / first:.2f}",
        )
        for name, times in results.sealing.items()
    ]
    yield from _table(("what", "median", "least to most", "kubeseal is 1"), "lrrr", rows)
    yield ""
    yield "One Secret, a certificate of 4,096 bits, values of 40 bytes. platformc's figure is its own code, without the start"
    yield "of Python; what kubeseal takes to start is in its figure, and shown beside it."
    yield ""


def _method(results: Results) -> Iterator[str]:
    agreements = ", ".join(f"{name} {found.agreement:.1%}" for name, found in results.agreements.items())
    yield "## How it is measured"
    yield ""
    yield "- Before anything is timed, each tool runs once, and its objects are held against those wanted: none may be"
    yield "  missing, twice or new. Values that agree, of all (the checksum of a ConfigMap is each tool's own affair):"
    yield f"  {agreements}."
    yield "- Seconds are by the clock, from the start of a process to its end; processor is the sum over all processes and"
    yield "  cores. Before each run everything that was written goes to the disk. Files are read from memory."
    yield "- Cold means an empty output folder and nothing in the cache folder but kubeconform and schemas; Python's own"
    yield "  compiled modules are there. Nothing changed and one change start from what the run before left: files, and the"
    yield "  cache folder. Where nothing changed, every input and every file is read and hashed, and the answer of the run"
    yield "  before is found under the digest (D42); nothing is compiled."
    yield "- platformc also links references, checks names and rules, and writes so that a crash leaves the old files or the"
    yield "  new ones. helm, jsonnet, cdk8s and kustomize check no more than their own language, and just write."
    yield "- kubeconform alone reads a file for each object and prints nothing; inside of platformc it reads fewer files and"
    yield "  prints a result for each object."
    yield ""


def _memory(results: Results, measured: Measurement) -> str:
    """The peak; what is no more than the measuring program's own cannot be told from it."""
    if measured.peak_bytes <= results.own_peak_bytes:
        return f"at most {results.own_peak_bytes / MEGABYTE:.0f} MB"
    return f"{measured.peak_bytes / MEGABYTE:.0f} MB"


def _speed(measured: Measurement) -> str:
    if not measured.output_bytes:
        return ""
    return f"{measured.output_bytes * measured.case.scale / measured.seconds / MEGABYTE:.1f}"


def _table(heads: Sequence[str], sides: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table whose columns also line up in a terminal. `sides` has l or r for each column."""
    widths = [max(len(row[index]) for row in (heads, *rows)) for index in range(len(heads))]
    fitted: Mapping[str, Callable[[str, int], str]] = {"l": str.ljust, "r": str.rjust}

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(fitted[side](cell, width) for side, cell, width in zip(sides, cells, widths, strict=True))} |"

    yield line(heads)
    yield f"|{'|'.join('-' * (width + 1) + (':' if side == 'r' else '-') for side, width in zip(sides, widths, strict=True))}|"
    yield from map(line, rows)
