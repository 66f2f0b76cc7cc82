"""What a record says of claims: what cannot change, the data behind them, what their Compositions make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from platformc.check.claim_api import provider_facts
from platformc.composing import Changed, composed, managed_changes
from platformc.language import DiskFolder
from platformc.language.aws_facts import Change, nothing_else
from platformc.language.crossplane import load_claim_api
from platformc.live.outputs import LiveField, known_outputs
from platformc.origins.explain import Explainer
from platformc.programs import sound_sources
from platformc.rules.output import DATA_REMOVED
from proofs import proof
from toy_repository import ToyRepository
from toy_stream import NEW_STREAM, OF_MIRROR, STREAM

from tools.docs.language import facts

assert STREAM.aws is not None
CLAIM = ("aws", "claims", 0)
STREAMS = "specs/post/streams.yaml"
COMPOSITION = "crossplane/stream/composition.yaml"
NAMED = "              - {type: FromCompositeFieldPath, fromFieldPath: spec.streamName, toFieldPath: 'metadata.annotations[crossplane.io/external-name]'}\n"
MOVED = "mirror: copies, moved: [{from: stream.letters, to: stream.mail}]"
DOCUMENT = "apiVersion: platformc.dev/v1alpha1\nkind: Stream\nmetadata: {name: archive}\nspec: {}\n"
MIRROR = f"letters{OF_MIRROR}"
(LOWERED,) = STREAM.aws.claims


def _renamed(toy: ToyRepository, stream_name: str) -> list[str]:
    """What is said where `letters` becomes `mail`, with this name in AWS."""
    toy.leave_streams_alone()
    toy.render()
    (toy.root / STREAMS).write_text(DOCUMENT, encoding="utf-8")
    toy.add("mail", f"streamName: {stream_name}, {MOVED}")
    return [one.message for one in toy.replaced()]


def _told(toy: ToyRepository, before: str, after: str) -> list[Any]:
    """What is said where a text of the streams is replaced by another."""
    toy.render()
    toy.edit(STREAMS, before, after)
    return [one for one in toy.replaced() if one.environment == "production"]


def _changing(**other: Any) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Change]]:
    """The toy's changes, each with something else."""
    return lambda old, new: (replace(change, **other) for change in LOWERED.changes(old, new))


@proof(*CLAIM, "kind", wrong="Brook")
def kind(toy: ToyRepository) -> None:
    """Its claims have this kind: what an output is read from on a cluster is rendered."""
    parts = [part for output in known_outputs(toy.program()) for part in output.parts if isinstance(part, LiveField)]
    assert {(part.claim.kind, part.claim.name) for part in parts} <= set(toy.objects())


@proof(*CLAIM, "immutable", wrong=())
def immutable(toy: ToyRepository) -> None:
    """A stream in another region is another stream."""
    toy.render()
    toy.edit("specs/platform.yaml", "eu-central-1", "eu-west-1")
    assert {"spec.region" in one.message for one in toy.replaced()} == {True}


@proof(*CLAIM, "immutable", 1, "claim", wrong=("spec", "ceiling"))
def immutable_claim(toy: ToyRepository) -> None:
    """The field of the claim that cannot change is looked at."""
    (found,) = _told(toy, "  mirror: copies\n", "  mirror: copies\n  streamName: mail\n")
    assert found.rule == "immutable-field"


@proof(*CLAIM, "immutable", 1, "spec", wrong=("shards",))
def immutable_spec(toy: ToyRepository) -> None:
    """The language reference says which field of the document makes a new stream."""
    assert any("`streamName`" in one and "new resource" in one for one in facts(toy.kind))


@proof(*CLAIM, "immutable", 1, "hint", wrong="")
def immutable_hint(toy: ToyRepository) -> None:
    """What to do instead is told."""
    assert [one.hint for one in _told(toy, "  mirror: copies\n", "  mirror: copies\n  streamName: mail\n")] == [
        NEW_STREAM
    ]


@proof(*CLAIM, "changes", wrong=nothing_else)
def changes(toy: ToyRepository) -> None:
    """Shards can grow and not shrink."""
    assert _told(toy, "  shards: 3\n", "  shards: 4\n") == []
    assert len(_told(toy, "  shards: 4\n", "  shards: 2\n")) == 2, "of the stream and its mirror"


@proof(*CLAIM, "changes", wrong=_changing(rule=DATA_REMOVED), fact="Change.rule")
def change_rule(toy: ToyRepository) -> None:
    """It is found by the rule that it names."""
    assert {one.rule for one in _told(toy, "  shards: 3\n", "  shards: 2\n")} == {"immutable-field"}


@proof(*CLAIM, "changes", wrong=_changing(place=("spec", "streamName")), fact="Change.place")
def change_place(toy: ToyRepository) -> None:
    """It is told where the spec says what the claim shall become."""
    found = _told(toy, "  shards: 3\n", "  shards: 2\n")
    assert {(one.at.path, one.at.line) for one in found} == {(STREAMS, 5)}


