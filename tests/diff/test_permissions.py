"""What somebody may do in a cluster that they could not, in the words that a reviewer reads."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.diff.effects.permissions_in_kubernetes import permission_effects_in_kubernetes
from platformc.diff.effects.permissions_of_pods import permission_effects_of_pods
from platformc.diff.effects.permissions_of_projects import permission_effects_of_projects
from told_effects import Object, effects

RBAC = "rbac.authorization.k8s.io/v1"


def role(name: str, *rules: Any, namespace: str = "bot", **more: Any) -> Object:
    """A Role, or a ClusterRole without a namespace."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **more.pop("metadata", {})}
    return {
        "apiVersion": RBAC,
        "kind": "Role" if namespace else "ClusterRole",
        "metadata": metadata,
        "rules": list(rules),
        **more,
    }


def binding(name: str, kind: str = "Role", namespace: str = "bot", subject: Any = None) -> Object:
    """A binding of a role of the same name."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    given = subject or {"kind": "ServiceAccount", "name": "bot", "namespace": "bot"}
    bound = "RoleBinding" if namespace else "ClusterRoleBinding"
    return {
        "apiVersion": RBAC,
        "kind": bound,
        "metadata": metadata,
        "roleRef": {"kind": kind, "name": name},
        "subjects": [given],
    }


def rule(verbs: list[str], *resources: str, groups: tuple[str, ...] = ("",), **more: Any) -> Any:
    """A rule."""
    return {"apiGroups": list(groups), "resources": list(resources), "verbs": verbs, **more}


BOUND = binding("reader")
GET_PODS = role("reader", rule(["get"], "pods"))
WHO = "the service account bot/bot"


class TestRBAC:
    """Verbs and resources."""

    @pytest.mark.parametrize(
        ("base", "head", "lines"),
        [
            (
                [GET_PODS, BOUND],
                [role("reader", rule(["get", "list"], "pods")), BOUND],
                [f"permissions: Role bot/reader: lets {WHO} list pods in bot"],
            ),
            (
                [GET_PODS, BOUND],
                [role("reader"), BOUND],
                [f"routine: Role bot/reader: no longer lets {WHO} get pods in bot"],
            ),
            ([GET_PODS], [GET_PODS, BOUND], [f"permissions: RoleBinding bot/reader: lets {WHO} get pods in bot"]),
            ([GET_PODS, BOUND], [role("reader", rule(["get"], "pods", "pods")), BOUND], []),
            ([GET_PODS], [role("reader", rule(["*"], "*", groups=("*",)))], []),
        ],
    )
    def test_they_are_told_by_whom_they_are_for(self, base: list[Any], head: list[Any], lines: list[str]) -> None:
        """A role without a binding is nobody's."""
        assert effects(permission_effects_in_kubernetes, base, head) == lines

    def test_another_binding_still_allows_it(self) -> None:
        """Then nothing is lost."""
        wide = [role("wide", rule(["*"], "*", groups=("*",)), namespace=""), binding("wide", "ClusterRole", "")]
        assert effects(permission_effects_in_kubernetes, [GET_PODS, BOUND, *wide], wide) == []

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (rule(["list"], "secrets"), "it can read every Secret"),
            (rule(["get"], "*"), "it can read every Secret"),
            (rule(["create"], "pods"), "it can run commands in pods, and so use every Secret and service account"),
            (rule(["get"], "pods/exec"), "it can run commands in pods, and so use every Secret and service account"),
            (
                rule(["bind"], "roles", groups=("rbac.authorization.k8s.io",)),
                "it can bind, and so gain permissions that it does not have,",
            ),
            (rule(["impersonate"], "users"), "it can impersonate, and so gain permissions that it does not have,"),
            (rule(["create"], "serviceaccounts/token"), "it can create tokens for other service accounts"),
            (rule(["*"], "*", groups=("*",)), "it can do everything"),
            (
                rule(["*"], "widgets", groups=("example.com",)),
                "it has a wildcard for widgets.example.com, which includes what is added later,",
            ),
        ],
    )
    def test_an_escalation_is_named(self, found: Any, reason: str) -> None:
        """In a namespace, and in the whole cluster."""
        for namespace, where in (("bot", "in bot"), ("", "in the whole cluster")):
            kind = "Role" if namespace else "ClusterRole"
            bound = binding("x", kind, namespace)
            first, *rest = effects(
                permission_effects_in_kubernetes,
                [role("x", namespace=namespace), bound],
                [role("x", found, namespace=namespace), bound],
            )
            assert first.endswith(", an escalation")
            assert rest[0] == f"  escalation: {reason} {where}"

    def test_one_secret_by_name_is_no_escalation(self) -> None:
        """As the rules of `check` have it."""
        head = [role("reader", rule(["get"], "pods"), rule(["get"], "secrets", resourceNames=["own"])), BOUND]
        assert effects(permission_effects_in_kubernetes, [GET_PODS, BOUND], head) == [
            f"permissions: Role bot/reader: lets {WHO} get secrets own in bot"
        ]

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("cluster-admin", "do everything with every path and every resource in the whole cluster, an escalation"),
            ("edit", "do all that the ClusterRole edit allows in the whole cluster, an escalation"),
            ("somebody-elses", "do all that the ClusterRole somebody-elses allows in the whole cluster"),
        ],
    )
    def test_roles_that_are_not_rendered(self, name: str, words: str) -> None:
        """Are permissions of their own."""
        (first, *_) = effects(permission_effects_in_kubernetes, [], [binding(name, "ClusterRole", "")])
        assert first == f"permissions: ClusterRoleBinding {name}: lets {WHO} {words}"

    def test_everybody(self) -> None:
        """Whoever reaches the API server."""
        everybody = {"kind": "Group", "name": "system:unauthenticated"}
        first, reason = effects(
            permission_effects_in_kubernetes, [GET_PODS], [GET_PODS, binding("reader", subject=everybody)]
        )
        assert first.startswith(
            "permissions: RoleBinding bot/reader: lets the group system:unauthenticated get pods in bot"
        )
        assert reason == "  escalation: everybody who can reach the API server has them"

    def test_aggregated_roles(self) -> None:
        """A label adds rules to a role that somebody has, also to Kubernetes' own ones."""
        whole = role("all", namespace="", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"part": "all"}}]})
        part = role(
            "part",
            rule(["get"], "widgets", groups=("example.com",)),
            namespace="",
            metadata={"labels": {"part": "all"}},
        )
        bound = binding("all", "ClusterRole", "")
        assert effects(permission_effects_in_kubernetes, [whole, bound], [whole, bound, part]) == [
            f"permissions: ClusterRole part: lets {WHO} get widgets.example.com in the whole cluster"
        ]
        view = role(
            "more",
            rule(["get"], "widgets"),
            namespace="",
            metadata={"labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
        )
        assert effects(permission_effects_in_kubernetes, [], [view]) == [
            "permissions: ClusterRole more: lets everyone with Kubernetes' own role view get widgets in the whole cluster"
        ]

    def test_pods_that_take_another_service_account(self) -> None:
        """Get its permissions."""
        one, other = (
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "p", "namespace": "bot"},
                "spec": {"serviceAccountName": name, "containers": []},
            }
            for name in ("plain", "bot")
        )
        lines = effects(permission_effects_in_kubernetes, [GET_PODS, BOUND, one], [GET_PODS, BOUND, other])
        assert (
            lines[0]
            == f"permissions: Pod bot/p: runs as {WHO} instead of the service account bot/plain, and so may get pods in bot"
        )

    @pytest.mark.parametrize(
        "odd",
        [
            {"rules": 3},
            {"rules": [3]},
            {"rules": [{"verbs": "get"}]},
            {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": 3}]}},
        ],
    )
    def test_nonsense_raises_nothing(self, odd: Any) -> None:
        """The schemas say what is wrong with it."""
        assert effects(permission_effects_in_kubernetes, [BOUND], [BOUND, {**role("reader"), **odd}]) in (
            [],
            effects(permission_effects_in_kubernetes, [BOUND], [BOUND, role("reader")]),
        )


def deployment(container: Any = None, **spec: Any) -> Object:
    """A Deployment with what the restricted standard wants."""
    safe = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    containers = [{"name": "main", "securityContext": {**safe, **(container or {})}}]
    template = {"spec": {"automountServiceAccountToken": False, "containers": containers, **spec}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "bot"},
        "spec": {"template": template},
    }


