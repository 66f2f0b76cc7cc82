"""What Argo CD is told: projects that allow what is rendered and nothing needless, Applications that find it."""

from __future__ import annotations

from typing import Any

import pytest
from aws_kinds import CLAIMS
from rendered_platform import ENVIRONMENTS, Rendered, rendered

SEEN_CHILDREN = {
    ("", "PersistentVolumeClaim"): ("apps", "StatefulSet"),
    ("", "Pod"): ("apps", "Deployment"),
    ("", "Secret"): ("bitnami.com", "SealedSecret"),
    ("apps", "ControllerRevision"): ("apps", "StatefulSet"),
    ("apps", "ReplicaSet"): ("apps", "Deployment"),
    **{
        (one.api_versions[0].partition("/")[0], one.kind): ("aws.platformc.dev", claim.kind)
        for claim in CLAIMS.values()
        for one in claim.managed.values()
    },
    ("external-secrets.io", "ExternalSecret"): ("external-secrets.io", "ClusterExternalSecret"),
    ("batch", "Job"): ("batch", "CronJob"),
}
"""What controllers make of what is rendered, and of what."""
SEEN_CLUSTER_CHILDREN = {
    ("apiextensions.crossplane.io", "CompositionRevision"): ("apiextensions.crossplane.io", "Composition"),
    ("pkg.crossplane.io", "FunctionRevision"): ("pkg.crossplane.io", "Function"),
    ("pkg.crossplane.io", "ProviderRevision"): ("pkg.crossplane.io", "Provider"),
}
ADDONS = {"sealed-secrets", "external-secrets", "crossplane"}
IN_CLUSTER = "https://kubernetes.default.svc"


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


def prefix_of(platform: Rendered) -> str:
    """What stands before the names of an environment's Applications."""
    return "" if platform.program.platform.environment == "production" else "staging-"


def applications(platform: Rendered) -> dict[str, dict[str, Any]]:
    """All Applications, by their names without the prefix."""
    prefix = prefix_of(platform)
    found = platform.of_kind("Application")
    assert all(name.startswith(prefix) for name in found)
    return {name.removeprefix(prefix): one for name, one in found.items()}


def project_of(platform: Rendered, name: str) -> dict[str, Any]:
    """The spec of a project, by its name without the prefix."""
    return dict(platform.one("AppProject", f"{prefix_of(platform)}{name}")["spec"])


def kinds(listed: list[dict[str, str]]) -> set[tuple[str, str]]:
    """A project's list of kinds."""
    found = [(one["group"], one["kind"]) for one in listed]
    assert found == sorted(set(found))
    return set(found)


class TestProjects:
    """Three of them, each tight."""

    def test_there_are_three(self, platform: Rendered) -> None:
        """Root, platform, addons."""
        prefix = prefix_of(platform)
        assert set(platform.of_kind("AppProject")) == {f"{prefix}{name}" for name in ("root", "platform", "addons")}

    def test_root(self, platform: Rendered) -> None:
        """Applications and projects in Argo CD's own namespace, from our repository alone."""
        spec = project_of(platform, "root")
        assert spec["destinations"] == [{"server": IN_CLUSTER, "namespace": "argocd"}]
        assert "clusterResourceWhitelist" not in spec, "without the list, nothing"
        assert kinds(spec["namespaceResourceWhitelist"]) == {
            ("argoproj.io", "AppProject"),
            ("argoproj.io", "Application"),
        }
        assert spec["sourceRepos"] == ["https://github.com/example/discord-platform.git"]
        in_folder = [one for one in platform.manifests if one.application == "argocd"]
        assert {(one.id.kind, one.id.namespace) for one in in_folder} == {
            ("AppProject", "argocd"),
            ("Application", "argocd"),
        }

    def test_platform_allows_what_is_rendered_and_named_children(self, platform: Rendered) -> None:
        """Every kind, in every namespace; nothing needless, and never Argo CD's own kinds."""
        spec = project_of(platform, "platform")
        ours = [one.id for one in platform.manifests if one.application != "argocd"]
        cluster = {(one.group, one.kind) for one in ours if not one.namespace}
        namespaced = {(one.group, one.kind) for one in ours if one.namespace}
        every = cluster | namespaced
        children = {child for child, parent in SEEN_CHILDREN.items() if parent in every}
        cluster_children = {child for child, parent in SEEN_CLUSTER_CHILDREN.items() if parent in every}
        assert kinds(spec["clusterResourceWhitelist"]) == cluster | cluster_children
        assert kinds(spec["namespaceResourceWhitelist"]) == namespaced | children
        assert {one["namespace"] for one in spec["destinations"]} == {one.namespace for one in ours if one.namespace}
        assert not any(group == "argoproj.io" for group, _ in every | children | cluster_children)
        assert ("apiextensions.k8s.io", "CustomResourceDefinition") not in every | cluster_children
        assert spec["sourceRepos"] == ["https://github.com/example/discord-platform.git"]

    def test_what_nothing_rendered_makes_is_not_allowed(self) -> None:
        """Staging has repositories of production's only to look at, so their managed resources are no children."""
        assert ("ecr.aws.m.upbound.io", "Repository") in kinds(
            project_of(rendered("production"), "platform")["namespaceResourceWhitelist"]
        )
        assert ("ecr.aws.m.upbound.io", "Repository") not in kinds(
            project_of(rendered("staging"), "platform")["namespaceResourceWhitelist"]
        )

    def test_subscriptions(self, platform: Rendered) -> None:
        """What the Platform says about notifications stands on each project, for all its Applications."""
        for project in platform.of_kind("AppProject").values():
            notes = project["metadata"]["annotations"]
            assert {key: value for key, value in notes.items() if key.startswith("notifications.")} == {
                "notifications.argoproj.io/subscribe.on-health-degraded.slack": "platform-alerts",
                "notifications.argoproj.io/subscribe.on-sync-failed.slack": "platform-alerts",
            }

    def test_addons(self, platform: Rendered) -> None:
        """Only the charts' own repositories and namespaces."""
        spec = project_of(platform, "addons")
        found = [applications(platform)[name]["spec"] for name in ADDONS]
        assert set(spec["sourceRepos"]) == {one["source"]["repoURL"] for one in found}
        assert {one["namespace"] for one in spec["destinations"]} == {one["destination"]["namespace"] for one in found}


