"""rbac: what subjects may do in the Kubernetes API of one cluster, in one state.

In      Roles, ClusterRoles and their bindings, of any shape.
Out     Grants: the Permissions of a subject, through all bindings and aggregated roles.
Never   guesses what a role allows that is not rendered here: it is a permission of its own, called after the role.

Source: Kubernetes docs, "Using RBAC Authorization"; pkg/apis/rbac/v1/evaluation_helpers.go for what covers what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.check.policies.kubernetes_access import BINDINGS, ROLES
from platformc.check.policies.object_fields import RBAC, below, labels, mapping, sequence, text, texts
from platformc.diff.reachability import Selector, UnreadableError, read_selector
from platformc.snapshot import ObjectKey

Objects = Mapping[ObjectKey, Mapping[str, Any]]

EVERYTHING = "*"
AGGREGATE_TO = "rbac.authorization.k8s.io/aggregate-to-"
"""The labels that add a ClusterRole's rules to Kubernetes' own roles. Kubernetes docs, "Aggregated ClusterRoles"."""
ROOT_ROLE = "cluster-admin"
"""Kubernetes' own role that allows everything. Of its other roles only the names are known here."""


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Who has permissions."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        if self.kind == "ServiceAccount":
            return f"the service account {self.namespace}/{self.name}"
        if self.kind == "ClusterRole":
            return f"everyone with Kubernetes' own role {self.name}"
        return f"the {self.kind.lower()} {self.name}"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One verb on one resource, or on one path of the API server."""

    scope: str
    """The namespace; empty for the whole cluster."""
    group: str
    resource: str
    """With its subresource: `pods/exec`. For a role that is not known here: its kind and name, and no verb."""
    name: str
    """The only object that it is for; empty for all."""
    verb: str
    path: str = ""
    """A path of the API server, in place of a resource."""

    @property
    def is_whole_role(self) -> bool:
        """Whether it stands for all that an unknown role allows."""
        return not self.verb

    def covers(self, other: Permission) -> bool:
        """Whether whoever has it also has the other one."""
        return (
            self.scope in ("", other.scope)
            and self.verb in (EVERYTHING, other.verb)
            and (self._covers_path(other) if self.path else self._covers_resource(other))
        )

    def _covers_path(self, other: Permission) -> bool:
        if self.path.endswith("*"):
            return other.path.startswith(self.path[:-1]) and bool(other.path)
        return self.path == other.path

    def _covers_resource(self, other: Permission) -> bool:
        if other.path or self.is_whole_role is not other.is_whole_role:
            return False
        own, _, part = self.resource.partition("/")
        matches = self.resource in (EVERYTHING, other.resource)
        if own == EVERYTHING and part:  # `*/scale`
            matches = other.resource.partition("/")[2] == part
        return matches and self.group in (EVERYTHING, other.group) and self.name in ("", other.name)

    @property
    def is_wide(self) -> bool:
        """Whether it covers more than itself."""
        return not self.scope or not self.name or EVERYTHING in f"{self.group}{self.resource}{self.verb}{self.path}"


@dataclass(frozen=True, slots=True)
class Binding:
    """A role in the hands of somebody, and the objects that say so."""

    scope: str
    role: ObjectKey
    keys: tuple[ObjectKey, ...]
    """The binding, the role, and the roles that are aggregated to it."""


class Access:
    """RBAC of one cluster in one state."""

    def __init__(self, objects: Objects) -> None:
        found = {key: one for key, one in objects.items() if key.group == RBAC}
        self.roles = {key: one for key, one in found.items() if key.kind in ROLES}
        self._bound = {key: one for key, one in found.items() if key.kind in BINDINGS}

    @cached_property
    def bindings(self) -> Mapping[Subject, tuple[Binding, ...]]:
        """All bindings by their subjects."""
        found: dict[Subject, list[Binding]] = defaultdict(list)
        for key, one in self._bound.items():
            kind = text(below(one, "roleRef", "kind"))
            space = key.namespace if kind == "Role" else ""
            role = ObjectKey(key.cluster, RBAC, kind, space, text(below(one, "roleRef", "name")))
            scope = key.namespace if key.kind == "RoleBinding" else ""
            for entry in sequence(one.get("subjects")):
                given = mapping(entry)
                is_account = given.get("kind") == "ServiceAccount"
                where = (text(given.get("namespace")) or key.namespace) if is_account else ""
                subject = Subject(text(given.get("kind")), where, text(given.get("name")))
                found[subject].append(Binding(scope, role, (key, *self._parts(role))))
        for key, one in self.roles.items():
            for name, value in labels(below(one, "metadata", "labels")):
                if name.startswith(AGGREGATE_TO) and value == "true" and key.kind == "ClusterRole":
                    subject = Subject("ClusterRole", "", name.removeprefix(AGGREGATE_TO))
                    found[subject].append(Binding("", key, (key,)))
        return {subject: tuple(several) for subject, several in found.items()}

    def _parts(self, role: ObjectKey) -> tuple[ObjectKey, ...]:
        return (role, *self._aggregated.get(role, ()))

    @cached_property
    def _aggregated(self) -> Mapping[ObjectKey, tuple[ObjectKey, ...]]:
        found = {}
        for key, one in self.roles.items():
            given = sequence(below(one, "aggregationRule", "clusterRoleSelectors"))
            selectors = [selector for entry in given if (selector := _selector(entry)) is not None]
            if selectors:
                found[key] = tuple(other for other in self.roles if other != key and self._is_part(other, selectors))
        return found

    def _is_part(self, role: ObjectKey, selectors: Iterable[Selector]) -> bool:
        own = dict(labels(below(self.roles[role], "metadata", "labels")))
        return role.kind == "ClusterRole" and any(selector.matches(own) for selector in selectors)

    def permissions(self, subject: Subject) -> frozenset[Permission]:
        """Everything that a subject may do because a binding here says so."""
        return frozenset(one for binding in self.bindings.get(subject, ()) for one in self.of_binding(binding))

    def of_binding(self, binding: Binding) -> Iterator[Permission]:
        """What one binding allows."""
        role = binding.role
        if role not in self.roles:
            if role.kind == "ClusterRole" and role.name == ROOT_ROLE:
                yield Permission(binding.scope, EVERYTHING, EVERYTHING, "", EVERYTHING)
                yield Permission("", "", "", "", EVERYTHING, EVERYTHING)
            else:
                yield Permission(binding.scope, RBAC, f"{role.kind} {role.name}", "", "")
            return
        for key in self._parts(role):
            for entry in sequence(self.roles[key].get("rules")):
                yield from _rule(mapping(entry), binding.scope)


def _selector(value: Any) -> Selector | None:
    try:
        return read_selector(value)
    except UnreadableError:
        return None  # the API server refuses the role


def _rule(rule: Mapping[str, Any], scope: str) -> Iterator[Permission]:
    verbs = texts(rule.get("verbs"))
    for group in texts(rule.get("apiGroups")):
        for resource in texts(rule.get("resources")):
            for name in texts(rule.get("resourceNames")) or [""]:
                yield from (Permission(scope, group, resource, name, verb) for verb in verbs)
    if not scope:  # a RoleBinding gives no paths
        for path in texts(rule.get("nonResourceURLs")):
            yield from (Permission("", "", "", "", verb, path) for verb in verbs)


def beyond(some: frozenset[Permission], others: frozenset[Permission]) -> list[Permission]:
    """The permissions that others do not cover, sorted."""
    wide = [one for one in others if one.is_wide]
    return [one for one in sorted(some - others) if not any(other.covers(one) for other in wide)]
