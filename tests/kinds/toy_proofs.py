"""What each fact of a kind in AWS does, shown on the toy, and a record in which it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from platformc.graph.dot import as_dot
from platformc.graph.model import graph_of
from platformc.kinds import KINDS
from platformc.kinds.common import attribute
from platformc.language.aws_facts import Credentials, Unique, no_further_limits, nothing_else
from platformc.language.kind import Kind, Symbol, no_aliases, unchanged
from platformc.live.outputs import LiveField, known_outputs
from platformc.lower.argocd_projects import children_of
from platformc.origins.explain import Explainer
from spec_documents import PLATFORM, document, workload
from toy_repository import LETTERS, NEED, SPECS, STAGING, Toy
from toy_stream import NEW_STREAM, STREAM

Known = TypeVar("Known")


def known(value: Known | None) -> Known:
    """What the toy says of itself."""
    assert value is not None
    return value


REFERENCES = known(STREAM.references)
FACTS = known(STREAM.aws)
(CLAIM,) = FACTS.claims
DATA = known(CLAIM.data)
REGION = "arn:aws:kinesis:eu-central-1:123456789012:stream"


def of_kind(**changed: Any) -> Kind:
    """The record with other facts of its own."""
    return replace(STREAM, **changed)


def of_references(**changed: Any) -> Kind:
    """The record with other facts of its references."""
    return of_kind(references=replace(REFERENCES, **changed))


def of_layers(**changed: Any) -> Kind:
    """The record with other facts of its layers."""
    return of_kind(layers=replace(STREAM.layers, **changed))


def of_aws(**changed: Any) -> Kind:
    """The record with other facts of AWS."""
    return of_kind(aws=replace(FACTS, **changed))


def of_form(**changed: Any) -> Kind:
    """The record with another form of names."""
    return of_aws(form=replace(FACTS.form, **changed))


def of_claim(**changed: Any) -> Kind:
    """The record with other facts of its claim."""
    return of_aws(claims=(replace(CLAIM, **changed),))


def of_data(**changed: Any) -> Kind:
    """The record with other facts of its data."""
    return of_claim(data=replace(DATA, **changed))


def of_immutable(**changed: Any) -> Kind:
    """The record with another field that cannot change."""
    return of_claim(immutable=tuple(replace(one, **changed) for one in CLAIM.immutable))


def of_managed(**changed: Any) -> Kind:
    """The record with other facts of the managed resource."""
    return of_claim(managed=tuple(replace(one, **changed) for one in CLAIM.managed))


def of_action(**changed: Any) -> Kind:
    """The record with other actions."""
    access = {word: tuple(replace(one, **changed) for one in actions) for word, actions in FACTS.access.items()}
    return of_aws(access=access)


def is_claimed(toy: Toy) -> None:
    """The documents become claims."""
    claims = toy.objects("Stream")
    assert {name: claim["spec"].get("mirrorOf") for name, claim in claims.items()} == {
        "letters": None,
        "letters-copy": "letters",
    }
    assert claims["letters"]["spec"]["shards"] == 2


def is_granted(toy: Toy) -> None:
    """The identity may do what the needs say, and nothing else."""
    assert toy.granted == [(["kinesis:GetRecords"], [f"{REGION}/letters"])]


def has_short_names(toy: Toy) -> None:
    """A name may have 30 characters."""
    found = toy.with_stream("", "l" * 31, document("Stream", "letters", LETTERS)).found
    assert [rule for rule, message in found if "31 characters" in message] == ["invalid-name"]


def is_drawn(toy: Toy) -> None:
    """Its symbol is a queue's."""
    (line,) = [line for line in as_dot(graph_of(toy.program)).splitlines() if "letters\\nStream" in line]
    assert 'shape="cds"' in line


def is_read_by_reference(toy: Toy) -> None:
    """`${stream.letters…}` is bound where a need says what for."""
    for reference, bound in (("name", "letters"), ("arn", f"{REGION}/letters")):
        reader = workload("reader", f"{NEED}, env: {{A: '${{stream.letters.{reference}}}'}}")
        text = SPECS["post/all.yaml"].replace(workload("reader", NEED), reader)
        pod = toy.with_spec("post/all.yaml", text).objects("Deployment")["reader"]["spec"]["template"]["spec"]
        assert {"name": "A", "value": bound} in pod["containers"][0]["env"]


def refuses_references(toy: Toy) -> None:
    """An attribute that nobody knows, and none at all, mean nothing."""
    for reference in ("stream.letters.nope", "stream.letters"):
        reader = workload("reader", f"{NEED}, env: {{A: '${{{reference}}}'}}")
        text = SPECS["post/all.yaml"].replace(workload("reader", NEED), reader)
        rules = [rule for rule, _ in toy.with_spec("post/all.yaml", text).found]
        assert rules == ["unknown-reference"], reference


