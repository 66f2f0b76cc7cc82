"""ExternalService: something that the platform connects to but does not own."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from platformc.language.models.base import DocumentSpec, problem
from platformc.language.models.labels import Labels
from platformc.language.models.types import CIDR, Label, PortNumber
from platformc.rules.fields import INVALID_EXTERNAL_SERVICE


class ExternalServiceSpec(DocumentSpec):
    """Something that the platform connects to but does not own: in another namespace, or outside the cluster."""

    namespace: Label | None = None
    """Its namespace, for a Service in the cluster."""
    host: str | None = None
    """Its host name; defaults to the Service's."""
    port: PortNumber
    """The port to connect to."""
    target_port: PortNumber | None = None
    """The port of its pods, which NetworkPolicies apply to; defaults to `port`."""
    pod_labels: Labels = {}
    """The labels of its pods; defaults to all pods of the namespace."""
    cidrs: tuple[CIDR, ...] = ()
    """Its addresses, for a service outside the cluster."""

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.namespace is None and not self.cidrs:
            raise problem(
                INVALID_EXTERNAL_SERVICE, "needs `namespace` for a Service in the cluster, or `cidrs` for one outside"
            )
        if self.namespace is None and self.host is None:
            raise problem(INVALID_EXTERNAL_SERVICE, "needs `host` for a service outside the cluster")
        return self
