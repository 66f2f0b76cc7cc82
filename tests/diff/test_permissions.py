"""What somebody may do that they could not, in the words that a reviewer reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diff.access.iam import Grant, compare_policies, covers, read_policy_document
from platformc.diff.effect import Effect
from platformc.diff.effects.permissions_in_aws import permission_effects_in_aws
from platformc.diff.effects.permissions_in_kubernetes import permission_effects_in_kubernetes
from platformc.diff.effects.permissions_of_pods import permission_effects_of_pods
from platformc.diff.effects.permissions_of_projects import permission_effects_of_projects
from platformc.snapshot import Comparison
from snapshots import between, of_objects, told

Object = Mapping[str, Any]
Judge = Callable[[Comparison], Iterator[Effect]]


def effects(judge: Judge, base: list[Object], head: list[Object]) -> list[str]:
    """What is told, without the environment."""
    found = list(judge(between(of_objects(*base), of_objects(*head))))
    assert all(one.basis for one in found)
    return [line.removeprefix("production ") for line in told(found)]


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def identity(*statements: Any) -> Object:
    """A claim with a policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return {
        "apiVersion": "aws.platformc.dev/v1alpha1",
        "kind": "Identity",
        "metadata": {"name": "bot", "namespace": "bot"},
        "spec": {"policyDocument": document},
    }


QUEUE = "arn:aws:sqs:eu-central-1:123456789012:jobs"
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/jobs"
SEND, READ = allow("sqs:SendMessage", QUEUE), allow("dynamodb:GetItem", TABLE)


class TestIdentities:
    """IAM actions and resources."""

    @pytest.mark.parametrize(
        ("base", "head", "lines"),
        [
            ([SEND], [SEND, READ], [f"permissions: may now use dynamodb:GetItem on {TABLE}"]),
            ([SEND, READ], [SEND], [f"routine: may no longer use dynamodb:GetItem on {TABLE}"]),
            ([allow("sqs:*", "*")], [SEND], ["routine: may no longer use sqs:* on every resource"]),
            ([SEND], [allow("SQS:sendmessage", [QUEUE])], []),
            ([SEND], [allow(["sqs:SendMessage", "sqs:SendMessage"], QUEUE)], []),
            (
                [allow("sqs:SendMessage", QUEUE, Condition={"Bool": {"aws:SecureTransport": "true"}})],
                [SEND],
                [f"permissions: may now use sqs:SendMessage on {QUEUE}"],
            ),
        ],
    )
    def test_they_are_told_by_what_differs(self, base: list[Any], head: list[Any], lines: list[str]) -> None:
        """Not by how a policy is written. A condition that goes is a grant that comes."""
        found = effects(permission_effects_in_aws, [identity(*base)], [identity(*head)])
        want = [line.replace(": ", ": Identity bot/bot: ", 1) for line in lines]
        assert found == want

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            (allow("*", QUEUE), "* includes everything that AWS can do"),
            (
                allow("iam:PassRole", "arn:aws:iam::123456789012:role/x"),
                "iam:PassRole leads to permissions that the policy does not name",
            ),
            (
                allow("iam:Put*", "arn:aws:iam::123456789012:user/x"),
                "iam:PutUserPolicy leads to permissions that the policy does not name",
            ),
            (
                allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/x"),
                "sts:AssumeRole leads to permissions that the policy does not name",
            ),
            (allow("s3:GetObject", "*"), "s3:GetObject applies to every resource of the account"),
        ],
    )
    def test_an_escalation_is_named(self, statement: Any, reason: str) -> None:
        """In the sentence, and with its reason."""
        first, *rest = effects(permission_effects_in_aws, [identity(SEND)], [identity(SEND, statement)])
        assert first.startswith("permissions: ")
        assert first.endswith(", an escalation")
        assert f"  escalation: {reason}" in rest

    def test_a_deny(self) -> None:
        """Takes away, and gives back when it goes; what it covers is not gained."""
        deny = {**SEND, "Effect": "Deny"}
        put, gone = (
            effects(permission_effects_in_aws, *states)
            for states in (([identity(SEND)], [identity(SEND, deny)]), ([identity(SEND, deny)], [identity(SEND)]))
        )
        assert put == [f"routine: Identity bot/bot: may no longer use sqs:SendMessage on {QUEUE}, as it is denied"]
        assert gone == [
            f"permissions: Identity bot/bot: may now use sqs:SendMessage on {QUEUE}, as it is no longer denied"
        ]
        assert effects(permission_effects_in_aws, [identity(deny)], [identity(deny, SEND)]) == []

    @pytest.mark.parametrize(
        "statement",
        [
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "NotResource": QUEUE},
            {"Effect": "Allow", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"},
            7,
        ],
    )
    def test_what_cannot_be_compared_is_told(self, statement: Any) -> None:
        """Never silently none."""
        first, detail = effects(permission_effects_in_aws, [identity(SEND)], [identity(SEND, statement)])
        assert first == "permissions: Identity bot/bot: changed in a way that is not compared: spec.policyDocument"
        assert detail.startswith("  added: ")

    def test_a_policy_that_is_none(self) -> None:
        """Is told as well; the permissions that went with the old one are lost."""
        broken = {**identity(SEND), "spec": {"policyDocument": '{"Statement": '}}
        broken["spec"]["policyDocument"] += '"x" "Statement"'
        lines = effects(permission_effects_in_aws, [identity(SEND)], [broken])
        assert "permissions: Identity bot/bot: changed in a way that is not compared: spec.policyDocument" in lines

    def test_who_may_assume_a_role(self) -> None:
        """A trust policy is about principals."""

        def role(*principals: str) -> Object:
            statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(principals)}}
            document = json.dumps({"Statement": [statement]})
            return {
                "apiVersion": "iam.aws.m.upbound.io/v1beta1",
                "kind": "Role",
                "metadata": {"name": "ci", "namespace": "bot"},
                "spec": {"forProvider": {"assumeRolePolicy": document}},
            }

        mine = "arn:aws:iam::123456789012:root"
        lines = effects(permission_effects_in_aws, [role(mine)], [role(mine, "*")])
        assert lines[0] == "permissions: Role bot/ci: can now be assumed by everyone in AWS, an escalation"
        assert effects(permission_effects_in_aws, [role(mine, "*")], [role(mine)])[0].startswith(
            "routine: Role bot/ci: can no longer"
        )

    def test_a_policy_of_a_resource(self) -> None:
        """Lets others in."""

        def bucket(*principals: str) -> Object:
            statements = [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Principal": {"AWS": one}}
                for one in principals
            ]
            document = json.dumps({"Statement": statements})
            return {
                "apiVersion": "s3.aws.upbound.io/v1beta1",
                "kind": "BucketPolicy",
                "metadata": {"name": "b"},
                "spec": {"forProvider": {"policy": document}},
            }

        lines = effects(permission_effects_in_aws, [bucket("123456789012")], [bucket("123456789012", "*")])
        assert (
            lines[0]
            == "permissions: BucketPolicy b: now lets everyone in AWS use s3:GetObject on arn:aws:s3:::b/*, an escalation"
        )

    def test_the_role_of_a_service_account(self) -> None:
        """An annotation gives pods a role in AWS."""
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a", "namespace": "b"}}
        role = "arn:aws:iam::123456789012:role/x"
        with_role = {
            **account,
            "metadata": {**account["metadata"], "annotations": {"eks.amazonaws.com/role-arn": role}},
        }  # type: ignore[dict-item]
        assert effects(permission_effects_in_aws, [account], [with_role]) == [
            f"permissions: ServiceAccount b/a: pods with this service account can now assume {role}"
        ]
        assert effects(permission_effects_in_aws, [with_role], [account])[0].startswith("routine: ")