def has_a_second_name(toy: Toy) -> None:
    """The mirror is referred to by its own name."""
    text = SPECS["post/all.yaml"].replace("{stream: letters,", "{stream: letters-copy,")
    assert toy.with_spec("post/all.yaml", text).granted == [(["kinesis:GetRecords"], [f"{REGION}/letters-copy"])]


def is_overridden(toy: Toy) -> None:
    """Consumers merge by name, one unit of the retention replaces the other, null is no ceiling, shardCount is shards."""
    change = "consumers: [{name: b, mode: push}], retention: {raw: {days: 2}}, ceiling: null, shardCount: 4"
    override = f"  overrides: [{{kind: Stream, metadata: {{name: letters}}, spec: {{{change}}}}}]\n"
    specs = {**SPECS, "environments/production.yaml": SPECS["environments/production.yaml"] + override}
    specs["post/all.yaml"] = specs["post/all.yaml"].replace(LETTERS, f"{LETTERS}, retention: {{raw: {{hours: 7}}}}")
    spec = replace(toy, specs=specs).objects("Stream")["letters"]["spec"]
    assert (spec["consumers"], spec["retention"]) == (["a/pull", "b/push"], {"raw": 48})
    assert (spec.get("ceiling"), spec["shards"]) == (None, 4)


def is_owned_once(toy: Toy) -> None:
    """Two environments of one account and region cannot manage one name, in whatever case; of two regions they can."""

    def shared(*overrides: str) -> list[str]:
        other_user = "{kind: Identity, metadata: {name: post}, spec: {userName: other}}"
        staging = f"{STAGING}  overrides: [{', '.join((other_user, *overrides))}]\n"
        return [message for rule, message in toy.with_staging(staging).found if rule == "aws-name-shared"]

    (message,) = shared()
    assert "Stream letters and 1 more" in message, "its mirror, too"
    (cased,) = shared("{kind: Stream, metadata: {name: letters}, spec: {streamName: LETTERS}}")
    assert "Stream LETTERS and 1 more" in cased
    assert shared("{kind: Platform, spec: {aws: {region: eu-west-1}}}") == []


def has_a_form_of_names(toy: Toy) -> None:
    """Characters and length count with the environment's prefix; the finding names the thing and the field."""

    def refused(prefix: str) -> str:
        environment = SPECS["environments/production.yaml"] + f"  aws: {{namePrefix: '{prefix}'}}\n"
        plain = toy.with_spec("platform.yaml", PLATFORM).with_stream("shards: 2")
        return " ".join(
            f"{finding.message} / {finding.hint}"
            for finding in plain.with_spec("environments/production.yaml", environment).outcome.findings
            if finding.rule == "invalid-aws-name"
        )

    assert refused("a" * 33) == ""
    assert "a stream" in refused("a_"), "a_letters"
    assert "40" in refused("a" * 34), "41 characters"
    assert "streamName" in refused("a" * 34)
    short = toy.with_stream("", "abc", document("Stream", "letters", "streamName: letters-of-old"))
    assert any("4" in message for rule, message in short.found if rule == "invalid-aws-name"), "abc"


def needs_an_identity(toy: Toy) -> None:
    """A program uses it with its own key, and says so in its needs."""
    alone = SPECS["post/all.yaml"].replace(", identity: post", "")
    assert [rule for rule, _ in toy.with_spec("post/all.yaml", alone).found] == ["identity-missing"]
    reader = workload("reader", "identity: post, env: {A: '${stream.letters.arn}'}")
    text = SPECS["post/all.yaml"].replace(workload("reader", NEED), reader)
    assert "missing-access" in [rule for rule, _ in toy.with_spec("post/all.yaml", text).found]


def has_outputs(toy: Toy) -> None:
    """Live outputs are read from the claim of the stream, or of its mirror."""
    claims = {
        output.name: [
            (part.claim.kind, part.claim.name, part.field) for part in output.parts if isinstance(part, LiveField)
        ]
        for output in known_outputs(toy.program)
    }
    assert claims == {"own": [("Stream", "letters", "arn")], "copy": [("Stream", "letters-copy", "arn")]}


def has_limits(toy: Toy) -> None:
    """Its own check is asked."""
    found = toy.with_stream("shards: 501, mirror: letters-copy").found
    assert ("outside-aws-limits", "501 shards; the limit is 500") in found


