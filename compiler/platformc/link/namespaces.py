"""Namespaces: which application creates each, and its settings.

Finds   namespace-not-created, namespace-created-twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from platformc.diagnostics import Finding
from platformc.language import Platform, Resource
from platformc.language.models.application import ApplicationSpec
from platformc.rules.documents import NAMESPACE_CREATED_TWICE, NAMESPACE_NOT_CREATED


@dataclass(frozen=True, slots=True, eq=False)
class NamespacePlan:
    """One namespace, the application that creates it, and all applications that use it."""

    name: str
    creator: Resource[ApplicationSpec]
    users: tuple[Resource[ApplicationSpec], ...]

    @property
    def isolated(self) -> bool:
        """Whether NetworkPolicies are rendered for it."""
        return self.creator.spec.namespace.network_policy == "enforce"

    @property
    def image_pull_secrets(self) -> tuple[str, ...]:
        """The pull secrets that it gets, sorted."""
        return tuple(sorted({name for user in self.users for name in user.spec.namespace.image_pull_secrets}))


def plan_namespaces(platform: Platform) -> tuple[Mapping[str, NamespacePlan], tuple[Finding, ...]]:
    """Find the creator of each namespace: the one with `create: true`, or the only one that uses it."""
    users: dict[str, list[Resource[ApplicationSpec]]] = defaultdict(list)
    for resource in platform.resources:
        if resource.id.kind == "Application":
            users[resource.spec.namespace.name].append(resource)
    failed = any(identity.kind == "Application" for identity in platform.failed)  # it may be the creator
    plans: dict[str, NamespacePlan] = {}
    findings: list[Finding] = []
    for name, found in sorted(users.items()):
        creators = [user for user in found if user.spec.namespace.create]
        silent = [user for user in found if user.spec.namespace.create is None]
        if len(creators) > 1:
            related = ((creators[0].at("namespace", "create"), "created here too"),)
            message = (
                f"the applications {' and '.join(user.name for user in creators)} both create the namespace {name}"
            )
            at = creators[1].at("namespace", "create")
            findings.append(NAMESPACE_CREATED_TWICE.at(at, message, "keep one `create: true`", related=related))
        elif not creators and not (len(silent) == 1 and len(found) == 1) and not (platform.incomplete or failed):
            message = f"no application creates the namespace {name}"
            at = found[0].at("namespace", "name")
            findings.append(NAMESPACE_NOT_CREATED.at(at, message, "add `create: true` to one of them"))
        plans[name] = NamespacePlan(name, (creators or silent or found)[0], tuple(found))
    return plans, tuple(findings)
