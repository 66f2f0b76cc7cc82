"""The AppProjects: Argo CD itself refuses what is not rendered, whoever gets it into the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from e2e.argocd import NAMESPACE
from e2e.kubernetes_api import eventually
from e2e.rendered import RenderedObject, of_kind
from e2e.story.applications import API_VERSION, application, folder_of, wait_until_settled
from e2e.story.conftest import Platform
from e2e.story.repository import BRANCH, ENVIRONMENT, Repository

JSON = Any

PROJECT = "platform"
LISTS = ("clusterResourceWhitelist", "namespaceResourceWhitelist")
LABEL = "e2e.platformc.dev/only-here"
FOREIGN = "foreign"
"""A branch of the repository, with what nobody rendered."""

REFUSED = (
    (
        "kind",
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "foreign", "namespace": "discord-bot"}},
        "resource :LimitRange is not permitted in project platform",
    ),
    (
        "cluster-kind",
        {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "foreign"}, "value": 1},
        "resource scheduling.k8s.io:PriorityClass is not permitted in project platform",
    ),
    (
        "namespace",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "foreign", "namespace": "kube-system"}},
        "namespace kube-system is not permitted in project 'platform'",
    ),
    (
        "application",
        {
            "apiVersion": API_VERSION,
            "kind": "Application",
            "metadata": {"name": "foreign", "namespace": NAMESPACE},
            "spec": {"project": "default", "destination": {"name": "in-cluster", "namespace": "default"}},
        },
        "resource argoproj.io:Application is not permitted in project platform",
    ),
)
"""What is in a folder, and why it is refused."""


def group_of(thing: JSON) -> str:
    """The API group of an object; empty for the core."""
    return str(thing["apiVersion"].rpartition("/")[0])


def project_of(platform: Platform, folder: str) -> str:
    """The AppProject of the Application that syncs a folder."""
    for each in of_kind(platform.repository.rendered, "Application"):
        if folder_of(each) == folder:
            return str(each["spec"]["project"])
    raise AssertionError(folder)


def one_of_each_kind(platform: Platform) -> Mapping[tuple[str, str, str], RenderedObject]:
    """One object of each kind in each project: project, group, kind."""
    return {
        (project_of(platform, each.application), group_of(each.object), each.kind): each
        for each in platform.repository.rendered
    }


def allowed_namespace(platform: Platform, project: str) -> str:
    """A namespace that a project's Applications may go to."""
    found = platform.api.get(API_VERSION, "AppProject", project, NAMESPACE)
    assert found is not None
    return str(found["spec"]["destinations"][0]["namespace"])


def make_project_without(platform: Platform, project: str, group: str, kind: str, name: str) -> None:
    """The same project under another name, with one entry less."""
    found = platform.api.get(API_VERSION, "AppProject", project, NAMESPACE)
    assert found is not None
    spec = dict(found["spec"])
    for key in LISTS:
        spec[key] = [each for each in spec.get(key, ()) if each != {"group": group, "kind": kind}]
    assert sum(len(spec[key]) for key in LISTS) == sum(len(found["spec"].get(key, ())) for key in LISTS) - 1
    platform.api.apply({"apiVersion": API_VERSION, "kind": "AppProject", "metadata": named(name), "spec": spec})


def begin_sync(platform: Platform, name: str, project: str, source: JSON, namespace: str) -> None:
    """An Application that syncs because it is told to, once."""
    source = {"repoURL": platform.repository.bare.as_uri(), **source}
    spec = {"project": project, "source": source, "destination": {"name": "in-cluster", "namespace": namespace}}
    operation = {"sync": {"syncOptions": ["ServerSideApply=true"]}}
    thing = {"apiVersion": API_VERSION, "kind": "Application", "metadata": named(name), "spec": spec}
    platform.api.apply({**thing, "operation": operation})


def end_of_sync(platform: Platform, name: str) -> JSON:
    """What became of that."""

    def outcome() -> JSON:
        status = application(platform.api, name).get("status") or {}
        ended = "finishedAt" in status.get("operationState", {})
        return (ended and status["operationState"]) or {}

    return eventually(f"the sync of {name} ends", outcome, seen=lambda: application(platform.api, name))


def named(name: str) -> JSON:
    """The metadata of something that is not part of the platform."""
    return {"name": name, "namespace": NAMESPACE, "labels": {LABEL: "true"}}


