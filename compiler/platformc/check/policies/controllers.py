"""Controllers: which pods belong together, share a volume, or may be evicted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from platformc.check.policies.object_fields import (
    CONTROLLERS,
    below,
    claim_names,
    kind_of,
    labels,
    mapping,
    name_of,
    namespace_of,
    number,
    text,
    texts,
)
from platformc.check.policies.policy import Pod, Problem, pods, policy
from platformc.diagnostics import Severity
from platformc.language import DocumentId
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest

SINGLE_WRITER = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})


def _single_writers(manifests: Sequence[Manifest]) -> dict[tuple[str, str], DocumentId]:
    """Return the PersistentVolumeClaims with one writing node or pod, by namespace and name, with their owners."""
    return {
        (namespace_of(manifest), name_of(manifest)): manifest.owner
        for manifest in manifests
        if kind_of(manifest) == "PersistentVolumeClaim"
        and SINGLE_WRITER & set(texts(below(manifest.object, "spec", "accessModes")))
    }


@policy("single-writer-rolling-update", Severity.ERROR, "controllers")
def single_writer_rolling_update(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Deployment that starts a new pod while the old one still uses the volume.

    ## Why is this bad?
    On another node, the new pod waits forever for the volume, which the old pod keeps until the new one is
    ready; on the same node, both write to the same files.

    ## Example
    ```yaml
    strategy: RollingUpdate
    volumes: [{name: data, mountPath: /data, persistentVolumeClaim: {size: 10Gi}}]
    ```

    ## Use instead
    ```yaml
    strategy: Recreate                  # the default with a volume; a StatefulSet does the same on its own
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: single-writer-rolling-update, reason: "all nodes mount the same disk read-only"}]
    ```
    """
    single = _single_writers(manifests)
    for pod in pods(manifests):
        if (
            kind_of(pod.manifest) != "Deployment"
            or below(pod.manifest.object, "spec", "strategy", "type") == "Recreate"
        ):
            continue
        for _, claim in claim_names(pod):
            if (namespace_of(pod.manifest), claim) in single:
                message = f"a new pod of {name_of(pod.manifest)} starts while the old one still uses the volume {claim}"
                yield Problem(pod.manifest, ("spec", "strategy", "type"), message, "write strategy: Recreate")
                break


