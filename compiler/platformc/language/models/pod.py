"""Pod fields: the fields of Workloads and Jobs about their pods, and their needs."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Self

from pydantic import ModelWrapValidatorHandler, ValidationInfo, model_validator

from platformc.language.models.base import FLATTENED, Boolean, DocumentSpec, SpecModel, flattened, problem, words_of
from platformc.language.models.container import Container, ContainerFields, SecurityContext
from platformc.language.models.labels import Annotations, Labels
from platformc.language.models.types import (
    CIDR,
    ContainerPath,
    Label,
    MemoryQuantity,
    PortNumber,
    RelativePath,
    Subdomain,
)
from platformc.rules.needs import INVALID_NEED
from platformc.rules.pods import INVALID_CONTAINERS


class Internet(SpecModel):
    """Addresses on the internet."""

    ports: tuple[PortNumber, ...]
    """The TCP ports."""
    except_: Literal["private", "none"] = "private"
    """`private` excludes the platform's private ranges, so that a request forged by a user cannot reach inside."""

    model_config = {"alias_generator": lambda name: name.rstrip("_")}


ELSEWHERE = ("service", "internet", "cidr", "kubernetes_api")
NEED_ALIASES = {"kubernetes_api": "kubernetesAPI"}


class NeedTarget(NamedTuple):
    """The document that a need refers to."""

    word: str
    """The word for its kind in references."""
    name: str


