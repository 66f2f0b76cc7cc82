"""iam: what two states of an IAM policy allow, compared statement by statement.

In      the JSON text of a policy: of an identity, of a resource, or about who may assume a role.
Out     grants that one state has and the other does not cover; what cannot be compared, as words.
Never   calls a policy equal that it did not understand; evaluates conditions: another condition is another grant.

Source: AWS, "IAM JSON policy reference": actions ignore case, `*` and `?` match anything, an explicit Deny wins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

INVERTED = ("NotAction", "NotResource", "NotPrincipal")
"""Elements that mean everything except: what they cover cannot be listed."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One action on one resource, for one principal."""

    action: str
    resource: str
    principal: str
    """`AWS:arn:…`; empty in the policy of an identity, which is its own principal."""
    condition: str
    """The condition as canonical JSON; empty without one."""


@dataclass(frozen=True, slots=True)
class Document:
    """One policy."""

    allowed: frozenset[Grant]
    denied: frozenset[Grant]
    not_compared: frozenset[str]
    """Statements that cannot be compared, as canonical JSON, or why the text is no policy."""


NO_POLICY = Document(frozenset(), frozenset(), frozenset())


def read_policy_document(text: str) -> Document:
    """Read a policy."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Document(frozenset(), frozenset(), frozenset({"the text is not valid JSON"}))
    statements = found.get("Statement") if isinstance(found, dict) else None
    if not isinstance(statements, list | dict):
        return Document(frozenset(), frozenset(), frozenset({"the text has no statements"}))
    allowed: set[Grant] = set()
    denied: set[Grant] = set()
    unknown: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        grants = _grants(statement)
        if grants is None:
            unknown.add(_canonical(statement))
        else:
            (denied if statement["Effect"] == "Deny" else allowed).update(grants)
    return Document(frozenset(allowed), frozenset(denied), frozenset(unknown))


def _grants(statement: Any) -> list[Grant] | None:
    """The grants of a statement; None if they cannot be listed."""
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        return None
    if any(name in statement for name in INVERTED):
        return None
    actions, resources = _texts(statement.get("Action")), _texts(statement.get("Resource", ""))
    principals = _principals(statement.get("Principal"))
    if not actions or not resources or principals is None:
        return None
    condition = _canonical(statement["Condition"]) if statement.get("Condition") else ""
    return [
        Grant(action, resource, principal, condition)
        for action in actions
        for resource in resources
        for principal in principals
    ]


def _texts(value: Any) -> list[str]:
    """One text or several; nothing if it is anything else."""
    found = value if isinstance(value, list) else [value]
    return found if all(isinstance(one, str) for one in found) else []


def _principals(value: Any) -> list[str] | None:
    if value is None:
        return [""]
    if value == "*":
        return ["*"]
    if not isinstance(value, dict):
        return None
    found = [f"{kind}:{one}" for kind, several in value.items() for one in _texts(several)]
    if not found or any(not _texts(several) for several in value.values()):
        return None
    return ["*" if one == "AWS:*" else one for one in found]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What differs between two states of a policy."""

    gained: tuple[Grant, ...]
    lost: tuple[Grant, ...]
    no_longer_denied: tuple[Grant, ...]
    newly_denied: tuple[Grant, ...]
    not_compared: tuple[str, ...]


def compare_policies(before: Document, after: Document) -> PolicyChange:
    """Compare two states of a policy.

    A grant is gained if no grant of the old state covers it, and no Deny of the new one takes all of it away.
    """
    return PolicyChange(
        tuple(_not_denied(_uncovered(after.allowed, before.allowed), after.denied)),
        tuple(_not_denied(_uncovered(before.allowed, after.allowed), before.denied)),
        tuple(_uncovered(before.denied, after.denied)),
        tuple(_uncovered(after.denied, before.denied)),
        tuple(sorted(after.not_compared ^ before.not_compared)),
    )


def _uncovered(some: frozenset[Grant], others: frozenset[Grant]) -> list[Grant]:
    """Those that no other covers. Two spellings of one action are the same action."""
    exact = {(one.action.lower(), one.resource, one.principal, one.condition) for one in others}
    wide = [
        one for one in others if "*" in f"{one.action}{one.resource}{one.principal}" or "?" in one.action + one.resource
    ]
    return [
        one
        for one in sorted(some)
        if not any((one.action.lower(), one.resource, one.principal, given) in exact for given in ("", one.condition))
        and not any(covers(other, one) for other in wide)
    ]


def covers(wide: Grant, narrow: Grant) -> bool:
    """Whether one grant allows all that another does.

    >>> covers(Grant("s3:*", "*", "", ""), Grant("s3:Get*", "arn:aws:s3:::b/*", "", "c"))
    True
    >>> covers(Grant("s3:Get?", "*", "", ""), Grant("s3:Get*", "*", "", ""))
    False
    """
    return (
        wide.condition in ("", narrow.condition)
        and wide.principal in ("*", narrow.principal)
        and is_within(narrow.action.lower(), wide.action.lower())
        and is_within(narrow.resource, wide.resource)
    )


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in text), re.DOTALL)


def is_within(narrow: str, wide: str) -> bool:
    """Whether everything that one pattern matches is matched by another; in doubt, no.

    A `*` or `?` of the narrow one is a character like any other here: only a `*` of the wide one can swallow a `*`.
    """
    return wide == narrow or (("*" in wide or "?" in wide) and _pattern(wide).fullmatch(narrow) is not None)


def _not_denied(grants: Iterable[Grant], denied: frozenset[Grant]) -> Iterator[Grant]:
    for one in grants:
        if not any(not deny.condition and covers(deny, one) for deny in denied):
            yield one
