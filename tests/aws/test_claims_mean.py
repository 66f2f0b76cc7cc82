"""The claims below rendered/ mean what the programs need: made in moto, then used as the bot uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from aws_kinds.facts import ACCOUNT, UnknownFieldError
from botocore.exceptions import ClientError  # type: ignore[import-untyped] # it has no types
from claims_in_moto import ROOT, Clients, clients, create, rendered_claims
from moto import mock_aws
from moto.iam.access_control import IAMPolicy, PermissionResult

pytestmark = pytest.mark.slow  # makes in a stand-in for AWS what the claims describe

REGION = "ca-central-1"
ENVIRONMENTS = {"production": "", "staging": "staging-"}
TABLES = ("chat_history", "discord-messages", "discord_executions", "discord_sessions")
QUEUES = ("agentic-events", "discord-messages")


@pytest.fixture(scope="module")
def aws() -> Iterator[Clients]:
    """Both environments in one account. A name that both managed would be refused here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
            patch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, "/dev/null")
        with mock_aws():
            made = clients(REGION)
            for environment in ENVIRONMENTS:
                for claim in rendered_claims(environment):
                    assert claim["spec"].get("region", REGION) == REGION  # IAM knows no regions
                    create(made, claim)
            yield made


@pytest.fixture(params=ENVIRONMENTS)
def prefix(request: pytest.FixtureRequest) -> str:
    """What stands before an environment's names; each test that takes it runs for both."""
    return ENVIRONMENTS[request.param]


@cache
def program(environment: str, name: str) -> dict[str, Any]:
    """A rendered Deployment's first container."""
    path = ROOT / "rendered" / environment / "discord-bot/discord-bot" / f"deployment-{name}.yaml"
    container: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]["template"]["spec"][
        "containers"
    ][0]
    return container


def refused(error: pytest.ExceptionInfo[ClientError]) -> str:
    """What AWS answered."""
    return str(error.value.response["Error"]["Code"])


def item(**attributes: str | int) -> dict[str, dict[str, str]]:
    """An item as DynamoDB takes it."""
    return {name: {"S" if isinstance(value, str) else "N": str(value)} for name, value in attributes.items()}


def found(answer: dict[str, Any], name: str) -> list[str]:
    """One attribute of the items that came back, in their order."""
    return [next(iter(one[name].values())) for one in answer["Items"]]


class TestNothingIsLeftOut:
    """A field of a claim that is made into nothing would be a test of nothing."""

    def test_an_unknown_field(self, aws: Clients) -> None:
        """Raises, for the table and for its index."""
        (claim,) = [one for one in rendered_claims("production") if one["metadata"]["name"] == "discord-executions"]
        spec = {**claim["spec"], "tableName": "other"}
        with pytest.raises(UnknownFieldError, match="kmsKeyArn"):
            create(aws, {**claim, "spec": {**spec, "kmsKeyArn": "arn"}})
        indexes = [{**one, "warm": True} for one in spec["globalSecondaryIndex"]]
        with pytest.raises(UnknownFieldError, match="warm"):
            create(aws, {**claim, "spec": {**spec, "tableName": "another", "globalSecondaryIndex": indexes}})
        aws.dynamodb.update_table(TableName="other", DeletionProtectionEnabled=False)
        aws.dynamodb.delete_table(TableName="other")

    def test_everything_is_there(self, aws: Clients) -> None:
        """As many tables and queues as the environments have, under their names."""
        tables = {f"{prefix}{name}" for prefix in ENVIRONMENTS.values() for name in TABLES}
        assert set(aws.dynamodb.list_tables()["TableNames"]) == tables
        queues = {
            f"{prefix}{name}{dead}" for prefix in ENVIRONMENTS.values() for name in QUEUES for dead in ("", "-dlq")
        }
        assert {url.rpartition("/")[2] for url in aws.sqs.list_queues()["QueueUrls"]} == queues
        repositories = aws.ecr.describe_repositories()["repositories"]
        assert {one["repositoryName"] for one in repositories} == {"discord-bot", "dev-sandbox"}


