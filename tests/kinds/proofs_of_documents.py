"""What a record says of documents: how they are named, referred to, laid over each other and drawn."""

from __future__ import annotations

from typing import Literal

from platformc.graph import graph_of
from platformc.graph.dot import as_dot
from platformc.graph.mermaid import as_mermaid
from platformc.kinds.common import attribute
from platformc.kinds.table import KIND as TABLE
from platformc.language.kind import Attribute, Layers, Symbol, no_aliases, unchanged
from proofs import proof
from toy_repository import ToyRepository
from toy_stream import StreamSpec

from tools.docs.language import attributes

ARN = "arn:aws:toys:eu-central-1:123456789012:stream"
NOWHERE = Attribute(lambda _platform, _target, _user, _names: "nowhere", "nothing", takes="NAME")


def _variable(toy: ToyRepository, name: str) -> object:
    """The value of a variable of the Workload, in production."""
    (container,) = toy.objects()["Deployment", "sorter"]["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container["env"]}[name]


def _refers_to(toy: ToyRepository, reference: str) -> list[str]:
    """The rules that find something where the Workload refers to it."""
    toy.edit("specs/post/sorter.yaml", "${stream.letters.consumer.sorter}", reference)
    return [one.rule for one in toy.found()]


@proof("name", wrong="Brook")
def name(toy: ToyRepository) -> None:
    """`kind: Stream` is a kind of document."""
    assert toy.found("unknown-kind") == []


class OneShard(StreamSpec):
    """A model with other fields."""

    shards: Literal[1] = 1


@proof("model", wrong=OneShard)
def model(toy: ToyRepository) -> None:
    """The fields are those of a stream."""
    assert toy.claim("letters")["shards"] == 3


@proof("longest_name", wrong=63)
def longest_name(toy: ToyRepository) -> None:
    """A longer name would be one that Kubernetes refuses for the claim of a mirror."""
    toy.add("a" * 56, "streamName: short")
    assert toy.found("invalid-name") == []
    toy.add("b" * 57, "streamName: other")
    assert [one.at.path for one in toy.found("invalid-name")] == [f"specs/post/{'b' * 57}-stream.yaml"]


@proof("symbol", wrong=Symbol.DATABASE)
def symbol(toy: ToyRepository) -> None:
    """Drawings show it as what holds messages."""
    graph = graph_of(toy.program())
    assert '"Stream/post/letters" [label="letters\\nStream", shape="cds"' in as_dot(graph)
    assert '[["letters' in as_mermaid(graph)


@proof("references", wrong=TABLE.references)
def references(toy: ToyRepository) -> None:
    """Documents can refer to it."""
    assert toy.found("unknown-reference") == []


@proof("layers", wrong=Layers(merge_keys={}, one_of={}, null_values=(), expand=unchanged))
def layers(toy: ToyRepository) -> None:
    """An environment changes what it names, and nothing else."""
    assert len(toy.claim("letters", "staging")["consumers"]) == 2


@proof("aws", wrong=None)
def aws(toy: ToyRepository) -> None:
    """It is a resource in AWS, which needs can name."""
    assert toy.found() == []


@proof("lower", wrong=lambda _program, _resource: ())
def lower(toy: ToyRepository) -> None:
    """It becomes claims."""
    assert {name for kind, name in toy.objects() if kind == "Stream"} == {"letters", "letters-mirror", "archive"}


@proof("references", "word", wrong="brook")
def word(toy: ToyRepository) -> None:
    """References and needs call it so."""
    assert toy.found() == []


@proof(
    "references",
    "attributes",
    wrong={name: attribute(lambda _platform, _target: "x", "x") for name in ("name", "arn", "owner")},
)
def all_attributes(toy: ToyRepository) -> None:
    """Each of them can be named, and no other."""
    assert _variable(toy, "LETTERS") == f"{ARN}/letters"
    assert _refers_to(toy, "${stream.letters.owner}") == ["unknown-reference"]


@proof("references", "attributes", "consumer", "evaluate", wrong=NOWHERE.evaluate)
def evaluate(toy: ToyRepository) -> None:
    """It gives what AWS calls the consumer, and says what there is none of."""
    assert _variable(toy, "OWN") == f"{ARN}/letters/consumer/sorter"
    assert _refers_to(toy, "${stream.letters.consumer.nobody}") == ["unknown-reference"]


@proof("references", "attributes", "consumer", "description", wrong="")
def description(toy: ToyRepository) -> None:
    """The language reference describes it."""
    assert "| `${stream.X.consumer}` | Stream | the ARN of a consumer |" in attributes([toy.kind])


@proof("references", "attributes", "consumer", "takes", wrong="")
def takes(toy: ToyRepository) -> None:
    """It has a name behind it, and those that take nothing have none."""
    assert toy.found() == []
    assert _refers_to(toy, "${stream.letters.arn.sorter}") == ["unknown-reference"]


@proof("references", "any_attribute", wrong=NOWHERE)
def any_attribute(toy: ToyRepository) -> None:
    """What is no attribute is a mistake."""
    assert _refers_to(toy, "${stream.letters.colour}") == ["unknown-reference"]


@proof("references", "itself", wrong=lambda target: target.name)
def itself(toy: ToyRepository) -> None:
    """A reference names an attribute."""
    assert _refers_to(toy, "${stream.letters}") == ["unknown-reference"]


@proof("references", "aliases", wrong=no_aliases)
def aliases(toy: ToyRepository) -> None:
    """A mirror is referred to by a name of its own."""
    assert _variable(toy, "COPIES") == "copies"


@proof("layers", "merge_keys", wrong={})
def merge_keys(toy: ToyRepository) -> None:
    """Consumers of two layers are put together by their names."""
    assert [one["name"] for one in toy.claim("letters", "staging")["consumers"]] == ["sorter", "auditor"]


@proof("layers", "one_of", wrong={})
def one_of(toy: ToyRepository) -> None:
    """Days of an environment take the place of hours."""
    assert toy.claim("letters")["retentionHours"] == {"orders": 36}
    assert toy.claim("letters", "staging")["retentionHours"] == {"orders": 48}


@proof("layers", "null_values", wrong=())
def null_values(toy: ToyRepository) -> None:
    """A ceiling that is null is none, and not the default."""
    assert toy.claim("letters")["ceiling"] == 5
    assert toy.claim("archive")["ceiling"] == 10
    assert "ceiling" not in toy.claim("letters", "staging")


@proof("layers", "expand", wrong=unchanged)
def expand(toy: ToyRepository) -> None:
    """A short form is written out before anything is laid over it."""
    assert toy.claim("letters")["consumers"] == [{"name": "sorter", "mode": "Shared"}]