class Need(SpecModel):
    """Something that this document uses: one target, and how it is used."""

    workload: str | None = None
    """A Workload; `port` names its port."""
    job: str | None = None
    """A Job to start after."""
    in_aws: dict[str, str] = {}
    """An AWS resource, by the word of its kind; `access` says how it is used."""
    service: str | None = None
    """An ExternalService."""
    internet: Internet | None = None
    """The internet."""
    cidr: CIDR | None = None
    """An address range; `ports` lists the ports."""
    kubernetes_api: Boolean | None = None
    """The Kubernetes API."""
    port: str | None = None
    """The name of the Workload's port; optional if it has one port."""
    ports: tuple[PortNumber, ...] = ()
    """The ports, with `cidr`."""
    access: tuple[str, ...] = ()
    """How an AWS resource is accessed; each kind has its own words."""
    connect: Boolean = True
    """False if only the order matters and there is no traffic."""
    order: Boolean = False
    """On the first sync, start after it."""
    wait: Boolean = False
    """Delay the pod until the port answers."""

    model_config = {"alias_generator": lambda name: FLATTENED if name == "in_aws" else NEED_ALIASES.get(name, name)}

    @property
    def target(self) -> NeedTarget | None:
        """The needed document; None for the internet, an address range and the Kubernetes API."""
        for word, name in (("workload", self.workload), ("job", self.job), *self.in_aws.items()):
            if name is not None:
                return NeedTarget(word, name)
        return NeedTarget("service", self.service) if self.service is not None else None

    @model_validator(mode="wrap")
    @classmethod
    def _in_aws(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Read `table: events` as an AWS resource if `table` is a word of the kinds that are passed in."""
        return handler(flattened(data, words_of(info)))

    @model_validator(mode="after")
    def _one_target(self, info: ValidationInfo) -> Self:
        inside = ("workload", "job")
        named = [target for target in inside if target in self.model_fields_set]
        named += [word for word in words_of(info) if word in self.in_aws]
        named += [target for target in ELSEWHERE if target in self.model_fields_set]
        if len(named) != 1:
            words = (*inside, *words_of(info), *(NEED_ALIASES.get(name, name) for name in ELSEWHERE))
            raise problem(
                INVALID_NEED,
                "a need must have exactly one target"
                if not named
                else f"a need must have one target, not {' and '.join(NEED_ALIASES.get(name, name) for name in named)}",
                "write one need for each" if named else f"write one of {', '.join(words)}",
            )
        target = NEED_ALIASES.get(named[0], named[0])
        if self.target is None and not (self.internet or self.cidr or self.kubernetes_api):
            raise problem(
                INVALID_NEED, f"`{target}` names nothing", "remove the need, or write its target", at=(target,)
            )
        if self.access and not self.in_aws:
            raise problem(INVALID_NEED, f"`access` does not work with {target}", "remove it", at=("access",))
        if self.ports and named[0] != "cidr":
            hint = "write internet: {ports: […]}" if named[0] == "internet" else ""
            raise problem(INVALID_NEED, f"`ports` works only with cidr, not with {target}", hint, at=("ports",))
        if named[0] == "cidr" and not self.ports:
            hint = f"write one such as {{cidr: {self.cidr}, ports: [5432]}}"
            raise problem(INVALID_NEED, "`cidr` needs `ports`", hint, at=("cidr",))
        if self.port and named[0] != "workload":
            raise problem(INVALID_NEED, f"`port` works only with workload, not with {target}", at=("port",))
        if (self.wait and not self.connect) or (self.wait and named[0] not in {"workload", "service"}):
            message = "`wait` waits for a port, so it needs a connection to a workload or service"
            raise problem(INVALID_NEED, message, "remove it", at=("wait",))
        return self


class PersistentVolumeClaim(SpecModel):
    """Storage that outlives the pod."""

    size: MemoryQuantity
    """Its size; it can grow later, but never shrink."""
    storage_class_name: Subdomain | None = None
    """The storage class; defaults to the platform's."""
    access_modes: tuple[Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"], ...] = (
        "ReadWriteOnce",
    )
    """Who may mount it at the same time."""


class Volume(SpecModel):
    """A volume of the pod."""

    name: Label
    """The volume's name."""
    persistent_volume_claim: PersistentVolumeClaim
    """Storage that outlives the pod; for a folder that does not, use `scratch`."""
    mount_path: ContainerPath | None = None
    """Where it is mounted, in a pod with one container; use `mounts` otherwise."""
    sub_path: RelativePath | None = None
    """A folder inside it (the root of a fresh disk contains `lost+found`)."""


RULE_ALIASES = {
    "api_groups": "apiGroups",
    "resource_names": "resourceNames",
    "non_resource_urls": "nonResourceURLs",
}


class PolicyRule(SpecModel):
    """A permission in the Kubernetes API."""

    api_groups: tuple[str, ...] = ()
    """The API groups; "" is the core group."""
    resources: tuple[str, ...] = ()
    """The resources, in the plural; subresources as `pods/exec`."""
    verbs: tuple[str, ...]
    """The allowed verbs."""
    resource_names: tuple[str, ...] = ()
    """Only objects with these names."""
    non_resource_urls: tuple[str, ...] = ()
    """Paths that are not resources, such as /metrics."""

    model_config = {"alias_generator": lambda name: RULE_ALIASES.get(name, name)}


class AccessRole(SpecModel):
    """The pods' permissions in the Kubernetes API; enables the service account's token."""

    scope: Literal["Namespace", "Cluster"] = "Namespace"
    """Whether the permissions apply to the namespace or to the whole cluster."""
    role_name: str | None = None
    """The Role's or ClusterRole's name; defaults to the workload's."""
    binding_name: str | None = None
    """The binding's name; defaults to the role's."""
    rules: tuple[PolicyRule, ...]
    """The permissions."""


class Toleration(SpecModel):
    """A taint that the pods tolerate; Kubernetes' own fields."""

    key: str | None = None
    """The taint's key."""
    operator: Literal["Equal", "Exists"] | None = None
    """How the value is compared."""
    value: str | None = None
    """The taint's value."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """The taint's effect."""
    toleration_seconds: int | None = None
    """How long, for NoExecute."""


class PodFields(ContainerFields, DocumentSpec):
    """The fields of a pod. Inherited, because YAML has them in one map with a Workload's own."""

    extends: tuple[str, ...] = ()
    """Profiles to inherit from, merged in order."""
    containers: tuple[Container, ...] = ()
    """Several containers, in place of the fields of one."""
    init_containers: tuple[Container, ...] = ()
    """Containers that run to completion first."""
    security_context: SecurityContext = SecurityContext()
    """The user that processes run as; `runAsUser` is required."""
    volumes: tuple[Volume, ...] = ()
    """Volumes."""
    hostname: Label | None = None
    """The pod's host name, for processes that store it in their data."""
    termination_grace_period_seconds: int | None = None
    """Seconds between the request to stop and the kill; Kubernetes' default is 30."""
    service_account_name: Subdomain | None = None
    """The service account's name; defaults to the document's."""
    rbac: tuple[AccessRole, ...] = ()
    """Permissions in the Kubernetes API."""
    identity: str | None = None
    """The Identity to use in AWS; its permissions follow from the needs below."""
    needs: tuple[Need, ...] = ()
    """Everything it connects to or uses."""
    node_selector: Labels | None = None
    """The nodes to run on; defaults to the platform's."""
    tolerations: tuple[Toleration, ...] | None = None
    """The taints to tolerate; defaults to the platform's."""
    priority_class_name: Subdomain | None = None
    """The priority class."""
    labels: Labels = {}
    """Additional labels of the pods."""
    annotations: Annotations = {}
    """Additional annotations of the pods."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.containers and self.image is not None:
            raise problem(
                INVALID_CONTAINERS,
                "`image` and `containers` cannot be used together",
                "move it into one of the containers",
                at=("image",),
            )
        return self
