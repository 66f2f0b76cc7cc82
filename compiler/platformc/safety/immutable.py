"""immutable: what the API server refuses to change in objects of Kubernetes' own kinds.

In      an object before and after a change, as plain data of any shape.
Out     Refusals: which field cannot change, and where the first difference is in it.
Never   knows claims: what AWS does not change is in the records of kinds.

Source: kubernetes/kubernetes v1.34, pkg/apis/*/validation/validation.go and pkg/registry/*/strategy.go, and
apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go; functions are named beside the fields.
Kinds without an entry have no such field: CronJob, DaemonSet's template, Endpoints, HorizontalPodAutoscaler, Ingress,
LimitRange, Namespace, NetworkPolicy, PodDisruptionBudget, Role, ServiceAccount and others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.language.nodes import KeyPath
from platformc.safety.sizes import is_same

Object = Mapping[str, Any]
When = Callable[[Object, Object], bool]

SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
HOOK = "argocd.argoproj.io/hook"
HOOK_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"


@dataclass(frozen=True, slots=True)
class ImmutableField:
    """One field that cannot change in objects of one kind."""

    path: tuple[str, ...]
    when: When
    """Whether the API server refuses the change, given that the field differs."""
    default: Any
    """What the API server takes for an absent field, if that is always the same; None if it is not."""
    mutable_inside: tuple[tuple[str, ...], ...]
    """Fields below it that can change, `*` for any item of a list."""
    hint: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One change that the API server refuses."""

    field: str
    """The field that cannot change: `spec.selector`."""
    path: KeyPath
    """The first value in it that differs; with positions in lists, and the same in both objects."""
    before: Any
    after: Any
    """The values there; None if absent."""
    hint: str


def always(_old: Object, _new: Object) -> bool:
    """It is refused whenever the field differs."""
    return True


NEW_OBJECT = "the field is immutable in Kubernetes: rename the workload, or delete the old object by hand first"
NEW_NAME = "the field is immutable in Kubernetes: give the object another name, or delete the old one by hand first"
GROW = "grow the claims, delete the StatefulSet with --cascade=orphan, and sync: docs/operating.md has the steps"


def _field(
    *path: str,
    when: When = always,
    default: Any = None,
    mutable_inside: tuple[tuple[str, ...], ...] = (),
    hint: str = NEW_NAME,
) -> ImmutableField:
    return ImmutableField(path, when, default, mutable_inside, hint)


def _was_set(*path: str) -> When:
    return lambda old, _new: below(old, *path) not in (None, "", {}, [])


def _both_have_a_cluster_address(old: Object, new: Object) -> bool:
    """ValidateServiceUpdate: upgrades to and from ExternalName release the address."""
    return "ExternalName" not in {below(old, "spec", "type"), below(new, "spec", "type")}


def _names_another_address(old: Object, new: Object) -> bool:
    """An object that names none keeps the one that it has: pkg/registry/core/service/storage, patchAllocatedValues."""
    return _both_have_a_cluster_address(old, new) and bool(text(below(new, "spec", "clusterIP")))


def _is_headless_and_published(old: Object, new: Object) -> bool:
    """ValidateService: `None` is for ClusterIP alone, and an object that only changes its type keeps its address."""
    published = below(new, "spec", "type") in ("NodePort", "LoadBalancer")
    addresses = [below(one, "spec", "clusterIP") for one in (old, new)]
    return published and addresses[0] == "None" and addresses[1] in (None, "None")


def _same_type(old: Object, new: Object) -> bool:
    return bool(below(old, "spec", "type") == below(new, "spec", "type"))


def _is_frozen(old: Object, _new: Object) -> bool:
    """ValidateSecretUpdate, ValidateConfigMapUpdate."""
    return old.get("immutable") is True


def _keeps_its_completions(old: Object, new: Object) -> bool:
    """validateCompletions: an Indexed Job can be scaled if both numbers change together."""
    indexed = below(old, "spec", "completionMode") == "Indexed"
    return not (indexed and below(new, "spec", "completions") == below(new, "spec", "parallelism"))


def _is_running(old: Object, _new: Object) -> bool:
    """validatePodTemplateUpdate: a suspended Job's scheduling can change; here all of its template counts as that."""
    return bool(below(dict(old), "spec", "suspend") is not True)


PODS = (
    ("containers", "*", "image"),
    ("initContainers", "*", "image"),
    ("activeDeadlineSeconds",),
    ("terminationGracePeriodSeconds",),
    ("tolerations",),
    ("schedulingGates",),
)
"""ValidatePodUpdate."""
NOT_THE_SOURCE = (
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
)
"""The fields of a PersistentVolume's spec beside its source."""

