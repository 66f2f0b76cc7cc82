"""Kubernetes access: what pods may do in the Kubernetes API.

Source of the dangerous permissions: Kubernetes docs, "Role Based Access Control Good Practices".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from platformc.check.policies.object_fields import (
    RBAC,
    below,
    group_of,
    kind_of,
    mapping,
    name_of,
    namespace_of,
    sequence,
    text,
    texts,
)
from platformc.check.policies.policy import Problem, pods, policy
from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest

ROLES = frozenset({"ClusterRole", "Role"})
BINDINGS = frozenset({"ClusterRoleBinding", "RoleBinding"})
READING = frozenset({"*", "get", "list", "watch"})
WRITING = frozenset({"*", "create", "patch", "update"})
ESCALATING = frozenset({"bind", "escalate", "impersonate"})
RUNS_PODS = frozenset(
    {
        "cronjobs",
        "daemonsets",
        "deployments",
        "jobs",
        "pods",
        "pods/attach",
        "pods/ephemeralcontainers",
        "pods/exec",
        "replicasets",
        "replicationcontrollers",
        "statefulsets",
    }
)
BUILT_IN_ADMINS = frozenset({"admin", "cluster-admin", "edit"})
"""Kubernetes' own roles that read Secrets; `view` does not."""
EVERYBODY = frozenset({"system:anonymous", "system:authenticated", "system:unauthenticated", "system:serviceaccounts"})


def _rules(manifests: Sequence[Manifest]) -> Iterator[tuple[Manifest, KeyPath, dict[str, Any]]]:
    """Yield every rule of every role."""
    for manifest in manifests:
        if kind_of(manifest) in ROLES and group_of(manifest) == RBAC:
            for position, one in enumerate(sequence(manifest.object.get("rules"))):
                if isinstance(one, dict):
                    yield manifest, ("rules", position), one