class TestApplications:
    """One for each folder, the charts, and the root."""

    def test_each_folder_has_one(self, platform: Rendered) -> None:
        """It syncs this folder of this environment, and no folder is forgotten."""
        environment = platform.program.platform.environment
        folders = {one.application for one in platform.manifests}
        found = {
            name: one["spec"]["source"]["path"]
            for name, one in applications(platform).items()
            if "path" in one["spec"]["source"]
        }
        expected = {folder: f"rendered/{environment}/{folder}" for folder in folders - {"argocd"}}
        assert found == {**expected, "root": f"rendered/{environment}/argocd"}
        assert set(applications(platform)) == set(found) | ADDONS
        paths = set(platform.tree().files)
        assert {path.partition("/")[0] for path in paths} == folders

    def test_projects_and_destinations(self, platform: Rendered) -> None:
        """Each is in a project that allows where it comes from and where it goes."""
        cluster = "discord-bot-cluster" if not prefix_of(platform) else "discord-bot-staging"
        for name, one in applications(platform).items():
            spec = one["spec"]
            project = "root" if name == "root" else "addons" if name in ADDONS else "platform"
            assert spec["project"] == f"{prefix_of(platform)}{project}"
            allowed = project_of(platform, project)
            assert spec["source"]["repoURL"] in allowed["sourceRepos"]
            assert spec["destination"] in allowed["destinations"], name
            if project != "root":
                assert spec["destination"]["name"] == cluster

    def test_waves(self, platform: Rendered) -> None:
        """The order of the first installation."""
        found = {
            name: int(one["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
            for name, one in applications(platform).items()
        }
        assert found == {
            "root": 0,
            "namespaces": -30,
            **dict.fromkeys(ADDONS, -20),
            "platform": -15,
            "crossplane-packages": -15,
            "provider-config": -12,
            "claim-api": -10,
            "discord-bot-aws": -5,
            "registry-aws": -5,
            "pull-secrets": 0,
            "discord-bot": 10,
            "stoat": 10,
            "isolation": 20,
        }

    def test_how_they_sync(self, platform: Rendered) -> None:
        """By themselves, with pruning, healing and retries; a claim is deleted in the foreground."""
        for one in applications(platform).values():
            policy = one["spec"]["syncPolicy"]
            assert policy["automated"] == {"prune": True, "selfHeal": True}
            assert policy["retry"]["refresh"] is True
            assert policy["retry"]["limit"] == -1
            assert {"ServerSideApply=true", "PrunePropagationPolicy=foreground"} <= set(policy["syncOptions"])
            notes = one["metadata"]["annotations"]
            assert notes["argocd.argoproj.io/compare-options"] == "ServerSideDiff=true"
            assert one["metadata"]["namespace"] == "argocd"

    def test_no_difference_is_ignored(self, platform: Rendered) -> None:
        """No controller writes a field that is rendered, so each difference is one (docs/decisions.md).

        The root's objects are Applications, into which Argo CD itself writes what comes and goes.
        """
        ignored = {name: one["spec"].get("ignoreDifferences", []) for name, one in applications(platform).items()}
        passing = ["/operation", "/metadata/annotations/argocd.argoproj.io~1refresh"]
        own = {"group": "argoproj.io", "kind": "Application", "jsonPointers": passing}
        assert ignored == {name: [own] if name == "root" else [] for name in ignored}

    def test_links(self, platform: Rendered) -> None:
        """An Application's own first, then the platform's on every one."""
        found = {name: [one["name"] for one in each["spec"]["info"]] for name, each in applications(platform).items()}
        own = {"stoat": ["Stoat", "Self-hosting guide"]}
        own |= {key: ["Documentation"] for key in ("discord-bot", "discord-bot-aws")}
        assert found == {name: [*own.get(name, []), "Operating"] for name in found}

    def test_charts_are_exact(self, platform: Rendered) -> None:
        """A version that names one chart for ever."""
        for name in ADDONS:
            version = applications(platform)[name]["spec"]["source"]["targetRevision"]
            assert [part.isdigit() for part in version.split(".")] == [True, True, True]

    def test_definitions_are_never_pruned(self, platform: Rendered) -> None:
        """With a definition all its claims would go, and what is behind them."""
        definitions = platform.of_kind("CompositeResourceDefinition")
        assert len(definitions) == len(CLAIMS)
        for definition in definitions.values():
            options = definition["metadata"]["annotations"]["argocd.argoproj.io/sync-options"].split(",")
            assert {"Prune=false", "Delete=false"} <= set(options)
