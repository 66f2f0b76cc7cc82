"""From an empty cluster to a platform that runs: one bootstrap, and Argo CD does the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from e2e.argocd import NAMESPACE
from e2e.claim_api import XRD
from e2e.crossplane import start_crossplane
from e2e.function import register_function, start_function
from e2e.kubernetes_api import conditions, eventually
from e2e.opened_secrets import assert_all_opened, assert_files_are_right
from e2e.platform_copy import platformc
from e2e.rendered import claims, of_kind
from e2e.sealed_secrets import start_sealed_secrets
from e2e.story.applications import (
    WAVE,
    application,
    applications,
    folder_of,
    health_of,
    health_of_object,
    operation_of,
    refresh,
    summary,
    sync_of,
    wait_until_settled,
)
from e2e.story.conftest import WORKLOADS, Platform
from e2e.story.repository import ENVIRONMENT

JSON = Any

SLOW = 300
"""Seconds that a step of the first installation may take where other programs keep the machine busy."""
DENIED = "AccessDeniedException: not authorized to perform dynamodb:CreateTable"
BOOTSTRAPPED = {("Application", "root"), ("AppProject", "root")}


def rendered_applications(platform: Platform) -> dict[str, JSON]:
    """The Applications of the repository, by name."""
    return {each["metadata"]["name"]: each for each in of_kind(platform.repository.rendered, "Application")}


def wave_of(thing: JSON) -> int:
    """In which wave of its Application it is synced."""
    return int(thing["metadata"].get("annotations", {}).get(WAVE, "0"))


def healths(platform: Platform, name: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Health and message of each object of an Application, by kind and name."""
    status = applications(platform.api).get(name, {}).get("status") or {}
    return {
        (each["kind"], each["name"]): (
            each.get("health", {}).get("status", ""),
            each.get("health", {}).get("message", ""),
        )
        for each in status.get("resources", ())
    }


def test_one_bootstrap(platform: Platform) -> None:
    """The first objects, once; Argo CD takes up the Application that brings all others."""
    platform.repository.publish("The platform")
    words = ("bootstrap", "-e", ENVIRONMENT, "--apply", "--kubeconfig", str(platform.plane.kubeconfig))
    said = platformc(platform.repository.root, *words)
    assert f"applied  Application {NAMESPACE}/root" in said
    again = platformc(platform.repository.root, *words)
    assert "applied  " not in again
    assert f"unchanged  Application {NAMESPACE}/root" in again


def test_charts_come_first(platform: Platform) -> None:
    """Each chart is synced, at its exact version, before anything that needs what it brings; its programs start."""
    charts = {name: each for name, each in rendered_applications(platform).items() if "chart" in each["spec"]["source"]}
    assert len(charts) == 3

    def synced() -> bool:
        found = applications(platform.api)
        return all(name in found and sync_of(found[name]) == "Synced" for name in charts)

    # Argo CD reads the schema of the whole cluster again for each CRD that a chart brings.
    eventually("all charts are synced", synced, seconds=SLOW, seen=lambda: summary(applications(platform.api), ""))
    for name, each in charts.items():
        at = application(platform.api, name)["status"]["sync"]["revision"]
        assert at == each["spec"]["source"]["targetRevision"]
    plane, programs = platform.plane, platform.processes
    platform.sealed_secrets = start_sealed_secrets(plane, platform.folder / "sealed-secrets", programs)
    platform.crossplane = start_crossplane(plane, platform.folder / "crossplane", programs)
    function = start_function(plane, platform.crossplane, platform.folder / "function", programs)
    register_function(platform.api, function)


def test_the_claim_api_is_established(platform: Platform) -> None:
    """Crossplane's core makes a kind of each definition; Argo CD says Healthy then, not before."""
    definitions = of_kind(platform.repository.rendered, XRD)
    assert definitions

    def healthy() -> bool:
        return health_of(applications(platform.api).get("claim-api", {})) == "Healthy"

    eventually("the claim API is healthy", healthy, seconds=SLOW, seen=lambda: summary(applications(platform.api), ""))
    for each in definitions:
        assert conditions(platform.live(each))["Established"] == "True"


def test_claims_wait_for_aws(platform: Platform) -> None:
    """Accepted and composed, they are not healthy before AWS has what they ask for."""
    wanted = {(each["kind"], each["metadata"]["name"]) for each in claims(platform.repository.rendered)}
    folders = sorted({each.application for each in platform.repository.rendered if each.application.endswith("-aws")})

    def all_are(health: str) -> bool:
        found = {key: each for folder in folders for key, each in healths(platform, folder).items()}
        return set(found) == wanted and {status for status, _ in found.values()} == {health}

    def seen() -> object:
        return [str(healths(platform, folder)) for folder in folders]

    eventually("all claims are there, and wait", lambda: all_are("Progressing"), seconds=SLOW, seen=seen)
    assert not [each for each in of_kind(platform.repository.rendered, *WORKLOADS) if platform.live(each)]
    platform.cloud.release("aws")
    eventually("all claims are healthy", lambda: all_are("Healthy"), seen=seen)


