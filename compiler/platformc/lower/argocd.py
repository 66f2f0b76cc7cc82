"""Pass: the objects for Argo CD: a root Application, three AppProjects, one Application per folder.

Applications are plain files like everything else, so each field can be reviewed (docs/architecture.md).
The projects allow exactly what is rendered, and the children that Argo CD would otherwise hide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.language import PLATFORM, DocumentId, Resource
from platformc.language.models.addon import AddonSpec
from platformc.language.models.platform import Link
from platformc.language.origin import derive
from platformc.link import Program
from platformc.lower import claim_api, crossplane_packages, namespaces, network_policies
from platformc.lower.argocd_projects import IN_CLUSTER, addons_project, destination_of, platform_project, root_project
from platformc.lower.claim import CLAIMS
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import WAVE, without_nothing
from platformc.lower.pull_secret_metadata import APPLICATION as PULL_SECRETS
from platformc.lower.values import tree

FOLDER = "argocd"
ROOT = "root"
API = "argoproj.io/v1alpha1"
FINALIZER = "resources-finalizer.argocd.argoproj.io"
HISTORY = 5
SUBSCRIBE = "notifications.argoproj.io/subscribe"
SYNC_OPTIONS_OF_OBJECT = "argocd.argoproj.io/sync-options"
CONFIRMED_PRUNING = "Prune=confirm"
"""A renamed or lost Application deletes everything that it synced, so the root asks first."""
WAVE_OF_PROJECTS = -50
WAVES = {
    namespaces.APPLICATION: -30,
    PLATFORM: -15,
    crossplane_packages.APPLICATION: -15,
    crossplane_packages.PROVIDER_CONFIG: -12,  # its kind is installed with the packages
    claim_api.APPLICATION: -10,
    PULL_SECRETS: 0,
    network_policies.ISOLATION: 20,
}
WAVE_OF_CLAIMS = -5
SYNC_OPTIONS = (
    "ServerSideApply=true",
    "PrunePropagationPolicy=foreground",  # a claim deleted in the background leaves its resource for the next one
)


def lower_argocd(program: Program, manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    """The Applications and AppProjects for everything that the other passes made."""
    folders: dict[str, list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        folders[manifest.application].append(manifest)
    owner = program.platform.platform.id

    def made(resource: dict[str, Any]) -> Manifest:
        return Manifest(resource, owner, FOLDER)

    yield made(_root(program))
    yield made(_project(program, ROOT, root_project(program)))
    spaces = _namespaces(program, folders)
    yield made(_project(program, "platform", platform_project(program, manifests, spaces)))
    addons = [resource for resource in program.platform.resources if resource.id.kind == "Addon"]
    if addons:
        yield made(_project(program, "addons", addons_project(program, addons)))
    for folder in sorted(folders):
        resource = _application_of(program, folder)
        found = _folder(program, folder, _namespace(folders[folder], resource, spaces), resource)
        yield Manifest(found, resource.id if resource else owner, FOLDER)
    for addon in addons:
        yield Manifest(_addon(program, addon), addon.id, FOLDER)


def application_name(program: Program, name: str) -> str:
    """An Application's or AppProject's name, with the environment's prefix."""
    prefix = program.platform.target.argocd.name_prefix
    return derive(f"{prefix}{name}", prefix, name)


def _metadata(program: Program, name: str, wave: int, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    settings = program.platform.settings
    return {
        "name": application_name(program, name),
        "namespace": settings.argocd.namespace,
        "labels": {
            "app.kubernetes.io/managed-by": "platformc",
            "app.kubernetes.io/part-of": program.platform.platform.name,
            "platformc.dev/environment": program.platform.environment,
        },
        "annotations": {WAVE: derive(str(wave), wave), **(annotations or {})},
    }


def _source(program: Program, folder: str) -> dict[str, Any]:
    git, environment = program.platform.settings.git, program.platform.environment
    path = f"{git.path}/{environment}/{folder}"
    return {
        "repoURL": git.repo_url,
        "targetRevision": git.target_revision,
        "path": derive(path, git.path, environment, folder),
        "directory": {"recurse": True},
    }


def _sync_policy(options: Sequence[str]) -> dict[str, Any]:
    return {
        "automated": {"prune": True, "selfHeal": True},
        "syncOptions": list(options),
        # Without a limit, because Argo CD never retries a commit that it gave up; the sync timeout of argocd/settings
        # ends hopeless syncs. refresh: the next try uses the newest commit, so that a fix overtakes what it fixes.
        "retry": {"limit": -1, "refresh": True, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}},
    }


WRITTEN_BY_ARGOCD = (
    {
        "group": "argoproj.io",
        "kind": "Application",
        # Argo CD's controller and server add these to Applications, and remove them again. A server-side diff
        # compares the API server's state with Argo CD's cached one: a field removed in between is a difference, so
        # each refresh and each sync below would make the root heal itself.
        "jsonPointers": ["/operation", "/metadata/annotations/argocd.argoproj.io~1refresh"],
    },
)

