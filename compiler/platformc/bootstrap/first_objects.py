"""First objects: what a person applies once; from then on Argo CD applies the rest itself.

In      Argo CD's settings, and the files of one or more environments that one Argo CD serves.
Out     the objects in the order in which they are needed, and the next steps.
Never   touches a cluster: `live` applies them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformc.bootstrap.settings import settings
from platformc.canonical_yaml import emit
from platformc.diagnostics import BugReport, UsageError
from platformc.language import Platform
from platformc.lower import ObjectId
from platformc.lower.argocd import FOLDER, ROOT
from platformc.tree import Tree


@dataclass(frozen=True, slots=True)
class FirstObject:
    """One object, ready to be applied."""

    id: ObjectId
    api_version: str
    content: bytes
    """As YAML; for a rendered object, the exact bytes of its file."""


def prepared(
    folder: Path, platforms: Sequence[Platform], trees: Sequence[Tree], *, only_settings: bool = False
) -> list[FirstObject]:
    """Everything that a person applies, in order; `folder` is argocd/. Raises UsageError, FindingsError."""
    config_maps = settings(folder, folder.name, platforms[0].claim_api, one_instance(platforms))
    return settings_objects(config_maps) + ([] if only_settings else first_objects(platforms, trees))


def settings_objects(config_maps: Sequence[dict[str, Any]]) -> list[FirstObject]:
    """The ConfigMaps of Argo CD's settings."""
    return [
        FirstObject(
            ObjectId("", "ConfigMap", one["metadata"]["namespace"], one["metadata"]["name"]), "v1", emit(one).encode()
        )
        for one in config_maps
    ]


def first_objects(platforms: Sequence[Platform], trees: Sequence[Tree]) -> list[FirstObject]:
    """The root's AppProject, then the root Application, of each environment; the root syncs the rest."""
    files = {tree.environment: {file.id: file for file in tree.files.values()} for tree in trees}
    found = []
    for platform in platforms:
        for kind in ("AppProject", "Application"):
            identity = ObjectId("argoproj.io", kind, platform.settings.argocd.namespace, root_name(platform))
            file = files[platform.environment].get(identity)
            if file is None:
                raise BugReport(f"{platform.environment}/{FOLDER} holds no {identity}")
            found.append(FirstObject(identity, file.api_version, file.content))
    return found


def root_name(platform: Platform) -> str:
    """The name of an environment's root Application."""
    return f"{platform.target.argocd.name_prefix}{ROOT}"


def one_instance(platforms: Sequence[Platform]) -> str:
    """The namespace of the one Argo CD that serves all of these environments.

    Raises UsageError if there are several: they are on different clusters, and one command line
    is for one cluster.
    """
    instances: dict[tuple[str, str], list[str]] = {}
    for platform in platforms:
        key = (platform.target.argocd.instance, platform.settings.argocd.namespace)
        instances.setdefault(key, []).append(platform.environment)
    if len(instances) > 1:
        served = "; ".join(f"{name}: {', '.join(found)}" for (name, _), found in sorted(instances.items()))
        raise UsageError(
            f"the environments belong to several Argo CD instances ({served})", "choose those of one with -e"
        )
    ((_, namespace),) = instances
    return namespace


def next_steps(platforms: Sequence[Platform], *, applied: bool) -> str:
    """The next steps for a person, in order; plain text, one line each."""
    repository = platforms[0].settings.git.repo_url
    namespace = one_instance(platforms)
    steps = []
    if not applied:
        steps.append(
            "apply the output: pipe it to `kubectl apply --server-side --force-conflicts -f -`, or use --apply"
        )
    steps.append(
        "if the settings are new: kubectl -n "
        f"{namespace} rollout restart statefulset/argocd-application-controller deployment/argocd-server"
    )
    steps.append(f"if {repository} is private: give Argo CD its key, `argocd repo add {repository} …`")
    for platform in platforms:
        destination = platform.target.destination
        if destination.name not in (None, "in-cluster"):
            steps.append(
                f"if Argo CD does not know the cluster yet: `argocd cluster add CONTEXT --name {destination.name}`"
            )
        certificate = platform.target.sealing.certificate
        if certificate:
            steps.append(
                f"{platform.environment}: the private key of {platform.specs}/{certificate} must be the "
                "sealed-secrets controller's (docs/operating.md)"
            )
    names = " ".join(f"-e {platform.environment}" for platform in platforms)
    steps.append(f"watch the first installation: platformc status {names} --watch")
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
