"""Environment: one place where the platform runs, and what differs there."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from platformc.language.models.base import Boolean, DocumentSpec, SpecModel, problem
from platformc.language.models.metadata import Metadata
from platformc.language.models.platform import AccountID, Network
from platformc.language.models.types import RelativePath
from platformc.rules.environments import INVALID_DESTINATION


class Destination(SpecModel):
    """The cluster, as Argo CD identifies it."""

    server: str | None = None
    """The URL of its API server."""
    name: str | None = None
    """Its name in Argo CD."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.server is None) == (self.name is None):
            raise problem(INVALID_DESTINATION, "a destination needs exactly one of `server` and `name`")
        return self


class EnvironmentArgoCD(SpecModel):
    """What differs in Argo CD."""

    instance: str = "default"
    """The Argo CD instance; environments of different instances share no names and no `kubernetes.default.svc`."""

    name_prefix: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9.-]*)?$", max_length=63)] = ""
    """Prefix of the names of Applications and AppProjects, if one Argo CD serves several environments."""


class EnvironmentAWS(SpecModel):
    """What differs in AWS."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] | None = None
    """The region."""
    account_id: Annotated[AccountID | None, Field(alias="accountID")] = None
    """The account's 12 digits, in quotes."""
    name_prefix: str = ""
    """Prefix of the names of tables, queues, repositories and users."""


class Sealing(SpecModel):
    """How secrets are sealed."""

    certificate: RelativePath | None = None
    """The controller's certificate, a PEM file below the specs folder."""
    scope: Literal["strict", "namespace-wide", "cluster-wide"] = "strict"
    """Where sealed values can be decrypted."""


class OverrideMetadata(Metadata):
    """Which document an override changes."""


class Override(SpecModel):
    """A change to one document in this environment."""

    kind: str
    """The document's kind."""
    metadata: OverrideMetadata | None = None
    """The document's name, and its application if the name alone is ambiguous."""
    spec: dict[str, Any] = {}
    """The fields that differ; maps merge, null removes."""
    disabled: Boolean = False
    """True if the document does not exist in this environment."""


class EnvironmentSpec(DocumentSpec):
    """One place where the platform runs."""

    destination: Destination
    """The cluster."""
    argocd: EnvironmentArgoCD = EnvironmentArgoCD()
    """What differs in Argo CD."""
    aws: EnvironmentAWS = EnvironmentAWS()
    """What differs in AWS."""
    sealing: Sealing = Sealing()
    """How secrets are sealed."""
    applications: tuple[str, ...] | None = None
    """The applications that run here; defaults to all."""
    values: dict[str, Any] = {}
    """The values that the platform's valuesSchema declares."""
    network: Network | None = None
    """The network, in place of the platform's."""
    overrides: tuple[Override, ...] = ()
    """Changes to documents in this environment."""
