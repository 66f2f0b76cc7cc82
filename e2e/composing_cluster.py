"""composing_cluster: a cluster whose Crossplane composes our claims, in either form of the claim API.

In      a folder for what a cluster of its own writes, or one that runs; claims as rendered.
Out     claims, with what the core made of them.
Never   holds both forms at once: a claim of one has the CRD of a composite of the other.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from composing.claim_composition import ClaimKind
from composing.claim_composition import managed_resources as composed
from composing.platform_claims import kinds
from e2e.claim_api import install_claim_api
from e2e.control_plane import start_control_plane, start_controller_manager
from e2e.crossplane import start_crossplane
from e2e.definitions import install, upstream_definitions
from e2e.function import register_function, start_function
from e2e.kubernetes_api import KubernetesAPI, eventually
from e2e.processes import processes
from e2e.provider import composite_of, managed_resources

JSON: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class ComposingCluster:
    """A cluster, and the form of the claim API that it has."""

    api: KubernetesAPI
    form: str
    kinds: Mapping[str, ClaimKind]

    def apply(self, claims: Iterable[JSON]) -> list[JSON]:
        """Apply claims, their namespaces first; the claims as they then are."""
        listed = list(claims)
        for name in sorted({one["metadata"]["namespace"] for one in listed}):
            self.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return [self.api.apply(one).object for one in listed]

    def current(self, claim: JSON) -> JSON | None:
        """A claim as it is now; None where it is gone."""
        metadata = claim["metadata"]
        return self.api.get(claim["apiVersion"], claim["kind"], metadata["name"], metadata["namespace"])

    def managed(self, claim: JSON) -> dict[str, JSON]:
        """What was made of a claim so far."""
        return managed_resources(self.api, claim)

    def wanted(self, claim: JSON) -> dict[str, JSON]:
        """What the evaluator makes of a claim that is composed already."""
        composite = composite_of(self.api, claim)
        assert composite is not None
        known = copy.deepcopy(claim)
        known["metadata"]["uid"] = composite["metadata"]["uid"]
        return {one.resource: one.object for one in composed(self.kinds, [known])}

    def wait_until_composed(self, claims: Iterable[JSON]) -> None:
        """Wait until claims have all the managed resources that they should have."""
        for claim in claims:
            names = {one.resource for one in composed(self.kinds, [claim])}
            eventually(
                f"{claim['kind']} {claim['metadata']['name']} has {', '.join(sorted(names))}",
                lambda claim=claim, names=names: names <= set(self.managed(claim)),  # type: ignore[misc]
                seen=lambda claim=claim: composite_of(self.api, claim),  # type: ignore[misc]
            )


def serve_claims(api: KubernetesAPI, form: str) -> ComposingCluster:
    """Install the claim API on a cluster whose core knows the function."""
    found = kinds(form)
    install_claim_api(api, [thing for one in found.values() for thing in (one.definition, one.composition)])
    return ComposingCluster(api, form, found)


@contextmanager
def cluster_of_its_own(folder: Path, form: str) -> Iterator[ComposingCluster]:
    """A whole cluster, for the length of the block."""
    folder.mkdir()
    with processes(folder) as programs:
        plane = start_control_plane(folder / "control-plane", programs)
        with closing(plane.api.client):
            install(plane.api, _definitions_for(kinds(form)))
            crossplane = start_crossplane(plane, folder / "crossplane", programs)
            register_function(plane.api, start_function(plane, crossplane, folder / "function", programs))
            made = serve_claims(plane.api, form)
            start_controller_manager(plane, programs)  # last: what is collected, it looks for at its start
            yield made


def _definitions_for(found: Mapping[str, ClaimKind]) -> list[JSON]:
    """The provider's CRDs of what is made: each further one costs the API server a second."""
    made = {
        (template.base["apiVersion"].partition("/")[0], template.base["kind"])
        for one in found.values()
        for template in one.composes.templates
    }
    listed = upstream_definitions("provider-upjet-aws")
    return [one for one in listed if (one["spec"]["group"], one["spec"]["names"]["kind"]) in made]
