"""What the effects of a diff rely on: what Argo CD keeps, deletes and takes over when Applications go or give away objects.

Each test has a root of its own. Objects are ConfigMaps: one that was deleted and made again has another uid.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from platformc.lower.argocd import API, FINALIZER

from e2e.argocd import NAMESPACE, ArgoCD, start_argocd
from e2e.control_plane import ControlPlane
from e2e.definitions import ROOT
from e2e.kubernetes_api import KubernetesAPI, eventually
from e2e.processes import Processes, Service
from e2e.story.applications import WAVE, application, operation_of, refresh, sync_of

JSON = Any

OPTIONS = "argocd.argoproj.io/sync-options"
TRACKING = "argocd.argoproj.io/tracking-id"
PROJECT = "applications-that-go"
BRANCH = "main"
COUNT = itertools.count()
Folders = Mapping[str, tuple[int, Mapping[str, str]]]
"""Folder -> the wave of its Application, and its objects with their sync options."""


@pytest.fixture(scope="module")
def argocd(workspace: Path, control_plane: ControlPlane, controller_manager: Service, programs: Processes) -> ArgoCD:
    """A running Argo CD that may do anything."""
    assert controller_manager.process.poll() is None
    started = start_argocd(control_plane, ROOT, workspace / "argocd-that-deletes", programs)
    anything = [{"group": "*", "kind": "*"}]
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": anything,
        "namespaceResourceWhitelist": anything,
    }
    control_plane.api.apply(
        {"apiVersion": API, "kind": "AppProject", "metadata": {"name": PROJECT, "namespace": NAMESPACE}, "spec": spec}
    )
    return started


@dataclass(slots=True)
class Tree:
    """A repository with one folder for each Application, and a root for them."""

    api: KubernetesAPI
    argocd: ArgoCD
    folder: Path
    name: str
    """The root's name, and the namespace of its objects; what its Applications' names begin with."""

    def git(self, *words: str) -> str:
        """Run git in the repository."""
        who = ("-c", "user.name=e2e", "-c", "user.email=e2e@example.com")
        command = ["git", "-C", str(self.folder), *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603

    def publish(self, folders: Folders) -> str:
        """Commit these folders and nothing else, and let Argo CD know; the commit."""
        for old in [each for each in self.folder.iterdir() if each.name != ".git"]:
            shutil.rmtree(old)
        root = self.folder / "argocd"
        root.mkdir()
        (root / "README").touch()  # a folder without files is none for git
        for name, (wave, objects) in folders.items():
            (root / f"{name}.json").write_text(json.dumps(self.application(name, wave)), encoding="utf-8")
            (self.folder / name).mkdir()
            for each, options in objects.items():
                text = json.dumps(self.config_map(each, options))
                (self.folder / name / f"{each}.json").write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")
        refresh(self.api)
        return self.git("rev-parse", "HEAD")

    def application(self, folder: str, wave: int) -> JSON:
        """The Application of a folder, as this compiler makes it."""
        made = self.root(folder)
        made["metadata"]["name"] = f"{self.name}-{folder}"
        made["metadata"]["annotations"] = {WAVE: str(wave), OPTIONS: "Prune=confirm"}
        return made

    def root(self, folder: str = "argocd") -> JSON:
        """The root."""
        return {
            "apiVersion": API,
            "kind": "Application",
            "metadata": {"name": self.name, "namespace": NAMESPACE, "finalizers": [FINALIZER]},
            "spec": {
                "project": PROJECT,
                "source": {"repoURL": self.folder.as_uri(), "targetRevision": BRANCH, "path": folder},
                "destination": {"name": "in-cluster", "namespace": NAMESPACE if folder == "argocd" else self.name},
                "syncPolicy": {
                    "automated": {"prune": True, "selfHeal": True},
                    "syncOptions": ["ServerSideApply=true", "PrunePropagationPolicy=foreground"],
                    "retry": {"limit": -1, "refresh": True, "backoff": {"duration": "5s", "factor": 1}},
                },
            },
        }

    def config_map(self, name: str, options: str = "") -> JSON:
        """An object."""
        metadata: JSON = {"name": name, "namespace": self.name}
        if options:
            metadata["annotations"] = {OPTIONS: options}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}

    def settle(self, folders: Folders) -> dict[str, str]:
        """Publish, and wait until all is there; the uids of the objects."""
        self.publish(folders)
        self.until_synced(folders)
        return {name: self.uid(name) for _, objects in folders.values() for name in objects}

    def until_synced(self, folders: Folders) -> None:
        """Wait until each folder's Application is in sync and has its objects."""
        missing = {(name, folder) for folder, (_, objects) in folders.items() for name in objects}

        def is_done() -> bool:
            return all(self.owner(name) == folder for name, folder in missing) and all(map(self.is_synced, folders))

        eventually("all are in sync, with their objects", is_done, seen=lambda: [self.get(each) for each in folders])

    def is_synced(self, folder: str) -> bool:
        """Whether an Application is."""
        found = self.get(folder)
        return found is not None and sync_of(found) == "Synced"

    def get(self, folder: str) -> JSON | None:
        """The Application of a folder, if there is one."""
        return self.api.get(API, "Application", f"{self.name}-{folder}", NAMESPACE)

    def live(self, name: str) -> JSON | None:
        """One of the objects, unless it is being deleted."""
        found = self.api.get("v1", "ConfigMap", name, self.name)
        return None if found is None or "deletionTimestamp" in found["metadata"] else found

    def uid(self, name: str) -> str:
        """What tells it from one that was made again."""
        found = self.live(name)
        assert found is not None, name
        return str(found["metadata"]["uid"])

    def owner(self, name: str) -> str:
        """The folder whose Application has an object; empty if none does."""
        found = self.live(name)
        notes = found["metadata"].get("annotations", {}) if found is not None else {}
        return str(notes.get(TRACKING, "").partition(":")[0].removeprefix(f"{self.name}-"))

    def until_asked(self, folder: str = "") -> None:
        """Wait until a sync asks whether it may prune; that of the root without a folder."""
        name = f"{self.name}-{folder}" if folder else self.name

        def asks() -> bool:
            return "aiting for pruning confirmation" in operation_of(application(self.api, name)).get("message", "")

        eventually(f"{name} asks", asks, seen=lambda: application(self.api, name).get("status"))

    def confirm(self, folder: str = "") -> None:
        """Say that what an Application asks about may go."""
        said = self.argocd.command("app", "confirm-deletion", f"{self.name}-{folder}" if folder else self.name)
        assert said.returncode == 0, said.stderr


