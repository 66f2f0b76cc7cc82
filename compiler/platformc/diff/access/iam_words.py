"""iam_words: grants in AWS in words, and which of them lead to more.

In      Grants; the account and region that the platform has for its own.
Out     phrases such as `sqs:SendMessage on agentic-events`; the reason why one is an escalation.
Never   shortens an ARN of another account or region: there the difference matters.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from platformc.check.policies.aws import is_every_action, is_every_resource
from platformc.diff.access.iam import Grant, is_within
from platformc.diff.reachability import in_words

SHOWN = 6
ARN = re.compile(r"arn:[^:]*:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)", re.DOTALL)
ESCALATING = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "lambda:UpdateFunctionCode",
    "s3:PutBucketPolicy",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
)
"""Actions that give their caller, or others, permissions that the policy does not name.

Sources: AWS, "Permissions management access level actions" in "IAM JSON policy elements: Action summary"; Rhino Security
Labs, "AWS IAM Privilege Escalation: Methods and Mitigation".
"""


@dataclass(frozen=True, slots=True)
class Home:
    """What need not be said of an ARN; all empty if nothing is known of the platform."""

    account: str = ""
    region: str = ""
    prefix: str = ""
    """The environment's prefix of names in AWS."""


def phrases(grants: Iterable[Grant], home: Home) -> list[str]:
    """Grants in words, those on the same resources together."""
    actions: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in grants:
        actions[one.principal, one.resource, one.condition].append(one.action)
    resources: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (principal, resource, condition), several in actions.items():
        resources[principal, condition, tuple(sorted(several))].append(short(resource, home))
    return [
        _phrase(principal, condition, several, names) for (principal, condition, several), names in resources.items()
    ]


def _phrase(principal: str, condition: str, actions: tuple[str, ...], names: list[str]) -> str:
    named = [name for name in names if name]
    where = f" on {in_words(named, SHOWN)}" if named else ""
    limited = " under a condition" if condition else ""
    who = f"{_who(principal)} use " if principal else ""
    return f"{who}{in_words(list(actions), SHOWN)}{where}{limited}"


def assumed_by(grants: Iterable[Grant]) -> list[str]:
    """The principals of grants, for a policy about who may assume a role."""
    found = {f"{_who(one.principal)}{' under a condition' if one.condition else ''}": None for one in grants}
    return list(found)


def _who(principal: str) -> str:
    return "everyone in AWS" if principal == "*" else principal.partition(":")[2]


def short(resource: str, home: Home) -> str:
    """A resource without what is the platform's own: its account, its region, the environment's prefix.

    >>> short("arn:aws:sqs:eu-central-1:1:staging-jobs", Home("1", "eu-central-1", "staging-"))
    'jobs'
    >>> short("arn:aws:sqs:eu-central-1:2:jobs", Home("1", "eu-central-1"))
    'arn:aws:sqs:eu-central-1:2:jobs'
    """
    if resource == "*":
        return "every resource"
    found = ARN.fullmatch(resource)
    if found is None or not home.account:
        return resource
    if found["account"] not in ("", home.account) or found["region"] not in ("", home.region):
        return resource
    steps = found["rest"].split("/")
    named = min(1, len(steps) - 1) if found["service"] != "s3" else 0
    steps[named] = steps[named].removeprefix(home.prefix)
    return "/".join(steps)


def escalations(grants: Iterable[Grant], home: Home) -> list[str]:
    """Why grants lead to more than they say, one sentence for each reason."""
    found: dict[str, None] = {}
    for one in grants:
        if one.principal == "*" and not one.condition:
            found["everyone in AWS, in any account, has it"] = None
        elif one.principal and home.account and _is_foreign(one.principal, home):
            found[f"{_who(one.principal)} is in another account"] = None
        if is_every_action(one.action):
            found[f"{one.action} includes everything that {_service(one.action)} can do"] = None
        else:
            for action in ESCALATING:
                if is_within(action.lower(), one.action.lower()) and not (one.principal and action.startswith("sts:")):
                    found[f"{action} leads to permissions that the policy does not name"] = None
        if is_every_resource(one.resource):
            found[f"{one.action} applies to every resource of the account"] = None
    return list(found)


def _service(action: str) -> str:
    return "AWS" if action == "*" else action.partition(":")[0]


def _is_foreign(principal: str, home: Home) -> bool:
    kind, _, who = principal.partition(":")
    found = ARN.fullmatch(who)
    account = found["account"] if found else who
    return kind == "AWS" and account not in ("", home.account)
