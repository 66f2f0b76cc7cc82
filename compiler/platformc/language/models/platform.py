"""Platform: what all environments share."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from platformc.language.models.aws_tags import Tags
from platformc.language.models.base import DocumentSpec, Integer, SpecModel, problem
from platformc.language.models.labels import Labels
from platformc.language.models.pod import Toleration
from platformc.language.models.types import CIDR, Duration, Label, PortNumber, Subdomain, TemplateText, seconds
from platformc.rules.aws import INVALID_PROVIDER_CONFIG
from platformc.rules.fields import INVALID_ACCOUNT, INVALID_NAME, INVALID_VERSION
from platformc.rules.secrets import INVALID_PULL_SECRET, INVALID_REFRESH_INTERVAL


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        raise problem(
            INVALID_ACCOUNT, f"{text!r} is not an AWS account id", 'write its 12 digits in quotes: "123456789012"'
        )
    return text


MINUTE, HOUR, DAY = 60, 3600, 86400

AccountID = Annotated[str, AfterValidator(_account)]


def _version(text: str) -> str:
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", text):
        raise problem(INVALID_VERSION, f"{text!r} is not a version", 'write it in quotes: "1.34"')
    return text


Version = Annotated[str, AfterValidator(_version)]


class Git(SpecModel):
    """Where Argo CD reads the rendered output."""

    repo_url: Annotated[str, Field(alias="repoURL")]
    """The repository's URL."""
    target_revision: str = "main"
    """The branch or tag."""
    path: str = "rendered"
    """The folder that contains the environments' folders."""


class Kubernetes(SpecModel):
    """The clusters."""

    version: Version
    """The version that the output is validated against."""


class Link(SpecModel):
    """A link on a page in Argo CD."""

    name: str
    """Its title."""
    url: str
    """Its target."""


LONGEST_NOTIFICATION_NAME = 26
"""A trigger and a service share the name of an annotation, which may be 63 characters long."""


def _notification_name(text: str) -> str:
    if len(text) > LONGEST_NOTIFICATION_NAME:
        raise problem(
            INVALID_NAME, f"{text!r} is {len(text)} characters long; the limit is {LONGEST_NOTIFICATION_NAME}"
        )
    return text


NotificationName = Annotated[Label, AfterValidator(_notification_name)]
"""A trigger or a service of Argo CD's notifications."""


class ArgoCD(SpecModel):
    """Argo CD itself."""

    namespace: Label = "argocd"
    """Its namespace."""
    version: Version = "3.5"
    """Its version."""
    links: tuple[Link, ...] = ()
    """Links on the page of every Application, in addition to its own."""
    notifications: dict[NotificationName, dict[NotificationName, tuple[str, ...]]] = {}
    """Who is notified of what: a trigger of Argo CD's notifications, a service, its recipients."""


class ProviderConfig(SpecModel):
    """The Crossplane provider configuration that the claims use."""

    kind: Literal["ClusterProviderConfig", "ProviderConfig"] | None = None
    """Its kind; optional, because it follows from `crossplane.scope`."""
    name: Subdomain = "default"
    """Its name."""


class AWS(SpecModel):
    """The AWS account."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    """The region."""
    account_id: Annotated[AccountID, Field(alias="accountID")]
    """The account's 12 digits, in quotes."""
    tags: Tags = {}
    """Tags of all the platform's AWS resources."""
    provider_config: ProviderConfig = ProviderConfig()
    """The provider configuration that the claims use."""
    credentials: TemplateText | None = None
    """The Secret's file or key with Crossplane's own AWS credentials; without it no provider configuration is rendered."""


class Crossplane(SpecModel):
    """The form of claims."""

    scope: Literal["Namespaced", "LegacyCluster"] = "Namespaced"
    """Namespaced for Crossplane 2; LegacyCluster for claims and cluster-scoped resources, as in Crossplane 1."""
    management_policy: Literal["Full", "Observe"] = "Full"
    """Observe if another environment installs the claim API on the same cluster."""


class Defaults(SpecModel):
    """Defaults for all documents."""

    labels: Labels = {}
    """Labels of all objects."""
    node_selector: Labels = {}
    """The nodes that pods run on."""
    tolerations: tuple[Toleration, ...] = ()
    """The taints that pods tolerate."""
    storage_class_name: Subdomain | None = None
    """The storage class of volumes."""
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] | None = None
    """When images are pulled."""
    wait_image: str = "docker.io/library/busybox:1.37"
    """The image of containers that wait for a port; it needs `sh` and `nc`."""
    revision_history_limit: Integer = 3
    """How many old ReplicaSets are kept."""


class DNS(SpecModel):
    """The DNS server that pods use."""

    namespace: Label = "kube-system"
    """The DNS server's namespace."""
    pod_labels: Labels = {"k8s-app": "kube-dns"}
    """The labels of its pods."""
    port: PortNumber = 53
    """The port of its pods."""
    cidrs: tuple[CIDR, ...] = ()
    """Addresses of a node-local DNS cache, if there is one."""


