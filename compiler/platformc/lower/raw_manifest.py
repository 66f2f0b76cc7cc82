"""RawManifest -> its objects, with references replaced and the namespace filled in."""

from __future__ import annotations

from collections.abc import Iterator

from platformc.language import Resource
from platformc.language.models.raw_manifest import RawManifestSpec
from platformc.link import Program
from platformc.lower.manifest import Manifest
from platformc.lower.values import tree

CLUSTER_SCOPED = frozenset(
    {
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.crossplane.io", "CompositeResourceDefinition"),
        ("apiextensions.crossplane.io", "Composition"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("networking.k8s.io", "IngressClass"),
        ("node.k8s.io", "RuntimeClass"),
        ("pkg.crossplane.io", "Configuration"),
        ("pkg.crossplane.io", "Function"),
        ("pkg.crossplane.io", "Provider"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
    }
)
"""Kinds without a namespace (Kubernetes 1.34 API reference; Crossplane 2.3). Others of the user's own
can be written with `namespace: ""`, which means the same."""


def lower(program: Program, resource: Resource[RawManifestSpec]) -> Iterator[Manifest]:
    """The objects as written."""
    for raw in resource.spec.objects:
        made = tree(program, resource, raw)
        group = made["apiVersion"].rpartition("/")[0]
        metadata = dict(made["metadata"])
        if metadata.get("namespace") == "" or (group, made["kind"]) in CLUSTER_SCOPED:
            metadata.pop("namespace", None)
        else:
            metadata.setdefault("namespace", resource.namespace)
        ordered = {"apiVersion": made["apiVersion"], "kind": made["kind"], "metadata": metadata}
        rest = {key: below for key, below in made.items() if key not in ordered}
        yield Manifest({**ordered, **rest}, resource.id, resource.id.application)
