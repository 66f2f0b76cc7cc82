"""Each change of the small platform is told as its file in `told/` says; nothing else is."""

from __future__ import annotations

import pytest
from changed_platform import TOLD, Change, as_it_is, judged
from changes_of_data import CHANGES
from platformc.rules.data import DATA_UNPROTECTED
from platformc.rules.output import TTL_DROPPED
from platformc.rules.registry import LANGUAGE_RULES
from platformc.safety import transitions
from platformc.snapshot import ListKeys, compare

pytestmark = pytest.mark.slow  # compiles a small platform for each change


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change(change: Change) -> None:
    """What a person sees of it; `make cases` writes it again."""
    found, told, text = judged(change)
    assert text == (TOLD / f"{change.name}.txt").read_text(encoding="utf-8")
    assert "Traceback" not in text
    assert {one.rule for one in told} <= {one.rule.id for one in found}


def test_each_file_belongs_to_a_change() -> None:
    """A file that nothing makes any more is read by nobody."""
    assert {path.stem for path in TOLD.glob("*.txt")} == {change.name for change in CHANGES}


def test_every_rule_is_told() -> None:
    """Of the rules about data, each has a change; what only a table with a time to live can show is tested with it."""
    text = "".join(path.read_text(encoding="utf-8") for path in TOLD.glob("*.txt"))
    wanted = {rule.id for rule in LANGUAGE_RULES if rule.family == DATA_UNPROTECTED.family}
    wanted |= {"data-removed", "immutable-field", "volume-shrinks"}
    assert {rule for rule in wanted if f"[{rule}]" not in text} == set()
    assert TTL_DROPPED.id not in wanted


def test_no_change_is_no_transition() -> None:
    """Nothing is told of a platform beside itself."""
    assert transitions(compare(as_it_is(), as_it_is(), ListKeys())) == ()
