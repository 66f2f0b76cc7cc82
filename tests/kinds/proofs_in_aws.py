"""What a record says of AWS: names and their form, ARNs, rights, credentials, what is known of a claim's status."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from platformc.kinds.common import anything
from platformc.kinds.queue import KIND as QUEUE
from platformc.language.aws_facts import Credentials, NameInAWS, Unique, no_further_limits
from platformc.live.outputs import LiveField, known_outputs
from proofs import proof
from toy_repository import ToyRepository
from toy_stream import STREAM

from tools.docs.docstrings import needs_of

assert QUEUE.aws is not None
assert STREAM.aws is not None
ARN = "arn:aws:toys:eu-central-1:123456789012:stream"
STAGING = "specs/environments/staging.yaml"
SORTER = "specs/post/sorter.yaml"


def _granted(toy: ToyRepository) -> dict[str, set[str]]:
    """ARN -> what the Workload's identity may do with it."""
    policy = json.loads(toy.objects()["Identity", "sorter"]["spec"]["policyDocument"])
    found: dict[str, set[str]] = {}
    for statement in policy["Statement"]:
        for arn in statement["Resource"]:
            found.setdefault(arn, set()).update(statement["Action"])
    return found


def _live_fields(toy: ToyRepository) -> Iterator[LiveField]:
    """Where the outputs of the Platform are read from on a cluster."""
    for output in known_outputs(toy.program()):
        yield from (part for part in output.parts if isinstance(part, LiveField))


@proof("aws", "names", wrong=lambda _platform, _resource: ())
def names(toy: ToyRepository) -> None:
    """Each name in AWS has the form that AWS asks for, also that of a mirror."""
    toy.add("twin", "mirror: x")
    toy.remove(STAGING)
    (found,) = toy.found("invalid-aws-name")
    assert "x" in found.message


@proof("aws", "names", wrong=lambda _platform, one: (NameInAWS(one.name, ()),), fact="NameInAWS.text")
def name_text(toy: ToyRepository) -> None:
    """The name is the one in AWS, with the environment's prefix."""
    toy.add("twin", f"streamName: {'x' * 24}")
    toy.remove("specs/environments/production.yaml")
    (found,) = toy.found("invalid-aws-name")
    assert f"staging-{'x' * 24}" in found.message


@proof(
    "aws",
    "names",
    wrong=lambda _platform, one: (NameInAWS(f"staging-{one.spec.stream_name}", ()),),
    fact="NameInAWS.path",
)
def name_path(toy: ToyRepository) -> None:
    """What is wrong with a name is told where the name is written."""
    toy.add("twin", f"streamName: {'x' * 24}")
    found = toy.found("invalid-aws-name")
    assert [(one.at.path, one.at.column) for one in found] == [("specs/post/twin-stream.yaml", 20)]


@proof("aws", "form", wrong=QUEUE.aws.form)
def form(toy: ToyRepository) -> None:
    """AWS has a form for the names of streams."""
    toy.add("a" * 25, "")
    toy.remove(STAGING)
    assert len(toy.found("invalid-aws-name")) == 1


@proof("aws", "form", "what", wrong="a brook")
def form_what(toy: ToyRepository) -> None:
    """A finding calls it what it is."""
    toy.add("a" * 25, "")
    assert [one.message.endswith(" a stream") for one in toy.found("invalid-aws-name")] == [True, True]


@proof("aws", "form", "field", wrong="brookName")
def form_field(toy: ToyRepository) -> None:
    """A finding about a document without a name in AWS says how to give it one."""
    toy.add("a" * 25, "")
    assert [one.hint for one in toy.found("invalid-aws-name")] == ["write streamName: …"] * 2


@proof("aws", "form", "shortest", wrong=2)
def form_shortest(toy: ToyRepository) -> None:
    """Two characters are too few; a prefix counts."""
    toy.add("ab", "")
    assert [one.environment for one in toy.found("invalid-aws-name")] == ["production"]


@proof("aws", "form", "longest", wrong=40)
def form_longest(toy: ToyRepository) -> None:
    """Twenty-four characters are enough; a prefix counts."""
    toy.add("a" * 24, "")
    assert [one.environment for one in toy.found("invalid-aws-name")] == ["staging"]


@proof("aws", "form", "pattern", wrong=re.compile(".*"))
def form_pattern(toy: ToyRepository) -> None:
    """A prefix with a dot makes names that AWS does not take."""
    toy.edit(STAGING, "{namePrefix: staging-}\n  argocd", "{namePrefix: staging.}\n  argocd")
    (found,) = toy.found("invalid-aws-name")
    assert "a stream" in found.message


@proof("aws", "form", "folds_case", wrong=False)
def form_folds_case(toy: ToyRepository) -> None:
    """`Letters` and `letters` are one name."""
    toy.add("twin", "streamName: Letters")
    toy.remove(STAGING)
    assert len(toy.found("aws-name-shared")) == 1