def _bindings(manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    return (manifest for manifest in manifests if kind_of(manifest) in BINDINGS and group_of(manifest) == RBAC)


def _role(manifest: Manifest) -> str:
    return f"{kind_of(manifest)} {name_of(manifest)}"


@policy("cluster-wide-rbac", Severity.ERROR, "kubernetes-access")
def cluster_wide_rbac(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """RBAC permissions in the whole cluster.

    ## Why is this bad?
    A ClusterRoleBinding applies to every namespace, including those of other teams and of the system, and
    every namespace that is created later.

    ## Example
    ```yaml
    rbac:
      - {scope: Cluster, rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
    ```

    ## Use instead
    ```yaml
    rbac:
      - {scope: Namespace, rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: cluster-wide-rbac, reason: "it reports on the nodes, which are in no namespace"}]
    ```
    """
    for manifest in _bindings(manifests):
        if kind_of(manifest) == "ClusterRoleBinding":
            role = text(below(manifest.object, "roleRef", "name"))
            yield Problem(
                manifest,
                ("roleRef", "name"),
                f"the permissions of {role} apply to the whole cluster",
                "use scope: Namespace, or say in `allow` why the whole cluster is needed",
            )


@policy("rbac-wildcard", Severity.ERROR, "kubernetes-access")
def rbac_wildcard(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """RBAC permissions granted with `*`.

    ## Why is this bad?
    A `*` includes what nobody thought of: Secrets, the permission to grant permissions, and the resources of
    every controller that is installed later.

    ## Example
    ```yaml
    rules: [{apiGroups: ["*"], resources: [pods], verbs: [list]}]
    ```

    ## Use instead
    ```yaml
    rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]
    ```
    `kubectl api-resources` lists groups, resources and verbs.

    ## How to allow it
    ```yaml
    allow: [{rule: rbac-wildcard, reason: "a backup must read all kinds, including those of later controllers"}]
    ```
    """
    for manifest, path, one in _rules(manifests):
        for field in ("apiGroups", "resources", "verbs", "nonResourceURLs"):
            found = [
                position for position, item in enumerate(sequence(one.get(field))) if item == "*" or _part(field, item)
            ]
            if found:
                message = f"{_role(manifest)} has a wildcard in {field}"
                yield Problem(manifest, (*path, field, found[0]), message, "list the ones that are needed")
                break  # one finding per rule: whoever fixes it reads the whole line


def _part(field: str, item: object) -> bool:
    """Whether an item is a wildcard such as `*/scale` or `pods/*`."""
    return field == "resources" and isinstance(item, str) and "*" in item


def _reads_secrets(one: dict[str, Any]) -> int | None:
    """Return the index of the resource that covers Secrets, if the rule allows reading all of them."""
    groups, named = texts(one.get("apiGroups")), sequence(one.get("resourceNames"))
    if named or not READING & set(texts(one.get("verbs"))) or not {"", "*"} & set(groups):
        return None
    found = [at for at, item in enumerate(sequence(one.get("resources"))) if item in ("secrets", "*")]
    return found[0] if found else None


@policy("rbac-reads-secrets", Severity.ERROR, "kubernetes-access")
def rbac_reads_secrets(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """RBAC permissions to read all Secrets of a namespace or of the cluster.

    ## Why is this bad?
    Whoever takes over the process gets every password beside it. `list` and `watch` show the values just
    as `get` does, and `*` in resources includes Secrets.

    ## Example
    ```yaml
    rules: [{apiGroups: [""], resources: [configmaps, secrets], verbs: [get, list]}]
    ```

    ## Use instead
    ```yaml
    env: {API_KEY: "${secret.bot.API_KEY}"}     # needs no permissions at all
    ```
    or the one Secret by name:
    ```yaml
    rules: [{apiGroups: [""], resources: [secrets], resourceNames: [bot], verbs: [get]}]
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: rbac-reads-secrets, reason: "it copies pull secrets between namespaces"}]
    ```
    """
    for manifest, path, one in _rules(manifests):
        at = _reads_secrets(one)
        if at is not None:
            message = f"{_role(manifest)} can read every Secret {_where(manifest)}"
            hint = "read a Secret with a reference in `env` or `mounts`, or name the one Secret in resourceNames"
            yield Problem(manifest, (*path, "resources", at), message, hint)


def _where(manifest: Manifest) -> str:
    return "of the cluster" if kind_of(manifest) == "ClusterRole" else f"in {namespace_of(manifest)}"


@policy("rbac-escalation", Severity.ERROR, "kubernetes-access")
def rbac_escalation(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """RBAC permissions to impersonate others, or to gain more permissions.

    ## Why is this bad?
    `escalate` and `bind` grant permissions that the caller does not have, `impersonate` acts as anybody, and a
    token for another service account is as good as that account. Each leads to full access in two steps.

    ## Example
    ```yaml
    rules: [{apiGroups: [""], resources: [users], verbs: [impersonate]}]
    ```

    ## Use instead
    List the permissions that the process itself needs, one by one.

    ## How to allow it
    ```yaml
    allow: [{rule: rbac-escalation, reason: "it manages the roles of other namespaces"}]
    ```
    """
    for manifest, path, one in _rules(manifests):
        verbs = sequence(one.get("verbs"))
        found = next((at for at, verb in enumerate(verbs) if isinstance(verb, str) and verb in ESCALATING), None)
        if found is not None:
            message = f"{_role(manifest)} may {verbs[found]}, and so gain permissions that it does not have"
            yield Problem(manifest, (*path, "verbs", found), message, "grant the permissions themselves")
            continue
        resources = sequence(one.get("resources"))
        if "serviceaccounts/token" in resources and {"*", "create"} & set(texts(verbs)):
            message = f"{_role(manifest)} may create tokens for other service accounts"
            at = resources.index("serviceaccounts/token")
            yield Problem(manifest, (*path, "resources", at), message, "grant the permissions themselves")


@policy("rbac-runs-pods", Severity.WARNING, "kubernetes-access")
def rbac_runs_pods(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """RBAC permissions to start pods, or to run commands in them.

    ## Why is this bad?
    A pod can mount every Secret of its namespace and use every service account in it, so whoever may create
    one can read them all; a command in a running pod sees what that pod sees.

    ## Example
    ```yaml
    rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]
    ```

    ## Use instead
    A Job or a Workload in the spec, or a separate namespace for the pods that are started.

    ## How to allow it
    ```yaml
    allow: [{rule: rbac-runs-pods, reason: "starting pods is what it is for"}]
    ```
    """
    for manifest, path, one in _rules(manifests):
        resources, verbs = sequence(one.get("resources")), set(texts(one.get("verbs")))
        for at, resource in enumerate(resources):
            # Kubernetes requires `get` instead of `create` if a client opens the stream by WebSocket.
            running = WRITING | {"get"} if resource in ("pods/exec", "pods/attach") else WRITING
            if isinstance(resource, str) and resource in RUNS_PODS and running & verbs:
                message = f"{_role(manifest)} can run commands in any pod {_where(manifest)}, and so read its Secrets"
                hint = "remove the permission, or say in `allow` why it is needed"
                yield Problem(manifest, (*path, "resources", at), message, hint)
                break


@policy("rbac-built-in-admin", Severity.ERROR, "kubernetes-access")
def rbac_built_in_admin(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Binding to a built-in Kubernetes role that can do nearly everything.

    ## Why is this bad?
    `cluster-admin` is root of the cluster. `admin` and `edit` can read all Secrets of a namespace, and grow
    with every controller that adds its permissions to them.

    ## Example
    ```yaml
    kind: RawManifest
    spec:
      objects:
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          metadata: {name: tool}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
          subjects: [{kind: ServiceAccount, name: tool}]
    ```

    ## Use instead
    ```yaml
    rbac: [{rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, patch]}]}]
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: rbac-built-in-admin, reason: "it restores whole namespaces"}]
    ```
    """
    for manifest in _bindings(manifests):
        role = below(manifest.object, "roleRef", "name")
        if text(role) in BUILT_IN_ADMINS and below(manifest.object, "roleRef", "kind") == "ClusterRole":
            message = f"{_role(manifest)} grants Kubernetes' built-in role {role}, which can read all Secrets"
            yield Problem(manifest, ("roleRef", "name"), message, "bind a role with the permissions that are needed")


@policy("rbac-for-everybody", Severity.ERROR, "kubernetes-access")
def rbac_for_everybody(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """RBAC permissions for everybody who can reach the API server.

    ## Why is this bad?
    `system:unauthenticated` is the whole internet if the API server has a public address, as managed ones do;
    `system:authenticated` and `system:serviceaccounts` are every user and every pod with a token.

    ## Example
    ```yaml
    subjects: [{kind: Group, name: "system:authenticated", apiGroup: rbac.authorization.k8s.io}]
    ```

    ## Use instead
    ```yaml
    subjects: [{kind: ServiceAccount, name: bot, namespace: bot}]
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: rbac-for-everybody, reason: "everybody may know the cluster's version"}]
    ```
    """
    for manifest in _bindings(manifests):
        for position, subject in enumerate(sequence(manifest.object.get("subjects"))):
            name = text(mapping(subject).get("name"))
            if name in EVERYBODY:
                message = f"{_role(manifest)} grants permissions to {name}"
                yield Problem(manifest, ("subjects", position, "name"), message, "name the service account")


@policy("service-account-token-unneeded", Severity.WARNING, "kubernetes-access")
def service_account_token_unneeded(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Pod with a token for the Kubernetes API but no permissions.

    ## Why is this bad?
    The token is a credential that an intruder can steal. With no role bound to its account the process has no
    use for it, and permissions that somebody binds to the account later come as a surprise.

    ## Example
    ```yaml
    kind: RawManifest
    spec:
      objects:
        - {apiVersion: v1, kind: Pod, metadata: {name: tool}, spec: {containers: []}}
    ```

    ## Use instead
    ```yaml
    spec: {automountServiceAccountToken: false, containers: []}
    ```
    A Workload has no token unless it has `rbac`.

    ## How to allow it
    ```yaml
    allow: [{rule: service-account-token-unneeded, reason: "it authenticates to the vault with it"}]
    ```
    """
    bound, silent = set(), set()
    for manifest in manifests:
        if kind_of(manifest) == "ServiceAccount" and manifest.object.get("automountServiceAccountToken") is False:
            silent.add((namespace_of(manifest), name_of(manifest)))
    for manifest in _bindings(manifests):
        for subject in sequence(manifest.object.get("subjects")):
            one = mapping(subject)
            bound.add((text(one.get("namespace")) or namespace_of(manifest), text(one.get("name"))))
    for pod in pods(manifests):
        account = (namespace_of(pod.manifest), text(pod.spec.get("serviceAccountName")) or "default")
        given = pod.spec.get("automountServiceAccountToken")
        if (given is True or (given is not False and account not in silent)) and account not in bound:
            yield Problem(
                pod.manifest,
                (*pod.path, "automountServiceAccountToken"),
                f"the pod has a token for the service account {account[1]}, but no role is bound to the account",
                "set automountServiceAccountToken: false",
            )
