"""Whatever stands in Compositions, definitions and claims, there is a result: nothing that a user can write raises."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from platformc.check.claim_api import provider_facts
from platformc.composing import ClaimSide, Composed, affected, composed, managed_changes
from platformc.composing.managed import same
from platformc.kinds import KINDS

from composing.platform_claims import EVERY_FIELD, FORMS, claim_api, claims_of

FACTS = provider_facts(KINDS)
WORDS = st.sampled_from(
    [
        "",
        "*",
        "^*",
        "%s",
        "%d",
        "spec",
        "status.arn",
        "spec.tags[*]",
        "spec.items[99]",
        "spec.region.name",
        "metadata.annotations[crossplane.io/external-name]",
        "crossplane.io/paused",
        "true",
        "Required",
        "ToCompositeFieldPath",
        "LegacyCluster",
        "Orphan",
        "map",
        "match",
        "name",
        "\x1b[31m",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-1, 99) | st.floats(allow_nan=False) | WORDS | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
"""What may stand in a place where something else should."""


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


@st.composite
def damaged(draw: st.DrawFn, whole: list[Any]) -> list[Any]:
    """Objects with something else, or nothing, in some places."""
    made = copy.deepcopy(whole)
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from(list(places(made)) or [()]))
        if len(path) < 2:  # an object itself is always there, and is a map
            continue
        holder: Any = made
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[path[-1]] = copy.deepcopy(draw(VALUES))
        elif draw(st.booleans()) and isinstance(holder, dict):
            holder[draw(WORDS)] = copy.deepcopy(draw(VALUES))
        else:
            del holder[path[-1]]
    return made


@st.composite
def sides(draw: st.DrawFn) -> tuple[ClaimSide, ClaimSide]:
    """Two sides, each a damaged copy of what there is of one kind, in either form."""
    kind = draw(st.sampled_from(sorted({one["kind"] for one in claims_of(EVERY_FIELD)})))
    made = []
    for _ in range(2):
        listed = [
            one
            for one in claim_api(draw(st.sampled_from(FORMS)))
            if one["kind"] in {"Composition", "CompositeResourceDefinition"}
            and kind.lower() in one["metadata"]["name"].lower()
        ]
        claims = [one for one in claims_of(EVERY_FIELD) if one["kind"] == kind]
        made.append(ClaimSide(draw(damaged(listed)), draw(damaged(claims))))
    return made[0], made[1]


def is_one_of_both(one: Composed) -> bool:
    """Whether a result says what is made, or why that is not known, in words."""
    return not one.resources and not one.waiting and bool(one.unknown.reason) if one.unknown is not None else True


@given(sides())
def test_there_is_a_result(given_sides: tuple[ClaimSide, ClaimSide]) -> None:
    """For each claim; between a side and itself nothing changes, and leaving claims out changes no result."""
    before, after = given_sides
    results = [composed(one.claim_api, one.claims) for one in given_sides]
    for side, found in zip(given_sides, results, strict=True):
        assert len(found) == len(side.claims)
        assert all(is_one_of_both(one) for one in found)
        assert managed_changes(found, composed(*copy.deepcopy((side.claim_api, side.claims))), FACTS) == ()
    whole = managed_changes(results[0], results[1], FACTS)
    old, new = (composed(one.claim_api, one.claims) for one in affected(before, after))
    assert whole == managed_changes(old, new, FACTS)


@given(sides())
def test_the_input_stays_as_it_is(given_sides: tuple[ClaimSide, ClaimSide]) -> None:
    """Composing writes into copies alone."""
    before, _ = given_sides
    kept = copy.deepcopy(before)
    composed(before.claim_api, before.claims)
    assert same([kept.claim_api, kept.claims], [before.claim_api, before.claims])


@given(st.lists(VALUES.filter(lambda one: isinstance(one, dict)), max_size=3), st.lists(VALUES, max_size=2))
def test_of_any_objects(claims: list[Any], objects: list[Any]) -> None:
    """Even of what is no claim API at all."""
    assert [one.unknown is not None for one in composed(objects, claims)] == [True] * len(claims)
