"""Claims: what AWS would refuse, or what would stay behind there, where one claim takes the place of another.

In      the old and the new object of one claim; of a document that was `moved`, its former claim.
Out     the problems, each with its place in the new object.
Finds   immutable-field, ttl-dropped, data-removed.
Never   looks at what both say alike, or at what is no claim of ours.

Source: the claim API's own transition rules (crossplane/), and AWS, DynamoDB API Reference, UpdateTable
and UpdateTimeToLive; SQS and ECR change neither names nor kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.reading import mapping
from platformc.language.nodes import KeyPath
from platformc.rules import Rule
from platformc.rules.output import IMMUTABLE_FIELD, TTL_DROPPED

GROUP = "aws.platformc.dev/"
NEW_TABLE = "in AWS this is a new table: give the document another name and tableName, and copy the items"
NEW_QUEUE = "in AWS this is a new queue: give the document another name and queueName, and empty the old queue first"
NEW_REPOSITORY = "in AWS this is a new repository: give the document another name, and copy the images"
NEW_USER = "in AWS this is a new user: give the document another name; it gets a new access key"
NEW_SECRET = (
    "Crossplane writes the key to one Secret for ever: give the document another name; it gets a new access key"  # noqa: S105 - a sentence
)
NEW_INDEX = "add it under another name, wait until it is filled, then remove this one"
TWO_STEPS = "AWS changes it in two steps: write enabled: false and sync, then, an hour later, the other attribute"

IMMUTABLE: Mapping[str, tuple[tuple[KeyPath, str], ...]] = {
    "Table": (
        (("spec", "region"), NEW_TABLE),
        (("spec", "tableName"), NEW_TABLE),
        (("spec", "hashKey"), NEW_TABLE),
        (("spec", "rangeKey"), NEW_TABLE),
    ),
    "Queue": (
        (("spec", "region"), NEW_QUEUE),
        (("spec", "queueName"), NEW_QUEUE),
        (("spec", "fifo"), NEW_QUEUE),
    ),
    "Repository": (
        (("spec", "region"), NEW_REPOSITORY),
        (("spec", "repositoryName"), NEW_REPOSITORY),
        (("spec", "encryptionType"), NEW_REPOSITORY),
    ),
    "Identity": (
        (("spec", "userName"), NEW_USER),
        (("spec", "policyArn"), NEW_USER),
        (("spec", "writeConnectionSecretToRef", "name"), NEW_SECRET),
    ),
}
NAME_FIELDS = {"Table": "tableName", "Queue": "queueName", "Repository": "repositoryName"}
"""Kind of claim that holds data -> the field with its name in AWS."""
INDEX_FIELDS = ("hashKey", "rangeKey", "projectionType", "nonKeyAttributes")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a claim cannot become; `place` is in the new object."""

    rule: Rule
    place: KeyPath
    message: str
    hint: str


def table_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """What a table cannot become beside another name and other keys; both are the whole objects."""
    if old["kind"] != "Table" or not str(old.get("apiVersion")).startswith(GROUP):
        return
    before, after = mapping(old.get("spec")), mapping(new.get("spec"))
    yield from _attribute_types(before, after)
    yield from _indexes(before, after)
    yield from _time_to_live(before, after)


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any], field: str) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """The items of a list that have one name before and after: position, before, after. Patches may have made anything."""
    before, after = old.get(field), new.get(field)
    known = {one.get("name"): one for one in before if isinstance(one, dict)} if isinstance(before, list) else {}
    for position, one in enumerate(after if isinstance(after, list) else ()):
        if isinstance(one, dict) and one.get("name") in known:
            yield position, known[one.get("name")], one


def _attribute_types(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for position, before, after in _pairs(old, new, "attribute"):
        if before.get("type") != after.get("type"):
            types = f"from {before.get('type')} to {after.get('type')}"
            message = f"the type of the key {after['name']} cannot change {types}"
            yield Change(IMMUTABLE_FIELD, ("spec", "attribute", position, "type"), message, NEW_TABLE)


def _indexes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for position, before, after in _pairs(old, new, "globalSecondaryIndex"):
        field = next((field for field in INDEX_FIELDS if before.get(field) != after.get(field)), None)
        if field is not None:
            message = f"the index {after['name']} cannot change its {field}"
            yield Change(IMMUTABLE_FIELD, ("spec", "globalSecondaryIndex", position, field), message, NEW_INDEX)


def _time_to_live(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = old.get("ttl"), new.get("ttl")
    if not isinstance(before, dict):
        return
    name = before.get("attributeName", "ttl")
    if not isinstance(after, dict):
        message = "leaving `ttl` out does not switch it off: items go on expiring in AWS"
        hint = f"write ttl: {{attributeName: {name}, enabled: false}}"
        yield Change(TTL_DROPPED, ("metadata", "name"), message, hint)
    elif before.get("enabled") and after.get("attributeName") != name:
        message = f"ttl.attributeName cannot change from {name} to {after.get('attributeName')} while items expire"
        yield Change(IMMUTABLE_FIELD, ("spec", "ttl", "attributeName"), message, TWO_STEPS)


def left_behind(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str] | None:
    """Message and hint where a claim that was `moved` loses what is in AWS; None where it keeps that."""
    field = NAME_FIELDS.get(old["kind"])
    if field is None:
        return None
    former = mapping(old.get("spec"))
    before, after = former.get(field), mapping(new.get("spec")).get(field)
    if before != after:
        message = f"it was moved, but what it holds stays in {before}: the new claim makes {after}"
        return message, f"keep the name in AWS with {field}, or copy what is in it"
    if former.get("deletionPolicy") == "Delete":
        message = f"it was moved, and with its former claim {before} is deleted in AWS: its deletionPolicy is Delete"
        return message, "render and sync it with deletionPolicy: Orphan first, then move it"
    return None
