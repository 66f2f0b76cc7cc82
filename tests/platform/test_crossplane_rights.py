"""docs/aws.md, "Crossplane's own rights": the policy allows what Crossplane does for what is rendered, and nothing more."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_kinds import CLAIMS, MANAGED
from aws_kinds.facts import ACCOUNT
from botocore.session import Session  # type: ignore[import-untyped] # it has no types
from iam_evaluator import allows

ROOT = Path(__file__).parents[2]
MANAGED_POLICY, INLINE_POLICY = 6144, 2048
"""Characters without blanks. Source: AWS, IAM User Guide, "IAM and AWS STS quotas"."""

Right = tuple[str, str]
"""An action, and the ARN that it is allowed on."""


@cache
def section() -> str:
    """The section of the guide."""
    _, _, rest = (ROOT / "docs/aws.md").read_text(encoding="utf-8").partition("\n## Crossplane's own rights\n")
    assert rest
    return rest.partition("\n## ")[0]


def policy() -> dict[str, Any]:
    """The policy, as somebody would copy it."""
    (block,) = re.findall(r"^```json\n(.*?)^```$", section(), flags=re.MULTILINE | re.DOTALL)
    found: dict[str, Any] = json.loads(block)
    return found


def rights(of: Mapping[str, Any]) -> set[Right]:
    """Every action with every ARN that it is allowed on."""
    return {
        (action, resource)
        for statement in of["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


@cache
def compositions() -> dict[str, dict[str, str]]:
    """Kind of claim -> managed kind -> its service, from the Compositions."""
    found = {}
    for path in ROOT.glob("crossplane/*/composition.yaml"):
        spec = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["spec"]
        bases = [one["base"] for step in spec["pipeline"] for one in step["input"]["resources"]]
        found[spec["compositeTypeRef"]["kind"]] = {one["kind"]: one["apiVersion"].partition(".")[0] for one in bases}
    return found


def claims(environment: str) -> list[dict[str, Any]]:
    """All claims of an environment."""
    files = sorted((ROOT / "rendered" / environment).glob("*-aws/*/*.yaml"))
    found = [yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in files]
    return [one for one in found if one["apiVersion"].startswith("aws.platformc.dev/")]


def needed(environment: str) -> Iterator[Right]:
    """What Crossplane does for an environment's claims; deleting only what goes with its claim."""
    for claim in claims(environment):
        for kind in compositions()[claim["kind"]]:
            one = MANAGED[kind]
            arn = one.arn(claim["spec"])
            yield from ((action, arn) for action in one.calls)
            if claim["spec"].get("deletionPolicy") == "Delete":
                yield from ((action, arn) for action in one.deletes)


def prefixed(arn: str) -> str:
    """The ARN of the same thing of staging."""
    start, mark, name = re.fullmatch(r"(.*)([:/])(.*)", arn).groups()  # type: ignore[union-attr] # every ARN has one
    return f"{start}{mark}staging-{name}"


def rows() -> list[list[str]]:
    """The rows of all tables of the section."""
    lines = [line for line in section().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def made_here() -> set[str]:
    """The kinds of claims that production has."""
    return {claim["kind"] for claim in claims("production")}


def test_every_managed_kind_has_its_statement() -> None:
    """A kind that a Composition makes and nobody thought of is a failure, and so is a statement that nothing needs."""
    services = {kind: service for made in compositions().values() for kind, service in made.items()}
    assert len(services) == sum(len(made) for made in compositions().values()), "two kinds have one name"
    assert set(services) == set(MANAGED)
    statements = {statement["Sid"]: statement for statement in policy()["Statement"]}
    assert len(statements) == len(policy()["Statement"])
    assert {sid.removesuffix("Read") for sid in statements} == {
        kind for claim in made_here() for kind in compositions()[claim]
    }
    for sid, statement in statements.items():
        kind = sid.removesuffix("Read")
        assert set(statement["Action"]) <= {*MANAGED[kind].calls, *MANAGED[kind].deletes}
        assert {action.partition(":")[0] for action in statement["Action"]} == {services[kind]}


def test_production() -> None:
    """Exactly what production's claims need: each call, on each name that there is."""
    assert len(claims("production")) > 10
    assert rights(policy()) == set(needed("production"))


def test_staging() -> None:
    """Changed as the section says, it is what staging's claims need."""
    said = (
        "Staging needs the same with the prefix `staging-`, without `Repository` and `LifecyclePolicy`, "
        "and with `dynamodb:DeleteTable` in `Table`"
    )
    assert said in section()
    changed = copy.deepcopy(policy())
    changed["Statement"] = [one for one in changed["Statement"] if one["Sid"] not in {"Repository", "LifecyclePolicy"}]
    for statement in changed["Statement"]:
        statement["Resource"] = [prefixed(one) for one in statement["Resource"]]
        if statement["Sid"] == "Table":
            statement["Action"].append("dynamodb:DeleteTable")
    assert rights(changed) == set(needed("staging"))
    assert rights(changed).isdisjoint(rights(policy()))


def test_nothing_else_is_reached() -> None:
    """Names, paths, accounts and regions that are not production's are out of reach, as AWS evaluates it."""
    for action, arn in rights(policy()):
        assert allows(policy(), action, arn)
        others = {
            f"{arn}-2",
            f"{arn}/index/other",
            arn[:-1],
            prefixed(arn),
            arn.replace(ACCOUNT, "210987654321"),
            arn.replace(":user/", ":user/path/").replace(":policy/", ":policy/path/"),
            arn.replace("ca-central-1", "eu-central-1"),
            "*",
        }
        assert [other for other in others - {arn} if allows(policy(), action, other)] == []


def test_no_wildcards() -> None:
    """Neither in actions nor in resources: every action here takes an ARN."""
    assert policy()["Version"] == "2012-10-17"
    for statement in policy()["Statement"]:
        assert set(statement) - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}
        assert statement["Effect"] == "Allow"
        assert [one for one in (*statement["Action"], *statement["Resource"]) if re.search(r"[*?$]", one)] == []
    assert "It contains no `*`" in section()


