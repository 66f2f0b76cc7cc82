"""argocd_projects: what Argo CD is allowed to sync, from where, and to where.

In      the graph, and all objects that the other passes made.
Out     three AppProjects as plain objects, without their common metadata.
Never   allows a kind that is not rendered, except for the children that Argo CD would otherwise hide.

Kinds are allowed by group and kind. Naming each cluster-scoped object would be even stricter, but
Argo CD 3.2 has no `clusterResourceWhitelist[].name`, and server-side apply rejects unknown fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.language import Resource
from platformc.language.models.addon import AddonSpec
from platformc.language.models.environment import Destination
from platformc.language.origin import unmarked
from platformc.link import Program
from platformc.lower.claim import GROUP
from platformc.lower.claim_api import claim_api
from platformc.lower.composed import Kind, claimed_kind, composed_kinds
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import without_nothing

IN_CLUSTER = "https://kubernetes.default.svc"

POD: Kind = ("", "Pod")
SECRET: Kind = ("", "Secret")
CONTROLLER_REVISION: Kind = ("apps", "ControllerRevision")
CHILDREN: Mapping[Kind, tuple[Kind, ...]] = {
    ("apps", "DaemonSet"): (POD, CONTROLLER_REVISION),
    ("apps", "Deployment"): (("apps", "ReplicaSet"), POD),
    ("apps", "StatefulSet"): (POD, CONTROLLER_REVISION, ("", "PersistentVolumeClaim")),
    ("batch", "CronJob"): (("batch", "Job"), POD),
    ("batch", "Job"): (POD,),
    ("bitnami.com", "SealedSecret"): (SECRET,),
    ("external-secrets.io", "ClusterExternalSecret"): (("external-secrets.io", "ExternalSecret"), SECRET),
    ("external-secrets.io", "ExternalSecret"): (SECRET,),
}
"""What controllers create for rendered objects; Argo CD hides objects of kinds that a project does not allow.

Endpoints, EndpointSlices and Events are missing: Argo CD does not watch them (`resource.exclusions`).
"""
CLUSTER_CHILDREN: Mapping[Kind, tuple[Kind, ...]] = {
    ("apiextensions.crossplane.io", "Composition"): (("apiextensions.crossplane.io", "CompositionRevision"),),
    ("pkg.crossplane.io", "Function"): (("pkg.crossplane.io", "FunctionRevision"),),
    ("pkg.crossplane.io", "Provider"): (("pkg.crossplane.io", "ProviderRevision"),),
}
"""The same for kinds without a namespace. CustomResourceDefinitions are omitted on purpose: nothing here syncs one."""


def children_of(program: Program) -> Mapping[Kind, tuple[Kind, ...]]:
    """CHILDREN, and the Secrets that Crossplane writes beside claims."""
    claims = [claim for kind in program.platform.kinds.values() if kind.aws is not None for claim in kind.aws.claims]
    return {**CHILDREN, **{(GROUP, claim.kind): (SECRET,) for claim in claims if claim.writes_secret}}


def destination_of(destination: Destination, namespace: str) -> dict[str, Any]:
    """A destination on the environment's cluster, as in Applications and AppProjects."""
    return without_nothing({"server": destination.server, "name": destination.name, "namespace": namespace})


def root_project(program: Program) -> dict[str, Any]:
    """What the root Application can sync: Applications and AppProjects in Argo CD's namespace, nothing else."""
    settings = program.platform.settings
    return {
        "description": "The Applications and AppProjects themselves",
        "sourceRepos": [settings.git.repo_url],
        "destinations": [{"server": IN_CLUSTER, "namespace": settings.argocd.namespace}],
        # No cluster-wide list: without one nothing cluster-wide is allowed.
        "namespaceResourceWhitelist": _kinds({("argoproj.io", "Application"), ("argoproj.io", "AppProject")}),
    }


def platform_project(program: Program, manifests: Sequence[Manifest], spaces: Sequence[str]) -> dict[str, Any]:
    """What the platform's Applications can sync: the rendered kinds, in their namespaces."""
    settings, target = program.platform.settings, program.platform.target
    identities = [manifest.id for manifest in manifests]
    # Without origins: many objects are of one kind, and the origin of one of them is not why the kind is allowed.
    cluster = {(unmarked(one.group), unmarked(one.kind)) for one in identities if not one.namespace}
    namespaced = {(unmarked(one.group), unmarked(one.kind)) for one in identities if one.namespace}
    composed = _composed(program, cluster | namespaced)
    return {
        "description": f"What platformc renders for {program.platform.environment}",
        "sourceRepos": [settings.git.repo_url],
        "destinations": [destination_of(target.destination, namespace) for namespace in spaces],
        **without_nothing({"clusterResourceWhitelist": _kinds({*cluster, *_children(CLUSTER_CHILDREN, cluster)})}),
        "namespaceResourceWhitelist": _kinds(
            {*namespaced, *composed, *_children(children_of(program), cluster | namespaced)},
        ),
    }


def addons_project(program: Program, addons: Sequence[Resource[AddonSpec]]) -> dict[str, Any]:
    """What charts can sync. They have kinds of their own, so only their sources and destinations are fixed."""
    target = program.platform.target
    spaces = sorted({addon.spec.namespace for addon in addons})
    return {
        "description": "Upstream Helm charts",
        "sourceRepos": sorted({addon.spec.repo_url for addon in addons}),
        "destinations": [destination_of(target.destination, namespace) for namespace in spaces],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        "namespaceResourceWhitelist": [{"group": "*", "kind": "*"}],
    }


def _kinds(pairs: set[Kind]) -> list[dict[str, str]]:
    return [{"group": group, "kind": kind} for group, kind in sorted(pairs)]


def _children(known: Mapping[Kind, tuple[Kind, ...]], rendered: set[Kind]) -> set[Kind]:
    return {child for parent in rendered for child in known.get(parent, ())}


def _composed(program: Program, rendered: set[Kind]) -> Iterator[Kind]:
    """The managed resources that Compositions make from the rendered claims.

    Only those of namespaced composite resources. With LegacyCluster both they and the composite are cluster-wide, and
    what is cluster-wide can have no owner in a namespace: Argo CD shows them below nothing, so nothing would be hidden.
    """
    if program.platform.settings.crossplane.scope != "Namespaced":
        return
    for composition in claim_api(program):
        if claimed_kind(composition) in rendered:
            yield from composed_kinds(composition)
