"""Reserved names: names of generated Applications, which an Application document cannot have.

In      the graph.
Finds   application-name-reserved.
Never   checks Addons: they have no folder, and one that shares a name makes an object twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.diagnostics import Finding
from platformc.language import PLATFORM, DocumentId
from platformc.link import Program
from platformc.lower import argocd, claim_api, crossplane_packages, namespaces, network_policies, pull_secret_metadata
from platformc.lower.claim import CLAIMS
from platformc.rules.documents import APPLICATION_NAME_RESERVED

GENERATED = {
    argocd.FOLDER: "the Applications and AppProjects themselves",
    argocd.ROOT: "the Application of all Applications",
    PLATFORM: "what belongs to no application",
    namespaces.APPLICATION: "all namespaces",
    crossplane_packages.APPLICATION: "Crossplane's packages",
    crossplane_packages.PROVIDER_CONFIG: "the configuration of Crossplane's provider",
    claim_api.APPLICATION: "the definitions of claims",
    pull_secret_metadata.APPLICATION: "the pull secrets",
    network_policies.ISOLATION: "what denies all other traffic",
}
"""Folders of the output that platformc fills itself, and their contents."""


def reserved_names(program: Program) -> Iterator[Finding]:
    """Applications whose folder of the output would contain what another Application syncs."""
    for identity, resource in program.resources.items():
        if identity.kind != "Application":
            continue
        kept = GENERATED.get(resource.name)
        owner = resource.name.removesuffix(CLAIMS)
        if owner != resource.name and DocumentId("Application", owner, owner) in program.resources:
            kept = f"the claims of {owner}"
        if kept is not None:
            message = f"an application cannot be named {resource.name}: the name is reserved for {kept}"
            hint = "rename it and its folder"
            yield APPLICATION_NAME_RESERVED.at(resource.name_span, message, hint)
