"""Rules about rights in Kubernetes' API."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_case import Case, assert_clean, assert_found_once
from small_platform import HERE, pod, raw, workload

NEEDS = "[{kubernetesAPI: true}]"
READER = '[{rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}]'


def role(rule: str, name: str = "bot") -> str:
    """A Workload with one rule in its Role."""
    return workload(name, needs=NEEDS, rbac=f"[{{rules: [{rule}]}}]  {HERE}")


def binding(role_ref: str, subject: str, kind: str = "RoleBinding") -> str:
    """A RawManifest with a binding."""
    return raw(
        f"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: {kind}
        metadata: {{name: tool}}
        roleRef: {role_ref}
        subjects: [{subject}]
        """
    )


ROLE = "{apiGroup: rbac.authorization.k8s.io, kind: Role, name: tool}"
EDIT = "{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}"
ACCOUNT = "{kind: ServiceAccount, name: tool}"
EVERYBODY = '{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}'

CASES = (
    Case(
        "cluster-wide-rbac",
        (
            workload(
                needs=NEEDS,
                rbac=f"""
                - scope: Cluster
                  roleName: watcher  {HERE}
                  rules: [{{apiGroups: [""], resources: [nodes], verbs: [get]}}]
                """,
            ),
        ),
        (workload(needs=NEEDS, rbac=READER),),
        at="watcher",
    ),
    Case(
        "rbac-wildcard",
        (role('{apiGroups: [""], resources: [pods], verbs: ["*"]}'),),
        (workload(needs=NEEDS, rbac=READER),),
        at='"*"',
        also=frozenset({"rbac-runs-pods"}),
    ),
    Case(
        "rbac-wildcard",
        (role("{apiGroups: [apps], resources: [deployments/*], verbs: [get]}"),),
        (role("{apiGroups: [apps], resources: [deployments/scale], verbs: [get]}").replace(HERE, ""),),
        at="deployments/*",
        name="subresource",
    ),
    Case(
        "rbac-reads-secrets",
        (role('{apiGroups: [""], resources: [configmaps, secrets], verbs: [list]}'),),
        (role('{apiGroups: [""], resources: [secrets], resourceNames: [bot], verbs: [get]}').replace(HERE, ""),),
        at="secrets",
    ),
    Case(
        "rbac-reads-secrets",
        (role('{apiGroups: [""], resources: ["*"], verbs: [watch]}'),),
        (role("{apiGroups: [example.com], resources: [secrets], verbs: [get]}").replace(HERE, ""),),
        at='"*"',
        also=frozenset({"rbac-wildcard"}),
        name="all-resources",
    ),
    Case(
        "rbac-escalation",
        (role('{apiGroups: [""], resources: [users], verbs: [get, impersonate]}'),),
        (role('{apiGroups: [""], resources: [services], verbs: [get, list]}').replace(HERE, ""),),
        at="impersonate",
    ),
    Case(
        "rbac-escalation",
        (role('{apiGroups: [""], resources: [serviceaccounts/token], verbs: [create]}'),),
        (role('{apiGroups: [""], resources: [serviceaccounts], verbs: [get]}').replace(HERE, ""),),
        at="serviceaccounts/token",
        name="token",
    ),
    Case(
        "rbac-runs-pods",
        (role("{apiGroups: [batch], resources: [cronjobs, jobs], verbs: [list, create]}"),),
        (role("{apiGroups: [batch], resources: [cronjobs, jobs], verbs: [list]}").replace(HERE, ""),),
        at="cronjobs",
    ),
    Case(
        "rbac-runs-pods",
        (role('{apiGroups: [""], resources: [pods/exec], verbs: [get]}'),),
        (role('{apiGroups: [""], resources: [pods/log], verbs: [get]}').replace(HERE, ""),),
        at="pods/exec",
        name="exec",
    ),
    Case("rbac-built-in-admin", (binding(f"{EDIT}  {HERE}", ACCOUNT),), (binding(ROLE, ACCOUNT),), at="edit"),
    Case(
        "rbac-for-everybody",
        (binding(ROLE, EVERYBODY).replace("]\n", f"]  {HERE}\n"),),
        (binding(ROLE, ACCOUNT),),
        at='"system:authenticated"',
    ),
    Case(
        "service-account-token-unneeded",
        (pod(automountServiceAccountToken=f"true  {HERE}"),),
        (
            pod(automountServiceAccountToken="true", serviceAccountName="tool"),
            binding(ROLE, ACCOUNT).replace("raw", "b"),
        ),
        at="true",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_found_once(case: Case, tmp_path: Path) -> None:
    """What is wrong is found once, where it is wrong."""
    assert_found_once(case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_clean(case: Case, tmp_path: Path) -> None:
    """What is right is let through."""
    assert_clean(case, tmp_path)