@policy("single-writer-shared", Severity.ERROR, "controllers")
def single_writer_shared(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Several replicas or workloads on a volume that allows one writer.

    ## Why is this bad?
    A ReadWriteOnce volume is mounted on one node: pods that are scheduled elsewhere never start. Those on the
    same node start and write to the same files.

    ## Example
    ```yaml
    replicas: 2
    volumes: [{name: data, mountPath: /data, persistentVolumeClaim: {size: 10Gi}}]
    ```

    ## Use instead
    ```yaml
    controller: StatefulSet             # a volume for each replica
    replicas: 2
    volumes: [{name: data, mountPath: /data, persistentVolumeClaim: {size: 10Gi}}]
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: single-writer-shared, reason: "the storage class is a network file system"}]
    ```
    """
    single = _single_writers(manifests)
    users: dict[tuple[str, str], list[tuple[Manifest, KeyPath]]] = defaultdict(list)
    for pod in pods(manifests):
        for place, claim in claim_names(pod):
            key = (namespace_of(pod.manifest), claim)
            replicas = number(below(pod.manifest.object, "spec", "replicas")) or 0
            if key in single and kind_of(pod.manifest) in CONTROLLERS and replicas > 1:
                message = f"{replicas} replicas share the volume {claim}, which allows one writer"
                hint = "use controller: StatefulSet, or accessModes: [ReadWriteMany] if the storage class supports it"
                yield Problem(pod.manifest, ("spec", "replicas"), message, hint)
            elif key in single:
                users[key].append((pod.manifest, place))
    for key, found in users.items():
        keeper = next((manifest for manifest, _ in found if manifest.owner == single[key]), found[0][0])
        for manifest, place in found:
            if manifest is not keeper:
                message = f"{name_of(keeper)} also uses the volume {key[1]}, which allows one writer"
                yield Problem(manifest, place, message, "give each a volume of its own")


def _owner_selectors(manifests: Sequence[Manifest]) -> Iterator[tuple[Manifest, frozenset[tuple[str, str]]]]:
    for manifest in manifests:
        if kind_of(manifest) in CONTROLLERS:
            found = labels(below(manifest.object, "spec", "selector", "matchLabels"))
            if found:
                yield manifest, found


def _pod_labels(pod: Pod) -> frozenset[tuple[str, str]]:
    """Return the labels of a pod template."""
    template: Any = pod.manifest.object
    for step in pod.path[:-1]:
        template = mapping(template).get(str(step))
    return labels(below(template, "metadata", "labels"))


@policy("selector-clash", Severity.ERROR, "controllers")
def selector_clash(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Controller whose selector also matches another controller's pods.

    ## Why is this bad?
    Both count the same pods as their own: they scale each other down, their Services send requests to the
    wrong pods, and NetworkPolicies allow for one what was meant for the other.

    ## Example
    ```yaml
    kind: Job
    metadata: {name: cleanup}
    spec: {labels: {app.kubernetes.io/name: bot}}       # the label that selects the pods of `bot`
    ```

    ## Use instead
    ```yaml
    spec: {labels: {role: cleanup}}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: selector-clash, reason: "the old controller is being replaced and has no pods left"}]
    ```
    """
    index: dict[tuple[str, tuple[str, str]], list[tuple[Manifest, frozenset[tuple[str, str]]]]] = defaultdict(list)
    selectors = {id(manifest): selected for manifest, selected in _owner_selectors(manifests)}
    for manifest, selected in _owner_selectors(manifests):
        # One pair is enough to find the few that can match; which one makes no difference.
        index[namespace_of(manifest), min(selected)].append((manifest, selected))
    for pod in pods(manifests):
        own = _pod_labels(pod)
        if not selectors.get(id(pod.manifest), own) <= own:
            continue  # its selector matches no pods at all: see selector-misses-own-pods
        for pair in sorted(own):
            for manifest, selected in index.get((namespace_of(pod.manifest), pair), ()):
                if manifest is not pod.manifest and selected <= own:
                    message = f"the selector of {name_of(manifest)} also matches the pods of {name_of(pod.manifest)}"
                    place = (*pod.path[:-1], "metadata", "labels", pair[0])
                    yield Problem(pod.manifest, place, message, f"give them another value for {pair[0]}")


@policy("selector-misses-own-pods", Severity.ERROR, "controllers")
def selector_misses_own_pods(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Controller whose selector does not match its own pods.

    ## Why is this bad?
    Kubernetes rejects such a Deployment, so the sync stops half-way.

    ## Example
    ```yaml
    labels: {app.kubernetes.io/name: something-else}
    ```

    ## Use instead
    ```yaml
    labels: {role: something-else}      # leave the label of the selector alone
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: selector-misses-own-pods, reason: "a webhook adds the label"}]
    ```
    """
    selectors = {id(manifest): selected for manifest, selected in _owner_selectors(manifests)}
    for pod in pods(manifests):
        own = _pod_labels(pod)
        for key, value in sorted(selectors.get(id(pod.manifest), frozenset()) - own):
            message = f"{name_of(pod.manifest)} selects pods by {key}: {value}, but its pods do not have that label"
            place = (*pod.path[:-1], "metadata", "labels", key)
            yield Problem(pod.manifest, place, message, f"do not set the label {key}")


@policy("disruption-budget-blocks-drain", Severity.WARNING, "controllers")
def disruption_budget_blocks_drain(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Disruption budget that never allows an eviction.

    ## Why is this bad?
    The node cannot be drained: cluster upgrades wait for hours and in the end kill the pod.

    ## Example
    ```yaml
    replicas: 1
    podDisruptionBudget: {minAvailable: 1}
    ```

    ## Use instead
    ```yaml
    replicas: 2
    podDisruptionBudget: {minAvailable: 1}      # or maxUnavailable: 1
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: disruption-budget-blocks-drain, reason: "a person moves the database by hand"}]
    ```
    """
    replicas = {
        (namespace_of(manifest), selected): number(below(manifest.object, "spec", "replicas"))
        for manifest, selected in _owner_selectors(manifests)
    }
    for manifest in manifests:
        if kind_of(manifest) != "PodDisruptionBudget":
            continue
        spec = mapping(manifest.object.get("spec"))
        least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
        selected = labels(below(spec, "selector", "matchLabels"))
        count = replicas.get((namespace_of(manifest), selected))
        whole = number(least)
        keeps_all = text(least) == "100%" or (whole is not None and count is not None and whole >= count > 0)
        if keeps_all or number(most) == 0 or text(most) == "0%":
            field = "minAvailable" if keeps_all else "maxUnavailable"
            message = f"{name_of(manifest)} never allows an eviction, so the node of its pod cannot be drained"
            yield Problem(manifest, ("spec", field), message, "write maxUnavailable: 1, or run more replicas")
