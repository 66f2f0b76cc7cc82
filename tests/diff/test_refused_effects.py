"""What the API server, or a claim's definition, does not take."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from platformc.diff.effects.refused import refused_effects
from synced_objects import OPTIONS, application, between, changed, instance, snapshot, template, told, workload

JSON = Any

FAILS = "the Application app is not synced any further until that is undone"
NUMBERS = {"maxSurge": "25%", "maxUnavailable": "25%"}
LATER = "  what the same sync has in later waves does not arrive either"


def refused(before: JSON, after: JSON) -> list[str]:
    """The sentences, without what to do."""
    return [line for line in told(changed(refused_effects, before, after)) if not line.startswith("  ")]


def test_an_immutable_field() -> None:
    """With what to do instead, and what waits."""
    after = workload(selector={"matchLabels": {"app": "other"}})
    effects = changed(refused_effects, workload(), after)
    assert told(effects) == [
        f"refused refused: Deployment app/web: the API server refuses it: `spec.selector` cannot change; {FAILS}",
        "  the field is immutable in Kubernetes: rename the workload, or delete the old object by hand first",
        LATER,
    ]
    assert [field.after for field in effects[0].fields] == ["other"]
    assert [str(step) for step in effects[0].basis[0].before or ()] == ["spec", "selector", "matchLabels", "app"]


def test_a_claim() -> None:
    """By the rules of its definition, from the record of its kind."""
    before = instance("Table", "t", {"tableName": "t", "hashKey": "a"}, version="aws.platformc.dev/v1alpha1")
    after = {**before, "spec": {"tableName": "t", "hashKey": "b"}}
    assert refused(before, after) == [
        f"refused refused: Table app/t: the claim's definition refuses it: `spec.hashKey` cannot change; {FAILS}"
    ]
    assert refused(before, {**before, "spec": {**before["spec"], "billingMode": "X"}}) == []


class TestWhatNobodyOwns:
    """The API server added it, and no apply removes it (e2e/test_server_side_apply.py)."""

    @pytest.mark.parametrize("before", [{}, {"type": "RollingUpdate"}, {"type": "RollingUpdate", "rollingUpdate": {}}])
    def test_recreate_beside_numbers(self, before: JSON) -> None:
        """Unless they were written out."""
        old, new = workload(strategy=before), workload(strategy={"type": "Recreate"})
        assert refused(old, new) == [
            (
                "refused refused: Deployment app/web: the API server refuses it: Recreate is refused beside the "
                f"`rollingUpdate` that the API server added, and that nobody removes; {FAILS}"
            )
        ]
        written = workload(strategy={"type": "RollingUpdate", "rollingUpdate": NUMBERS})
        assert refused(written, new) == []
        assert refused(old, written) == []
        assert refused(new, old) == []

    def test_files_of_an_older_compiler(self) -> None:
        """What is committed counts: this compiler's base has numbers that no cluster got."""
        written = workload(strategy={"type": "RollingUpdate", "rollingUpdate": NUMBERS})
        committed = json.dumps(workload(strategy={"type": "RollingUpdate"})).encode()
        before, after = snapshot({"app": [written]}), snapshot({"app": [workload(strategy={"type": "Recreate"})]})
        (path,) = [one.path for one in before.objects if one.key.kind == "Deployment"]
        assert list(refused_effects(between(before, after))) == []
        older = replace(before, rendered={path: committed})
        assert len(list(refused_effects(between(older, after)))) == 1

    def test_a_client_side_apply_removes_them(self) -> None:
        """Its patch retains only the keys of the strategy that it has."""
        old, new = workload(), workload(strategy={"type": "Recreate"})
        around = application("app", sync_options=[])
        assert list(refused_effects(between(snapshot({"app": [old]}, around), snapshot({"app": [new]}, around)))) == []

    def test_a_stateful_set_without_a_strategy(self) -> None:
        """With a type alone, it got no numbers."""
        new = workload("StatefulSet", updateStrategy={"type": "OnDelete"})
        assert len(refused(workload("StatefulSet"), new)) == 1
        assert refused(workload("StatefulSet", updateStrategy={"type": "RollingUpdate"}), new) == []

    def test_a_volume_without_a_source(self) -> None:
        """It has an empty folder already."""
        before = workload(template=template(volumes=[{"name": "files"}]))
        after = workload(template=template(volumes=[{"name": "files", "configMap": {"name": "files"}}]))
        assert len(refused(before, after)) == 1
        assert refused(after, workload(template=template(volumes=[]))) == []


def test_a_volume_that_shrinks() -> None:
    """It can only grow."""
    before, after = (
        instance("PersistentVolumeClaim", "data", {"resources": {"requests": {"storage": size}}})
        for size in ("10Gi", "5120Mi")
    )
    (line,) = refused(before, after)
    assert "a volume cannot shrink from 10Gi to 5120Mi" in line
    assert refused(after, before) == []


@pytest.mark.parametrize(
    "notes", [{OPTIONS: "Replace=true,Force=true"}, {"argocd.argoproj.io/hook": "Sync"}], ids=["replaced", "hook"]
)
def test_what_is_deleted_first_is_not_compared(notes: JSON) -> None:
    """So nothing is refused."""
    before, after = (
        instance("Job", "migrate", {"template": template({"name": "a", "image": image})}, version="batch/v1")
        for image in ("a", "b")
    )
    assert len(refused(before, after)) == 1
    for one in (before, after):
        one["metadata"] = {**one["metadata"], "annotations": notes}
    assert refused(before, after) == []


def test_no_change() -> None:
    """No effect."""
    assert changed(refused_effects, workload(), workload()) == []
