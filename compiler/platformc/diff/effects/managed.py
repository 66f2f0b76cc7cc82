"""managed: what Crossplane makes, changes and deletes in AWS on account of claims, definitions and Compositions.

In      a Comparison: the claims of each environment, and the claim API of both sides.
Out     an Effect for each managed resource that is affected, down to its fields.
Never   asks a cluster or AWS: `composing` works out what Crossplane's function would compose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, assert_never

from platformc.check.claim_api import ProviderFacts, provider_facts
from platformc.check.policies.object_fields import below, text
from platformc.composing import ABSENT as NOTHING
from platformc.composing import (
    Cause,
    Changed,
    ClaimId,
    ClaimSide,
    Created,
    Deleted,
    Fate,
    FieldEffect,
    Forgotten,
    FormSwitched,
    Live,
    Managed,
    ManagedChange,
    NotKnown,
    Renamed,
    Why,
    affected,
    claimed_kinds,
    composed,
    is_managed,
    managed_changes,
)
from platformc.composing import FieldChange as ManagedField
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.refused import is_refused
from platformc.language import Kinds
from platformc.link import Program
from platformc.lower.claim import GROUP
from platformc.lower.claim_api import claim_api
from platformc.snapshot import (
    ABSENT,
    Comparison,
    EnvironmentSnapshot,
    FieldChange,
    ObjectChange,
    ObjectKey,
    SnapshotObject,
)

CLAIM_API = "apiextensions.crossplane.io"
PROTECTIONS = (
    ("deletionProtectionEnabled",),
    ("pointInTimeRecovery",),
    ("pointInTimeRecovery", "enabled"),
    ("versioningConfiguration",),
    ("versioningConfiguration", "status"),
)
"""Fields of the provider that protect data (upbound/provider-aws v2.6.0, package/crds: dynamodb Table, s3)."""
FATES = {
    Fate.DELETED: "AWS deletes it",
    Fate.KEPT: "it stays in AWS, and nobody manages it any longer",
    Fate.PAUSED: "it stays in AWS, because it is paused",
    Fate.NOTHING_IN_AWS: "only an object on the cluster goes",
}
AFTERWARDS = "may change in AWS: what Crossplane made of it before is not known"
NOT_KNOWN = {
    Why.REFUSED: "Crossplane refuses it, and everything in AWS stays as it is until that is corrected",
    Why.MISSING: "is not made, unless the cluster has what the specs lack",
    Why.UNSUPPORTED: "what Crossplane makes of it is not known here",
    Why.LIVE: "what Crossplane makes of it depends on the cluster",
    Why.PAUSED: "nothing changes in AWS as long as it is paused",
}
"""Why it is not known what a claim makes -> what is known all the same."""
WORDS = {
    FieldEffect.UPDATED: "changed in place",
    FieldEffect.RELEASED: "no longer set: the provider's default counts, or what AWS has",
    FieldEffect.REFUSED: "refused by the provider, which would have to replace the resource",
    FieldEffect.REFUSED_UNLESS_SO: "refused by the provider unless AWS has it so already",
    FieldEffect.ANOTHER: "another resource in AWS from now on; the former one stays, and nobody manages it",
    FieldEffect.CREDENTIALS: "other credentials: in another account it is another resource",
    FieldEffect.PERMITTED: "what the provider may do; nothing changes in AWS",
    FieldEffect.HELD: "nothing changes, because the provider may not",
    FieldEffect.AT_CREATION: "counts only for a resource that does not exist yet",
    FieldEffect.ON_CLUSTER: "only on the cluster",
    FieldEffect.UNKNOWN: "not known whether the provider changes it or refuses",
}


def managed_effects(comparison: Comparison) -> Iterator[Effect]:
    """Judge what happens in AWS, environment by environment."""
    for name, head in comparison.head.environments.items():
        base = comparison.base.environments.get(name) or _former(comparison, head)
        program = head.program
        if program is None:
            continue
        if base is not None and base.cluster != head.cluster:
            base = None  # what is on the other cluster stays there, with its claims
        facts = provider_facts(program.platform.kinds)
        before = _side(base, _claim_api(base.program) if base is not None else ())
        after = _side(head, _claim_api(program), _refused(comparison, head))
        if base is not None and base.program is None:
            before = ClaimSide(after.claim_api, before.claims)  # only files are known: their claim API is in them
        old, new = affected(before, after)
        changes = managed_changes(composed(old.claim_api, old.claims), composed(new.claim_api, new.claims), facts)
        judged = _Environment(comparison, head, facts, program.platform.kinds)
        for change in changes:
            yield judged.effect(change)


def _former(comparison: Comparison, head: EnvironmentSnapshot) -> EnvironmentSnapshot | None:
    """Of an environment that only the head has: the one that is gone from its cluster, whose claims it takes over."""
    gone = comparison.base.environments.keys() - comparison.head.environments.keys()
    found = [one for name, one in comparison.base.environments.items() if name in gone and one.cluster == head.cluster]
    return found[0] if len(found) == 1 else None


def _claim_api(program: Program | None) -> tuple[dict[str, Any], ...]:
    return claim_api(program) if program is not None else ()


def _refused(comparison: Comparison, head: EnvironmentSnapshot) -> Mapping[ObjectKey, SnapshotObject]:
    """Claims whose change the API server does not take, as they stay: nobody in AWS hears of it."""
    return {
        change.key: change.before
        for change in comparison.changes
        if change.environment == head.name
        and change.before is not None
        and change.key.group not in {"", CLAIM_API}
        and is_refused(change, None, comparison.base)
    }


def _side(
    environment: EnvironmentSnapshot | None,
    api: tuple[dict[str, Any], ...],
    instead: Mapping[ObjectKey, SnapshotObject] = MappingProxyType({}),
) -> ClaimSide:
    """The claims of an environment; some of them as they were before."""
    if environment is None:
        return ClaimSide(api, ())
    kinds = claimed_kinds(api)
    claims = [
        dict(instead.get(one.key, one).object)
        for one in environment.objects
        if (one.key.group, one.key.kind) in kinds or (not api and one.key.group == GROUP)
    ]
    return ClaimSide(api, tuple(claims))


class _Environment:
    """Judges the changes of one environment."""

    def __init__(
        self, comparison: Comparison, environment: EnvironmentSnapshot, facts: ProviderFacts, kinds: Kinds
    ) -> None:
        self._comparison = comparison
        self._environment = environment
        self._facts = facts
        self._with_data = frozenset(
            claim.kind for kind in kinds.values() if kind.aws for claim in kind.aws.claims if claim.data is not None
        )

    def effect(self, change: ManagedChange) -> Effect:
        """The effect of one change."""
        claim = change.claim
        if isinstance(change, Created):
            message = "is created in AWS" if change.creates else "stands for what exists in AWS; nothing is created"
            if not is_managed(change.after):
                message = "is created on the cluster"
            return self._of(change.after, claim, Verdict.ROUTINE, message)
        if isinstance(change, Changed):
            return self._changed(change)
        if isinstance(change, Deleted | Renamed | Forgotten):
            return self._gone(change)
        if isinstance(change, NotKnown):
            return self._not_known(change)
        if isinstance(change, FormSwitched):
            count = len(change.standing)
            message = (
                f"has the {'older' if change.legacy else 'newer'} form from now on:"
                f" what becomes of {count} managed resource{'' if count == 1 else 's'} is not known"
            )
            return self._of_claim(claim, Verdict.DATA_LOSS, message)
        assert_never(change)

    def _gone(self, change: Deleted | Renamed | Forgotten) -> Effect:
        if isinstance(change, Forgotten):
            message = "is of another kind in the Composition: the former one stays, and acts until the claim is deleted"
            return self._of(change.before, change.claim, Verdict.UNPROTECTED, message)
        loses = change.fate is Fate.DELETED and change.claim.kind in self._with_data
        fields: tuple[ManagedField, ...] = ()
        if isinstance(change, Deleted):
            why = "its claim goes" if change.cause is Cause.CLAIM_REMOVED else "its Composition no longer makes it"
            message = f"{FATES[change.fate]}, because {why}"
        else:
            fields = change.fields
            again = "is deleted and made again, because it has another name in the Composition"
            message = f"{again}: {FATES[change.fate]}"
        verdict = Verdict.DATA_LOSS if loses else Verdict.ROUTINE
        return self._of(change.before, change.claim, verdict, message, fields)

    def _changed(self, change: Changed) -> Effect:
        effects = {field.effect for field in change.fields}
        verdict, message = Verdict.ROUTINE, "changes in AWS"
        if change.refused:
            fields = ", ".join(_path(field) for field in change.refused)
            verdict, message = (
                Verdict.REFUSED,
                f"is refused by the provider: {fields} cannot change, and every other change waits",
            )
        elif FieldEffect.REFUSED_UNLESS_SO in effects:
            verdict, message = Verdict.REFUSED, "is refused by the provider, unless AWS has it so already"
        elif FieldEffect.ANOTHER in effects:
            verdict = Verdict.DATA_LOSS if change.claim.kind in self._with_data else Verdict.ROUTINE
            message = "is another resource in AWS from now on; the former one stays, and nobody manages it"
        elif change.claim.kind in self._with_data and (lost := self._lost_protection(change)):
            verdict, message = Verdict.UNPROTECTED, lost
        elif effects <= {FieldEffect.PERMITTED}:
            message = "may be changed in other ways from now on; nothing changes in AWS"
        elif effects <= {FieldEffect.HELD, FieldEffect.AT_CREATION, FieldEffect.ON_CLUSTER, FieldEffect.PERMITTED}:
            message = "does not change in AWS"
        return self._of(change.after, change.claim, verdict, message, change.fields)

    @staticmethod
    def _lost_protection(change: Changed) -> str:
        """How it is less protected than before; empty if it is not."""
        before, after = (
            frozenset(text(one) for one in below(side.object, "spec", "managementPolicies") or ("*",))
            for side in (change.before, change.after)
        )
        if not before & {"Delete", "*"} and after & {"Delete", "*"}:
            return "AWS deletes it together with its claim from now on"
        lifted = any(
            field.path[:2] == ("spec", "forProvider")
            and tuple(map(str, field.path[2:])) in PROTECTIONS
            and field.before not in (NOTHING, False, "Suspended")
            for field in change.fields
        )
        return "is less protected in AWS" if lifted else ""

    def _not_known(self, change: NotKnown) -> Effect:
        after = change.after
        if after is None:
            reason = change.before.reason if change.before is not None else ""
            return self._of_claim(change.claim, Verdict.ROUTINE, f"{AFTERWARDS}: {reason}")
        verdict = Verdict.REFUSED if after.why is Why.REFUSED else Verdict.ROUTINE
        return self._of_claim(change.claim, verdict, f"{NOT_KNOWN[after.why]}: {after.reason}")

    def _of(
        self, managed: Managed, claim: ClaimId, verdict: Verdict, message: str, fields: Sequence[ManagedField] = ()
    ) -> Effect:
        group, kind = managed.kind
        name = managed.external_name or claim.name
        key = ObjectKey(self._environment.cluster, group, kind, claim.namespace, name)
        return Effect(
            EffectKind.MANAGED,
            verdict,
            self._environment.name,
            key,
            message,
            self._basis(claim),
            details=tuple(
                f"{_path(field)}: {WORDS[field.effect]}" for field in fields if field.effect is not FieldEffect.UPDATED
            ),
            fields=tuple(map(_field, fields)),
            data={"claim": f"{claim.kind} {claim.namespace}/{claim.name}", "resource": managed.resource},
        )

    def _of_claim(self, claim: ClaimId, verdict: Verdict, message: str) -> Effect:
        return Effect(
            EffectKind.MANAGED, verdict, self._environment.name, self._key(claim), message, self._basis(claim)
        )

    def _key(self, claim: ClaimId) -> ObjectKey:
        return ObjectKey(self._environment.cluster, claim.group, claim.kind, claim.namespace, claim.name)

    def _basis(self, claim: ClaimId) -> tuple[Basis, ...]:
        """What differs in the claim, and in what defines and composes its kind."""
        key = self._key(claim)
        own = self._comparison.by_key.get(key)
        found = list(_basis_of(own)) if own is not None else []
        for change in self._comparison.changes:
            if change.key.group == CLAIM_API and claim.kind in _kinds_of(change):
                found += _basis_of(change)
        if found:
            return tuple(found)
        before = () if key in self._comparison.before else None
        return (Basis(key, before, () if key in self._comparison.after else None),)


def _basis_of(change: ObjectChange) -> Iterator[Basis]:
    if change.fields:
        yield from (Basis(change.key, field.before_path, field.after_path) for field in change.fields)
    else:
        yield Basis(change.key, () if change.before else None, () if change.after else None)


def _kinds_of(change: ObjectChange) -> frozenset[str]:
    """The kinds of claims that a definition or a Composition is about."""
    spec: Mapping[str, Any] = dict(change.present.object)
    named = (
        below(spec, "spec", "compositeTypeRef", "kind"),
        below(spec, "spec", "names", "kind"),
        below(spec, "spec", "claimNames", "kind"),
    )
    kinds = {text(kind) for kind in named}
    return frozenset(kinds | {kind.removeprefix("X") for kind in kinds})


def _path(field: ManagedField) -> str:
    return ".".join(map(str, field.path))


def _field(field: ManagedField) -> FieldChange:
    return FieldChange(field.path, field.path, _path(field), _value(field.before), _value(field.after))


def _value(value: Any) -> Any:
    """A value of a field; of one that only the cluster knows, where it comes from."""
    if isinstance(value, Live):
        return f"(known on the cluster: {value.source})"
    return ABSENT if value is NOTHING else value
