"""The real Crossplane core, in both forms of the claim API: what it makes of our claims, and what claims then tell.

There is no AWS: what the provider would write into statuses and Secrets, e2e.provider writes.
"""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_kinds import CLAIMS
from platformc.check.schemas.structural_defaults import schema_of, with_defaults
from platformc.cli import main

from composing.platform_claims import EVERY_FIELD, SOURCES, claims_of
from e2e.composing_cluster import ComposingCluster
from e2e.definitions import ROOT, definition_of, upstream_definitions
from e2e.kubernetes_api import conditions, eventually
from e2e.provider import EXTERNAL_NAME, composite_of, in_aws, provide, refuse, write_connection
from e2e.rendered import claims, rendered_objects

sys.path.append(str(ROOT / "tests" / "argocd"))
from lua_health import health  # beside the tests of the same checks with recorded statuses

JSON = Any

FINALIZER = "finalizer.managedresource.crossplane.io"
RAW_SECRET = {"username": "AKIA0123456789ABCDEF", "password": "Aa0/+=Aa0/+="}
"""What the provider writes for an access key, by its own keys."""


@pytest.fixture(scope="module")
def made(cluster: ComposingCluster) -> Iterator[list[JSON]]:
    """The claims of all sources, each in namespaces of its source's alone, composed; later tests find none of them."""
    found = [moved(source, one) for source in SOURCES for one in claims_of(source)]
    applied = cluster.apply(found)
    cluster.wait_until_composed(applied)
    yield applied
    if cluster.form == "namespaced":  # the other form's cluster goes as a whole
        for one in applied:
            cluster.api.delete(one)


@pytest.fixture(scope="module")
def provided(cluster: ComposingCluster, made: list[JSON]) -> list[JSON]:
    """Production's claims and those of every kind, of which everything is there in AWS."""
    sources = ("production-", f"{EVERY_FIELD}-")
    found = [one for one in made if one["metadata"]["namespace"].startswith(sources)]
    for claim in found:
        for name, managed in cluster.managed(claim).items():
            provide(cluster.api, managed)
            if name == "access-key":
                write_connection(cluster.api, managed, RAW_SECRET)
    for claim in found:
        wait(cluster, claim, "is ready", lambda now: conditions(now).get("Ready") == "True")
    return found


def moved(source: str, claim: JSON) -> JSON:
    """The claim in a namespace that says where it is from: here, all are in one cluster."""
    metadata = claim["metadata"]
    return {**claim, "metadata": {**metadata, "namespace": f"{source}-{metadata['namespace']}"}}


