"""What the platform has in AWS: tables, queues, repositories, and exactly the rights that its edges ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_actions import ACCESS, DANGEROUS
from aws_kinds.repository import LOGIN
from aws_kinds.table import ON_INDEXES
from iam_evaluator import allows
from rendered_platform import ENVIRONMENTS, Rendered, rendered

ACCOUNT = "ca-central-1:123456789012"
TABLES = {
    "discord-sessions": ("discord_sessions", []),
    "discord-executions": ("discord_executions", ["thread_id-index"]),
    "discord-messages": ("discord-messages", ["TimestampIndex"]),
    "chat-history": ("chat_history", []),
}
"""A document's name, the table's in AWS, its indexes."""
QUEUES = ("agentic-events", "discord-messages")
REPOSITORIES = ("discord-bot", "dev-sandbox")
BUCKETS = {"production": "discord-bot-artifacts", "staging": "discord-bot-artifacts-staging"}


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


def prefix_of(platform: Rendered) -> str:
    """What stands before the names of an environment's resources."""
    return "" if platform.program.platform.environment == "production" else "staging-"


def claims(platform: Rendered, kind: str) -> dict[str, dict[str, Any]]:
    """The specs of all claims of a kind, by name."""
    return {
        name: one["spec"]
        for name, one in platform.of_kind(kind).items()
        if one["apiVersion"] == "aws.platformc.dev/v1alpha1"
    }


def policy(platform: Rendered, name: str) -> dict[str, Any]:
    """An identity's policy document."""
    text = platform.one("Identity", name)["spec"]["policyDocument"]
    assert len(text) < 6144  # AWS' limit
    return dict(json.loads(text))


def known_actions() -> set[str]:
    """Every action that an access word of any kind stands for, those of statements, and some that nobody asks for."""
    words = {action for actions in ACCESS.values() for action in actions}
    return {*words, *DANGEROUS, "s3:GetObject", "s3:PutObject"}


