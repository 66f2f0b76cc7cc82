"""sync_options: what Argo CD may do with an object, as its annotation and its Application say.

In      objects as plain data of any shape.
Out     how strongly pruning and deleting are held back; whether an object is replaced instead of changed.

Source: Argo CD documentation, "Sync Options".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.safety.immutable import SYNC_OPTIONS

STRENGTHS = {"false": 2, "confirm": 1}
"""How much a value of `Prune` or `Delete` protects; any other value protects nothing."""
GUARDS = {"Prune": "deletes it as soon as it is no longer rendered", "Delete": "deletes it with its Application"}
"""Option -> what Argo CD does without it."""
REPLACING = ("Replace", "Force")

ANNOTATION = ("metadata", "annotations", SYNC_OPTIONS)
OF_APPLICATION = ("spec", "syncPolicy", "syncOptions")


def options_of(object_: Mapping[str, Any]) -> dict[str, str]:
    """The options of an object's annotation."""
    notes = mapping(below(dict(object_), "metadata", "annotations"))
    return _options(text(notes.get(SYNC_OPTIONS)).split(","))


def options_of_application(object_: Mapping[str, Any]) -> dict[str, str]:
    """The options of an Application, which hold for all of its objects."""
    return _options([text(one) for one in sequence(below(dict(object_), *OF_APPLICATION))])


def _options(written: list[str]) -> dict[str, str]:
    return {
        key.strip(): value.strip() for key, _, value in (option.partition("=") for option in written) if key.strip()
    }


def strength(options: Mapping[str, str], guard: str) -> int:
    """How strongly an option holds Argo CD back."""
    return STRENGTHS.get(options.get(guard, ""), 0)