def keeps_its_name(toy: Toy) -> None:
    """What AWS cannot change is found, with what to do instead."""
    toy.render()
    (found,) = toy.with_stream(f"streamName: others, {LETTERS}").replaced
    assert found[0] == "immutable-field"
    assert "spec.streamName" in found[1]
    assert found[2] == NEW_STREAM


def keeps_its_shards(toy: Toy) -> None:
    """So is what the kind itself compares."""
    toy.render()
    found = toy.with_stream(LETTERS.replace("shards: 2", "shards: 1")).replaced
    assert ("immutable-field", "Stream letters: shards cannot become fewer", "keep the number") in found


def holds_data(toy: Toy) -> None:
    """A document that goes leaves data behind; one that moves must keep the name of both its claims."""
    toy.render()
    text = SPECS["post/all.yaml"].replace(document("Stream", "letters", LETTERS), "").replace(NEED, "identity: post")
    gone = toy.with_spec("post/all.yaml", text).with_spec(
        "platform.yaml", SPECS["platform.yaml"].partition("  outputs")[0]
    )
    gone = replace(gone, specs={**gone.specs, "post/all.yaml": text})
    assert {rule for rule, _, _ in gone.replaced} == {"data-removed"}
    moved = "moved: [{from: stream.letters, to: stream.posts}], mirror: posts-copy, streamName: letters"
    specs = {**gone.specs, "post/all.yaml": text + document("Stream", "posts", moved)}
    found = replace(gone, specs=specs).replaced
    (lost,) = [message for _, message, _ in found]
    assert lost.startswith("Stream letters-copy: ")
    assert lost.endswith("posts-copy")


def is_protected(toy: Toy) -> None:
    """Protection and deletion with the document exclude each other."""
    found = toy.with_stream(f"{LETTERS}, deletionPolicy: Delete, protected: true").found
    assert "protection-blocks-deletion" in [rule for rule, _ in found]


def is_composed(toy: Toy) -> None:
    """What no schema says of the managed resource is asked of its Composition."""
    found = toy.composed
    assert "composition-name-generated" in found
    assert "composition-missing-field" in found


def shows_its_policy(toy: Toy) -> None:
    """The policy of an identity is explained by access words."""
    explainer = Explainer(toy.outcome.sources, "production")
    (file,) = [file for file, manifest in explainer.files.items() if manifest.object["kind"] == "Identity"]
    path = ("spec", "policyDocument")
    (told,) = [one for one in explainer.explain(file, path) if one.path == path]
    assert [(one.kind, one.word, one.actions) for one in told.access] == [("stream", "read", ("kinesis:GetRecords",))]


def has_no_secret(toy: Toy) -> None:
    """Nothing is allowed in its project that Crossplane does not write."""
    assert ("aws.platformc.dev", "Identity") in children_of(toy.program)
    assert ("aws.platformc.dev", "Stream") not in children_of(toy.program)


def _identity_without_policy() -> Kind:
    identity = KINDS["Identity"]
    assert identity.aws is not None
    claims = tuple(replace(claim, policy=None) for claim in identity.aws.claims)
    return replace(identity, aws=replace(identity.aws, claims=claims))


