"""permissions_in_kubernetes: what subjects may do more or less in the Kubernetes API.

In      a Comparison.
Out     Effects: one for each subject whose permissions differ, with escalations named.
Never   looks at a subject whose roles and bindings are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from platformc.check.policies.kubernetes_access import BINDINGS, ROLES
from platformc.check.policies.object_fields import RBAC, below, text
from platformc.diff.access.rbac import Access, Permission, Subject, beyond
from platformc.diff.access.rbac_words import escalations, phrases
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.reachability import in_words, pod_path
from platformc.snapshot import Comparison, ObjectKey

SHOWN = 40


def permission_effects_in_kubernetes(comparison: Comparison) -> Iterator[Effect]:
    """Every change of what Roles and their bindings allow, and every pod that takes another service account."""
    clusters = {change.key.cluster for change in comparison.changes if _matters(comparison, change.key)}
    for cluster in sorted(clusters):
        found = _Cluster.of(comparison, cluster)
        yield from found.subjects()
        yield from found.accounts()


def _matters(comparison: Comparison, key: ObjectKey) -> bool:
    if key.group == RBAC:
        return key.kind in BINDINGS or key.kind in ROLES
    return _changes_account(comparison, key)


def _changes_account(comparison: Comparison, key: ObjectKey) -> bool:
    change = comparison.by_key[key]
    if change.before is None or change.after is None:
        return False
    return _account(key, change.before.object) != _account(key, change.after.object)


def _account(key: ObjectKey, found: object) -> Subject | None:
    """The service account of an object's pods; None if it makes none."""
    path = pod_path(key.kind, found) if isinstance(found, dict) else None
    if path is None:
        return None
    spec = below(found, *(str(step) for step in path))
    name = text(below(spec, "serviceAccountName")) or text(below(spec, "serviceAccount")) or "default"
    return Subject("ServiceAccount", key.namespace, name)


@dataclass(frozen=True, slots=True)
class _Cluster:
    """RBAC of one cluster in both states."""

    comparison: Comparison
    cluster: str
    before: Access
    after: Access

    @classmethod
    def of(cls, comparison: Comparison, cluster: str) -> _Cluster:
        states = [
            Access({key: one.object for key, one in side.items() if key.cluster == cluster})
            for side in (comparison.before, comparison.after)
        ]
        return cls(comparison, cluster, states[0], states[1])

    def subjects(self) -> Iterator[Effect]:
        """The subjects that have a changed binding or role."""
        changed = self.comparison.by_key.keys()
        touched = {
            subject
            for access in (self.before, self.after)
            for subject, bindings in access.bindings.items()
            if any(not changed.isdisjoint(binding.keys) for binding in bindings)
        }
        for subject in sorted(touched):
            old, new = self.before.permissions(subject), self.after.permissions(subject)
            yield from self._of_subject(subject, beyond(new, old), gained=True)
            yield from self._of_subject(subject, beyond(old, new), gained=False)

    def _of_subject(self, subject: Subject, permissions: list[Permission], *, gained: bool) -> Iterator[Effect]:
        basis = self._basis(subject, permissions, gained=gained)
        if not permissions or not basis:
            return
        key = basis[0].key
        words = f"{'lets' if gained else 'no longer lets'} {subject}"
        yield from self._effect(key, words, subject, permissions, basis, gained=gained)

    def _effect(
        self,
        key: ObjectKey,
        words: str,
        subject: Subject,
        permissions: list[Permission],
        basis: Iterable[Basis],
        *,
        gained: bool,
    ) -> Iterator[Effect]:
        reasons = escalations(subject, permissions) if gained else []
        said = phrases(permissions)
        details = [*(f"escalation: {reason}" for reason in reasons)]
        details += said if len(said) > 2 else []  # noqa: PLR2004 - what the message names already
        if len(details) > SHOWN:
            details = [*details[:SHOWN], f"{len(details) - SHOWN} more"]
        users = self._users(subject)
        if users:
            details.append(f"used by {in_words(users, 6)}")
        escalated = ", an escalation" if reasons else ""
        facts = {"subject": str(subject), "gained": gained, "permissions": said, "escalations": reasons}
        yield Effect(
            EffectKind.PERMISSION,
            Verdict.PERMISSIONS if gained else Verdict.ROUTINE,
            self._environment(key),
            key,
            f"{words} {in_words(said, 2)}{escalated}",
            tuple(basis),
            tuple(details),
            data=facts,
        )

    def _basis(self, subject: Subject, permissions: list[Permission], *, gained: bool) -> tuple[Basis, ...]:
        """The changed objects of the bindings that give the permissions in the state that has them."""
        wanted = set(permissions)
        access = self.after if gained else self.before
        keys = {
            key
            for binding in access.bindings.get(subject, ())
            if not wanted.isdisjoint(access.of_binding(binding))
            for key in binding.keys
        }
        found = sorted(keys & self.comparison.by_key.keys(), key=lambda key: (key.kind in BINDINGS, key))
        return tuple(place for key in found for place in self._places(key))

    def _places(self, key: ObjectKey) -> Iterator[Basis]:
        """The values of an object that differ; the whole of it if it is new or gone."""
        change = self.comparison.by_key[key]
        if change.before is None or change.after is None:
            yield Basis(key, () if change.before is not None else None, () if change.after is not None else None)
            return
        yield from (Basis(key, one.before_path, one.after_path) for one in change.fields)

    def _users(self, subject: Subject) -> list[str]:
        if subject.kind != "ServiceAccount":
            return []
        return [
            str(key)
            for key, one in sorted(self.comparison.after.items())
            if key.cluster == self.cluster
            and key.namespace == subject.namespace
            and _account(key, one.object) == subject
        ]

    def _environment(self, key: ObjectKey) -> str:
        return self.comparison.by_key[key].environment

    def accounts(self) -> Iterator[Effect]:
        """Pods that take another service account, with what it may do more and less."""
        for change in self.comparison.changes:
            if change.key.cluster != self.cluster or change.before is None or change.after is None:
                continue
            was, now = _account(change.key, change.before.object), _account(change.key, change.after.object)
            if was is None or now is None or was == now:
                continue
            old, new = self.before.permissions(was), self.after.permissions(now)
            path = (*(pod_path(change.key.kind, change.after.object) or ()), "serviceAccountName")
            basis = (Basis(change.key, path, path),)
            words = f"runs as {now} instead of {was}"
            gained, lost = beyond(new, old), beyond(old, new)
            if gained:
                yield from self._effect(change.key, f"{words}, and so may", now, gained, basis, gained=True)
            if lost:
                yield from self._effect(change.key, f"{words}, and so may no longer", was, lost, basis, gained=False)
            if not gained and not lost:
                yield Effect(
                    EffectKind.PERMISSION,
                    Verdict.ROUTINE,
                    change.environment,
                    change.key,
                    f"{words}; both may do the same in the Kubernetes API, as far as it is rendered here",
                    basis,
                )