@pytest.fixture(autouse=True, scope="module")
def only_here(platform: Platform) -> Iterator[None]:
    """What is made here goes with the module, and what was there is as it was."""
    yield
    for kind in ("Application", "AppProject"):
        for each in platform.api.list(API_VERSION, kind, NAMESPACE, labels=LABEL):
            platform.api.delete(each)
    wait_until_settled(platform.api, platform.repository.head)


def test_every_kind_is_on_the_list_because_it_is_rendered(platform: Platform) -> None:
    """Taken from the list, Argo CD refuses to sync an object of this kind, and says so."""
    kinds = {
        f"{project}-without-{group.replace('.', '-')}-{kind.lower()}": (project, group, kind, thing)
        for (project, group, kind), thing in one_of_each_kind(platform).items()
    }
    assert len(kinds) > 20
    # All projects first: an Application that Argo CD sees before its project has an error of its own.
    for name, (project, group, kind, _) in kinds.items():
        make_project_without(platform, project, group, kind, name)
    for name, (project, _, _, thing) in kinds.items():
        namespace = thing.object["metadata"].get("namespace") or allowed_namespace(platform, project)
        source = {
            "targetRevision": BRANCH,
            "path": f"rendered/{ENVIRONMENT}/{thing.application}",
            "directory": {"recurse": True, "include": str(thing.path.relative_to(thing.application))},
        }
        begin_sync(platform, name, name, source, namespace)
    for name, (_, group, kind, _) in kinds.items():
        assert_refused(end_of_sync(platform, name), f"resource {group}:{kind} is not permitted in project {name}")


def assert_refused(operation: JSON, why: str) -> None:
    """The sync failed, at its one object, for that reason."""
    assert operation["phase"] == "Failed", operation
    (outcome,) = operation["syncResult"]["resources"]
    assert outcome["status"] == "SyncFailed"
    assert why in outcome["message"]


@pytest.fixture(scope="module")
def foreign(platform: Platform) -> Path:
    """A folder of a branch, which ends up in the repository that our projects allow."""
    folder = platform.folder / FOREIGN
    platform.repository.git("worktree", "add", "--quiet", "-b", FOREIGN, str(folder))
    return folder


@pytest.mark.parametrize(("name", "thing", "why"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_what_nobody_rendered_is_refused(platform: Platform, foreign: Path, name: str, thing: JSON, why: str) -> None:
    """A kind or a namespace that the platform has nothing in, even from its own repository."""
    folder = foreign / name
    folder.mkdir()
    # JSON, which is YAML.
    (folder / "object.json").write_text(json.dumps(thing), encoding="utf-8")
    clone = Repository(foreign, platform.repository.bare)
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", name)
    clone.git("push", "--quiet", "origin", FOREIGN)
    source = {"targetRevision": FOREIGN, "path": name}
    begin_sync(platform, f"foreign-{name}", PROJECT, source, allowed_namespace(platform, PROJECT))
    assert_refused(end_of_sync(platform, f"foreign-{name}"), why)
    assert platform.live(thing) is None


@pytest.mark.parametrize(
    ("name", "source", "namespace", "why"),
    [
        ("repository", {"repoURL": "https://example.com/other.git"}, "discord-bot", "is not permitted in project"),
        ("destination", {}, "kube-system", "do not match any of the allowed destinations in project"),
    ],
    ids=["repository", "destination"],
)
def test_an_application_of_somebody_else_is_refused(
    platform: Platform, name: str, source: JSON, namespace: str, why: str
) -> None:
    """From another repository, or into a namespace that is not the platform's: nothing is even tried."""
    source = {
        "repoURL": platform.repository.bare.as_uri(),
        "targetRevision": BRANCH,
        "path": f"rendered/{ENVIRONMENT}/namespaces",
        **source,
    }
    name = f"foreign-{name}"
    spec = {
        "project": PROJECT,
        "source": source,
        "destination": {"name": "in-cluster", "namespace": namespace},
        "syncPolicy": {"automated": {}},
    }
    platform.api.apply({"apiVersion": API_VERSION, "kind": "Application", "metadata": named(name), "spec": spec})

    def refused() -> bool:
        conditions = (application(platform.api, name).get("status") or {}).get("conditions", ())
        return any(each["type"] == "InvalidSpecError" and why in each["message"] for each in conditions)

    eventually("Argo CD says why", refused, seen=lambda: application(platform.api, name).get("status"))
    assert "operationState" not in application(platform.api, name)["status"]