Proof = Callable[[Toy], None]
PROOFS: Mapping[str, tuple[Proof, Callable[[], Kind]]] = {
    "Kind.name": (is_claimed, lambda: of_kind(name="Brook")),
    "Kind.model": (is_claimed, lambda: of_kind(model=KINDS["Queue"].model)),
    "Kind.longest_name": (has_short_names, lambda: of_kind(longest_name=63)),
    "Kind.symbol": (is_drawn, lambda: of_kind(symbol=Symbol.OTHER)),
    "Kind.references": (is_claimed, lambda: of_kind(references=None)),
    "Kind.layers": (is_overridden, lambda: of_kind(layers=KINDS["SealedValues"].layers)),
    "Kind.aws": (is_granted, lambda: of_kind(aws=None)),
    "Kind.lower": (is_claimed, lambda: of_kind(lower=None)),
    "References.word": (is_read_by_reference, lambda: of_references(word="brook")),
    "References.attributes": (is_read_by_reference, lambda: of_references(attributes={})),
    "References.any_attribute": (
        refuses_references,
        lambda: of_references(any_attribute=attribute(lambda _platform, _target: "any", "any")),
    ),
    "References.itself": (refuses_references, lambda: of_references(itself=lambda target: target.name)),
    "References.aliases": (has_a_second_name, lambda: of_references(aliases=no_aliases)),
    "Layers.merge_keys": (is_overridden, lambda: of_layers(merge_keys={})),
    "Layers.one_of": (is_overridden, lambda: of_layers(one_of={})),
    "Layers.null_values": (is_overridden, lambda: of_layers(null_values=())),
    "Layers.expand": (is_overridden, lambda: of_layers(expand=unchanged)),
    "AWSFacts.names": (is_owned_once, lambda: of_aws(names=lambda _platform, _resource: ())),
    "AWSFacts.form": (has_a_form_of_names, lambda: of_aws(form=known(KINDS["Table"].aws).form)),
    "AWSFacts.unique": (is_owned_once, lambda: of_aws(unique=Unique.PARTITION)),
    "AWSFacts.arn": (is_granted, lambda: of_aws(arn=lambda _platform, target: f"arn:aws:kinesis:::{target.name}")),
    "AWSFacts.access": (is_granted, lambda: of_aws(access={"read": FACTS.access["write"]})),
    "AWSFacts.credentials": (needs_an_identity, lambda: of_aws(credentials=Credentials.PULL_SECRET)),
    "AWSFacts.need": (is_granted, lambda: of_aws(need="")),
    "AWSFacts.claims": (keeps_its_name, lambda: of_aws(claims=())),
    "AWSFacts.claim_name": (has_outputs, lambda: of_aws(claim_name=lambda target: target.resource.name)),
    "AWSFacts.outputs": (has_outputs, lambda: of_aws(outputs={})),
    "AWSFacts.limits": (has_limits, lambda: of_aws(limits=no_further_limits)),
    "AWSFacts.connection_secret": (has_no_secret, lambda: of_aws(connection_secret=lambda _resource: "letters-aws")),
    "NameForm.what": (has_a_form_of_names, lambda: of_form(what="a brook")),
    "NameForm.field": (has_a_form_of_names, lambda: of_form(field="brookName")),
    "NameForm.shortest": (has_a_form_of_names, lambda: of_form(shortest=1)),
    "NameForm.longest": (has_a_form_of_names, lambda: of_form(longest=400)),
    "NameForm.pattern": (has_a_form_of_names, lambda: of_form(pattern=known(KINDS["Table"].aws).form.pattern)),
    "NameForm.folds_case": (is_owned_once, lambda: of_form(folds_case=False)),
    "Action.name": (is_granted, lambda: of_action(name="kinesis:DeleteStream")),
    "Action.on": (is_granted, lambda: of_action(on=lambda _arn, _target: ("*",))),
    "Immutable.claim": (keeps_its_name, lambda: of_immutable(claim=("spec", "ceiling"))),
    "Immutable.hint": (keeps_its_name, lambda: of_immutable(hint="")),
    "Data.name": (holds_data, lambda: of_data(name="mirrorOf")),
    "Data.protection": (is_protected, lambda: of_data(protection=None)),
    "Data.part": (holds_data, lambda: of_data(part=None)),
    "ManagedResource.service": (is_composed, lambda: of_managed(service="firehose")),
    "ManagedResource.kind": (is_composed, lambda: of_managed(kind="Brook")),
    "ManagedResource.named_by_annotation": (is_composed, lambda: of_managed(named_by_annotation=False)),
    "ManagedResource.required_inside": (is_composed, lambda: of_managed(required_inside=())),
    "ClaimFacts.kind": (keeps_its_name, lambda: of_claim(kind="Brook")),
    "ClaimFacts.immutable": (keeps_its_name, lambda: of_claim(immutable=())),
    "ClaimFacts.changes": (keeps_its_shards, lambda: of_claim(changes=nothing_else)),
    "ClaimFacts.data": (holds_data, lambda: of_claim(data=None)),
    "ClaimFacts.managed": (is_composed, lambda: of_claim(managed=())),
    "ClaimFacts.policy": (shows_its_policy, _identity_without_policy),
    "ClaimFacts.writes_secret": (has_no_secret, lambda: of_claim(writes_secret=True)),
}
"""Fact -> what it does, and a record in which it is wrong."""

WITHOUT_PROOF = {
    "Attribute.evaluate": "a reference's value; References.attributes has the proof",
    "Attribute.description": "a line of docs/language.md, which tests/docs hold",
    "Attribute.takes": "a word of docs/language.md and of a hint; tests/docs hold it",
    "Immutable.spec": "a line of docs/language.md; tests/replacing hold it against the claim",
    "NameInAWS.text": "a value that a record makes, and no fact; AWSFacts.names has the proof",
    "NameInAWS.path": "the same",
    "Change.rule": "a value that a record makes, and no fact; ClaimFacts.changes has the proof",
    "Change.place": "the same",
    "Change.message": "the same",
    "Change.hint": "the same",
}
"""Fields of the records' classes that are no fact of their own, and where they are held."""
