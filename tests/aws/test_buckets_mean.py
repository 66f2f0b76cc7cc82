"""Claims of buckets mean what their documents say: made in moto, then used as a program would use them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped] # it has no types
from claims_in_moto import Clients, clients, create
from moto import mock_aws
from moto.iam.access_control import IAMPolicy, PermissionResult
from platformc.language import resolve
from platformc.link import link
from platformc.lower import lower
from platformc.pipeline import Request, load_sources

pytestmark = pytest.mark.slow  # makes in a stand-in for AWS what the claims describe

API = "apiVersion: platformc.dev/v1alpha1"
REGION = "eu-central-1"
FILES = {
    "platform.yaml": f"""\
        {API}
        kind: Platform
        metadata: {{name: example}}
        spec:
          git: {{repoURL: https://github.com/example/platform.git}}
          kubernetes: {{version: "1.34"}}
          aws: {{region: {REGION}, accountID: "123456789012", tags: {{ManagedBy: platformc}}}}
        """,
    "environments/production.yaml": f"""\
        {API}
        kind: Environment
        metadata: {{name: production}}
        spec: {{destination: {{name: production}}, aws: {{namePrefix: example-}}}}
        """,
    "app/application.yaml": f"""\
        {API}
        kind: Application
        metadata: {{name: app}}
        spec: {{namespace: {{name: app}}}}
        """,
    "app/documents.yaml": f"""\
        {API}
        kind: Bucket
        metadata: {{name: reports}}
        spec:
          lifecycle:
            drafts: {{prefix: drafts/, expiration: 30d, noncurrentVersionExpiration: 1d}}
        ---
        {API}
        kind: Bucket
        metadata: {{name: scratch}}
        spec: {{versioning: Suspended, encryption: SSE-KMS}}
        ---
        {API}
        kind: Identity
        metadata: {{name: reader}}
        spec: {{needs: [{{bucket: reports, access: [get, list]}}]}}
        ---
        {API}
        kind: Identity
        metadata: {{name: writer}}
        spec:
          needs:
            - {{bucket: reports, access: [put]}}
            - {{bucket: scratch, access: [delete]}}
        """,
}
REPORTS, SCRATCH = "example-reports", "example-scratch"


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All claims of a small platform."""
    root = tmp_path_factory.mktemp("platform")
    for name, text in FILES.items():
        path = root / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    program = link(resolve(load_sources(Request(root, root / "specs", root / "rendered")), "production"))
    made, findings = lower(program)
    assert (findings, program.findings) == ((), ())
    return [one.object for one in made if one.id.group == "aws.platformc.dev"]


@pytest.fixture(scope="module")
def aws(claims: list[dict[str, Any]]) -> Iterator[Clients]:
    """An account in which they are made."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
            patch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, "/dev/null")
        with mock_aws():
            made = clients(REGION)
            for claim in claims:
                create(made, claim)
            yield made


@pytest.fixture
def s3(aws: Clients) -> Any:
    """The service."""
    return aws.service("s3")


def test_everything_is_there(s3: Any) -> None:
    """Under its name with the prefix, with the platform's tags."""
    assert {one["Name"] for one in s3.list_buckets()["Buckets"]} == {REPORTS, SCRATCH}
    tags = {one["Key"]: one["Value"] for one in s3.get_bucket_tagging(Bucket=REPORTS)["TagSet"]}
    assert tags == {"Name": REPORTS, "ManagedBy": "platformc"}


def test_what_is_overwritten_or_deleted_can_be_brought_back(s3: Any) -> None:
    """In a bucket with versions; in one whose versioning is suspended it is gone."""
    kept = {}
    for bucket in (REPORTS, SCRATCH):
        for content in (b"one", b"two"):
            s3.put_object(Bucket=bucket, Key="monthly", Body=content)
        s3.delete_object(Bucket=bucket, Key="monthly")
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=bucket, Key="monthly")
        versions = s3.list_object_versions(Bucket=bucket).get("Versions", [])
        kept[bucket] = [
            s3.get_object(Bucket=bucket, Key="monthly", VersionId=one["VersionId"])["Body"].read() for one in versions
        ]
    assert sorted(kept[REPORTS]) == [b"one", b"two"]
    assert b"one" not in kept[SCRATCH]


def test_objects_are_encrypted_without_being_asked(s3: Any) -> None:
    """With S3's key, or with KMS'."""
    found = {}
    for bucket in (REPORTS, SCRATCH):
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        found[bucket] = (rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], rule["BucketKeyEnabled"])
    assert found == {REPORTS: ("AES256", False), SCRATCH: ("aws:kms", True)}


def test_a_bucket_is_closed(s3: Any) -> None:
    """To the public in all four ways, and to ACLs."""
    for bucket in (REPORTS, SCRATCH):
        blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert len(blocked) == 4
        assert set(blocked.values()) == {True}
        (rule,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        assert rule == {"ObjectOwnership": "BucketOwnerEnforced"}


def test_what_s3_deletes(s3: Any) -> None:
    """Drafts as the document says, unfinished uploads everywhere, and nothing else."""
    rules = {one["ID"]: one for one in s3.get_bucket_lifecycle_configuration(Bucket=REPORTS)["Rules"]}
    assert set(rules) == {"drafts", "abortIncompleteUploads"}
    assert rules["drafts"]["Filter"] == {"Prefix": "drafts/"}
    assert rules["drafts"]["Expiration"]["Days"] == 30
    assert rules["drafts"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 1
    assert rules["abortIncompleteUploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert "Expiration" not in rules["abortIncompleteUploads"]
    (only,) = s3.get_bucket_lifecycle_configuration(Bucket=SCRATCH)["Rules"]
    assert only["ID"] == "abortIncompleteUploads"


def test_both_evaluations_agree(claims: list[dict[str, Any]]) -> None:
    """By moto's own evaluation, each user may do what its needs say, with what is in the bucket that they name."""
    documents = {
        one["metadata"]["name"]: json.loads(one["spec"]["policyDocument"])
        for one in claims
        if one["kind"] == "Identity"
    }
    buckets = [f"arn:aws:s3:::{name}" for name in (REPORTS, SCRATCH, f"{REPORTS}-2")]
    arns = [one for bucket in buckets for one in (bucket, f"{bucket}/drafts/1")]
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucket"]
    actions += ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutObjectAcl"]
    allowed = {
        name: {
            (action, arn)
            for action in actions
            for arn in arns
            if IAMPolicy({"policy_document": json.dumps(document)}).is_action_permitted(action, arn)
            is PermissionResult.PERMITTED
        }
        for name, document in documents.items()
    }
    assert allowed == {
        "reader": {("s3:GetObject", f"arn:aws:s3:::{REPORTS}/drafts/1"), ("s3:ListBucket", f"arn:aws:s3:::{REPORTS}")},
        "writer": {
            ("s3:PutObject", f"arn:aws:s3:::{REPORTS}/drafts/1"),
            ("s3:DeleteObject", f"arn:aws:s3:::{SCRATCH}/drafts/1"),
        },
    }