def named(found: list[JSON], kind: str, name: str) -> JSON:
    """One claim."""
    (one,) = [one for one in found if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return one


def wait(cluster: ComposingCluster, claim: JSON, what: str, holds: Callable[[JSON], object]) -> JSON:
    """Wait until something holds of a claim; the claim as it then is."""

    def current() -> JSON:
        now = cluster.current(claim)
        return now if now is not None and holds(now) else None

    return eventually(
        f"{claim['kind']} {claim['metadata']['name']} {what}", current, seen=lambda: cluster.current(claim)
    )


def wanted_of(cluster: ComposingCluster, claim: JSON, name: str) -> JSON:
    """What a managed resource of a claim asks AWS for."""
    return cluster.managed(claim)[name]["spec"]["forProvider"]


def test_the_core_makes_what_the_evaluator_says(cluster: ComposingCluster, made: list[JSON]) -> None:
    """Field by field, with the defaults of the provider's CRDs; so the API server took all of it."""
    definitions = upstream_definitions("provider-upjet-aws")
    assert len(made) > 20
    for claim in made:
        found, wanted = cluster.managed(claim), cluster.wanted(claim)
        assert set(found) == set(wanted)
        for name, one in found.items():
            kind, version = wanted[name]["kind"], wanted[name]["apiVersion"]
            schema = schema_of(definition_of(definitions, version, kind), version.partition("/")[2])
            assert (one["kind"], one["apiVersion"]) == (kind, version)
            assert one["spec"] == with_defaults(schema, wanted[name])["spec"]
            external = wanted[name].get("metadata", {}).get("annotations", {}).get(EXTERNAL_NAME)
            assert one["metadata"]["annotations"].get(EXTERNAL_NAME) == external


def test_each_resource_is_its_claims(cluster: ComposingCluster, made: list[JSON]) -> None:
    """It goes when the claim goes, and it can be found from the claim."""
    for claim in made:
        composite = composite_of(cluster.api, claim)
        assert composite is not None
        for one in cluster.managed(claim).values():
            metadata = one["metadata"]
            assert [owner["uid"] for owner in metadata["ownerReferences"]] == [composite["metadata"]["uid"]]
            if cluster.form == "namespaced":
                assert metadata["namespace"] == claim["metadata"]["namespace"]
            else:
                assert "namespace" not in metadata
                assert metadata["labels"]["crossplane.io/claim-name"] == claim["metadata"]["name"]
                assert metadata["labels"]["crossplane.io/claim-namespace"] == claim["metadata"]["namespace"]


def test_a_claim_waits_for_aws(cluster: ComposingCluster, made: list[JSON]) -> None:
    """Composed is not ready; staging's resources are never provided here."""
    for claim in made:
        if claim["metadata"]["namespace"].startswith("staging-"):
            now = cluster.current(claim)
            assert now is not None
            assert conditions(now).get("Ready") != "True"
            assert health("claim", now)[0] == "Progressing"


def test_what_aws_tells_is_told_by_the_claim(cluster: ComposingCluster, provided: list[JSON]) -> None:
    """Names, ARNs, URLs: all that its kind has a field for; and it is ready once all that it made is."""
    for kind, one in cluster.kinds.items():
        (version,) = one.definition["spec"]["versions"]
        fields = version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
        assert set(fields) == {*CLAIMS[kind].outputs, "resources"}
    assert {one["kind"] for one in provided} == set(CLAIMS)
    for claim in provided:
        managed = cluster.managed(claim)
        outputs = CLAIMS[claim["kind"]].outputs
        told = {field: in_aws(managed[name])[source] for field, (name, source) in outputs.items()}
        eventually(f"the claim tells {told}", lambda: told.items() <= told_by(cluster, claim).items())  # noqa: B023 - called at once
        wait(cluster, claim, "is healthy", lambda now: health("claim", now) == ("Healthy", "Ready"))


def told_by(cluster: ComposingCluster, claim: JSON) -> dict[str, JSON]:
    """The status of a claim."""
    return dict((cluster.current(claim) or {}).get("status", {}))


def test_the_access_key_arrives_under_the_names_that_programs_read(
    cluster: ComposingCluster, provided: list[JSON]
) -> None:
    """In the claim's namespace, and nothing else with it."""
    for claim in (one for one in provided if one["kind"] == "Identity"):
        name, namespace = claim["spec"]["writeConnectionSecretToRef"]["name"], claim["metadata"]["namespace"]
        secret = eventually(f"the Secret {name}", lambda: cluster.api.get("v1", "Secret", name, namespace))  # noqa: B023 - called at once
        assert secret is not None
        assert {key: base64.b64decode(value).decode() for key, value in secret["data"].items()} == {
            "AWS_ACCESS_KEY_ID": RAW_SECRET["username"],
            "AWS_SECRET_ACCESS_KEY": RAW_SECRET["password"],
        }


def test_what_aws_refuses_is_seen(cluster: ComposingCluster, provided: list[JSON]) -> None:
    """The claim's own Synced stays True, and the resource's Ready does: hence status.resources, and the health check."""
    claim = named(provided, "Table", "chat-history")
    message = "update failed: AccessDeniedException: not authorized to perform dynamodb:UpdateTable"
    refuse(cluster.api, cluster.managed(claim)["table"], message)
    degraded = ("Degraded", f"table: {message}")
    wait(cluster, claim, "is degraded", lambda now: health("claim", now) == degraded)
    now = wait(cluster, claim, "is not ready", lambda now: conditions(now).get("Ready") == "False")
    told = {one["type"]: one for one in now["status"]["resources"]["table"]}
    assert (told["Synced"]["status"], told["Synced"]["message"]) == ("False", message)
    assert told["Ready"]["status"] == "True"
    assert conditions(now)["Synced"] == "True"
    assert health("claim", now) == degraded
    provide(cluster.api, cluster.managed(claim)["table"])
    wait(cluster, claim, "is ready again", lambda now: health("claim", now) == ("Healthy", "Ready"))


def test_a_hand_edit_is_undone(cluster: ComposingCluster, provided: list[JSON]) -> None:
    """Of what the claim says; a field that it does not speak of is nobody's."""
    claim = named(provided, "Queue", "discord-messages")
    before = wanted_of(cluster, claim, "queue")["visibilityTimeoutSeconds"]
    cluster.api.merge(
        cluster.managed(claim)["queue"], {"spec": {"forProvider": {"visibilityTimeoutSeconds": before + 1}}}
    )
    eventually("it is undone", lambda: wanted_of(cluster, claim, "queue")["visibilityTimeoutSeconds"] == before)


def test_what_a_claim_no_longer_says_is_no_longer_asked_for(cluster: ComposingCluster, provided: list[JSON]) -> None:
    """A tag, and a field with nothing in its place."""
    claim = named(provided, "Queue", "discord-messages-dlq")
    without = moved("production", named(list(claims_of("production")), "Queue", "discord-messages-dlq"))
    spec = {name: value for name, value in without["spec"].items() if name != "messageRetentionSeconds"}
    tags = {name: value for name, value in spec["tags"].items() if name != "ManagedBy"}
    assert wanted_of(cluster, claim, "queue")["tags"] == without["spec"]["tags"] != tags
    assert "messageRetentionSeconds" in wanted_of(cluster, claim, "queue")
    cluster.apply([{**without, "spec": {**spec, "tags": tags}}])
    eventually("the tag is gone", lambda: wanted_of(cluster, claim, "queue")["tags"] == tags)
    assert "messageRetentionSeconds" not in wanted_of(cluster, claim, "queue")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> list[JSON]:
    """Production's claims after three changes of the specs, compiled anew."""
    folder = tmp_path_factory.mktemp("changed")
    for name in ("specs", "crossplane", "argocd"):
        shutil.copytree(ROOT / name, folder / name)
    tables, repositories = folder / "specs/discord-bot/tables.yaml", folder / "specs/registry/repositories.yaml"
    index = "- {name: thread_id-index, hashKey: {name: thread_id, type: S}, projectionType: ALL}"
    replace(
        tables, index, f"{index}\n    - {{name: state-index, hashKey: {{name: state, type: S}}, projectionType: ALL}}"
    )
    last = 'rangeKey: {name: last_message_timestamp, type: "N"}\n  ttl: {attributeName: ttl'
    replace(tables, last, f"{last}, enabled: false")
    replace(repositories, "keepLast: 10", "keepLast: 20")
    assert main(["--specs", str(folder / "specs"), "render", "--no-validate", "--quiet"]) == 0
    return [moved("production", one) for one in claims(rendered_objects("production", folder / "rendered"))]


def replace(path: Path, before: str, after: str) -> None:
    """Change one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_new_index_arrives(cluster: ComposingCluster, provided: list[JSON], changed: list[JSON]) -> None:
    """With its key among the attributes, and the table stays the same object."""
    claim = named(provided, "Table", "discord-executions")
    before = cluster.managed(claim)["table"]
    cluster.apply([named(changed, "Table", "discord-executions")])

    def indexes() -> list[str]:
        return [one["name"] for one in wanted_of(cluster, claim, "table")["globalSecondaryIndex"]]

    eventually("the table has both indexes", lambda: indexes() == ["thread_id-index", "state-index"], seen=indexes)
    assert {"name": "state", "type": "S"} in wanted_of(cluster, claim, "table")["attribute"]
    assert cluster.managed(claim)["table"]["metadata"]["uid"] == before["metadata"]["uid"]


def test_a_time_to_live_that_is_switched_off_arrives(
    cluster: ComposingCluster, provided: list[JSON], changed: list[JSON]
) -> None:
    """As `enabled: false` with the attribute's name: without either the provider would leave it on (D54)."""
    claim = named(provided, "Table", "chat-history")
    assert wanted_of(cluster, claim, "table")["ttl"] == {"enabled": True, "attributeName": "ttl"}
    cluster.apply([named(changed, "Table", "chat-history")])
    off = {"enabled": False, "attributeName": "ttl"}
    eventually("it is off", lambda: wanted_of(cluster, claim, "table")["ttl"] == off)


def test_another_number_of_images_is_another_claim(
    cluster: ComposingCluster, provided: list[JSON], changed: list[JSON]
) -> None:
    """A policy is never changed in place: the new claim puts its own, and nothing is deleted in AWS with the old one."""
    old = named(provided, "RepositoryLifecycle", "discord-bot-keep-10")
    assert old["metadata"]["name"] not in {one["metadata"]["name"] for one in changed}
    new = named(changed, "RepositoryLifecycle", "discord-bot-keep-20")
    (former,) = cluster.managed(old).values()
    assert "Delete" not in former["spec"]["managementPolicies"]
    applied = cluster.apply([new])
    cluster.wait_until_composed(applied)
    cluster.api.delete(old, propagation="Foreground")
    wait_until_gone(cluster, old, former)
    (latter,) = cluster.managed(new).values()
    assert '"countNumber":20}' in latter["spec"]["forProvider"]["policy"]
    assert latter["spec"]["forProvider"]["repository"] == former["spec"]["forProvider"]["repository"]


def wait_until_gone(cluster: ComposingCluster, claim: JSON, managed: JSON) -> None:
    """Wait until neither a claim nor what it made is there."""
    metadata = managed["metadata"]

    def left() -> list[JSON]:
        made = cluster.api.get(managed["apiVersion"], managed["kind"], metadata["name"], metadata.get("namespace", ""))
        return [one for one in (cluster.current(claim), made) if one is not None]

    eventually(f"{claim['metadata']['name']} is gone", lambda: not left(), seen=left)


def test_a_claim_goes_after_what_it_made(cluster: ComposingCluster, provided: list[JSON]) -> None:
    """As Argo CD deletes it, in the foreground: made again too early, it would find its resource being deleted."""
    claim = named(provided, "Queue", "agentic-events-dlq")
    (managed,) = cluster.managed(claim).values()
    cluster.api.merge(managed, {"metadata": {"finalizers": [FINALIZER]}})
    cluster.api.delete(claim, propagation="Foreground")
    metadata = managed["metadata"]

    def made() -> JSON:
        return cluster.api.get(managed["apiVersion"], managed["kind"], metadata["name"], metadata.get("namespace", ""))

    eventually("the queue is being deleted", lambda: "deletionTimestamp" in (made() or {"metadata": {}})["metadata"])
    now = cluster.current(claim)
    assert now is not None
    assert health("claim", now) == ("Progressing", "Being deleted")
    cluster.api.merge(made(), {"metadata": {"finalizers": None}})
    wait_until_gone(cluster, claim, managed)
