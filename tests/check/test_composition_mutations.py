"""Whatever is changed in crossplane/, the type check says so, at the right line: every patch, type, key and scalar."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from composition_mutations import (
    FREE,
    KINDS,
    SCOPES,
    Claim,
    Mutation,
    RememberedKinds,
    changed_types,
    dropped_patches,
    free_end,
    misspelt_keys,
    misspelt_scalars,
    renamed_fields,
    renamed_segments,
    swapped_targets,
)
from platformc.language.nodes import scalars

pytestmark = pytest.mark.slow  # holds thousands of damaged Compositions against their schemas

MUTATIONS: tuple[Callable[[Claim], Iterator[Mutation]], ...] = (
    renamed_segments,
    swapped_targets,
    dropped_patches,
    changed_types,
    renamed_fields,
    misspelt_scalars,
    misspelt_keys,
)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    """Each claim kind, in both forms."""

    def test_as_it_is_nothing_is_found(self, kind: str, scope: str, managed: RememberedKinds) -> None:
        """Else a mutation would be caught by what was there before."""
        assert Claim.of(kind, scope).findings(managed) == []

    @pytest.mark.parametrize("mutations", MUTATIONS, ids=lambda function: function.__name__)
    def test_each_mutation_is_caught(
        self, kind: str, scope: str, managed: RememberedKinds, mutations: Callable[[Claim], Iterator[Mutation]]
    ) -> None:
        """A finding stands on a line that has to do with it."""
        made = list(mutations(Claim.of(kind, scope)))
        assert len(made) > 3
        assert [mutation.what for mutation in made if not mutation.is_caught(managed)] == []


def test_there_are_many() -> None:
    """A loop over nothing would agree with everything."""
    made = [m for kind in KINDS for scope in SCOPES for make in MUTATIONS for m in make(Claim.of(kind, scope))]
    assert len(made) > 2500


def test_each_exception_is_needed() -> None:
    """One that nothing needs would hide something one day."""
    compositions = [Claim.of(kind, scope).composition for kind in KINDS for scope in SCOPES]
    assert {free_end(path) for node in compositions for path, _ in scalars(node)} - {None} == set(FREE)
