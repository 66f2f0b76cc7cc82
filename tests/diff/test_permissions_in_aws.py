"""What IAM policies allow more or less, in the words that a reviewer reads."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diff.access.iam import Grant, compare_policies, covers, read_policy_document
from platformc.diff.effects.permissions_in_aws import permission_effects_in_aws
from told_effects import Object, effects


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def identity(*statements: Any) -> Object:
    """A claim with a policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return {
        "apiVersion": "aws.platformc.dev/v1alpha1",
        "kind": "Identity",
        "metadata": {"name": "bot", "namespace": "bot"},
        "spec": {"policyDocument": document},
    }


QUEUE = "arn:aws:sqs:eu-central-1:123456789012:jobs"
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/jobs"
SEND, READ = allow("sqs:SendMessage", QUEUE), allow("dynamodb:GetItem", TABLE)


class TestIdentities:
    """IAM actions and resources."""

    @pytest.mark.parametrize(
        ("base", "head", "lines"),
        [
            ([SEND], [SEND, READ], [f"permissions: may now use dynamodb:GetItem on {TABLE}"]),
            ([SEND, READ], [SEND], [f"routine: may no longer use dynamodb:GetItem on {TABLE}"]),
            ([allow("sqs:*", "*")], [SEND], ["routine: may no longer use sqs:* on every resource"]),
            ([SEND], [allow("SQS:sendmessage", [QUEUE])], []),
            ([SEND], [allow(["sqs:SendMessage", "sqs:SendMessage"], QUEUE)], []),
            (
                [allow("sqs:SendMessage", QUEUE, Condition={"Bool": {"aws:SecureTransport": "true"}})],
                [SEND],
                [f"permissions: may now use sqs:SendMessage on {QUEUE}"],
            ),
        ],
    )
    def test_they_are_told_by_what_differs(self, base: list[Any], head: list[Any], lines: list[str]) -> None:
        """Not by how a policy is written. A condition that goes is a grant that comes."""
        found = effects(permission_effects_in_aws, [identity(*base)], [identity(*head)])
        want = [line.replace(": ", ": Identity bot/bot: ", 1) for line in lines]
        assert found == want

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            (allow("*", QUEUE), "* includes everything that AWS can do"),
            (
                allow("iam:PassRole", "arn:aws:iam::123456789012:role/x"),
                "iam:PassRole leads to permissions that the policy does not name",
            ),
            (
                allow("iam:Put*", "arn:aws:iam::123456789012:user/x"),
                "iam:PutUserPolicy leads to permissions that the policy does not name",
            ),
            (
                allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/x"),
                "sts:AssumeRole leads to permissions that the policy does not name",
            ),
            (allow("s3:GetObject", "*"), "s3:GetObject applies to every resource of the account"),
        ],
    )
    def test_an_escalation_is_named(self, statement: Any, reason: str) -> None:
        """In the sentence, and with its reason."""
        first, *rest = effects(permission_effects_in_aws, [identity(SEND)], [identity(SEND, statement)])
        assert first.startswith("permissions: ")
        assert first.endswith(", an escalation")
        assert f"  escalation: {reason}" in rest

    def test_a_deny(self) -> None:
        """Takes away, and gives back when it goes; what it covers is not gained."""
        deny = {**SEND, "Effect": "Deny"}
        put, gone = (
            effects(permission_effects_in_aws, *states)
            for states in (([identity(SEND)], [identity(SEND, deny)]), ([identity(SEND, deny)], [identity(SEND)]))
        )
        assert put == [f"routine: Identity bot/bot: may no longer use sqs:SendMessage on {QUEUE}, as it is denied"]
        assert gone == [
            f"permissions: Identity bot/bot: may now use sqs:SendMessage on {QUEUE}, as it is no longer denied"
        ]
        assert effects(permission_effects_in_aws, [identity(deny)], [identity(deny, SEND)]) == []

    @pytest.mark.parametrize(
        "statement",
        [
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "NotResource": QUEUE},
            {"Effect": "Allow", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"},
            7,
        ],
    )
    def test_what_cannot_be_compared_is_told(self, statement: Any) -> None:
        """Never silently none."""
        first, detail = effects(permission_effects_in_aws, [identity(SEND)], [identity(SEND, statement)])
        assert first == "permissions: Identity bot/bot: changed in a way that is not compared: spec.policyDocument"
        assert detail.startswith("  added: ")

    def test_a_policy_that_is_none(self) -> None:
        """Is told as well; the permissions that went with the old one are lost."""
        broken = {**identity(SEND), "spec": {"policyDocument": '{"Statement": '}}
        broken["spec"]["policyDocument"] += '"x" "Statement"'
        lines = effects(permission_effects_in_aws, [identity(SEND)], [broken])
        assert "permissions: Identity bot/bot: changed in a way that is not compared: spec.policyDocument" in lines

    def test_who_may_assume_a_role(self) -> None:
        """A trust policy is about principals."""

        def role(*principals: str) -> Object:
            statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(principals)}}
            document = json.dumps({"Statement": [statement]})
            return {
                "apiVersion": "iam.aws.m.upbound.io/v1beta1",
                "kind": "Role",
                "metadata": {"name": "ci", "namespace": "bot"},
                "spec": {"forProvider": {"assumeRolePolicy": document}},
            }

        mine = "arn:aws:iam::123456789012:root"
        lines = effects(permission_effects_in_aws, [role(mine)], [role(mine, "*")])
        assert lines[0] == "permissions: Role bot/ci: can now be assumed by everyone in AWS, an escalation"
        assert effects(permission_effects_in_aws, [role(mine, "*")], [role(mine)])[0].startswith(
            "routine: Role bot/ci: can no longer"
        )

    def test_a_policy_of_a_resource(self) -> None:
        """Lets others in."""

        def bucket(*principals: str) -> Object:
            statements = [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Principal": {"AWS": one}}
                for one in principals
            ]
            document = json.dumps({"Statement": statements})
            return {
                "apiVersion": "s3.aws.upbound.io/v1beta1",
                "kind": "BucketPolicy",
                "metadata": {"name": "b"},
                "spec": {"forProvider": {"policy": document}},
            }

        lines = effects(permission_effects_in_aws, [bucket("123456789012")], [bucket("123456789012", "*")])
        assert (
            lines[0]
            == "permissions: BucketPolicy b: now lets everyone in AWS use s3:GetObject on arn:aws:s3:::b/*, an escalation"
        )

    def test_the_role_of_a_service_account(self) -> None:
        """An annotation gives pods a role in AWS."""
        name = {"name": "a", "namespace": "b"}
        role = "arn:aws:iam::123456789012:role/x"
        noted = {**name, "annotations": {"eks.amazonaws.com/role-arn": role}}
        account, with_role = (
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata} for metadata in (name, noted)
        )
        assert effects(permission_effects_in_aws, [account], [with_role]) == [
            f"permissions: ServiceAccount b/a: now lets its pods assume {role}"
        ]
        assert effects(permission_effects_in_aws, [with_role], [account])[0].startswith("routine: ")


NAMES = st.text("ab*?", min_size=1, max_size=4)


class TestCovering:
    """A grant covers another only if all that the other allows is allowed."""

    @given(NAMES, NAMES, st.text("ab", max_size=6))
    def test_in_doubt_it_does_not(self, wide: str, narrow: str, name: str) -> None:
        """Against the definition of wildcards, name by name."""
        if covers(Grant(wide, "x", "", ""), Grant(narrow, "x", "", "")):
            assert not fnmatch.fnmatchcase(name, narrow) or fnmatch.fnmatchcase(name, wide)

    @given(st.lists(st.sampled_from([SEND, READ, allow("sqs:*", QUEUE), allow("*", "*")]), max_size=3))
    def test_no_change_is_no_change(self, statements: list[Any]) -> None:
        """In any order."""
        one, other = (
            read_policy_document(json.dumps({"Statement": found})) for found in (statements, statements[::-1])
        )
        found = compare_policies(one, other)
        assert (found.gained, found.lost, found.not_compared) == ((), (), ())