@pytest.fixture
def tree(tmp_path: Path, control_plane: ControlPlane, argocd: ArgoCD) -> Iterator[Tree]:
    """A root with nothing below it; all goes at the end."""
    api = control_plane.api
    made = Tree(api, argocd, tmp_path / "repository", f"goes-{next(COUNT)}")
    made.folder.mkdir()
    made.git("init", "--quiet", "--initial-branch", BRANCH)
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": made.name}})
    made.publish({})
    api.apply(made.root())
    yield made
    for each in api.list(API, "Application", NAMESPACE):
        if each["metadata"]["name"].startswith(made.name):
            api.merge(each, {"metadata": {"finalizers": None}, "spec": {"syncPolicy": {"automated": None}}})
            api.delete(each)
    api.delete({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": made.name}})


STAYS = {"stays": ""}


class TestBothStay:
    """An object in another folder, and both Applications go on."""

    @pytest.mark.parametrize("options", ["Prune=false", "Prune=confirm"])
    def test_what_is_not_pruned_at_once_is_taken_over(self, tree: Tree, options: str) -> None:
        """As it is; and the old one stops asking without a person."""
        before = tree.settle({"old": (10, {"thing": options, **STAYS}), "new": (10, {"more": ""})})
        after = tree.settle({"old": (10, STAYS), "new": (10, {"more": "", "thing": options})})
        assert after["thing"] == before["thing"]

    def test_what_is_pruned_ends_with_the_new_one(self, tree: Tree) -> None:
        """Whether it was made again, nobody can say before."""
        tree.settle({"old": (10, {"thing": "", **STAYS}), "new": (10, {"more": ""})})
        tree.settle({"old": (10, STAYS), "new": (10, {"more": "", "thing": ""})})
        assert tree.owner("thing") == "new"


class TestInPlaceOfTheOldOne:
    """An Application of another name with the same objects: the root makes one and prunes the other."""

    def test_in_an_earlier_wave_it_takes_all_over(self, tree: Tree) -> None:
        """Then the old one has nothing left to delete."""
        before = tree.settle({"old": (10, {"thing": ""})})
        tree.publish({"new": (9, {"thing": ""})})
        tree.until_synced({"new": (9, {"thing": ""})})
        tree.until_asked()
        tree.confirm()
        eventually("the old one is gone", lambda: tree.get("old") is None)
        assert tree.uid("thing") == before["thing"]

    def test_in_the_same_wave_it_is_made_when_the_old_one_goes(self, tree: Tree) -> None:
        """Not before somebody confirms that."""
        tree.settle({"old": (10, {"thing": ""})})
        tree.publish({"new": (10, {"thing": ""})})
        tree.until_asked()
        assert tree.get("new") is None
        tree.confirm()
        eventually("the old one is gone", lambda: tree.get("old") is None)
        tree.until_synced({"new": (10, {"thing": ""})})

    def test_waves_of_what_is_pruned_are_swapped(self, tree: Tree) -> None:
        """The old one of wave 10 goes in wave -5, with all that it has, before the new one is made."""
        asks = "Delete=confirm,Prune=false"
        before = tree.settle({"old-aws": (-5, {"claim": "Prune=confirm"}), "old": (10, {"thing": "", "disk": asks})})
        after = {"new-aws": (-5, {"claim": "Prune=confirm"}), "new": (10, {"thing": "", "disk": asks})}
        tree.publish(after)
        tree.until_asked()
        assert tree.get("new-aws") is None
        tree.confirm()
        eventually("new-aws is made", lambda: tree.is_synced("new-aws"))
        found = tree.get("old")
        assert found is not None
        assert "deletionTimestamp" in found["metadata"]
        assert tree.get("new") is None
        assert {name: tree.uid(name) for name in before} == before  # one object asks, so none is deleted
        tree.confirm("old")
        eventually("the old one is gone", lambda: tree.get("old") is None)
        tree.until_synced(after)
        assert tree.uid("claim") == before["claim"]
        assert tree.uid("thing") != before["thing"]
        assert tree.uid("disk") != before["disk"]


class TestRemoved:
    """Objects and Applications that nothing takes over."""

    def test_what_asks_holds_its_wave_and_those_after_it(self, tree: Tree) -> None:
        """And nothing before it."""

        def with_waves(**objects: str) -> None:
            for name, wave in {"early": "-1", "same": "0", "late": "1"}.items():
                path = tree.folder / "app" / f"{name}.json"
                made = tree.config_map(name)
                made["metadata"]["annotations"] = {WAVE: wave}
                path.write_text(json.dumps({**made, "data": objects}), encoding="utf-8")
            tree.git("add", "--all")
            tree.git("commit", "--quiet", "--message", "waves")
            refresh(tree.api)

        tree.settle({"app": (10, {"asks": "Prune=confirm", **STAYS})})
        with_waves(value="old")
        eventually("all are there", lambda: all(map(tree.live, ("early", "same", "late"))))
        (tree.folder / "app" / "asks.json").unlink()
        with_waves(value="new")
        tree.until_asked("app")

        def values() -> list[str]:
            return [(tree.live(name) or {})["data"]["value"] for name in ("early", "same", "late")]

        assert values() == ["new", "old", "old"]
        assert tree.live("asks") is not None
        tree.confirm("app")
        eventually("the rest arrives", lambda: values() == ["new", "new", "new"] and tree.live("asks") is None)

    def test_one_that_asks_holds_all_of_its_application(self, tree: Tree) -> None:
        """And what is kept stays."""
        objects = {"asks": "Delete=confirm", "kept": "Delete=false", "thing": ""}
        before = tree.settle({"app": (10, objects), "other": (10, STAYS)})
        tree.publish({"other": (10, STAYS)})
        tree.until_asked()
        assert {name: tree.uid(name) for name in before} == before
        tree.confirm()
        eventually(
            "it is being deleted", lambda: "deletionTimestamp" in (tree.get("app") or {"metadata": {}})["metadata"]
        )
        assert {name: tree.uid(name) for name in before} == before
        tree.confirm("app")
        eventually("it is gone", lambda: tree.get("app") is None)
        assert tree.live("asks") is None
        assert tree.live("thing") is None
        assert tree.uid("kept") == before["kept"]

    def test_a_folder_of_the_root_that_is_gone_stops_everything(self, tree: Tree) -> None:
        """An environment that is no longer rendered: nothing is deleted."""
        before = tree.settle({"app": (10, {"thing": ""})})
        for old in ("argocd", "app"):
            shutil.rmtree(tree.folder / old)
        (tree.folder / "other").write_text("", encoding="utf-8")
        tree.git("add", "--all")
        tree.git("commit", "--quiet", "--message", "gone")
        refresh(tree.api)

        def complains() -> bool:
            conditions = (application(tree.api, tree.name).get("status") or {}).get("conditions", ())
            return any("app path does not exist" in each["message"] for each in conditions)

        eventually("the root finds nothing", complains, seen=lambda: application(tree.api, tree.name).get("status"))
        assert tree.get("app") is not None
        assert tree.uid("thing") == before["thing"]