class TestTables:
    """Read and written as the bot does."""

    def test_messages_of_a_channel(self, aws: Clients, prefix: str) -> None:
        """A query on `pk` gives them by `sk`."""
        table = f"{prefix}discord-messages"
        for channel, message in (("one", "m#3"), ("one", "m#1"), ("two", "m#2"), ("one", "meta")):
            aws.dynamodb.put_item(TableName=table, Item=item(pk=channel, sk=message, timestamp=1))
        query: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": "pk = :channel AND begins_with(sk, :kind)",
            "ExpressionAttributeValues": {":channel": {"S": "one"}, ":kind": {"S": "m#"}},
        }
        assert found(aws.dynamodb.query(**query), "sk") == ["m#1", "m#3"]
        with pytest.raises(ClientError) as error:
            aws.dynamodb.put_item(TableName=table, Item=item(pk="one", timestamp=1))
        assert refused(error) == "ValidationException"

    def test_messages_of_a_time(self, aws: Clients, prefix: str) -> None:
        """The index sorts times as numbers: 9 before 10 before 100; all attributes are in it."""
        table = f"{prefix}discord-messages"
        for at in (100, 9, 10, 1000):
            message = item(pk="timed", sk=f"at {at}", timestamp=at, text=f"sent at {at}")
            aws.dynamodb.put_item(TableName=table, Item=message)
        answer = aws.dynamodb.query(
            TableName=table,
            IndexName="TimestampIndex",
            KeyConditionExpression="pk = :channel AND #at BETWEEN :first AND :last",
            ExpressionAttributeNames={"#at": "timestamp"},
            ExpressionAttributeValues={":channel": {"S": "timed"}, ":first": {"N": "9"}, ":last": {"N": "100"}},
        )
        assert found(answer, "timestamp") == ["9", "10", "100"]
        assert found(answer, "text") == ["sent at 9", "sent at 10", "sent at 100"]
        keys = aws.dynamodb.describe_table(TableName=table)["Table"]["AttributeDefinitions"]
        assert {
            "AttributeName": "timestamp",
            "AttributeType": "N",
        } in keys  # which AWS asks of items, and moto does not

    def test_executions_of_a_thread(self, aws: Clients, prefix: str) -> None:
        """By the index; one without a thread is not in it."""
        table = f"{prefix}discord_executions"
        for name, thread in (("a", "t1"), ("b", "t2"), ("c", "t1")):
            aws.dynamodb.put_item(TableName=table, Item=item(execution_id=name, thread_id=thread))
        aws.dynamodb.put_item(TableName=table, Item=item(execution_id="d"))
        answer = aws.dynamodb.query(
            TableName=table,
            IndexName="thread_id-index",
            KeyConditionExpression="thread_id = :thread",
            ExpressionAttributeValues={":thread": {"S": "t1"}},
        )
        assert sorted(found(answer, "execution_id")) == ["a", "c"]
        assert "Item" in aws.dynamodb.get_item(TableName=table, Key=item(execution_id="d"))

    def test_a_session(self, aws: Clients, prefix: str) -> None:
        """Has one key, and is written over."""
        table = f"{prefix}discord_sessions"
        for state in ("new", "open"):
            aws.dynamodb.put_item(TableName=table, Item=item(thread_id="t1", state=state))
        assert aws.dynamodb.get_item(TableName=table, Key=item(thread_id="t1"))["Item"]["state"] == {"S": "open"}

    def test_chats_of_a_day(self, aws: Clients, prefix: str) -> None:
        """The newest first, by a number."""
        table = f"{prefix}chat_history"
        for day, at in (("2026-01-01", 5), ("2026-01-01", 50), ("2026-01-01", 6), ("2026-01-02", 7)):
            aws.dynamodb.put_item(TableName=table, Item=item(date=day, last_message_timestamp=at))
        answer = aws.dynamodb.query(
            TableName=table,
            ScanIndexForward=False,
            KeyConditionExpression="#day = :day",
            ExpressionAttributeNames={"#day": "date"},
            ExpressionAttributeValues={":day": {"S": "2026-01-01"}},
        )
        assert found(answer, "last_message_timestamp") == ["50", "6", "5"]
        with pytest.raises(ClientError) as error:
            aws.dynamodb.put_item(TableName=table, Item=item(date="2026-01-01", last_message_timestamp="5"))
        assert refused(error) == "ValidationException"

    def test_what_expires(self, aws: Clients, prefix: str) -> None:
        """All but sessions, by the attribute `ttl`."""
        for name in TABLES:
            told = aws.dynamodb.describe_time_to_live(TableName=f"{prefix}{name}")["TimeToLiveDescription"]
            if name == "discord_sessions":
                assert told == {"TimeToLiveStatus": "DISABLED"}
            else:
                assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}

    def test_what_keeps_them_safe(self, aws: Clients, prefix: str) -> None:
        """Production's cannot be deleted, and go back to any second; all are paid per request."""
        for name in TABLES:
            table = aws.dynamodb.describe_table(TableName=f"{prefix}{name}")["Table"]
            assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
            assert table["DeletionProtectionEnabled"] is (not prefix)
            backups = aws.dynamodb.describe_continuous_backups(TableName=f"{prefix}{name}")
            recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            assert recovery["PointInTimeRecoveryStatus"] == ("DISABLED" if prefix else "ENABLED")
            tags = aws.dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
            assert {"Key": "Name", "Value": f"{prefix}{name}"} in tags
        if not prefix:
            with pytest.raises(ClientError) as error:
                aws.dynamodb.delete_table(TableName="discord_sessions")
            assert refused(error) == "ValidationException"