ANNOTATIONS = {
    "argocd.argoproj.io/manifest-generate-paths": ".",
    "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
}


def _root(program: Program) -> dict[str, Any]:
    settings = program.platform.settings
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {**_metadata(program, ROOT, 0, ANNOTATIONS), "finalizers": [FINALIZER]},
        "spec": {
            "project": application_name(program, ROOT),
            "source": _source(program, FOLDER),
            "destination": {"server": IN_CLUSTER, "namespace": settings.argocd.namespace},
            "syncPolicy": _sync_policy(SYNC_OPTIONS),
            "ignoreDifferences": [dict(each) for each in WRITTEN_BY_ARGOCD],
            "revisionHistoryLimit": HISTORY,
            **without_nothing({"info": _info(settings.argocd.links)}),
        },
    }


def _info(links: Sequence[Link]) -> list[dict[str, str]]:
    """Links on an Application's page. Never the commit: Argo CD shows it, and no byte may depend on it (D1)."""
    return [{"name": link.name, "value": link.url} for link in links]


def _application_of(program: Program, folder: str) -> Resource[Any] | None:
    for name in (folder, folder.removesuffix(CLAIMS)):
        found = program.resources.get(DocumentId("Application", name, name))
        if found is not None:
            return found
    return None


def _namespaces(program: Program, folders: Mapping[str, Sequence[Manifest]]) -> list[str]:
    """The namespaces of the platform's Applications."""
    used = {manifest.id.namespace for found in folders.values() for manifest in found if manifest.id.namespace}
    found = [_application_of(program, folder) for folder in folders]
    return sorted(used | {resource.namespace for resource in found if resource is not None}) or ["default"]


def _namespace(manifests: Sequence[Manifest], resource: Resource[Any] | None, allowed: Sequence[str]) -> str:
    """An Application's destination: Argo CD rejects one that its project does not allow, even if nothing goes there."""
    if resource is not None:
        return resource.namespace
    return min((manifest.id.namespace for manifest in manifests if manifest.id.namespace), default=allowed[0])


def _folder(program: Program, folder: str, namespace: str, resource: Resource[Any] | None) -> dict[str, Any]:
    """The Application that syncs one folder of the output."""
    is_claims = resource is not None and folder != resource.name
    wave = WAVES.get(folder, 0)
    if resource is not None:
        wave = WAVE_OF_CLAIMS if is_claims else resource.spec.sync_wave
    options = [*SYNC_OPTIONS, *(resource.spec.sync_options if resource and not is_claims else ())]
    links = (*(resource.spec.links if resource else ()), *program.platform.settings.argocd.links)
    notes = dict(resource.metadata.annotations) if resource else {}
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {
            **_metadata(program, folder, wave, {**ANNOTATIONS, SYNC_OPTIONS_OF_OBJECT: CONFIRMED_PRUNING, **notes}),
            "finalizers": [FINALIZER],
        },
        "spec": without_nothing(
            {
                "project": application_name(program, "platform"),
                "source": _source(program, folder),
                "destination": destination_of(program.platform.target.destination, namespace),
                "syncPolicy": _sync_policy(options),
                "revisionHistoryLimit": HISTORY,
                "info": _info(links),
            }
        ),
    }


def _addon(program: Program, addon: Resource[AddonSpec]) -> dict[str, Any]:
    spec = addon.spec
    helm = without_nothing(
        {
            "releaseName": spec.release_name or addon.name,
            "valuesObject": tree(program, addon, spec.values) if spec.values else None,
        }
    )
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {
            # No finalizer: deleting a chart deletes its CRDs, and with them every object of their kinds.
            **_metadata(
                program,
                addon.name,
                spec.sync_wave,
                {
                    "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
                    SYNC_OPTIONS_OF_OBJECT: CONFIRMED_PRUNING,
                },
            ),
        },
        "spec": {
            "project": application_name(program, "addons"),
            "source": {"repoURL": spec.repo_url, "chart": spec.chart, "targetRevision": spec.version, "helm": helm},
            "destination": destination_of(program.platform.target.destination, spec.namespace),
            "syncPolicy": _sync_policy((*SYNC_OPTIONS, "CreateNamespace=true")),
            "revisionHistoryLimit": HISTORY,
            **without_nothing({"info": _info(program.platform.settings.argocd.links)}),
        },
    }


def _project(program: Program, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """An AppProject. Its subscriptions apply to all its Applications (Argo CD's docs, "Subscriptions")."""
    subscriptions = {
        derive(f"{SUBSCRIBE}.{trigger}.{service}", trigger, service): derive(";".join(recipients), *recipients)
        for trigger, services in program.platform.settings.argocd.notifications.items()
        for service, recipients in services.items()
    }
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {**_metadata(program, name, WAVE_OF_PROJECTS, subscriptions), "finalizers": [FINALIZER]},
        "spec": spec,
    }