IMMUTABLE: Mapping[tuple[str, str], tuple[ImmutableField, ...]] = {
    # pkg/registry/apps/*/strategy.go: ValidateImmutableField(Spec.Selector).
    ("apps", "Deployment"): (_field("spec", "selector", hint=NEW_OBJECT),),
    ("apps", "DaemonSet"): (_field("spec", "selector", hint=NEW_OBJECT),),
    ("apps", "ReplicaSet"): (_field("spec", "selector", hint=NEW_OBJECT),),
    # ValidateStatefulSetUpdate: everything but replicas, ordinals, template, updateStrategy, revisionHistoryLimit,
    # persistentVolumeClaimRetentionPolicy and minReadySeconds.
    ("apps", "StatefulSet"): (
        _field("spec", "selector", hint=NEW_OBJECT),
        _field("spec", "serviceName", default="", hint=NEW_OBJECT),
        _field("spec", "podManagementPolicy", default="OrderedReady", hint=NEW_OBJECT),
        _field("spec", "volumeClaimTemplates", default=[], hint=NEW_OBJECT),
    ),
    ("apps", "ControllerRevision"): (_field("data"),),
    # ValidateJobSpecUpdate.
    ("batch", "Job"): (
        _field("spec", "completions", when=_keeps_its_completions),
        _field("spec", "selector"),
        _field("spec", "template", when=_is_running),
        _field("spec", "completionMode", default="NonIndexed"),
        _field("spec", "podFailurePolicy"),
        _field("spec", "backoffLimitPerIndex"),
        _field("spec", "successPolicy"),
        _field("spec", "managedBy"),
    ),
    ("", "Pod"): (_field("spec", mutable_inside=PODS),),
    # ValidateServiceUpdate.
    ("", "Service"): (
        _field("spec", "clusterIP", when=_names_another_address, hint=NEW_OBJECT),
        _field("spec", "type", when=_is_headless_and_published, default="ClusterIP", hint=NEW_OBJECT),
        _field(
            "spec",
            "loadBalancerClass",
            when=lambda old, new: _same_type(old, new) and below(new, "spec", "type") == "LoadBalancer",
            hint=NEW_NAME,
        ),
    ),
    # ValidatePersistentVolumeClaimUpdate: everything but resources.requests and volumeAttributesClassName.
    ("", "PersistentVolumeClaim"): (
        _field("spec", "storageClassName", hint=NEW_OBJECT),
        _field("spec", "accessModes", hint=NEW_OBJECT),
        _field("spec", "volumeMode", default="Filesystem", hint=NEW_OBJECT),
        _field("spec", "volumeName", when=_was_set("spec", "volumeName"), hint=NEW_OBJECT),
        _field("spec", "selector", hint=NEW_OBJECT),
        _field("spec", "dataSource", hint=NEW_OBJECT),
        _field("spec", "dataSourceRef", hint=NEW_OBJECT),
        _field("spec", "resources", "limits", hint=NEW_OBJECT),
    ),
    # ValidatePersistentVolumeUpdate.
    ("", "PersistentVolume"): (
        _field("spec", mutable_inside=tuple((field,) for field in NOT_THE_SOURCE)),
        _field("spec", "volumeMode", default="Filesystem"),
        _field("spec", "nodeAffinity", when=_was_set("spec", "nodeAffinity")),
    ),
    # ValidateSecretUpdate, ValidateConfigMapUpdate.
    ("", "Secret"): (
        _field("type", default="Opaque"),
        _field("immutable", when=_is_frozen, default=False),
        _field("data", when=_is_frozen, default={}),
        _field("stringData", when=_is_frozen, default={}),
    ),
    ("", "ConfigMap"): (
        _field("immutable", when=_is_frozen, default=False),
        _field("data", when=_is_frozen, default={}),
        _field("binaryData", when=_is_frozen, default={}),
    ),
    # ValidateResourceQuotaUpdate.
    ("", "ResourceQuota"): (_field("spec", "scopes", default=[]), _field("spec", "scopeSelector")),
    # ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate.
    ("rbac.authorization.k8s.io", "RoleBinding"): (_field("roleRef", hint=NEW_OBJECT),),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (_field("roleRef", hint=NEW_OBJECT),),
    # ValidateStorageClassUpdate, ValidateVolumeAttributesClassUpdate, ValidateCSIDriverUpdate, ValidateVolumeAttachmentUpdate.
    ("storage.k8s.io", "StorageClass"): (
        _field("parameters", default={}),
        _field("provisioner"),
        _field("reclaimPolicy", default="Delete"),
        _field("volumeBindingMode", default="Immediate"),
    ),
    ("storage.k8s.io", "VolumeAttributesClass"): (_field("driverName"), _field("parameters", default={})),
    ("storage.k8s.io", "CSIDriver"): (
        _field("spec", "attachRequired", default=True),
        _field("spec", "volumeLifecycleModes", default=["Persistent"]),
    ),
    ("storage.k8s.io", "VolumeAttachment"): (_field("spec"),),
    # ValidateIngressClassUpdate, ValidateServiceCIDRUpdate, ValidateIPAddressUpdate.
    ("networking.k8s.io", "IngressClass"): (_field("spec", "controller"),),
    ("networking.k8s.io", "IPAddress"): (_field("spec", "parentRef"),),
    # ValidateEndpointSliceUpdate.
    ("discovery.k8s.io", "EndpointSlice"): (_field("addressType"),),
    # ValidatePriorityClassUpdate, ValidateRuntimeClassUpdate.
    ("scheduling.k8s.io", "PriorityClass"): (
        _field("value"),
        _field("preemptionPolicy", default="PreemptLowerPriority"),
    ),
    ("node.k8s.io", "RuntimeClass"): (_field("handler"),),
    # ValidateCertificateSigningRequestUpdate.
    ("certificates.k8s.io", "CertificateSigningRequest"): (_field("spec"),),
    # ValidateResourceClaimUpdate, ValidateResourceClaimTemplateUpdate.
    ("resource.k8s.io", "ResourceClaim"): (_field("spec"),),
    ("resource.k8s.io", "ResourceClaimTemplate"): (_field("spec"),),
    # validateCustomResourceDefinitionSpecUpdate; the last two belong to the object's name.
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        _field("spec", "scope"),
        _field("spec", "names", "kind"),
        _field("spec", "group"),
        _field("spec", "names", "plural"),
    ),
}
"""API group and kind -> the fields that cannot change."""


