"""table_changes: what changes of an existing DynamoDB table do: what AWS refuses, what protects it, what it keeps.

In      the `spec` of a Table claim, before and after.
Out     Changes that are not possible; the facts about protection and retention for the record in `table`.
Never   looks at a document: patches can have made any claim of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformc.language.aws_facts import Change, Kept, Protection
from platformc.rules.output import IMMUTABLE_FIELD, TTL_DROPPED

NEW_TABLE = "in AWS this is a new table: change the document's name and tableName, and copy the items"
NEW_INDEX = "add it under another name, wait until AWS has filled it, then remove this one"
TWO_STEPS = "AWS needs two steps: write enabled: false and sync; an hour later, write the other attribute"
INDEX_FIELDS = ("hashKey", "rangeKey", "projectionType", "nonKeyAttributes")


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Return the changes that a table does not allow, besides those of its name and keys.

    Source: AWS, DynamoDB API Reference, UpdateTable and UpdateTimeToLive.
    """
    yield from _attribute_types(old, new)
    yield from _indexes(old, new)
    yield from _time_to_live_changes(old, new)


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any], field: str) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """Pair the items of two lists by name: position, before, after. Patches can have changed anything."""
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


def _time_to_live_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = old.get("ttl"), new.get("ttl")
    if not isinstance(before, dict):
        return
    name = before.get("attributeName", "ttl")
    if not isinstance(after, dict):
        message = "removing `ttl` does not turn it off: items keep expiring in AWS"
        hint = f"write ttl: {{attributeName: {name}, enabled: false}}"
        yield Change(TTL_DROPPED, ("metadata", "name"), message, hint)
    elif before.get("enabled") and after.get("attributeName") != name:
        message = f"ttl.attributeName cannot change from {name} to {after.get('attributeName')} while items expire"
        yield Change(IMMUTABLE_FIELD, ("spec", "ttl", "attributeName"), message, TWO_STEPS)


ON = (True, False)
REFUSES = "AWS no longer refuses to delete the table"
DELETION_PROTECTION = Protection(("spec", "deletionProtection"), ON, absent=False, consequence=REFUSES)
BACKUPS = "AWS deletes the backups of the last 35 days, and makes no more"
POINT_IN_TIME_RECOVERY = Protection(("spec", "pointInTimeRecovery"), ON, absent=False, consequence=BACKUPS)


def kept(spec: Mapping[str, Any]) -> Iterator[Kept]:
    """Items expire at the time that they name: less is kept than without a time to live."""
    ttl = spec.get("ttl")
    if isinstance(ttl, dict) and ttl.get("enabled") is True:
        words = f"items until the time in their {ttl.get('attributeName')}"
        yield Kept("items", 0, words, ("spec", "ttl", "enabled"))
