"""Exposure: what can be reached from outside, and what isolates pods from each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformc.check.policies.object_fields import below, group_of, kind_of, mapping, name_of, namespace_of, text, texts
from platformc.check.policies.policy import Problem, policy
from platformc.diagnostics import Severity
from platformc.link import Program
from platformc.lower import Manifest

OUTSIDE = frozenset({"LoadBalancer", "NodePort"})
ENTRANCES = (("networking.k8s.io", "Ingress"), ("gateway.networking.k8s.io", "Gateway"))
EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
ENFORCED = "pod-security.kubernetes.io/enforce"


@policy("public-exposure-undeclared", Severity.ERROR, "exposure")
def public_exposure_undeclared(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Service, Ingress or Gateway that the internet can reach without a declaration that it should.

    ## Why is this bad?
    A cloud gives a LoadBalancer a public address at once, and a NodePort answers on every node that has
    one. Scanners find an internal service within minutes.

    ## Example
    ```yaml
    service: {type: LoadBalancer}
    ```

    ## Use instead
    ```yaml
    service: {type: ClusterIP}
    ```
    or, if only some addresses may connect:
    ```yaml
    service: {type: LoadBalancer, loadBalancerSourceRanges: [203.0.113.0/24]}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: public-exposure-undeclared, reason: "the website: everybody may use it"}]
    ```
    """
    for manifest in manifests:
        kind = kind_of(manifest)
        hint = "use ClusterIP, list the addresses in loadBalancerSourceRanges, or say in `allow` that it is public"
        if kind == "Service" and text(below(manifest.object, "spec", "type")) in OUTSIDE:
            spec = mapping(manifest.object.get("spec"))
            ranges = set(texts(spec.get("loadBalancerSourceRanges")))
            if spec["type"] == "NodePort" or not ranges or ranges & EVERYWHERE:
                message = f"the Service {name_of(manifest)} can be reached from outside the cluster"
                yield Problem(manifest, ("spec", "type"), message, hint)
        elif (group_of(manifest), kind) in ENTRANCES:
            message = f"the {kind} {name_of(manifest)} can be reached from outside the cluster"
            yield Problem(manifest, ("metadata", "name"), message, "say in `allow` that it is public")


@policy("network-policy-off", Severity.WARNING, "exposure")
def network_policy_off(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Namespace without NetworkPolicies.

    ## Why is this bad?
    Every pod of the cluster can connect to every port in the namespace, databases included, and the namespace's
    pods can connect to everything: one compromised process reaches all others.

    ## Example
    ```yaml
    namespace: {name: bot, create: true, networkPolicy: off}
    ```

    ## Use instead
    ```yaml
    namespace: {name: bot, create: true}        # policies are generated from `needs`
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: network-policy-off, reason: "the mesh has policies of its own"}]
    ```
    """
    for manifest in manifests:
        plan = program.namespaces.get(name_of(manifest)) if kind_of(manifest) == "Namespace" else None
        if plan is not None and not plan.isolated and manifest.owner == plan.creator.id:
            message = f"nothing restricts connections to the pods of the namespace {plan.name}"
            yield Problem(
                manifest, ("metadata", "name", "namespace", "networkPolicy"), message, "remove `networkPolicy: off`"
            )


@policy("pod-security-privileged", Severity.WARNING, "exposure")
def pod_security_privileged(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Namespace in which Kubernetes allows pods any privilege.

    ## Why is this bad?
    The rules here check only what this platform renders. Pods that somebody applies by hand, or that a
    controller starts, are restricted only by the namespace.

    ## Example
    ```yaml
    namespace: {name: tools, create: true, podSecurity: privileged}
    ```

    ## Use instead
    ```yaml
    namespace: {name: tools, create: true, podSecurity: restricted}     # or baseline
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: pod-security-privileged, reason: "the storage driver mounts disks"}]
    ```
    """
    for manifest in manifests:
        if kind_of(manifest) == "Namespace" and below(manifest.object, "metadata", "labels", ENFORCED) == "privileged":
            message = f"Kubernetes rejects no pod in the namespace {name_of(manifest)}"
            place = ("metadata", "labels", ENFORCED)
            yield Problem(manifest, place, message, "write podSecurity: restricted or baseline")


def _reaches_everything(manifest: Manifest) -> bool:
    """Whether a NetworkPolicy lets its pods reach every port of every address."""
    rules = below(manifest.object, "spec", "egress")
    return isinstance(rules, list) and any(rule == {} for rule in rules)


@policy("egress-unlimited", Severity.WARNING, "exposure")
def egress_unlimited(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """NetworkPolicy that lets its pods connect to everything.

    ## Why is this bad?
    A rule without addresses and ports restricts nothing: the cloud's metadata service, every database
    and the whole internet are open to whoever takes over the pod.

    ## Example
    ```yaml
    kind: RawManifest
    spec:
      objects:
        - apiVersion: networking.k8s.io/v1
          kind: NetworkPolicy
          metadata: {name: tool}
          spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}
    ```

    ## Use instead
    ```yaml
    needs: [{internet: {ports: [443]}}, {workload: redis}]
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: egress-unlimited, reason: "a scanner has to reach everything"}]
    ```
    """
    for manifest in manifests:
        if kind_of(manifest) == "NetworkPolicy" and _reaches_everything(manifest):
            message = (
                f"the NetworkPolicy {name_of(manifest)} in {namespace_of(manifest)} lets its pods reach everything"
            )
            yield Problem(manifest, ("metadata", "name"), message, "list the addresses and ports that are needed")
