"""What a record says of data: what protects it, and how long AWS keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from platformc.language.aws_facts import Kept
from proofs import proof
from toy_repository import ToyRepository
from toy_stream import STREAM

assert STREAM.aws is not None
CLAIM = ("aws", "claims", 0)
STREAMS = "specs/post/streams.yaml"
RETENTION = STREAM.aws.claims[0].retention
RETAINED = "retention: {orders: {hours: 36}}"
SHORTER = "retention: {orders: {hours: 12}}"


def _told(toy: ToyRepository, before: str, after: str) -> list[Any]:
    """What is said in production where a text of the streams is replaced by another."""
    toy.render()
    toy.edit(STREAMS, before, after)
    return [one for one in toy.replaced() if one.environment == "production"]


def _unprotected(toy: ToyRepository) -> list[Any]:
    """What is said where `archive` was protected."""
    toy.edit(STREAMS, "spec: {}", "spec: {protected: true}")
    return _told(toy, "{protected: true}", "{protected: false}")


def _keeping(**other: Any) -> Callable[[Mapping[str, Any]], Iterable[Kept]]:
    """What the toy keeps, each with something else."""
    assert RETENTION is not None
    kept = RETENTION.kept
    return lambda spec: (replace(one, **other) for one in kept(spec))


@proof(*CLAIM, "data", "protections", wrong=())
def protections(toy: ToyRepository) -> None:
    """A stream that is no longer protected is told."""
    assert [one.rule for one in _unprotected(toy)] == ["data-unprotected"]


@proof(*CLAIM, "data", "protections", 0, "claim", wrong=("spec", "ceiling"))
def protection_claim(toy: ToyRepository) -> None:
    """This field of the claim is looked at."""
    assert [one.rule for one in _unprotected(toy)] == ["data-unprotected"]


@proof(*CLAIM, "data", "protections", 0, "strongest_first", wrong=(False, True))
def protection_order(toy: ToyRepository) -> None:
    """One direction weakens, the other does not."""
    assert _told(toy, "spec: {}", "spec: {protected: true}") == []


@proof(*CLAIM, "data", "protections", 0, "absent", wrong=True)
def protection_absent(toy: ToyRepository) -> None:
    """A field that nobody wrote stands for a value: here nothing is lost."""
    patched = "spec: {patches: [{target: {kind: Stream, name: archive}, merge: {spec: {protected: null}}}]}"
    toy.edit(STREAMS, "spec: {}", patched)
    assert _told(toy, patched, "spec: {}") == []


@proof(*CLAIM, "data", "protections", 0, "consequence", wrong="")
def protection_consequence(toy: ToyRepository) -> None:
    """What may happen from now on is told."""
    assert ["the toys may be thrown away" in one.message for one in _unprotected(toy)] == [True]


@proof(*CLAIM, "retention", wrong=None)
def retention(toy: ToyRepository) -> None:
    """Records that go sooner are told, of the stream and its mirror."""
    assert [one.rule for one in _told(toy, RETAINED, SHORTER)] == ["retention-shortened"] * 2


@proof(*CLAIM, "retention", "kind", wrong="Brook")
def retention_kind(toy: ToyRepository) -> None:
    """It is the data of these claims: a stream that is new has none to lose."""
    toy.render()
    toy.edit(STREAMS, "spec: {}", "spec: {protected: true}")
    toy.add("fresh", RETAINED)
    assert toy.replaced() == []


@proof(*CLAIM, "retention", "name", wrong="region")
def retention_name(toy: ToyRepository) -> None:
    """This field says whose data it is: a stream that is new has none to lose."""
    toy.render()
    toy.edit(STREAMS, "spec: {}", "spec: {protected: true}")
    toy.add("fresh", RETAINED)
    assert toy.replaced() == []


@proof(*CLAIM, "retention", "kept", wrong=lambda _spec: ())
def retention_kept(toy: ToyRepository) -> None:
    """What is kept is asked of the claims."""
    assert [one.rule for one in _told(toy, RETAINED, SHORTER)] == ["retention-shortened"] * 2


@proof(*CLAIM, "retention", "kept", wrong=_keeping(what="records"), fact="Kept.what")
def kept_what(toy: ToyRepository) -> None:
    """Each part of the data has a limit of its own."""
    both = "retention: {orders: {hours: 36}, refunds: {hours: 48}}"
    toy.edit(STREAMS, RETAINED, both)
    assert len(_told(toy, both, both.replace("48", "40"))) == 2, "of the stream and its mirror"


@proof(*CLAIM, "retention", "kept", wrong=_keeping(limit=1), fact="Kept.limit")
def kept_limit(toy: ToyRepository) -> None:
    """Less is a loss."""
    assert len(_told(toy, RETAINED, SHORTER)) == 2, "of the stream and its mirror"


@proof(*CLAIM, "retention", "kept", wrong=_keeping(words=""), fact="Kept.words")
def kept_words(toy: ToyRepository) -> None:
    """What is kept is told, and what was."""
    for one in _told(toy, RETAINED, SHORTER):
        assert one.message.endswith(
            "AWS keeps only records on orders for 12 hours instead of records on orders for 36 hours"
        )


@proof(*CLAIM, "retention", "kept", wrong=_keeping(place=("spec", "streamName")), fact="Kept.place")
def kept_place(toy: ToyRepository) -> None:
    """It is told where the spec says it."""
    assert {one.at.line for one in _told(toy, RETAINED, SHORTER)} == {7}