def refusals(old: Object, new: Object) -> Iterator[Refusal]:
    """Yield what the API server refuses to change in an object; nothing if Argo CD deletes the old one first."""
    if is_replaced(new):
        return
    group = str(new.get("apiVersion", "")).rpartition("/")[0]
    kind = new.get("kind")
    for field in IMMUTABLE.get((group, kind), ()) if isinstance(kind, str) else ():
        before, after = _value(old, field), _value(new, field)
        if _equal(before, after) or not field.when(old, new):
            continue
        path, old_value, new_value = first_difference(before, after, field.path)
        if (group, kind) == ("", "Secret"):
            path, old_value, new_value = field.path, None, None  # never shown
        yield Refusal(".".join(field.path), path, old_value, new_value, _hint(field, path))


def is_replaced(new: Object) -> bool:
    """Whether Argo CD deletes the old object before it makes the new one, so that no field is compared.

    Sources: Argo CD, "Sync Options" (Replace with Force deletes and recreates) and "Resource Hooks"
    (BeforeHookCreation, the default, deletes the old hook).
    """
    notes = mapping(below(new, "metadata", "annotations"))
    options = {option.strip() for option in text(notes.get(SYNC_OPTIONS)).split(",")}
    if {"Replace=true", "Force=true"} <= options:
        return True
    policies = text(notes.get(HOOK_DELETE_POLICY))
    return bool(text(notes.get(HOOK))) and (not policies or "BeforeHookCreation" in policies)


def _value(object_: Object, field: ImmutableField) -> Any:
    found = below(dict(object_), *field.path)
    if found is None:
        found = field.default
    if field.path == ("spec", "volumeClaimTemplates"):
        return [_normal_template(one) for one in sequence(found)]
    return without(found, field.mutable_inside)


def _normal_template(template: Any) -> Any:
    """A volume claim template as the API server keeps it: with its defaults, without what it adds to each."""
    spec = mapping(mapping(template).get("spec"))
    kept = {key: value for key, value in mapping(template).items() if key not in {"apiVersion", "kind", "status"}}
    return {**kept, "spec": {"volumeMode": "Filesystem", **spec}}


def without(value: Any, paths: tuple[tuple[str, ...], ...]) -> Any:
    """Return a value without the fields at some paths; `*` stands for each item of a list."""
    if not paths:
        return value
    if isinstance(value, list):
        inside = tuple(path[1:] for path in paths if path[0] == "*" and path[1:])
        return [without(one, inside) for one in value]
    if isinstance(value, dict):
        gone = {path[0] for path in paths if len(path) == 1}
        return {
            key: without(one, tuple(path[1:] for path in paths if path[0] == key and path[1:]))
            for key, one in value.items()
            if key not in gone
        }
    return value


def _equal(before: Any, after: Any, key: str | int = "") -> bool:
    """Whether both mean the same: quantities of storage can be written in several ways."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(_equal(before.get(key), after.get(key), key) for key in {**before, **after})
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_equal, before, after))
    if key == "storage" and is_same(before, after):
        return True
    return type(before) is type(after) and bool(before == after)


def first_difference(before: Any, after: Any, path: KeyPath) -> tuple[KeyPath, Any, Any]:
    """Return the first value that differs: its path, before, after."""
    if isinstance(before, dict) and isinstance(after, dict):
        key = next((key for key in {**before, **after} if not _equal(before.get(key), after.get(key), key)), None)
        if key is not None:
            return first_difference(before.get(key), after.get(key), (*path, key))
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        position = next((index for index, one in enumerate(before) if not _equal(one, after[index])), None)
        if position is not None:
            return first_difference(before[position], after[position], (*path, position))
    return path, before, after


def _hint(field: ImmutableField, path: KeyPath) -> str:
    return GROW if "volumeClaimTemplates" in path and path[-1] == "storage" else field.hint
