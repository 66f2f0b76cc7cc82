"""permissions_in_aws: what IAM policies allow more or less: of identities, of resources, and of who may assume a role.

In      a Comparison; policies are JSON text anywhere in an object about AWS.
Out     Effects, with escalations named.
Never   looks at conditions but to compare them; keeps silent about a statement that it cannot compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.check.policies.object_fields import below
from platformc.diff.access.iam import NO_POLICY, Document, Grant, compare_policies, read_policy_document
from platformc.diff.access.iam_words import Home, assumed_by, escalations, phrases, short
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.reachability import in_words
from platformc.language.nodes import KeyPath
from platformc.link import aws_names
from platformc.snapshot import Comparison, ObjectChange

MARK = '"Statement"'
SHOWN = 40
TRUST = frozenset({"assumeRolePolicy", "assumeRolePolicyDocument", "trustPolicy"})
"""The fields of roles that say who may assume them: Upbound's provider, ACK and others."""
ROLE_OF_ACCOUNT = "eks.amazonaws.com/role-arn"
"""The role in AWS that pods of a service account get. AWS, "IAM roles for service accounts"."""


def permission_effects_in_aws(comparison: Comparison) -> Iterator[Effect]:
    """Every policy in a changed object."""
    for change in comparison.changes:
        if change.key.kind == "ServiceAccount" and not change.key.group:
            yield from _role_of_account(change)
        elif "aws" in change.key.group:
            yield from _of_object(comparison, change)


def _of_object(comparison: Comparison, change: ObjectChange) -> Iterator[Effect]:
    old = dict(_policies(change.before.object, ())) if change.before is not None else {}
    new = dict(_policies(change.after.object, ())) if change.after is not None else {}
    for path in sorted({*old, *new}, key=str):
        if old.get(path) != new.get(path):
            yield from _of_policy(_home(comparison, change), change, path, old.get(path), new.get(path))


def _policies(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """The policies in an object, and where they are."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _policies(item, (*path, str(key)))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _policies(item, (*path, position))
    elif isinstance(value, str) and MARK in value:
        yield path, value


def _home(comparison: Comparison, change: ObjectChange) -> Home:
    program = comparison.head.program(change.environment) or comparison.base.program(change.environment)
    if program is None or program.platform.settings.aws is None:
        return Home()
    aws = aws_names.account(program.platform)
    return Home(aws.account_id, aws.region, program.platform.target.aws.name_prefix)


def _of_policy(home: Home, change: ObjectChange, path: KeyPath, old: str | None, new: str | None) -> Iterator[Effect]:
    before = read_policy_document(old) if old is not None else NO_POLICY
    after = read_policy_document(new) if new is not None else NO_POLICY
    found = compare_policies(before, after)
    place = Basis(change.key, path if old is not None else None, path if new is not None else None)
    for grants, gained, because in (
        (found.gained, True, ""),
        (found.no_longer_denied, True, ", as it is no longer denied"),
        (found.newly_denied, False, ", as it is denied"),
        (found.lost, False, ""),
    ):
        if grants:
            yield _effect(change, place, grants, home, gained=gained, because=because)
    if found.not_compared:
        yield _not_compared(change, place, path, after, found.not_compared)


def _sentence(grants: Sequence[Grant], said: Sequence[str], place: Basis, *, gained: bool) -> str:
    """What changes, in the words of the policy's kind: of a role's trust, of a resource, of an identity."""
    path = place.after if place.after is not None else place.before
    if TRUST & {step for step in path or () if isinstance(step, str)}:
        return f"can {'now' if gained else 'no longer'} be assumed by {in_words(assumed_by(grants), 4)}"
    if any(one.principal for one in grants):
        return f"{'now' if gained else 'no longer'} lets {in_words(list(said), 2)}"
    return f"may {'now' if gained else 'no longer'} use {in_words(list(said), 2)}"


def _effect(
    change: ObjectChange, place: Basis, grants: Sequence[Grant], home: Home, *, gained: bool, because: str
) -> Effect:
    said = phrases(grants, home)
    reasons = escalations(grants, home) if gained else []
    escalated = ", an escalation" if reasons else ""
    facts: Mapping[str, Any] = {
        "gained": gained,
        "escalations": reasons,
        "grants": [
            {
                "action": one.action,
                "resource": short(one.resource, home),
                "principal": one.principal,
                "condition": one.condition,
            }
            for one in grants
        ],
    }
    details = [*(f"escalation: {reason}" for reason in reasons), *said]
    if len(details) > SHOWN:
        details = [*details[:SHOWN], f"{len(details) - SHOWN} more"]
    return Effect(
        EffectKind.PERMISSION,
        Verdict.PERMISSIONS if gained else Verdict.ROUTINE,
        change.environment,
        change.key,
        f"{_sentence(grants, said, place, gained=gained)}{because}{escalated}",
        (place,),
        tuple(details) if reasons or len(said) > 2 else (),  # noqa: PLR2004 - what the message names already
        data=facts,
    )


def _not_compared(
    change: ObjectChange, place: Basis, path: KeyPath, after: Document, statements: tuple[str, ...]
) -> Effect:
    where = ".".join(map(str, path))
    details = [f"{'added' if one in after.not_compared else 'removed'}: {one}" for one in statements]
    return Effect(
        EffectKind.PERMISSION,
        Verdict.PERMISSIONS,
        change.environment,
        change.key,
        f"changed in a way that is not compared: {where}",
        (place,),
        tuple(details[:SHOWN]),
    )


def _role_of_account(change: ObjectChange) -> Iterator[Effect]:
    """The role in AWS that pods with a service account get."""
    old, new = (
        below(one.object, "metadata", "annotations") if one is not None else None
        for one in (change.before, change.after)
    )
    was, now = (_text(one, ROLE_OF_ACCOUNT) for one in (old, new))
    if was == now:
        return
    path = ("metadata", "annotations", ROLE_OF_ACCOUNT)
    place = (Basis(change.key, path if was else None, path if now else None),)
    if now:
        message = f"now lets its pods assume {now}" + (f" instead of {was}" if was else "")
    else:
        message = f"no longer lets its pods assume {was}"
    verdict = Verdict.PERMISSIONS if now else Verdict.ROUTINE
    yield Effect(EffectKind.PERMISSION, verdict, change.environment, change.key, message, place)


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