class TestPods:
    """What pods may do on their node."""

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"container": {"privileged": True}}, "the container main has all privileges on its node"),
            (
                {"container": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}},
                "the container main adds the capability NET_ADMIN",
            ),
            ({"container": {"runAsUser": 0}}, "the container main runs as root"),
            ({"container": {"readOnlyRootFilesystem": False}}, "the container main can write to its whole file system"),
            ({"container": {"seccompProfile": {"type": "Unconfined"}}}, "the container main may use every system call"),
            ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "the volume v is a folder of the node"),
            ({"hostPID": True}, "the pod shares the node's processes"),
            ({"automountServiceAccountToken": True}, "gives its pods a token for the Kubernetes API"),
            (
                {"container": {"procMount": "Unmasked"}},
                "changed in a way that is not compared: spec.template.spec.containers[0].securityContext.procMount",
            ),
        ],
    )
    def test_more_and_less(self, change: dict[str, Any], message: str) -> None:
        """What is gained is grave, what is lost is routine."""
        (gained,) = effects(permission_effects_of_pods, [deployment()], [deployment(**change)])
        (lost,) = effects(permission_effects_of_pods, [deployment(**change)], [deployment()])
        assert gained.startswith("permissions: Deployment bot/api: ")
        assert gained.endswith(message)
        assert lost.startswith("routine: ") or "not compared" in message
        assert effects(permission_effects_of_pods, [deployment(**change)], [deployment(**change)]) == []

    def test_another_user_is_no_privilege(self) -> None:
        """Unless it is root."""
        assert effects(permission_effects_of_pods, [deployment()], [deployment({"runAsGroup": 7})]) == [
            "routine: Deployment bot/api: runs its processes with another runAsGroup"
        ]

    def test_a_namespace_that_allows_more(self) -> None:
        """By its label."""
        label = "pod-security.kubernetes.io/enforce"
        restricted, privileged = (
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bot", "labels": {label: level}}}
            for level in ("restricted", "privileged")
        )
        assert effects(permission_effects_of_pods, [restricted], [privileged]) == [
            "permissions: Namespace bot: lets pods run that are privileged; before, only restricted ones"
        ]
        assert effects(permission_effects_of_pods, [privileged], [restricted]) == [
            "routine: Namespace bot: refuses pods that are not restricted"
        ]


