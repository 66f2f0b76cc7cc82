"""A Bucket through every stage: what of it is refused and why, what its claim says, who may do what with it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from platformc.cli import main
from platformc.language import resolve
from platformc.link import link
from platformc.lower import lower
from platformc.pipeline import Request, load_sources
from small_platform import API, FILES, compiled, document, workload, written

ACCOUNT = "123456789012"


def environment(name: str, aws: str = "{}") -> dict[str, str]:
    """An environment, with what it says of AWS."""
    spec = f"{{destination: {{name: {name}}}, aws: {aws}, argocd: {{namePrefix: {name}-}}}}"
    text = f"{API}\nkind: Environment\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    return {f"environments/{name}.yaml": text}


def told(root: Path, *documents: str, files: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """Rule and message of everything that is found."""
    return [(one.rule, one.message) for one in compiled(root, documents, files).findings]


def objects(root: Path, *documents: str, files: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Everything that production is made of."""
    written(root, documents, files)
    program = link(resolve(load_sources(Request(root, root / "specs", root / "rendered")), "production"))
    made, findings = lower(program)
    assert findings == ()
    assert program.findings == ()
    return [one.object for one in made]


def claims(root: Path, *documents: str, files: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The claims of buckets."""
    return [one for one in objects(root, *documents, files=files) if one["kind"] == "Bucket"]


class TestNames:
    """What a bucket can be called: AWS, S3 User Guide, "General purpose bucket naming rules"."""

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("a..b", "has two adjacent dots"),
            ("192.168.5.4", "is an IP address"),
            ("xn--reports", "starts with xn--"),
            ("sthree-reports", "starts with sthree-"),
            ("sthree-configurator", "starts with sthree-"),
            ("amzn-s3-demo-reports", "starts with amzn-s3-demo-"),
            ("reports-s3alias", "ends in -s3alias"),
            ("reports--ol-s3", "ends in --ol-s3"),
            ("reports.mrap", "ends in .mrap"),
            ("reports--usw2-az1--x-s3", "ends in --x-s3"),
            ("reports--table-s3", "ends in --table-s3"),
        ],
    )
    @pytest.mark.parametrize("policy", ["Full", "Observe"])
    def test_what_aws_gives_nobody(self, name: str, why: str, policy: str, tmp_path: Path) -> None:
        """Also where the bucket is only looked at: there can be none."""
        spec = f"bucketName: {name}\nmanagementPolicy: {policy}"
        ((rule, message),) = told(tmp_path, document("Bucket", "one", spec))
        assert rule == "invalid-aws-name"
        assert message.startswith(f"{name} is not the name of a bucket: it {why}")

    @pytest.mark.parametrize("name", ["Reports", "rep_orts", "-reports", "reports-", ".reports", "r", "x" * 64])
    def test_characters_and_length(self, name: str, tmp_path: Path) -> None:
        """Small letters, digits, hyphens and dots; 3 to 63."""
        ((rule, _),) = told(tmp_path, document("Bucket", "one", f"bucketName: {name}"))
        assert rule == "invalid-value"

    @pytest.mark.parametrize("name", ["abc", "x" * 63, "reports.example.com", "1-2", "192.168.5.4.5", "my-s3alias-x"])
    def test_good_ones(self, name: str, tmp_path: Path) -> None:
        """At the edges of what is refused."""
        assert told(tmp_path, document("Bucket", "one", f"bucketName: {name}")) == []

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("xn--reports", "xn--reports is not the name of a bucket: it starts with xn--"),
            ("reports--x-s3", "reports--x-s3 is not the name of a bucket: it ends in --x-s3"),
            ("ab", "of a bucket"),
            ("a", "of a bucket"),
        ],
    )
    def test_a_documents_own_name(self, name: str, why: str, tmp_path: Path) -> None:
        """It is the bucket's, where nothing else is said."""
        ((rule, message),) = told(tmp_path, document("Bucket", name, "tags: {}"))
        assert rule == "invalid-aws-name"
        assert why in message

    @pytest.mark.parametrize(
        ("prefix", "name", "why"),
        [
            ("xn--", "reports", "it starts with xn--"),
            ("stage-", "x" * 58, "stage-" + "x" * 58),
            ("Stage-", "reports", "a bucket is Stage-reports"),
            ("1.2.3.", '"4"', "it is an IP address"),
        ],
    )
    def test_the_prefix_counts(self, prefix: str, name: str, why: str, tmp_path: Path) -> None:
        """A name that is good in one environment, and not in another."""
        files = environment("production", f'{{namePrefix: "{prefix}"}}')
        found = [
            message
            for rule, message in told(tmp_path, document("Bucket", name, "tags: {}"), files=files)
            if rule == "invalid-aws-name"
        ]
        assert [message for message in found if why in message]

    def test_the_namespace_of_an_account(self, tmp_path: Path) -> None:
        """The provider cannot make such a bucket; one that is there can be looked at."""
        name = f"reports-{ACCOUNT}-eu-central-1-an"
        ((rule, message),) = told(tmp_path / "full", document("Bucket", "one", f"bucketName: {name}"))
        assert rule == "invalid-aws-name"
        assert message.endswith("it ends in -an, which AWS reserves for the namespaces of accounts")
        observed = document("Bucket", "one", f"bucketName: {name}\nmanagementPolicy: Observe")
        assert told(tmp_path / "observe", observed) == []


class TestLifecycle:
    """What S3 deletes: AWS, S3 API Reference, PutBucketLifecycleConfiguration."""

    @pytest.mark.parametrize(
        ("spec", "message"),
        [
            ("lifecycle: {a: {expiration: 12h}}", "12h is not a number of days; S3 allows whole days, at least 1d"),
            ("lifecycle: {a: {expiration: 1d12h}}", "1d12h is not a number of days; S3 allows whole days, at least 1d"),
            ("lifecycle: {a: {expiration: 0d}}", "0d is not a number of days; S3 allows whole days, at least 1d"),
            (
                "lifecycle: {a: {noncurrentVersionExpiration: 90m}}",
                "90m is not a number of days; S3 allows whole days, at least 1d",
            ),
            ("abortIncompleteUploads: 1h", "1h is not a number of days; S3 allows whole days, at least 1d"),
            (
                f"lifecycle: {{a: {{expiration: 1d, prefix: {'ä' * 513}}}}}",
                "the prefix is 1026 bytes long; the limit is 1024",
            ),
        ],
    )
    def test_what_aws_does_not_take(self, spec: str, message: str, tmp_path: Path) -> None:
        """Days are whole, and keys are not endless."""
        assert told(tmp_path, document("Bucket", "one", spec)) == [("outside-aws-limits", message)]

    @pytest.mark.parametrize("spec", ["{a: {}}", "{a: {prefix: tmp/}}"])
    def test_a_rule_without_effect(self, spec: str, tmp_path: Path) -> None:
        """AWS refuses it."""
        found = told(tmp_path, document("Bucket", "one", f"lifecycle: {spec}"))
        assert found == [("invalid-value", "the lifecycle rule deletes nothing")]

    def test_no_rule_is_called_like_the_one_that_all_have(self, tmp_path: Path) -> None:
        """It has capitals, and no name of a rule has."""
        spec = "lifecycle: {abortIncompleteUploads: {expiration: 1d}}"
        assert [rule for rule, _ in told(tmp_path, document("Bucket", "one", spec))] == ["invalid-name"]


class TestClaims:
    """What Crossplane is asked for."""

    def test_defaults_are_safe(self, tmp_path: Path) -> None:
        """It stays when the claim goes, versions are kept, objects are encrypted, and nothing expires."""
        (claim,) = claims(tmp_path, document("Bucket", "reports", "tags: {Team: storage}"))
        assert claim["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=confirm,Delete=confirm"
        assert claim["spec"] == {
            "region": "eu-central-1",
            "providerConfigName": "default",
            "deletionPolicy": "Orphan",
            "tags": {"Name": "reports", "Team": "storage"},
            "bucketName": "reports",
            "versioning": "Enabled",
            "sseAlgorithm": "AES256",
            "bucketKeyEnabled": False,
            "lifecycleRule": [
                {
                    "id": "abortIncompleteUploads",
                    "status": "Enabled",
                    "filter": [{"prefix": ""}],
                    "abortIncompleteMultipartUpload": [{"daysAfterInitiation": 7}],
                }
            ],
        }

    def test_each_field_has_its_effect(self, tmp_path: Path) -> None:
        """In the environment's name, in the order in which they are written."""
        spec = """
            bucketName: all.reports
            versioning: Suspended
            encryption: SSE-KMS
            deletionPolicy: Delete
            abortIncompleteUploads: 1d
            lifecycle:
              drafts: {prefix: drafts/, expiration: 30d}
              former: {noncurrentVersionExpiration: 90d}
              both: {prefix: tmp/, expiration: 1d, noncurrentVersionExpiration: 2d}
            """
        files = environment("production", "{namePrefix: stage-}")
        (claim,) = claims(tmp_path, document("Bucket", "reports", spec), files=files)
        wanted = claim["spec"]
        assert wanted["bucketName"] == wanted["tags"]["Name"] == "stage-all.reports"
        assert (wanted["versioning"], wanted["deletionPolicy"]) == ("Suspended", "Delete")
        assert (wanted["sseAlgorithm"], wanted["bucketKeyEnabled"]) == ("aws:kms", True)
        rules = {rule["id"]: rule for rule in wanted["lifecycleRule"]}
        assert list(rules) == ["drafts", "former", "both", "abortIncompleteUploads"]
        assert rules["drafts"] == {
            "id": "drafts",
            "status": "Enabled",
            "filter": [{"prefix": "drafts/"}],
            "expiration": [{"days": 30}],
        }
        assert rules["former"] == {
            "id": "former",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "noncurrentVersionExpiration": [{"noncurrentDays": 90}],
        }
        assert rules["both"]["expiration"] == [{"days": 1}]
        assert rules["both"]["noncurrentVersionExpiration"] == [{"noncurrentDays": 2}]
        assert rules["abortIncompleteUploads"]["abortIncompleteMultipartUpload"] == [{"daysAfterInitiation": 1}]

    def test_layers_meet_in_a_rule(self, tmp_path: Path) -> None:
        """An environment changes one rule by its name, and removes another."""
        override = """
            overrides:
              - kind: Bucket
                metadata: {name: reports}
                spec: {lifecycle: {drafts: {expiration: 1d}, former: null}}
            """
        (name, text) = next(iter(environment("production").items()))
        text = text.replace("{destination: {name: production}, aws: {}, argocd: {namePrefix: production-}}", "")
        text += "  destination: {name: production}\n" + textwrap.indent(textwrap.dedent(override), "  ")
        spec = "lifecycle: {drafts: {prefix: drafts/, expiration: 30d}, former: {noncurrentVersionExpiration: 90d}}"
        (claim,) = claims(tmp_path, document("Bucket", "reports", spec), files={name: text})
        drafts, _abort = claim["spec"]["lifecycleRule"]
        assert (drafts["id"], drafts["filter"], drafts["expiration"]) == (
            "drafts",
            [{"prefix": "drafts/"}],
            [{"days": 1}],
        )

    def test_what_is_observed_makes_no_claim(self, tmp_path: Path) -> None:
        """And has no prefix."""
        observed = document("Bucket", "reports", "managementPolicy: Observe")
        assert claims(tmp_path, observed, files=environment("production", "{namePrefix: stage-}")) == []


USER = document("Identity", "bot", "tags: {}")
BUCKET = document("Bucket", "reports", "bucketName: all-reports")


class TestNeeds:
    """Who may do what."""

    def test_a_program_that_uses_one_says_how(self, tmp_path: Path) -> None:
        """A reference alone gives no right."""
        program = workload(identity="bot", env="{REPORTS: '${bucket.reports.name}'}")
        ((rule, message),) = told(tmp_path, USER, BUCKET, program)
        assert rule == "missing-access"
        assert "the bucket reports" in message

    def test_a_program_acts_as_somebody(self, tmp_path: Path) -> None:
        """Without an identity it has no key."""
        program = workload(needs="[{bucket: reports, access: [get]}]")
        ((rule, message),) = told(tmp_path, BUCKET, program)
        assert rule == "identity-missing"
        assert "the bucket reports" in message

    def test_words_are_those_of_s3(self, tmp_path: Path) -> None:
        """`read` would be more than one of them."""
        program = workload(identity="bot", needs="[{bucket: reports, access: [read]}]")
        ((rule, message),) = told(tmp_path, USER, BUCKET, program)
        assert rule == "unknown-access"
        assert "`read`" in message

    def test_its_pods_reach_aws_and_nothing_else(self, tmp_path: Path) -> None:
        """Port 443 of the internet without the private ranges: never the cluster's API, never everything."""
        program = workload(identity="bot", needs="[{bucket: reports, access: [get]}]")
        (policy,) = [
            one
            for one in objects(tmp_path, USER, BUCKET, program)
            if (one["kind"], one["metadata"]["name"]) == ("NetworkPolicy", "bot")
        ]
        rules = [rule for rule in policy["spec"]["egress"] if {"port": 53} not in [_port(one) for one in rule["ports"]]]
        (rule,) = rules
        assert [_port(one) for one in rule["ports"]] == [{"port": 443}]
        (block,) = rule["to"]
        assert block["ipBlock"]["cidr"] == "0.0.0.0/0"
        assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(block["ipBlock"]["except"])

    def test_references(self, tmp_path: Path) -> None:
        """The name with the prefix; an ARN of S3 has neither a region nor an account."""
        env = "{NAME: '${bucket.reports.name}', ARN: '${bucket.reports.arn}'}"
        program = workload(identity="bot", needs="[{bucket: reports, access: [list]}]", env=env)
        files = environment("production", "{namePrefix: stage-}")
        (deployment,) = [
            one
            for one in objects(tmp_path, USER, BUCKET, program, files=files)
            if one["kind"] == "Deployment" and one["metadata"]["name"] == "bot"
        ]
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert {one["name"]: one["value"] for one in container["env"]} == {
            "NAME": "stage-all-reports",
            "ARN": "arn:aws:s3:::stage-all-reports",
        }

    def test_the_partition_of_the_region(self, tmp_path: Path) -> None:
        """China is a part of AWS of its own."""
        program = workload(identity="bot", needs="[{bucket: reports, access: [list, get]}]")
        platform = FILES["platform.yaml"].replace("eu-central-1", "cn-north-1")
        (user,) = [
            one
            for one in objects(tmp_path, USER, BUCKET, program, files={"platform.yaml": platform})
            if (one["kind"], one["metadata"]["name"]) == ("Identity", "bot")
        ]
        policy = yaml.safe_load(user["spec"]["policyDocument"])
        assert [(one["Action"], one["Resource"]) for one in policy["Statement"]] == [
            (["s3:GetObject"], ["arn:aws-cn:s3:::all-reports/*"]),
            (["s3:ListBucket"], ["arn:aws-cn:s3:::all-reports"]),
        ]


def _port(one: dict[str, Any]) -> dict[str, Any]:
    """A port of a rule, whatever its protocol."""
    return {"port": one["port"]}


class TestTogether:
    """A name is given once in all accounts and regions."""

    @pytest.mark.parametrize("aws", ["{}", '{accountID: "210987654321"}', "{region: eu-west-1}"])
    def test_two_environments_cannot_both_have_one(self, aws: str, tmp_path: Path) -> None:
        """Another account or region makes no other bucket of it."""
        files = environment("staging", aws)
        found = [one for one in told(tmp_path, BUCKET, files=files) if "Bucket" in one[1]]
        ((rule, message),) = found
        assert rule == "aws-name-shared"
        assert "the Bucket all-reports" in message

    def test_another_part_of_aws_has_names_of_its_own(self, tmp_path: Path) -> None:
        """China shares none."""
        files = environment("staging", '{accountID: "210987654321", region: cn-north-1}')
        assert [one for one in told(tmp_path, BUCKET, files=files) if "Bucket" in one[1]] == []

    def test_one_can_be_looked_at_from_everywhere(self, tmp_path: Path) -> None:
        """From another account and region its ARN is the same."""
        override = "overrides: [{kind: Bucket, metadata: {name: reports}, spec: {managementPolicy: Observe}}]"
        (name, text) = next(iter(environment("staging", '{accountID: "210987654321", region: eu-west-1}').items()))
        text = text.replace("argocd:", f"{override}, argocd:")
        assert [one for one in told(tmp_path, BUCKET, files={name: text}) if "ucket" in one[1]] == []


class TestReplacing:
    """What a second render would lose."""

    @pytest.fixture
    def platform(self, tmp_path: Path) -> Path:
        """A platform with a bucket, rendered."""
        self.write(tmp_path, document("Bucket", "reports", "bucketName: all-reports"))
        assert self.render(tmp_path) == 0
        return tmp_path

    def write(self, root: Path, text: str) -> None:
        """Write the platform anew, with this document."""
        written(root, [text] if text else [USER])

    def render(self, root: Path) -> int:
        """Render, and say how it ended."""
        return main(["--specs", str(root / "specs"), "render", "--no-validate"])

    def test_another_name(self, platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Is another bucket, with nothing in it."""
        self.write(platform, document("Bucket", "reports", "bucketName: new-reports"))
        assert self.render(platform) == 1
        told = capsys.readouterr()
        assert "immutable-field" in told.out + told.err

    def test_a_document_that_is_gone(self, platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It holds data, so that is said."""
        self.write(platform, "")
        assert self.render(platform) == 0
        told = capsys.readouterr()
        assert "data-removed" in told.out + told.err

    def test_what_aws_can_change(self, platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Says nothing."""
        spec = "bucketName: all-reports\nencryption: SSE-KMS\nabortIncompleteUploads: 1d"
        self.write(platform, document("Bucket", "reports", spec))
        assert self.render(platform) == 0
        told = capsys.readouterr()
        assert "immutable-field" not in told.out + told.err

    def test_versions_that_are_no_longer_kept(self, platform: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What is overwritten is gone from now on."""
        self.write(platform, document("Bucket", "reports", "bucketName: all-reports\nversioning: Suspended"))
        assert self.render(platform) == 1
        told = capsys.readouterr()
        assert "error[data-unprotected]" in told.out + told.err
