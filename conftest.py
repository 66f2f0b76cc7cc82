"""conftest: nothing is timed in any test, as a busy machine is no bug; in CI, nothing is skipped.

Hypothesis does without clocks in CI anyway.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

MAY_BE_SKIPPED = {
    "test_the_api_server_leads_to_the_controller": "CI can install programs, and no network beside the loopback",
}
"""The tests that may be skipped in CI, by their names, each with its reason."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001 - pytest's signature
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a skipped test has failed: `.ci/run` installs what all of them need."""
    report = yield
    is_skipped = report.skipped and not hasattr(report, "wasxfail")
    if is_skipped and os.environ.get("CI") and item.name.partition("[")[0] not in MAY_BE_SKIPPED:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} did not run, which no test may in CI: {reason}"
    return report
