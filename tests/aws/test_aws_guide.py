"""docs/aws.md: what it says is there, is; what it tells to write, the compiler and the provider take."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import yaml
from claims_in_moto import ROOT, rendered_claims
from platformc.language.models.aws_tags import OF_PROVIDER
from platformc.language.sources import API_VERSION

from tools.docs.schema import document_schema

GUIDE = ROOT / "docs" / "aws.md"
CRDS = ROOT.parent / "shared" / "crds"
NAMES = ("tableName", "queueName", "repositoryName", "userName")
VALIDATOR = jsonschema_rs.validator_for(document_schema())


@cache
def text() -> str:
    """The guide as it stands."""
    return GUIDE.read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands below a heading, up to the next one."""
    _, _, rest = text().partition(f"## {title}\n")
    assert rest
    return re.split(r"^##+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def blocks() -> list[dict[str, Any]]:
    """The documents in the `yaml` blocks."""
    found = re.findall(r"^( *)```yaml\n(.*?)^ *```$", text(), flags=re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(textwrap.dedent(block)) for _, block in found]


def rows(title: str) -> list[list[str]]:
    """The rows of a table below a heading, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]


def test_what_is_created() -> None:
    """Each claim of production with its name in AWS, and none that is not there."""
    told = {(*re.findall(r"[\w-]+", row[0]), row[1].strip("`")) for row in rows("What is created")}
    claims = {
        (one["kind"], one["metadata"]["name"], next(one["spec"][field] for field in NAMES if field in one["spec"]))
        for one in rendered_claims("production")
    }
    assert told == claims


def test_what_each_is() -> None:
    """Keys, indexes, what expires, receives, days and images are those of the claims."""
    claims = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in rendered_claims("production")}
    for row in rows("What is created"):
        kind, name = re.findall(r"[\w-]+", row[0])
        spec, words = claims[kind, name], row[2]
        if kind == "Table":
            used = [
                spec["hashKey"],
                spec.get("rangeKey"),
                *(one["name"] for one in spec.get("globalSecondaryIndex", ())),
            ]
            used += [spec["ttl"]["attributeName"]] if "ttl" in spec else []
            assert re.findall(r"`([^`]+)`", words) == [one for one in used if one]
            assert ("expire" in words) == ("ttl" in spec)
        elif "redrivePolicy" in spec:
            assert f'"maxReceiveCount":{re.search(r"[0-9]+", words)[0]}' in spec["redrivePolicy"]  # type: ignore[index]
        elif kind == "Queue":
            assert f"{spec['messageRetentionSeconds'] // 86400} days" in words
        elif kind == "RepositoryLifecycle":
            number = re.search(r"last (\d+) images", words)
            assert number
            assert f'"countNumber":{number[1]}' in spec["policy"]


def test_account_and_region() -> None:
    """As the claims have them."""
    for claim in rendered_claims("production"):
        if "region" in claim["spec"]:
            assert f"region `{claim['spec']['region']}`" in section("What is created")
        if "policyArn" in claim["spec"]:
            assert f"account `{claim['spec']['policyArn'].split(':')[4]}`" in section("What is created")


def test_fields_of_a_status() -> None:
    """Every field that a command reads is in a definition."""
    fields = set(re.findall(r"\{\.status\.(\w+)\}", text())) - {"conditions"}
    definitions = [
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in ROOT.glob("crossplane/*/definition.yaml")
    ]
    versions = [one["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"] for one in definitions]
    assert fields
    assert fields <= {field for version in versions for field in version["status"]["properties"]}
    assert all(one["spec"]["names"]["categories"] == ["platformc"] for one in definitions)


def test_documents_fit_the_language() -> None:
    """What is to be pasted into a spec is taken by it."""
    documents = [one for one in blocks() if one["apiVersion"] == API_VERSION]
    assert len(documents) == 4
    for one in documents:
        assert [error.message for error in VALIDATOR.iter_errors(one)] == []


def test_documents_are_those_of_the_platform() -> None:
    """A table to take over, to rename or to delete has the keys and the name that it has here."""
    claims = {one["spec"].get("tableName"): one["spec"] for one in rendered_claims("production")}
    tables = [one["spec"] for one in blocks() if one["apiVersion"] == API_VERSION and one["kind"] == "Table"]
    for table in tables:
        spec = claims[table.get("tableName", "discord_executions")]
        assert table["hashKey"]["name"] == spec["hashKey"]
        assert table.get("rangeKey", {}).get("name") == spec.get("rangeKey")
    (queue,) = [one["spec"] for one in blocks() if one["kind"] == "Queue"]
    url = queue["patches"][0]["merge"]["spec"]["queueUrl"]
    bot = (ROOT / "rendered/production/discord-bot/discord-bot/deployment-discord-bot.yaml").read_text(encoding="utf-8")
    assert f"value: {url}\n" in bot


def test_the_patch_that_adopts_a_queue_fits_its_claim() -> None:
    """`queueUrl` is a field of the claim, and becomes the name that Crossplane looks for."""
    definition = yaml.load((ROOT / "crossplane/queue/definition.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    (queue,) = [one for one in blocks() if one["kind"] == "Queue"]
    (patch,) = queue["spec"]["patches"]
    assert re.match(spec["queueUrl"]["pattern"], patch["merge"]["spec"]["queueUrl"])
    assert ("Queue", patch["target"]["name"]) in {
        (one["kind"], one["metadata"]["name"]) for one in rendered_claims("production")
    }
    composition = (ROOT / "crossplane/queue/composition.yaml").read_text(encoding="utf-8")
    assert (
        "fromFieldPath: spec.queueUrl, toFieldPath: 'metadata.annotations[crossplane.io/external-name]'" in composition
    )


def test_what_is_only_looked_at_fits_the_provider() -> None:
    """The managed resource for observing: of a kind that is active here, with the region and the name of the table."""
    (looked,) = [one for one in blocks() if one["apiVersion"].startswith("dynamodb.aws.m.upbound.io/")]
    (claim,) = [one for one in rendered_claims("production") if one["metadata"]["name"] == "discord-sessions"]
    assert looked["spec"]["managementPolicies"] == ["Observe"]
    assert looked["metadata"]["annotations"]["crossplane.io/external-name"] == claim["spec"]["tableName"]
    assert looked["metadata"]["namespace"] == claim["metadata"]["namespace"]
    assert looked["spec"]["forProvider"] == {"region": claim["spec"]["region"]}
    assert looked["spec"]["providerConfigRef"]["name"] == claim["spec"]["providerConfigName"]
    rendered = (ROOT / "rendered/production").rglob("managedresourceactivationpolicy-*.yaml")
    active = [
        kind for path in rendered for kind in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["spec"]["activate"]
    ]
    assert "tables.dynamodb.aws.m.upbound.io" in active


@pytest.mark.skipif(not CRDS.is_dir(), reason="upstream's CRDs are not here")
def test_what_is_only_looked_at_is_valid() -> None:
    """Held against the provider's own schema; what it requires for creating is not required for observing."""
    (looked,) = [one for one in blocks() if one["apiVersion"].startswith("dynamodb.aws.m.upbound.io/")]
    (path,) = CRDS.glob("provider-upjet-aws-*/dynamodb.aws.m.upbound.io_tables.yaml")
    (version,) = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["spec"]["versions"]
    schema = version["schema"]["openAPIV3Schema"]
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(looked)] == []
    assert set(looked["spec"]) <= set(schema["properties"]["spec"]["properties"])


def test_numbers_that_are_worked_out() -> None:
    """The provider's tags, and the requests that asking an empty queue makes in a month."""
    assert len(re.findall(r"`crossplane-\w+`", section("Adopt existing resources"))) == OF_PROVIDER
    found = re.search(
        r"every second makes ([\d.]+) million requests a month. `receiveWaitTime: (\d+)s`.* that to ([\d,]+)\.", text()
    )
    assert found
    month = 30 * 24 * 3600
    assert float(found[1]) == round(month / 1e6, 1)
    assert int(found[3].replace(",", "")) == round(month / int(found[2]), -4)


def test_places_that_it_points_to() -> None:
    """Every heading that a link of this page, or another's to it, names is there."""
    for source in (GUIDE, ROOT / "docs/README.md", ROOT / "README.md"):
        for target, anchor in re.findall(r"\]\(([\w./-]*\.md)#([\w-]+)\)", source.read_text(encoding="utf-8")):
            headings = re.findall(
                r"^#+ (.+)$", (source.parent / target).read_text(encoding="utf-8"), flags=re.MULTILINE
            )
            anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{source.name}: {target}#{anchor}"
