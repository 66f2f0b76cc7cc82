"""Pod fields: what Workloads and Jobs say about their pods, and their needs."""

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
    """Addresses outside of the platform."""

    ports: tuple[PortNumber, ...]
    """The TCP ports."""
    except_: Literal["private", "none"] = "private"
    """`private` leaves out the platform's private ranges, so that a request forged by a user cannot reach inside."""

    model_config = {"alias_generator": lambda name: name.rstrip("_")}


ELSEWHERE = ("service", "internet", "cidr", "kubernetes_api")
NEED_ALIASES = {"kubernetes_api": "kubernetesAPI"}


class NeedTarget(NamedTuple):
    """A document that a need names."""

    word: str
    """The word that references have for its kind."""
    name: str


class Need(SpecModel):
    """Something that this one uses: one target, and how it is used."""

    workload: str | None = None
    """A Workload; `port` says which of its ports."""
    job: str | None = None
    """A Job, to be ordered after it."""
    in_aws: dict[str, str] = {}
    """Something in AWS, by the word of its kind; `access` says how."""
    service: str | None = None
    """An ExternalService."""
    internet: Internet | None = None
    """The internet."""
    cidr: CIDR | None = None
    """An address range; `ports` says which ports."""
    kubernetes_api: Boolean | None = None
    """The cluster's own API."""
    port: str | None = None
    """The name of the Workload's port; may be left out where it has one."""
    ports: tuple[PortNumber, ...] = ()
    """The ports, with `cidr`."""
    access: tuple[str, ...] = ()
    """What is done with it; the words are the kind's."""
    connect: Boolean = True
    """False where only the order matters and no traffic flows."""
    order: Boolean = False
    """On the first sync, start after it."""
    wait: Boolean = False
    """Hold the pod back until the port answers."""

    model_config = {"alias_generator": lambda name: FLATTENED if name == "in_aws" else NEED_ALIASES.get(name, name)}

    @property
    def target(self) -> NeedTarget | None:
        """The document that is needed; None for the internet, an address range and the cluster's API."""
        for word, name in (("workload", self.workload), ("job", self.job), *self.in_aws.items()):
            if name is not None:
                return NeedTarget(word, name)
        return NeedTarget("service", self.service) if self.service is not None else None

    @model_validator(mode="wrap")
    @classmethod
    def _in_aws(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """`table: events` names a resource in AWS if `table` is a word of the kinds that are passed in."""
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
    """How much; it can grow later, never shrink."""
    storage_class_name: Subdomain | None = None
    """The storage class; by default the platform's."""
    access_modes: tuple[Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"], ...] = (
        "ReadWriteOnce",
    )
    """Who may mount it at the same time."""


class Volume(SpecModel):
    """A volume of the pod."""

    name: Label
    """The volume's name."""
    persistent_volume_claim: PersistentVolumeClaim
    """Storage that outlives the pod; a folder that ends with it is `scratch`."""
    mount_path: ContainerPath | None = None
    """Where it stands, in a pod with one container; `mounts` otherwise."""
    sub_path: RelativePath | None = None
    """A folder inside it (the root of a fresh disk holds `lost+found`)."""


RULE_ALIASES = {
    "api_groups": "apiGroups",
    "resource_names": "resourceNames",
    "non_resource_urls": "nonResourceURLs",
}


class PolicyRule(SpecModel):
    """A right in Kubernetes' API."""

    api_groups: tuple[str, ...] = ()
    """The API groups; "" is the core group."""
    resources: tuple[str, ...] = ()
    """The resources, in the plural; sub-resources as `pods/exec`."""
    verbs: tuple[str, ...]
    """What may be done."""
    resource_names: tuple[str, ...] = ()
    """Only the objects of these names."""
    non_resource_urls: tuple[str, ...] = ()
    """Paths that are no objects, such as /metrics."""

    model_config = {"alias_generator": lambda name: RULE_ALIASES.get(name, name)}


class AccessRole(SpecModel):
    """Rights of the pods in Kubernetes' API; switches the service account's token on."""

    scope: Literal["Namespace", "Cluster"] = "Namespace"
    """Whether the rights end at the namespace."""
    role_name: str | None = None
    """The Role's or ClusterRole's name; by default the workload's."""
    binding_name: str | None = None
    """The binding's name; by default the role's."""
    rules: tuple[PolicyRule, ...]
    """The rights."""


class Toleration(SpecModel):
    """A taint that the pods put up with; Kubernetes' own fields."""

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
    """The fields of a pod. Inherited, as YAML has them in one map with a Workload's own."""

    extends: tuple[str, ...] = ()
    """Profiles to start from, merged in order."""
    containers: tuple[Container, ...] = ()
    """Several containers, in place of the fields of one."""
    init_containers: tuple[Container, ...] = ()
    """Containers that run to their end first."""
    security_context: SecurityContext = SecurityContext()
    """Who the programs run as; `runAsUser` is required."""
    volumes: tuple[Volume, ...] = ()
    """Volumes."""
    hostname: Label | None = None
    """The pod's host name, where the program stores it in its data."""
    termination_grace_period_seconds: int | None = None
    """Seconds between asking to stop and killing; Kubernetes' default is 30."""
    service_account_name: Subdomain | None = None
    """The service account's name; by default the document's."""
    rbac: tuple[AccessRole, ...] = ()
    """Rights in Kubernetes' API."""
    identity: str | None = None
    """The Identity whose AWS rights are exactly the needs below."""
    needs: tuple[Need, ...] = ()
    """Everything it talks to or uses."""
    node_selector: Labels | None = None
    """Which nodes; by default the platform's."""
    tolerations: tuple[Toleration, ...] | None = None
    """Which taints; by default the platform's."""
    priority_class_name: Subdomain | None = None
    """The priority class."""
    labels: Labels = {}
    """Further labels of the pods."""
    annotations: Annotations = {}
    """Further annotations of the pods."""

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
