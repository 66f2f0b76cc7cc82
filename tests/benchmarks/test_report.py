"""The benchmark's page: every case, every aim, met or not, and sealing."""

from __future__ import annotations

from benchmarks import diffs, workspace
from benchmarks.compare import Agreement
from benchmarks.measure import Case, Measurement, Sample
from benchmarks.report import Machine, Results, aims, write_report

CASES = (
    workspace.COLD,
    workspace.COLD_VALIDATED,
    workspace.UNCHANGED,
    workspace.UNCHANGED_VALIDATED,
    workspace.COPY,
    workspace.KUBECONFORM,
    workspace.JSONNET,
)
FLEET = {
    workspace.FLEET_CHECK_ALONE: 10.0,
    workspace.FLEET_CHECK: 6.0,
    workspace.FLEET_CHECK_CHANGE: 3.1,
    workspace.FLEET_RENDER_ALONE: 10.0,
    workspace.FLEET_RENDER: 7.5,
    workspace.FLEET_RENDER_CHANGE: 5.0,
}
"""One aim is missed."""
DIFFS = {
    diffs.OWN: 0.8,
    diffs.OWN_REMEMBERED: 0.7,
    diffs.GENERATED: 3.0,
    diffs.GENERATED_REMEMBERED: 2.3,
    diffs.TREES: 1.0,
    diffs.DYFF: 4.0,
}
"""Here, too."""


def measured(name: str, seconds: float) -> Measurement:
    """Two runs of a case."""
    return Measurement(
        Case(name, "all of it", ()), (Sample(seconds, seconds, 90_000_000), Sample(seconds, 1, 1)), 10**6
    )


def results(*, cold: float, unchanged: float) -> Results:
    """What came out of a run with these seconds, the copy and everything else taking one."""
    seconds = dict.fromkeys(CASES, 1.0) | {workspace.COLD: cold, workspace.UNCHANGED: unchanged}
    return Results(
        components=1000,
        runs=2,
        quick=False,
        machine=Machine("a processor", 2, 8 * 1024**3, "Linux x86_64"),
        versions={"platformc": "0.1.0"},
        agreements={"platformc": Agreement(5000, 65, 1.0)},
        cases=tuple(measured(name, value) for name, value in seconds.items()),
        starts=(measured(workspace.HELP, 0.06), measured(workspace.IMPORT_CLICK, 0.05)),
        growth={size: measured(f"{size} components", 0.1 + size / 1000) for size in (1, 100, 1000)},
        environments=(measured("10 environments", 9.0),),
        fleet=tuple(measured(name, value) for name, value in FLEET.items()),
        diffs=tuple(measured(name, value) for name, value in DIFFS.items()),
        sealing={"kubeseal, 10 keys": [40.0, 60.0], "kubeseal, 1 key": [8.0, 12.0], "platformc, 10 keys": [20.0, 30.0]},
        own_peak_bytes=1,
    )


def test_aims_are_told_whether_they_are_met() -> None:
    """An aim that was missed stays on the page."""
    met = {aim.aim: aim.met for aim in aims(results(cold=2.0, unchanged=0.9))}
    assert met["cold, not validated: faster than jsonnet"] is False
    assert met["nothing changed: faster than a copy of the files"] is True
    assert met["time grows linearly with components"] is True
    assert met["check, a process for each core: at most 60% of the time of one process"] is True
    assert met["check, one environment changed: at most 30% of the time of one process"] is False
    assert met["diff, one component changed: at most 3.0 s"] is True
    assert met["diff, one component changed, base remembered: at most 2.2 s"] is False
    page = write_report(results(cold=2.0, unchanged=1.1))
    assert page.count("**no**") == 5
    assert "| nothing changed: faster than a copy of the files" in page


def test_everything_is_on_the_page() -> None:
    """Each case with its figures, growth, environments, start-up and sealing with its ratio."""
    page = write_report(results(cold=0.5, unchanged=0.1))
    for name in (*CASES, *FLEET, *DIFFS, "10 environments", *results(cold=1, unchanged=1).sealing):
        assert f"| {name} " in page
    assert "| diff, two rendered folders | 1.00 | 1.00 s | 2.00 | 0.25 |" in " ".join(page.split())
    assert "| platformc, 10 keys | 25 ms | 20 to 30 | 0.50 |" in " ".join(page.split())
