"""What `explain` claims, held against what compiling does."""

from __future__ import annotations

import os
import random

import pytest
from mutation_oracle import EVERY_FIELD, PLATFORM, Subject, judge, subjects

pytestmark = pytest.mark.slow  # compiles once for each of 400 scalars

SAMPLE = 200
SEED = 20250930
EVERY_SCALAR = "PLATFORMC_EVERY_SCALAR"
"""Set by `make oracle`, which takes all of them."""


def _sample() -> list[Subject]:
    found = [subjects(PLATFORM), subjects(EVERY_FIELD)]
    if not os.environ.get(EVERY_SCALAR):
        found = [random.Random(SEED).sample(several, SAMPLE) for several in found]  # noqa: S311 - a sample, not a secret
    return [subject for several in found for subject in several]


# In groups, so that a worker compiles the unchanged specs once for many scalars.
GROUPS = 8
JUDGED = [_sample()[group::GROUPS] for group in range(GROUPS)]


@pytest.mark.parametrize("group", range(GROUPS))
def test_origins_tell_what_changes(group: int) -> None:
    """A leaf that changes with a scalar names it, and a leaf that names a scalar changes with it."""
    verdicts = [judge(subject) for subject in JUDGED[group]]
    wrong = [
        f"{verdict.subject}\n  changed, but not named: {verdict.unnamed}\n  named, but not changed: {verdict.unchanged}"
        for verdict in verdicts
        if verdict.unnamed or verdict.unchanged
    ]
    assert not wrong, "\n".join(wrong)
    assert sum(verdict.valid for verdict in verdicts) > len(verdicts) // 2, (
        "most changes must be valid to prove anything"
    )
    assert sum(verdict.changed > 0 for verdict in verdicts) > len(verdicts) // 3, "many changes must reach the output"