class TestQueues:
    """Sent to and received from as the bot does."""

    @pytest.mark.parametrize("name", QUEUES)
    def test_a_message_that_fails(self, aws: Clients, prefix: str, name: str) -> None:
        """Is received three times, then lies in the dead-letter queue."""
        url, dead = (aws.sqs.get_queue_url(QueueName=f"{prefix}{name}{end}")["QueueUrl"] for end in ("", "-dlq"))
        aws.sqs.send_message(QueueUrl=url, MessageBody="fails")
        for _ in range(3):
            assert [one["Body"] for one in received(aws, url)] == ["fails"]
            assert received(aws, dead) == []
        assert received(aws, url) == []
        assert [one["Body"] for one in received(aws, dead)] == ["fails"]

    @pytest.mark.parametrize("name", QUEUES)
    def test_a_message_at_work(self, aws: Clients, prefix: str, name: str) -> None:
        """Is hidden from others, and gone once it is deleted."""
        url = aws.sqs.get_queue_url(QueueName=f"{prefix}{name}")["QueueUrl"]
        aws.sqs.send_message(QueueUrl=url, MessageBody="done")
        (message,) = aws.sqs.receive_message(QueueUrl=url)["Messages"]
        assert received(aws, url) == []
        aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        told = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert (told["ApproximateNumberOfMessages"], told["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")

    @pytest.mark.parametrize("name", QUEUES)
    def test_attributes(self, aws: Clients, prefix: str, name: str) -> None:
        """Four days and thirty seconds, fourteen days for what failed; each names the other."""
        source, dead = (
            aws.sqs.get_queue_attributes(
                QueueUrl=aws.sqs.get_queue_url(QueueName=f"{prefix}{name}{end}")["QueueUrl"], AttributeNames=["All"]
            )["Attributes"]
            for end in ("", "-dlq")
        )
        assert (source["MessageRetentionPeriod"], source["VisibilityTimeout"]) == ("345600", "30")
        assert dead["MessageRetentionPeriod"] == "1209600"
        redrive = json.loads(source["RedrivePolicy"])
        assert redrive == {"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": 3}
        claim = next(
            one["spec"]
            for environment in ENVIRONMENTS
            for one in rendered_claims(environment)
            if one["spec"].get("queueName") == f"{prefix}{name}-dlq"
        )
        allowed = json.loads(claim["redriveAllowPolicy"])  # moto keeps none
        assert allowed == {"redrivePermission": "byQueue", "sourceQueueArns": [source["QueueArn"]]}

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_the_bot_is_given_their_addresses(self, aws: Clients, environment: str) -> None:
        """Every address of a queue and every name of a table in its variables is one that there is."""
        values = [one["value"] for one in program(environment, "discord-bot")["env"] if "value" in one]
        urls = {value for value in values if value.startswith("https://sqs.")}
        assert urls <= set(aws.sqs.list_queues()["QueueUrls"])
        assert {url.rpartition("/")[2] for url in urls} == {f"{ENVIRONMENTS[environment]}{name}" for name in QUEUES}
        tables = set(aws.dynamodb.list_tables()["TableNames"])
        assert {f"{ENVIRONMENTS[environment]}{name}" for name in TABLES} == tables & set(values)


def received(aws: Clients, url: str) -> list[dict[str, Any]]:
    """What a queue hands out now; it can be received again at once."""
    messages: list[dict[str, Any]] = aws.sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", [])
    return messages


class TestRepositories:
    """Pushed to by a pipeline, pulled from by the cluster."""

    @pytest.mark.parametrize(("name", "kept"), [("discord-bot", 10), ("dev-sandbox", 5)])
    def test_what_is_kept(self, aws: Clients, name: str, kept: int) -> None:
        """The last images, whatever their tags."""
        policy = json.loads(aws.ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])
        (rule,) = policy["rules"]
        assert rule["action"] == {"type": "expire"}
        assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": kept}

    def test_a_tag_is_pushed_once(self, aws: Clients) -> None:
        """A second image under it is refused."""
        docker = "application/vnd.docker.distribution.manifest.v2+json"
        push: dict[str, Any] = {"repositoryName": "discord-bot", "imageTag": "1.0.0", "imageManifestMediaType": docker}

        def manifest(digit: str) -> str:
            return json.dumps({"schemaVersion": 2, "config": {}, "layers": [{"digest": f"sha256:{digit * 64}"}]})

        aws.ecr.put_image(**push, imageManifest=manifest("0"))
        with pytest.raises(ClientError) as error:
            aws.ecr.put_image(**push, imageManifest=manifest("1"))
        assert refused(error) == "ImageAlreadyExistsException"  # AWS says ImageTagAlreadyExistsException

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_images_come_from_there(self, aws: Clients, environment: str) -> None:
        """Both environments' pods name the addresses that AWS gives the repositories."""
        repositories = {
            one["repositoryName"]: one["repositoryUri"] for one in aws.ecr.describe_repositories()["repositories"]
        }
        for name, uri in repositories.items():
            assert program(environment, name)["image"].startswith(f"{uri}:")
        scanned = [one["imageScanningConfiguration"] for one in aws.ecr.describe_repositories()["repositories"]]
        assert scanned == [{"scanOnPush": True}] * 2


