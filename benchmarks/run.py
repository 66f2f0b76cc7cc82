"""run: `make bench`: prepare, check that all tools do the same work, measure, and write the page.

In      the command line.
Out     the page on stdout and in docs/benchmarks.md; progress on stderr.
Never   leaves anything behind but that page and the tools in the cache folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from platformc.cache.storage import cache_folder

from benchmarks import workspace
from benchmarks.compare import Agreement
from benchmarks.diffs import diff_cases
from benchmarks.measure import BenchmarkError, Case, measure, run
from benchmarks.report import Machine, Results, write_report
from benchmarks.tools import prepare_tools, versions
from benchmarks.workspace import Workspace, prepare_workspace

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/benchmarks.md"
GROWTH = (1, 100, 300, 1000, 3000, 10_000)
QUICK_GROWTH = (1, 100, 300, 1000)
ENVIRONMENTS = 10
GROWTH_RUNS = 3
STARTS = 20
SEALED_KEYS = 1000
MOST_SECONDS_OF_KUSTOMIZE = 120
"""Over all runs; beyond that fewer components are built."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure platformc beside the tools that people use today."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=main.__doc__)
    parser.add_argument("--components", type=int, metavar="N", help="default: 1000, with --quick 200")
    parser.add_argument("--runs", type=int, metavar="N", help="default: 5, with --quick 3")
    parser.add_argument("--quick", action="store_true", help="less of everything, and only printed")
    parser.add_argument("--page", type=Path, help="where to write the page  [default: docs/benchmarks.md]")
    parser.add_argument(
        "--crds", type=Path, default=ROOT.parent / "shared/crds", help="a folder of CRDs, if it is there"
    )
    parser.add_argument("--tools", type=Path, default=_tools_folder(), help="where to keep the other tools")
    parser.add_argument("--folder", type=Path, help="where to work  [default: the folder for temporary files]")
    given = parser.parse_args(arguments)
    quick: bool = given.quick
    page = given.page or (None if quick else PAGE)
    try:
        with tempfile.TemporaryDirectory(prefix="platformc-benchmark-", dir=given.folder) as folder:
            results = _measured(
                Path(folder).resolve(),
                given.tools.absolute(),
                given.components or (200 if quick else 1000),
                given.runs or (3 if quick else 5),
                given.crds.absolute() if given.crds.is_dir() else None,
                quick=quick,
            )
    except BenchmarkError as error:
        _tell(str(error))
        return 1
    text = write_report(results)
    sys.stdout.write(text)
    if page is not None:
        page.write_text(text, encoding="utf-8")
    return 0


def _measured(folder: Path, cache: Path, number: int, runs: int, crds: Path | None, *, quick: bool) -> Results:
    """All measurements, one after the other."""
    tools = prepare_tools(cache, _tell)
    _tell(f"writing {number} components for every tool")
    ready = prepare_workspace(folder, tools, number, crds)
    cases, agreements = _checked_cases(ready, runs)
    sizes = QUICK_GROWTH if quick else GROWTH
    growth_runs = min(runs, GROWTH_RUNS)
    measured = measure(cases, runs, _tell)
    starts = measure(workspace.start_cases(ready), STARTS, _silent)
    _tell("writing platforms of other sizes")
    growth = dict(workspace.growth_cases(ready, sizes))
    grown = dict(zip(growth, measure(tuple(growth.values()), growth_runs, _tell), strict=True))
    environments = workspace.environments_cases(ready, 100 if quick else 1000, ENVIRONMENTS)
    return Results(
        components=number,
        runs=runs,
        quick=quick,
        machine=_machine(),
        versions=versions(tools),
        agreements=agreements,
        cases=measured,
        starts=starts,
        growth=grown,
        environments=measure(environments, 1, _tell),
        fleet=measure(tuple(workspace.fleet_cases(ready, ENVIRONMENTS)), growth_runs, _tell),
        diffs=measure(tuple(diff_cases(ready, ROOT)), runs, _tell),
        sealing=_sealing(100 if quick else SEALED_KEYS),
        own_peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _checked_cases(ready: Workspace, runs: int) -> tuple[tuple[Case, ...], dict[str, Agreement]]:
    """Every case, after each tool wrote its objects once and they were the wanted ones."""
    ours = tuple(workspace.platform_cases(ready))
    run(ours[0])
    rendered = workspace.rendered(ready, workspace.COLD) / "production"
    agreements = {"platformc": _agreement("platformc", rendered, ready.components, may_add=True)}
    others = []
    for case in workspace.other_cases(ready):
        _tell(f"checking what is written: {case.name}")
        sample = run(case)
        if case.name == workspace.COPY or case.output is None:
            others.append(case)
            continue
        tool = case.name.split()[0]
        agreements[tool] = _agreement(tool, case.output, ready.components)
        if case.name == workspace.KUSTOMIZE and sample.seconds * runs > MOST_SECONDS_OF_KUSTOMIZE:
            affordable = int(ready.components * MOST_SECONDS_OF_KUSTOMIZE / (sample.seconds * runs))
            others.append(workspace.kustomize_case(ready, max(1, affordable)))
        else:
            others.append(case)
    return (*ours, *others), agreements


def _agreement(tool: str, output: Path, number: int, *, may_add: bool = False) -> Agreement:
    """Hold what a case wrote against what was wanted, in a process of its own. Raises BenchmarkError."""
    words = [sys.executable, "-m", "benchmarks.compare", str(output), "--components", str(number)]
    ran = subprocess.run(  # noqa: S603 - an argument list
        [*words, *(["--may-add"] if may_add else [])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise BenchmarkError(f"{tool} does not do the same work: {ran.stderr.strip()}")
    found = json.loads(ran.stdout)
    return Agreement(found["objects"], found["onTop"], found["agreement"])


def _sealing(keys: int) -> dict[str, list[float]]:
    """Milliseconds of sealing, measured in a process of its own. Raises BenchmarkError."""
    _tell(f"sealing {keys} keys")
    words = [sys.executable, "-m", "benchmarks.sealing", "--json", "--keys", str(keys)]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - an argument list
    if ran.returncode:
        raise BenchmarkError(f"sealing cannot be measured: {ran.stderr.strip()[-2000:]}")
    found: dict[str, list[float]] = json.loads(ran.stdout)
    return found


def _machine() -> Machine:
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").is_file() else ""
    models = [line.partition(":")[2].strip() for line in described.splitlines() if line.startswith("model name")]
    return Machine(
        processor=models[0] if models else platform.machine(),
        cores=os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.machine()}",
    )


def _tools_folder() -> Path:
    return cache_folder(os.environ) / "benchmarks"


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _silent(_text: str) -> None:
    """Take no note of runs that are over at once."""


if __name__ == "__main__":
    sys.exit(main())