class KubernetesAPI(SpecModel):
    """How pods reach the API server."""

    cidrs: tuple[CIDR, ...] = ("0.0.0.0/0",)
    """Its addresses as NetworkPolicies see them, after translation of the Service's address."""
    ports: tuple[PortNumber, ...] = (443,)
    """Its ports."""


class Network(SpecModel):
    """What NetworkPolicies must know about the clusters."""

    dns: DNS = DNS()
    """The DNS server that pods use."""
    private_ranges: tuple[CIDR, ...] = (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
    )
    """Addresses that are not the internet."""
    kubernetes_api: Annotated[KubernetesAPI, Field(alias="kubernetesAPI")] = KubernetesAPI()
    """How pods reach the API server."""


LONGEST_REFRESH = {"external-secrets": 4 * HOUR, "cronjob": 6 * HOUR}
"""Seconds. A token is valid for 12 hours (AWS, GetAuthorizationToken), and one failure must not matter: a CronJob's
token is at most one interval old, one of External Secrets up to two, because pods use a copy of the renewed token."""


class ImagePullSecret(SpecModel):
    """A pull secret that is renewed inside the cluster."""

    registry: Literal["ecr"]
    """The kind of registry."""
    provider: Literal["external-secrets", "cronjob"] = "external-secrets"
    """What renews it: ECR tokens are valid for 12 hours."""
    identity: TemplateText
    """The Identity that may pull."""
    source_namespace: Label
    """The only namespace with the identity's access key."""
    refresh_interval: Duration = "1h"
    """How often it is renewed: at least every 4h; with `cronjob`, at least every 6h, and dividing an hour or a day evenly."""
    image: str = "docker.io/library/python:3.13-alpine"
    """With `cronjob`, the image that renews it; it needs only `python3`, 3.11 or later."""

    @model_validator(mode="after")
    def _refresh(self) -> Self:
        refresh, longest = seconds(self.refresh_interval), LONGEST_REFRESH[self.provider]
        if not MINUTE <= refresh <= longest:
            raise problem(
                INVALID_REFRESH_INTERVAL,
                f"refreshInterval is {self.refresh_interval}, but {self.provider} allows 1m to {longest // HOUR}h: a token"
                " is valid for 12 hours",
                "write 1h",
                at=("refreshInterval",),
            )
        if self.provider == "cronjob" and not (_every(refresh, MINUTE, HOUR) or _every(refresh, HOUR, DAY)):
            raise problem(
                INVALID_REFRESH_INTERVAL,
                f"a CronJob cannot run every {self.refresh_interval}",
                "write a divisor of an hour, such as 30m, or of a day, such as 1h or 4h",
                at=("refreshInterval",),
            )
        return self

    @model_validator(mode="after")
    def _image(self) -> Self:
        if self.provider != "cronjob" and "image" in self.model_fields_set:
            raise problem(INVALID_PULL_SECRET, "`image` works only with provider cronjob", at=("image",))
        return self


def _every(refresh: int, unit: int, whole: int) -> bool:
    """Whether a time is a multiple of the unit and divides the whole evenly."""
    return refresh % unit == 0 and whole % refresh == 0


LONGEST_PULL_SECRET_NAME = 44
"""A CronJob's name may be 52 characters long, because its jobs get 11 more, and contains the pull secret's."""


def _pull_secret_name(text: str) -> str:
    if len(text) > LONGEST_PULL_SECRET_NAME:
        raise problem(INVALID_NAME, f"{text!r} is {len(text)} characters long; the limit is {LONGEST_PULL_SECRET_NAME}")
    return text


PullSecretName = Annotated[Label, AfterValidator(_pull_secret_name)]
"""A pull secret's name: objects and a label are named after it."""


class PlatformSpec(DocumentSpec):
    """What all environments share."""

    git: Git
    """Where Argo CD reads the rendered output."""
    kubernetes: Kubernetes
    """The clusters."""
    argocd: ArgoCD = ArgoCD()
    """Argo CD itself."""
    aws: AWS | None = None
    """The AWS account; required for tables, queues, repositories and identities."""
    crossplane: Crossplane = Crossplane()
    """The form of claims."""
    values_schema: dict[str, Any] = {}
    """The JSON Schema of each environment value; values without a default are required."""
    defaults: Defaults = Defaults()
    """Defaults for all documents."""
    network: Network = Network()
    """What NetworkPolicies must know about the clusters."""
    image_pull_secrets: dict[PullSecretName, ImagePullSecret] = {}
    """Pull secrets by name."""
    outputs: dict[str, TemplateText] = {}
    """Values for people and scripts; `platformc outputs` prints them."""

    @model_validator(mode="after")
    def _provider_config(self) -> Self:
        given = self.aws.provider_config.kind if self.aws else None
        used = "ClusterProviderConfig" if self.crossplane.scope == "Namespaced" else "ProviderConfig"
        if given not in {None, used}:
            message = f"claims of the scope {self.crossplane.scope} use a {used}, not a {given}"
            raise problem(
                INVALID_PROVIDER_CONFIG,
                message,
                "leave `kind` out: it follows from the scope",
                at=("aws", "providerConfig", "kind"),
            )
        return self