def test_what_can_be_attached() -> None:
    """To a user of production: production's policies, so none of AWS' that allows everything."""
    conditions = {one["Sid"]: one["Condition"] for one in policy()["Statement"] if "Condition" in one}
    own = [one["spec"]["policyArn"] for one in claims("production") if one["kind"] == "Identity"]
    assert own
    assert conditions == {"UserPolicyAttachment": {"ArnEquals": {"iam:PolicyARN": own}}}
    attaching = {"iam:AttachUserPolicy", "iam:DetachUserPolicy"}
    for statement in policy()["Statement"]:
        bound = statement["Sid"] == "UserPolicyAttachment"
        assert set(statement["Action"]) == attaching if bound else attaching.isdisjoint(statement["Action"])


@pytest.mark.parametrize("service", ["dynamodb", "sqs", "ecr", "iam", "kms"])
def test_actions_exist(service: str) -> None:
    """Each action that the section names is called as a call of AWS' is."""
    named = set(re.findall(rf"\b{service}:([A-Z][a-z]\w+)", section()))
    assert named
    assert named - {"PolicyARN", "PermissionsBoundary"} <= set(Session().get_service_model(service).operation_names)


def test_what_is_left_out() -> None:
    """What the section says is left out, is; and every deletion that no claim asks for is named there."""
    start = rows().index(["omitted", "because"])
    told = rows()[start + 2 :]
    told = told[: next(number for number, row in enumerate(told) if not re.match(r"`\w+:", row[0]))]
    left_out = {action for row in told for action in re.findall(r"`(\w+:\w+)`", row[0])}
    allowed = {action for action, _ in rights(policy())}
    assert len(left_out) >= len(told) > 3
    assert left_out.isdisjoint(allowed)
    deletions = {action for kind in made_here() for one in CLAIMS[kind].managed.values() for action in one.deletes}
    assert deletions - allowed <= left_out


def test_where_new_things_go() -> None:
    """The table names every kind of claim that there is, and for each the statements that would hold its ARN."""
    start = rows().index(["new in the spec", "its ARN goes into"])
    told = {row[0].partition(",")[0]: set(re.findall(r"`(\w+)`", row[1])) - {"keepLast"} for row in rows()[start + 2 :]}
    sids = {statement["Sid"] for statement in policy()["Statement"]}
    expected: dict[str, set[str]] = {}
    for kind in made_here():
        made = compositions()[kind]
        documents = kind.removesuffix("Lifecycle")
        expected.setdefault(documents, set()).update(sid for sid in sids if sid.removesuffix("Read") in made)
    assert told == expected


def test_length() -> None:
    """A managed policy may be this long, an inline one may not, as the section says."""
    characters = len("".join(json.dumps(policy()).split()))
    assert INLINE_POLICY < characters <= MANAGED_POLICY


def test_links() -> None:
    """The section's links within the page, and the page's to it, lead somewhere."""
    text = (ROOT / "docs/aws.md").read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.+)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert {"crossplanes-own-rights", "delete-it-on-purpose"} <= links <= anchors