class TestUsers:
    """Their rights, by moto's own evaluation of policies."""

    def policy(self, aws: Clients, name: str) -> dict[str, Any]:
        """The document of the one policy that a user has."""
        (attached,) = aws.iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        policy = aws.iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = aws.iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        document = version["PolicyVersion"]["Document"]
        return dict(document)

    def arns(self, aws: Clients) -> set[str]:
        """Of everything in the account that a policy may name."""
        tables = [
            aws.dynamodb.describe_table(TableName=name)["Table"] for name in aws.dynamodb.list_tables()["TableNames"]
        ]
        indexes = [
            f"{table['TableArn']}/index/{index['IndexName']}"
            for table in tables
            for index in table.get("GlobalSecondaryIndexes", ())
        ]
        queues = [
            aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            for url in aws.sqs.list_queues()["QueueUrls"]
        ]
        repositories = [one["repositoryArn"] for one in aws.ecr.describe_repositories()["repositories"]]
        return {*(table["TableArn"] for table in tables), *indexes, *queues, *repositories}

    @pytest.mark.parametrize("name", ["discord-bot", "ecr-pull"])
    def test_every_arn_is_of_something(self, aws: Clients, prefix: str, name: str) -> None:
        """A policy with a mistaken ARN allows nothing, and nobody says so."""
        statements = self.policy(aws, f"{prefix}{name}")["Statement"]
        named = {arn for one in statements for arn in one["Resource"]}
        assert {arn for arn in named - self.arns(aws) if not arn.startswith("arn:aws:s3:::")} <= {"*"}
        assert len(named) > 2

    @pytest.mark.parametrize("name", ["discord-bot", "ecr-pull"])
    def test_both_evaluations_agree(self, aws: Clients, prefix: str, name: str) -> None:
        """With moto's, too, is allowed what a statement lists, and nothing else of what is in the account."""
        document = self.policy(aws, f"{prefix}{name}")
        evaluated = IAMPolicy({"policy_document": json.dumps(document)})
        listed = {(action, arn) for one in document["Statement"] for action in one["Action"] for arn in one["Resource"]}
        actions = {action for action, _ in listed} | {"dynamodb:DeleteTable", "sqs:PurgeQueue", "iam:CreateAccessKey"}
        arns = self.arns(aws)
        allowed = {
            (action, arn)
            for action in actions
            for arn in arns
            if evaluated.is_action_permitted(action, arn) is PermissionResult.PERMITTED
        }
        login = {(action, arn) for action, where in listed if where == "*" for arn in arns}
        assert allowed == {pair for pair in listed if pair[1] in arns} | login

    def test_there_is_one_key(self, aws: Clients, prefix: str) -> None:
        """Of the account that the platform names."""
        user = aws.iam.get_user(UserName=f"{prefix}discord-bot")["User"]
        assert user["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{prefix}discord-bot"
        assert len(aws.iam.list_access_keys(UserName=f"{prefix}discord-bot")["AccessKeyMetadata"]) == 1