def project(**spec: Any) -> Object:
    """An AppProject."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "platform", "namespace": "argocd"},
        "spec": spec,
    }


SERVICE, EVERYTHING = {"group": "", "kind": "Service"}, {"group": "*", "kind": "*"}


class TestProjects:
    """What Argo CD may do."""

    @pytest.mark.parametrize(
        ("base", "head", "message"),
        [
            ({"sourceRepos": ["a"]}, {"sourceRepos": ["a", "*"]}, "lets its Applications sync from every repository"),
            ({"sourceRepos": ["*", "!b"]}, {"sourceRepos": ["*"]}, "lets its Applications sync from b"),
            (
                {"destinations": [{"name": "c", "namespace": "x"}]},
                {"destinations": [{"name": "c", "namespace": "*"}]},
                "lets its Applications deploy to every namespace of c",
            ),
            (
                {"clusterResourceWhitelist": []},
                {"clusterResourceWhitelist": [EVERYTHING]},
                "lets its Applications sync objects of every kind of the whole cluster",
            ),
            (
                {"namespaceResourceWhitelist": [SERVICE]},
                {"description": "x"},
                "lets its Applications sync objects of every kind",
            ),
            (
                {"clusterResourceBlacklist": [SERVICE]},
                {"clusterResourceBlacklist": []},
                "lets its Applications sync Service (core) of the whole cluster",
            ),
            (
                {},
                {"signatureKeys": [{"keyID": "1"}], "description": ""},
                "changed in a way that is not compared: spec.signatureKeys",
            ),
        ],
    )
    def test_it_widens(self, base: Any, head: Any, message: str) -> None:
        """And in the other direction, it narrows."""
        found = effects(
            permission_effects_of_projects, [project(description="", **base)], [project(**{"description": "", **head})]
        )
        assert found == [f"permissions: AppProject argocd/platform: {message}"]
        if "not compared" not in message:
            (line,) = effects(
                permission_effects_of_projects,
                [project(**{"description": "", **head})],
                [project(description="", **base)],
            )
            assert line.startswith("routine: AppProject argocd/platform: no longer lets its Applications ")

    def test_what_a_pattern_covers_is_nothing_new(self) -> None:
        """As Argo CD matches them."""
        base = project(sourceRepos=["https://example.com/*"], namespaceResourceWhitelist=[EVERYTHING])
        head = project(
            sourceRepos=["https://example.com/*", "https://example.com/a"],
            namespaceResourceWhitelist=[EVERYTHING, SERVICE],
        )
        assert effects(permission_effects_of_projects, [base], [head]) == []
