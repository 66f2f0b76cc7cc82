"""Whatever happens to a managed resource, there are words for it."""

from __future__ import annotations

from platformc.composing import ABSENT, FieldChange, FieldEffect, Live
from platformc.composing import Fate as FateInAWS
from platformc.diff.effects.managed import FATES, WORDS, _field
from platformc.snapshot import ABSENT as NOTHING


def test_each_effect_of_a_field_and_each_fate_has_words() -> None:
    """One that is new would be a traceback in the report."""
    assert set(WORDS) == set(FieldEffect)
    assert set(FATES) == set(FateInAWS)


def test_a_value_that_only_a_cluster_knows_is_told_by_its_source() -> None:
    """A report holds plain data alone."""
    change = FieldChange(("spec", "a"), ABSENT, Live("status.arn", ()), FieldEffect.UPDATED)
    told = _field(change)
    assert (told.before, told.after) == (NOTHING, "(known on the cluster: status.arn)")