def test_a_wave_waits_for_the_one_before(platform: Platform) -> None:
    """As long as no pod is ready, nothing of a later wave is there."""
    of_stoat = [each.object for each in platform.repository.rendered if each.application == "stoat"]
    first = min(wave_of(each) for each in of_stoat if each["kind"] in WORKLOADS)
    now = [each for each in of_stoat if wave_of(each) <= first]
    later = [each for each in of_stoat if wave_of(each) > first]
    assert later
    eventually("the first workloads are there", lambda: all(platform.live(each) for each in now), seconds=SLOW)

    def waits() -> bool:
        return "waiting for healthy state" in operation_of(application(platform.api, "stoat")).get("message", "")

    eventually("Argo CD waits for them", waits, seen=lambda: operation_of(application(platform.api, "stoat")))
    assert not [each["metadata"]["name"] for each in later if platform.live(each)]
    assert health_of_object(application(platform.api, "root"), "Application", "stoat")[0] == "Progressing"


def test_the_root_is_healthy_in_the_end(platform: Platform) -> None:
    """Once pods run, every Application is Synced and Healthy, the one above all others too."""
    platform.cloud.release("pods")
    found = wait_until_settled(platform.api, platform.repository.head)
    assert found.keys() == rendered_applications(platform).keys()


def test_what_aws_refuses_is_seen_at_the_claim(platform: Platform) -> None:
    """In AWS' words, at that claim and at no other."""
    folder, name = next(
        (each.application, each.object["metadata"]["name"])
        for each in platform.repository.rendered
        if each.kind == "Table"
    )

    def refused() -> bool:
        found = healths(platform, folder)
        status, message = found.pop(("Table", name))
        return status == "Degraded" and DENIED in message and {one for one, _ in found.values()} == {"Healthy"}

    def healthy() -> bool:
        return health_of(application(platform.api, folder)) == "Healthy"

    platform.cloud.refused[f"Table {name}"] = DENIED
    eventually("one claim is refused", refused, seen=lambda: str(healths(platform, folder)))
    assert health_of(application(platform.api, folder)) == "Degraded"
    del platform.cloud.refused[f"Table {name}"]
    eventually("all claims are healthy again", healthy, seen=lambda: str(healths(platform, folder)))


def test_every_secret_is_opened(platform: Platform) -> None:
    """Each has its intended values, and its files are right."""
    sealed = of_kind(platform.repository.rendered, "SealedSecret")
    assert_all_opened(platform.api, sealed)
    assert_files_are_right(platform.api, sealed)


def test_everything_rendered_is_there(platform: Platform) -> None:
    """Each object, tracked by Argo CD; and each workload's pods restart with what they read."""
    for each in platform.repository.rendered:
        found = platform.live(each.object)
        assert found is not None, each.path
        if each.kind in WORKLOADS:
            wanted = each.object["spec"]["template"]["metadata"].get("annotations", {})
            checksums = {key: value for key, value in wanted.items() if key.startswith("platformc.dev/")}
            assert checksums.items() <= found["spec"]["template"]["metadata"].get("annotations", {}).items()


def test_waves_came_in_order(platform: Platform) -> None:
    """By creation times, of objects within each Application and of Applications below the root."""
    objects: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in platform.repository.rendered:
        if (each.kind, each.object["metadata"]["name"]) not in BOOTSTRAPPED:
            found = platform.live(each.object)
            assert found is not None
            objects[each.application][wave_of(each.object)].append(found["metadata"]["creationTimestamp"])
    for waves in objects.values():
        assert_in_order(waves[wave] for wave in sorted(waves))
    # What an Application brought was there before the next wave of Applications began.
    below = rendered_applications(platform)
    brought: dict[int, list[str]] = defaultdict(list)
    for name, each in below.items():
        if name != "root":
            times = [time for found in objects[folder_of(each)].values() for time in found]
            brought[wave_of(each)] += [*times, application(platform.api, name)["metadata"]["creationTimestamp"]]
    assert_in_order(brought[wave] for wave in sorted(brought))


def assert_in_order(groups: Iterable[list[str]]) -> None:
    """Nothing of a group is younger than anything of the next one. Times of this form sort as text.

    Kubernetes tells whole seconds, and two waves of Applications can begin in one.
    """
    before: list[str] = []
    for group in groups:
        assert not before or max(before) <= min(group)
        before = group


def test_nothing_is_out_of_sync_for_ever(platform: Platform) -> None:
    """Compared again, everything is as rendered: no field is defaulted or written in a way that Argo CD sees.

    Argo CD may still heal what it compared with a cache that was behind; what really differs would do so each time.
    """
    rounds = []
    for _ in range(3):
        before = finished(platform)
        refresh(platform.api)
        wait_until_settled(platform.api, platform.repository.head)
        after = finished(platform)
        rounds.append({name for name in after if after[name] != before[name]})
        if not rounds[-1]:
            return
    raise AssertionError(f"synced again at the same commit: {rounds}")


def finished(platform: Platform) -> dict[str, str]:
    """When the last sync of each Application ended."""
    return {name: operation_of(each).get("finishedAt", "") for name, each in applications(platform.api).items()}