NAMES = st.text("ab*?", min_size=1, max_size=4)


class TestCovering:
    """A grant covers another only if all that the other allows is allowed."""

    @given(NAMES, NAMES, st.text("ab", max_size=6))
    def test_in_doubt_it_does_not(self, wide: str, narrow: str, name: str) -> None:
        """Against the definition of wildcards, name by name."""
        import fnmatch  # noqa: PLC0415 - the definition

        if covers(Grant(wide, "x", "", ""), Grant(narrow, "x", "", "")):
            assert not fnmatch.fnmatchcase(name, narrow) or fnmatch.fnmatchcase(name, wide)

    @given(st.lists(st.sampled_from([SEND, READ, allow("sqs:*", QUEUE), allow("*", "*")]), max_size=3))
    def test_no_change_is_no_change(self, statements: list[Any]) -> None:
        """In any order."""
        one, other = (
            read_policy_document(json.dumps({"Statement": found})) for found in (statements, statements[::-1])
        )
        found = compare_policies(one, other)
        assert (found.gained, found.lost, found.not_compared) == ((), (), ())


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
            == f"permissions: Pod bot/p: its pods now use {WHO} instead of the service account bot/plain, and so may get pods in bot"
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
            ({"automountServiceAccountToken": True}, "its pods get a token for the Kubernetes API"),
            (
                {"container": {"procMount": "Unmasked"}},
                "changed in a way that is not compared: spec.template.spec.containers.0.securityContext.procMount",
            ),
        ],
    )
    def test_more_and_less(self, change: dict[str, Any], message: str) -> None:
        """What is gained is grave, what is lost is routine."""
        (gained,) = effects(permission_effects_of_pods, [deployment()], [deployment(**change)])
        (lost,) = effects(permission_effects_of_pods, [deployment(**change)], [deployment()])
        assert gained == f"permissions: Deployment bot/api: {message}"
        assert lost.startswith("routine: ") or "not compared" in message
        assert effects(permission_effects_of_pods, [deployment(**change)], [deployment(**change)]) == []

    def test_another_user_is_no_privilege(self) -> None:
        """Unless it is root."""
        assert effects(permission_effects_of_pods, [deployment()], [deployment({"runAsGroup": 7})]) == [
            "routine: Deployment bot/api: its processes run with another runAsGroup"
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