def known_resources() -> set[str]:
    """The ARN of everything in AWS that either environment has, what stands beside it, and the same elsewhere."""
    found = set()
    for prefix in ("", "staging-"):
        for table, indexes in TABLES.values():
            arn = f"arn:aws:dynamodb:{ACCOUNT}:table/{prefix}{table}"
            found |= {arn, f"{arn}/stream/2026", f"{arn}/backup/1", *(f"{arn}/index/{index}" for index in indexes)}
        for queue in QUEUES:
            found |= {f"arn:aws:sqs:{ACCOUNT}:{prefix}{name}" for name in (queue, f"{queue}-dlq")}
        found |= {f"arn:aws:ecr:{ACCOUNT}:repository/{prefix}{name}" for name in REPOSITORIES}
    found |= {arn.replace("123456789012", "210987654321") for arn in found}
    found |= {arn.replace("ca-central-1", "eu-west-1") for arn in found}
    for bucket in (*BUCKETS.values(), "somebody-elses"):
        found |= {f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/runs/1"}
    return found | {"*", "arn:aws:iam::123456789012:user/discord-bot"}


def granted(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Every known action on every known resource that a policy allows."""
    return {
        (action, resource)
        for action in known_actions()
        for resource in known_resources()
        if allows(document, action, resource)
    }


class TestRights:
    """A policy is the needs of the workloads that act as its user, and nothing more."""

    def test_the_bot(self, platform: Rendered) -> None:
        """Reads and writes its tables and their indexes, sends to and receives from its queues, keeps artifacts."""
        prefix = prefix_of(platform)
        expected = set()
        for table, indexes in TABLES.values():
            arn = f"arn:aws:dynamodb:{ACCOUNT}:table/{prefix}{table}"
            expected |= {(action, arn) for action in ACCESS["table", "read"] | ACCESS["table", "write"]}
            expected |= {(action, f"{arn}/index/{index}") for index in indexes for action in ON_INDEXES}
        both = ACCESS["queue", "send"] | ACCESS["queue", "receive"]
        for queue in QUEUES:
            expected |= {(action, f"arn:aws:sqs:{ACCOUNT}:{prefix}{queue}") for action in both}
        bucket = BUCKETS[platform.program.platform.environment]
        expected |= {(action, f"arn:aws:s3:::{bucket}/runs/1") for action in ("s3:GetObject", "s3:PutObject")}
        assert granted(policy(platform, "discord-bot")) == expected

    def test_pulling(self, platform: Rendered) -> None:
        """Pulls the platform's images, and can do nothing else; a login is not about a repository."""
        expected = {
            (action, f"arn:aws:ecr:{ACCOUNT}:repository/{name}")
            for action in ACCESS["repository", "pull"] - {LOGIN}
            for name in REPOSITORIES
        }
        login = {(LOGIN, resource) for resource in known_resources()}
        assert granted(policy(platform, "ecr-pull")) == expected | login

    def test_no_wildcards(self, platform: Rendered) -> None:
        """But the one that AWS asks for, and the objects in the bucket."""
        for name in claims(platform, "Identity"):
            for statement in policy(platform, name)["Statement"]:
                assert statement["Effect"] == "Allow"
                assert not [action for action in statement["Action"] if "*" in action]
                for resource in statement["Resource"]:
                    assert "*" not in resource.removesuffix("/*") or statement["Action"] == [LOGIN]

    def test_the_keys_go_where_they_are_read(self, platform: Rendered) -> None:
        """The Secrets that Crossplane writes are those that the pods name."""
        found = {name: one["writeConnectionSecretToRef"]["name"] for name, one in claims(platform, "Identity").items()}
        assert found == {"discord-bot": "discord-bot-aws", "ecr-pull": "ecr-pull-credentials"}

    @pytest.mark.slow
    def test_a_right_more_is_seen(self, platform: Rendered) -> None:
        """The evaluation can fail: with a wildcard, with a statement too much."""
        document = policy(platform, "discord-bot")
        before = granted(document)
        for statement in (
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
            {"Effect": "Allow", "Action": ["DynamoDB:deleteTable"], "Resource": ["arn:aws:dynamodb:*"]},
        ):
            assert granted({**document, "Statement": [*document["Statement"], statement]}) > before
        denied = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        assert granted({**document, "Statement": [*document["Statement"], denied]}) == set()


class TestClaims:
    """What is asked of Crossplane."""

    def test_they_have_an_application_of_their_own(self, platform: Rendered) -> None:
        """Claims take minutes; workloads do not. They are deleted only after somebody confirmed."""
        seen = 0
        for manifest in platform.manifests:
            if manifest.id.group != "aws.platformc.dev":
                continue
            assert manifest.application in {"discord-bot-aws", "registry-aws"}
            options = manifest.object["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
            assert options == "Prune=confirm,Delete=confirm"
            seen += 1
        assert seen >= 10

    def test_tables(self, platform: Rendered) -> None:
        """Their names, keys and protection; staging's may be thrown away."""
        production = not prefix_of(platform)
        found = claims(platform, "Table")
        assert set(found) == set(TABLES)
        for name, (table, indexes) in TABLES.items():
            spec = found[name]
            assert spec["tableName"] == spec["tags"]["Name"] == f"{prefix_of(platform)}{table}"
            assert spec["deletionPolicy"] == ("Orphan" if production else "Delete")
            assert spec["deletionProtection"] is production
            assert spec["pointInTimeRecovery"] is production
            assert spec["billingMode"] == "PAY_PER_REQUEST"
            assert [index["name"] for index in spec.get("globalSecondaryIndex", [])] == indexes
            used = {spec["hashKey"], spec.get("rangeKey")}
            for index in spec.get("globalSecondaryIndex", []):
                used |= {index["hashKey"], index.get("rangeKey")}
            assert {one["name"] for one in spec["attribute"]} == used - {None}

    def test_keys(self, platform: Rendered) -> None:
        """They can never change."""
        found = {
            name: (spec["hashKey"], spec.get("rangeKey"), {one["name"]: one["type"] for one in spec["attribute"]})
            for name, spec in claims(platform, "Table").items()
        }
        assert found == {
            "discord-sessions": ("thread_id", None, {"thread_id": "S"}),
            "discord-executions": ("execution_id", None, {"execution_id": "S", "thread_id": "S"}),
            "discord-messages": ("pk", "sk", {"pk": "S", "sk": "S", "timestamp": "N"}),
            "chat-history": ("date", "last_message_timestamp", {"date": "S", "last_message_timestamp": "N"}),
        }

    def test_queues(self, platform: Rendered) -> None:
        """Each with its dead-letter queue, which names it back; durations in seconds."""
        prefix = prefix_of(platform)
        found = claims(platform, "Queue")
        assert set(found) == {name for queue in QUEUES for name in (queue, f"{queue}-dlq")}
        for queue in QUEUES:
            spec, dead = found[queue], found[f"{queue}-dlq"]
            assert (spec["queueName"], dead["queueName"]) == (f"{prefix}{queue}", f"{prefix}{queue}-dlq")
            assert spec["messageRetentionSeconds"] == 4 * 24 * 3600
            assert spec["visibilityTimeoutSeconds"] == 30
            assert dead["messageRetentionSeconds"] == 14 * 24 * 3600
            assert spec["sqsManagedSse"] is dead["sqsManagedSse"] is True
            assert json.loads(spec["redrivePolicy"]) == {
                "deadLetterTargetArn": f"arn:aws:sqs:{ACCOUNT}:{prefix}{queue}-dlq",
                "maxReceiveCount": 3,
            }
            assert json.loads(dead["redriveAllowPolicy"])["sourceQueueArns"] == [
                f"arn:aws:sqs:{ACCOUNT}:{prefix}{queue}"
            ]

    def test_repositories(self, platform: Rendered) -> None:
        """Production owns them; in staging nothing could change or delete them."""
        found, kept = claims(platform, "Repository"), claims(platform, "RepositoryLifecycle")
        if prefix_of(platform):
            assert found == kept == {}
            return
        assert {name: spec["repositoryName"] for name, spec in found.items()} == {name: name for name in REPOSITORIES}
        assert all(spec["imageTagMutability"] == "IMMUTABLE" and spec["scanOnPush"] for spec in found.values())
        assert set(kept) == {"discord-bot-keep-10", "dev-sandbox-keep-5"}

    def test_environments_share_nothing(self) -> None:
        """No name in AWS is managed twice."""
        names: list[tuple[str, str]] = []
        for environment in ENVIRONMENTS:
            for kind in ("Table", "Queue", "Repository", "Identity"):
                names += [(kind, spec["tags"]["Name"]) for spec in claims(rendered(environment), kind).values()]
        assert len(set(names)) == len(names) > 15
