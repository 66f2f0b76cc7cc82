"""Effects that need the graph: what restarts with what, what was renamed, what waits for what."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from platformc.check import Tools
from platformc.diff.effect import Judge
from platformc.diff.effects.objects import object_effects
from platformc.diff.effects.order import order_effects
from platformc.diff.effects.restarts import restart_effects
from platformc.request import Request
from platformc.snapshot import ListKeys, Snapshot, compare, snapshot_of_folder
from synced_objects import told

ROOT = Path(__file__).parents[2]
IMAGE = (
    "public.ecr.aws/docker/library/busybox:1.37@sha256:5f3c1a0d9b7e4c2f8a6d1e0b3c5f7a9d2e4b6c8f0a1d3e5b7c9f2a4d6e8b0c13"
)


def workload(name: str, *lines: str) -> str:
    """A document."""
    head = f"apiVersion: platformc.dev/v1alpha1\nkind: Workload\nmetadata: {{name: {name}}}\nspec:\n"
    fields = (f"image: {IMAGE}", "resources: {cpu: 50m, memory: 64Mi}", "securityContext: {runAsUser: 1000}", *lines)
    return head + "".join(f"  {line}\n" for line in ("probes: none", *fields))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The platform of the cases."""
    root = tmp_path_factory.mktemp("platform") / "repository"
    shutil.copytree(ROOT / "tests" / "cases" / "base", root)
    shutil.copytree(ROOT / "crossplane", root / "crossplane")
    return root


def snapshot(root: Path, *documents: str) -> Snapshot:
    """The platform with more documents in the application `bot`."""
    (root / "specs" / "bot" / "more.yaml").write_text("---\n".join(documents), encoding="utf-8")
    request = Request(root, root / "specs", root / "rendered", validate=False)
    return snapshot_of_folder(request, "", Tools(root / "cache", ""), lambda _stage: None)


def effects(judge: Judge, before: Snapshot, after: Snapshot, of: str) -> list[str]:
    """What a judge says of objects of one name in production."""
    found = [each for each in judge(compare(before, after, ListKeys())) if each.environment == "production"]
    return told(each for each in found if each.key.name == of)


def test_restarts_with_another_workload(base: Path) -> None:
    """By its name, through `restartOn`."""
    before = snapshot(base, workload("store", "args: [a]"), workload("user", "restartOn: [workload.store]"))
    after = snapshot(base, workload("store", "args: [b]"), workload("user", "restartOn: [workload.store]"))
    assert effects(restart_effects, before, after, "user") == [
        (
            "restart restart: Deployment bot/user: restarts its only pod, which stops when the new one is ready, because the "
            "workload store changes"
        )
    ]
    assert effects(restart_effects, before, after, "store") == [
        (
            "restart restart: Deployment bot/store: restarts its only pod, which stops when the new one is ready, because "
            "the command changes"
        )
    ]


def test_a_renamed_workload_is_gone_for_a_moment(base: Path) -> None:
    """A sync prunes before it creates."""
    before = snapshot(base, workload("old"))
    after = snapshot(base, workload("new", "moved: [{from: workload.old, to: workload.new}]"))
    lines = effects(object_effects, before, after, "old")
    assert lines[lines.index("downtime delete: Deployment bot/old: is deleted") + 1] == (
        "  its pods stop before those of its new name, new, are ready: a sync prunes before it creates"
    )
    undeclared = snapshot(base, workload("new"))
    assert "routine delete: Deployment bot/old: is deleted" in effects(object_effects, before, undeclared, "old")


def test_an_order_by_its_edge(base: Path) -> None:
    """Whom it waits for."""
    before = snapshot(base, workload("store"), workload("user"))
    after = snapshot(
        base, workload("store"), workload("user", "needs: [{workload: store, connect: false, order: true}]")
    )
    lines = effects(order_effects, before, after, "user")
    assert lines[:2] == [
        "routine order: Deployment bot/user: comes later: in wave 1 instead of 0 of its Application's sync",
        "  waits for Workload store",
    ]
    assert "  no longer waits for Workload store" in effects(order_effects, after, before, "user")


def test_a_job_runs_again_with_its_application(base: Path) -> None:
    """Through the checksum on its account, or with anything else."""
    before, after = snapshot(base, workload("store", "args: [a]")), snapshot(base, workload("store", "args: [b]"))
    assert effects(restart_effects, before, after, "migrate") == [
        "routine run: Job bot/migrate: runs again, as with each sync of its Application"
    ]


def test_the_same_specs_have_no_effect(base: Path) -> None:
    """Compiled twice."""
    states = snapshot(base, workload("store")), snapshot(base, workload("store"))
    comparison = compare(*states, ListKeys())
    assert [effect for judge in (object_effects, restart_effects, order_effects) for effect in judge(comparison)] == []