@proof(*CLAIM, "changes", wrong=_changing(message=""), fact="Change.message")
def change_message(toy: ToyRepository) -> None:
    """What cannot be is said."""
    found = _told(toy, "  shards: 3\n", "  shards: 2\n")
    assert all("shards cannot go from 3 to 2" in one.message for one in found)


@proof(*CLAIM, "changes", wrong=_changing(hint=""), fact="Change.hint")
def change_hint(toy: ToyRepository) -> None:
    """So is what to do instead."""
    assert {one.hint for one in _told(toy, "  shards: 3\n", "  shards: 2\n")} == {"keep 3 shards"}


@proof(*CLAIM, "data", wrong=None)
def data(toy: ToyRepository) -> None:
    """A stream that is no longer rendered holds data."""
    toy.leave_streams_alone()
    toy.render()
    toy.edit(STREAMS, f"---\n{DOCUMENT}", "")
    assert [one.rule for one in toy.replaced()] == ["data-removed"] * 2, "in both environments"


@proof(*CLAIM, "name", wrong="region")
def name(toy: ToyRepository) -> None:
    """Data stays under its name in AWS where its document is moved to another one."""
    said = _renamed(toy, "mail")
    assert len(said) == 2
    assert all("letters" in one and "mail" in one for one in said)


@proof(*CLAIM, "data", "protection", wrong=None)
def data_protection(toy: ToyRepository) -> None:
    """What is to be deleted with its document is not what AWS is told never to delete."""
    toy.edit(STREAMS, "spec: {}", "spec: {deletionPolicy: Delete, protected: true}")
    assert {one.at.line for one in toy.found("protection-blocks-deletion")} == {15}


@proof(*CLAIM, "data", "part", wrong=None)
def data_part(toy: ToyRepository) -> None:
    """Of the claims of a document that is moved, each takes the place of its like: here nothing is lost."""
    assert _renamed(toy, "letters") == []


@proof(*CLAIM, "managed", wrong=())
def managed(toy: ToyRepository) -> None:
    """What the Composition makes is known."""
    toy.edit(COMPOSITION, NAMED, "")
    assert toy.found("composition-name-generated") != []


@proof(*CLAIM, "managed", 0, "service", wrong="brooks")
def managed_service(toy: ToyRepository) -> None:
    """It is a resource of this service's provider."""
    toy.edit(COMPOSITION, NAMED, "")
    assert toy.found("composition-name-generated") != []


@proof(*CLAIM, "managed", 0, "kind", wrong="Brook")
def managed_kind(toy: ToyRepository) -> None:
    """It is of this kind of the provider's."""
    toy.edit(COMPOSITION, NAMED, "")
    assert toy.found("composition-name-generated") != []


@proof(*CLAIM, "managed", 0, "named_by_annotation", wrong=False)
def managed_name(toy: ToyRepository) -> None:
    """Without an annotation its name in AWS would be a generated one."""
    toy.edit(COMPOSITION, NAMED, "")
    assert toy.found("composition-name-generated") != []


@proof(*CLAIM, "managed", 0, "required_inside", wrong=())
def managed_required(toy: ToyRepository) -> None:
    """A field that no schema requires is missed all the same."""
    toy.edit(COMPOSITION, "encryption: {enabled: true}", "encryption: {keyId: alias/toys}")
    assert toy.found("composition-missing-field") != []


@proof(*CLAIM, "managed", 0, "immutable", wrong=())
def managed_immutable(toy: ToyRepository) -> None:
    """A mirror cannot mirror another stream, whatever its claim says: the provider refuses."""
    claim_api = load_claim_api(DiskFolder(toy.root / "crossplane"), "crossplane").objects
    before = composed(claim_api, [toy.objects()["Stream", MIRROR]])
    toy.edit(STREAMS, "  mirror: copies\n", "  mirror: copies\n  streamName: mail\n")
    after = composed(claim_api, [toy.objects()["Stream", MIRROR]])
    (change,) = managed_changes(before, after, provider_facts(toy.kinds))
    assert isinstance(change, Changed)
    assert [one.path[-1] for one in change.refused] == ["sourceArn"]


@proof(*CLAIM, "policy", wrong=None)
def policy(toy: ToyRepository) -> None:
    """The words in `needs` behind a policy are told where it is explained."""
    explainer = Explainer(sound_sources(toy.request), "production")
    (file,) = [path for path, one in explainer.files.items() if (one.id.kind, one.id.name) == ("Stream", "letters")]
    (told,) = explainer.explain(file, ("spec", "policyDocument"))
    assert {(one.kind, one.word) for one in told.access} == {("stream", "read"), ("stream", "write")}


@proof(*CLAIM, "writes_secret", wrong=False, also={("aws", "connection_secret"): None})
def writes_secret(toy: ToyRepository) -> None:
    """Argo CD shows the Secret that Crossplane writes beside the claim."""
    toy.leave_streams_alone()
    allowed = toy.objects()["AppProject", "platform"]["spec"]["namespaceResourceWhitelist"]
    assert {"group": "", "kind": "Secret"} in allowed