@proof("aws", "unique", wrong=Unique.ACCOUNT)
def unique(toy: ToyRepository) -> None:
    """Two environments can have one name in two regions, and not in one."""
    identity = "overrides:\n    - {kind: Identity, metadata: {name: sorter}, spec: {userName: tester}}\n"
    toy.edit(STAGING, "overrides:\n", identity)
    toy.edit(STAGING, "aws: {namePrefix: staging-}", "aws: {region: eu-west-1}")
    assert toy.found("aws-name-shared") == []
    toy.edit(STAGING, "aws: {region: eu-west-1}", "aws: {region: eu-central-1}")
    assert len(toy.found("aws-name-shared")) == 1


@proof("aws", "arn", wrong=lambda _platform, _target: f"{ARN}/nowhere")
def arn(toy: ToyRepository) -> None:
    """Rights are rights on the very stream that a need names, or on its mirror."""
    assert set(_granted(toy)) == {f"{ARN}/letters", f"{ARN}/letters/consumer/sorter", f"{ARN}/copies"}


@proof("aws", "access", wrong={"read": STREAM.aws.access["read"]})
def access(toy: ToyRepository) -> None:
    """A need gives exactly the actions of its words, and there are no other words."""
    assert _granted(toy)[f"{ARN}/letters"] == {"toys:DescribeStream", "toys:GetRecords"}
    assert _granted(toy)[f"{ARN}/copies"] == {"toys:PutRecord"}
    toy.edit(SORTER, "access: [write]", "access: [delete]")
    assert len(toy.found("unknown-access")) == 1


@proof("aws", "access", "write", 0, "name", wrong="toys:DeleteStream")
def action_name(toy: ToyRepository) -> None:
    """`write` is to put records, and no more."""
    assert _granted(toy)[f"{ARN}/copies"] == {"toys:PutRecord"}


@proof("aws", "access", "read", 2, "on", wrong=anything)
def action_on(toy: ToyRepository) -> None:
    """A subscription is one of a consumer."""
    assert _granted(toy).get(f"{ARN}/letters/consumer/sorter") == {"toys:SubscribeToShard"}


@proof("aws", "credentials", wrong=Credentials.PULL_SECRET)
def credentials(toy: ToyRepository) -> None:
    """A program uses it as its Identity, and says in its needs what it does."""
    toy.edit(SORTER, "  identity: sorter\n", "")
    assert toy.found("identity-missing") != []
    toy.edit(SORTER, "    - {stream: copies, access: [write]}\n", "")
    assert toy.found("missing-access") != []


@proof("aws", "need", wrong="Something.")
def need(toy: ToyRepository) -> None:
    """The language reference describes the field of `needs`."""
    assert needs_of([toy.kind]) == {"stream": "A Stream or its mirror; `access` says how."}


@proof("aws", "claims", wrong=QUEUE.aws.claims, also={("aws", "connection_secret"): None})
def claims(toy: ToyRepository) -> None:
    """Its claims are known where one takes the place of another."""
    toy.edit(SORTER, "    KEY: ${stream.letters.key}\n", "")
    toy.render()
    toy.edit("specs/post/streams.yaml", "  shards: 3\n", "  shards: 3\n  streamName: mail\n")
    assert [one.rule for one in toy.replaced()] == ["immutable-field"] * 2, "in both environments"


@proof("aws", "claim_name", wrong=lambda target: target.resource.name)
def claim_name(toy: ToyRepository) -> None:
    """What is known of a mirror is read from the mirror's own claim."""
    claims = {field.claim.name for field in _live_fields(toy)}
    assert claims == {"letters", "letters-mirror"}
    assert claims <= {name for kind, name in toy.objects() if kind == "Stream"}


@proof("aws", "outputs", wrong={"arn": "arn"})
def outputs(toy: ToyRepository) -> None:
    """Names and ARNs can be read from the status of a claim."""
    assert [field.field for field in _live_fields(toy)] == ["arn", "streamName"]


@proof("aws", "limits", wrong=no_further_limits)
def limits(toy: ToyRepository) -> None:
    """What only all claims of a stream together can be wrong in is found."""
    toy.edit("specs/post/streams.yaml", "  shards: 3\n", "  shards: 11\n")
    (found,) = {one.message for one in toy.found("outside-aws-limits")}
    assert "22 times" in found


@proof("aws", "connection_secret", wrong=lambda resource: resource.name)
def connection_secret(toy: ToyRepository) -> None:
    """The key is read from the Secret that the claim has written."""
    objects = toy.objects()
    (container,) = objects["Deployment", "sorter"]["spec"]["template"]["spec"]["containers"]
    (read,) = [one["valueFrom"]["secretKeyRef"] for one in container["env"] if one["name"] == "KEY"]
    written: dict[str, Any] = objects["Stream", "letters"]["spec"]["writeConnectionSecretToRef"]
    assert read == {**written, "key": "key"}
