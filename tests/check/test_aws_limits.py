"""AWS' limits at their edges: the last that is taken, the first that is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_platform import API, document
from small_platform import compiled as compiled_with

PREFIX = "stage-"
ENVIRONMENT = f"""\
    {API}
    kind: Environment
    metadata: {{name: production}}
    spec: {{destination: {{name: production}}, aws: {{namePrefix: {PREFIX}}}}}
    """
PROVIDER_TAGS = 3


def rules(root: Path, *documents: str) -> set[str]:
    """The rules that find something, in an environment with a prefix."""
    found = compiled_with(root, documents, {"environments/production.yaml": ENVIRONMENT}).findings
    return {finding.rule for finding in found}


def of_length(count: int) -> str:
    """A name that has this many characters with the prefix."""
    return "n" * (count - len(PREFIX))


@pytest.mark.parametrize(
    ("kind", "field", "rest", "most"),
    [
        ("Table", "tableName", "hashKey: {name: id, type: S}", 255),
        ("Queue", "queueName", "fifo: false", 80),
        ("Repository", "repositoryName", "scanOnPush: true", 256),
        ("Identity", "userName", "needs: []", 64),
    ],
)
def test_lengths(kind: str, field: str, rest: str, most: int, tmp_path: Path) -> None:
    """The prefix counts."""
    for length, found in ((most, set()), (most + 1, {"invalid-aws-name"})):
        spec = f"{field}: {of_length(length)}\n{rest}"
        assert rules(tmp_path / str(length), document(kind, "one", spec)) == found


def test_the_length_of_a_fifo_queue(tmp_path: Path) -> None:
    """`.fifo` counts; so it does for its dead-letter queue."""
    for length, found in ((80, set()), (81, {"invalid-aws-name"})):
        name = of_length(length - len(".fifo"))
        spec = f"queueName: {name}.fifo\nfifo: true"
        assert rules(tmp_path / f"queue-{length}", document("Queue", "one", spec)) == found


def test_a_claim_is_called_as_kubernetes_takes_it(tmp_path: Path) -> None:
    """A dead-letter queue's claim has its name, 63 characters at most."""
    for length, found in ((63, set()), (64, {"invalid-queue"})):
        spec = f"deadLetterQueue: {{name: {'d' * length}, maxReceiveCount: 3}}"
        assert rules(tmp_path / str(length), document("Queue", "one", spec)) == found


def test_a_queue_that_is_its_own_dead_letter_queue(tmp_path: Path) -> None:
    """Is one finding, however the two get one name."""
    same = document("Queue", "one", "deadLetterQueue: {name: one, maxReceiveCount: 3}")
    assert rules(tmp_path / "claims", same) == {"duplicate-object"}
    named = document("Queue", "one", "queueName: two\ndeadLetterQueue: {name: two, maxReceiveCount: 3}")
    assert rules(tmp_path / "names", named) == {"invalid-queue"}


def test_the_number_of_tags(tmp_path: Path) -> None:
    """Fifty, with the Name and the provider's."""
    own = 50 - 1 - PROVIDER_TAGS
    for count, found in ((own, set()), (own + 1, {"invalid-tag"})):
        tags = ", ".join(f"t{number}: x" for number in range(count))
        assert rules(tmp_path / str(count), document("Queue", "one", f"tags: {{{tags}}}")) == found
    named = ", ".join(f"t{number}: x" for number in range(own))  # a Name of its own takes the place of the first
    assert rules(tmp_path / "name", document("Queue", "one", f"tags: {{Name: other, {named}}}")) == set()


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("Größe 1/2: a-b_c.d:e=f+g@h", set()),
        ("'k'" + ": v", set()),
        ("k: ''", set()),
        (f"{'k' * 128}: {'v' * 256}", set()),
        (f"{'k' * 129}: v", {"invalid-tag"}),
        (f"k: {'v' * 257}", {"invalid-tag"}),
        ("AWS:k: v", {"invalid-tag"}),
        ("'': v", {"invalid-tag"}),
        ("k: a;b", {"invalid-tag"}),
        ("'k*': v", {"invalid-tag"}),
    ],
)
def test_tags(tag: str, found: set[str], tmp_path: Path) -> None:
    """Letters of any alphabet; lengths in characters; what AWS keeps for itself in any case form."""
    assert rules(tmp_path, document("Queue", "one", f"tags:\n  {tag}")) == found


def test_the_size_of_a_policy(tmp_path: Path) -> None:
    """6,144 characters, and white space in it counts for nothing."""
    empty = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::"]}]}'
    room = 6144 - len(empty)
    for text, found in (
        ("r" * room, set()),
        ("r" * (room + 1), {"outside-aws-limits"}),
        ("r" * room + " " * 9 + "r", {"outside-aws-limits"}),
        ("r" * (room - 1) + " " * 9 + "r", set()),
    ):
        spec = f"statements: [{{actions: [s3:GetObject], resources: ['arn:aws:s3:::{text}']}}]"
        assert rules(tmp_path / f"{len(text)}", document("Identity", "one", spec)) == found


def test_what_an_index_projects(tmp_path: Path) -> None:
    """Twenty attributes each, a hundred together."""

    def table(*counts: int) -> str:
        indexes = [
            f"- {{name: by-{number}, hashKey: {{name: k{number}, type: S}}, projectionType: INCLUDE, "
            f"nonKeyAttributes: [{', '.join(f'a{one}' for one in range(count))}]}}"
            for number, count in enumerate(counts)
        ]
        return document("Table", "one", "hashKey: {name: id, type: S}\nglobalSecondaryIndexes:\n" + "\n".join(indexes))

    assert rules(tmp_path / "most", table(20, 20, 20, 20, 20)) == set()
    assert rules(tmp_path / "together", table(20, 20, 20, 20, 20, 1)) == {"outside-aws-limits"}
    assert rules(tmp_path / "each", table(21)) == {"invalid-value"}


def test_one_attribute_in_several_keys(tmp_path: Path) -> None:
    """Of one type everywhere it may be the key of the table and of indexes."""
    keys = "hashKey: {name: a, type: S}\nrangeKey: {name: b, type: 'N'}\nglobalSecondaryIndexes:\n"
    good = "- {name: by-b, hashKey: {name: b, type: 'N'}, rangeKey: {name: a, type: S}}"
    assert rules(tmp_path / "good", document("Table", "one", keys + good)) == set()
    bad = "- {name: by-b, hashKey: {name: b, type: S}}"
    assert rules(tmp_path / "bad", document("Table", "one", keys + bad)) == {"invalid-table"}


def test_what_is_only_looked_at_is_not_judged(tmp_path: Path) -> None:
    """Its owner has made it with this name already, and the prefix is not before it."""
    spec = f"managementPolicy: Observe\nqueueName: {'q' * 80}"
    assert rules(tmp_path, document("Queue", "one", spec)) == set()
