"""environments: what hosts data: whole environments, their clusters, accounts and Applications.

In      what is known of two states.
Out     transitions, one for each environment: environment-removed, cluster-changed, aws-account-changed,
        claim-scope-changed, applications-renamed, rendered-source-changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from platformc.check.aws_resources import kind_of, name_in_aws, provider_config_of
from platformc.check.policies.object_fields import below, text
from platformc.diagnostics import Span
from platformc.language import DocumentId
from platformc.language.nodes import KeyPath, span_of
from platformc.language.nodes import at as node_at
from platformc.lower.argocd import FOLDER
from platformc.lower.legacy_claim_api import DEFINITION
from platformc.rules import Rule
from platformc.rules.data import (
    APPLICATIONS_RENAMED,
    AWS_ACCOUNT_CHANGED,
    CLAIM_SCOPE_CHANGED,
    CLUSTER_CHANGED,
    ENVIRONMENT_REMOVED,
    RENDERED_SOURCE_CHANGED,
)
from platformc.safety.compositions import GROUP, PROVIDER_CONFIG
from platformc.safety.known import Known
from platformc.safety.transition import Loss, Transition
from platformc.snapshot import EnvironmentSnapshot, ObjectKey, SnapshotObject

Source = tuple[str, str]
"""What an Application reads, without repository, branch and the folders above its environment's."""

DEFAULT_PROVIDER_CONFIG = "default"
"""What the definitions of all claims say for a claim that names none."""
COPY = "copy the data first; allow it if both stand for the same account"


def judge(known: Known) -> Iterator[Transition]:
    """Yield what happens to whole environments."""
    sources = known.comparison.head.sources
    is_whole = sources is None or not sources.incomplete  # else a file that cannot be read is the finding
    for name in sorted(known.gone) if is_whole else ():
        yield from _gone(known, known.comparison.base.environments[name])
    for before, after in known.shared:
        yield from _cluster(known, before, after)
        yield from _account(known, before, after)
        yield from _scope(known, before, after)
        yield from _applications(known, before, after)


def switched(known: Known) -> frozenset[str]:
    """The environments whose claim API has another form now."""
    return frozenset(after.name for before, after in known.shared if _scopes(before) and _is_switched(before, after))


def renamed(known: Known) -> frozenset[str]:
    """The environments whose Applications all have other names."""
    return frozenset(after.name for before, after in known.shared if _new_names(before, after))


def _gone(known: Known, environment: EnvironmentSnapshot) -> Iterator[Transition]:
    owner = _heir(known, environment)
    if owner is not None:
        message = f"the environment {environment.name} is now called {owner}: Argo CD's root still reads the old folder"
        message += ", so that nothing is synced"
        hint = f"keep the name, or apply the root of {owner} with `platformc bootstrap --apply` right after the merge"
    else:
        message = f"the environment {environment.name} is gone, with {_contents(known, environment)}"
        hint = (
            "remove its applications first, one by one, so that Argo CD asks for each; docs/operating.md has the steps"
        )
    yield Transition(
        ENVIRONMENT_REMOVED,
        Loss.LOST,
        owner or environment.name,
        _key(environment),
        message,
        hint,
        (),
        None,
        at=_platform_place(known, owner),
        in_base=span_of(program.platform.target_node, ("metadata", "name"))
        if (program := environment.program) is not None
        else None,
        document=_platform_document(known, owner),
    )


def _heir(known: Known, environment: EnvironmentSnapshot) -> str | None:
    """The environment of the head that has most of the objects of one that is gone."""
    changed = known.comparison.by_key
    keys = [one.key for one in environment.objects if one.application != FOLDER]
    heirs = Counter(change.after.environment for key in keys if (change := changed.get(key)) and change.after)
    heirs.pop(environment.name, None)
    found = heirs.most_common(1)
    return found[0][0] if found and found[0][1] * 2 > len(keys) else None


def _contents(known: Known, environment: EnvironmentSnapshot) -> str:
    """What an environment holds, in words."""
    kinds = Counter(one.key.kind for one in environment.objects if known.holds_data(one.object))
    counted = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(kinds.items())]
    return ", ".join(counted) or "nothing that holds data"


def _any_environment(known: Known, preferred: str | None) -> str | None:
    found = known.comparison.head.environments
    return preferred if preferred in found else next(iter(found), None)


def _platform_place(known: Known, environment: str | None) -> Span | None:
    name = _any_environment(known, environment)
    program = known.program(name) if name is not None else None
    if program is None:
        return None
    if environment is not None:
        return span_of(program.platform.target_node, ("metadata", "name"))
    return program.platform.platform.name_span


def _platform_document(known: Known, environment: str | None) -> DocumentId | None:
    name = _any_environment(known, environment)
    program = known.program(name) if name is not None else None
    return program.platform.platform.id if program is not None else None


def _of_environment(
    known: Known,
    environment: EnvironmentSnapshot,
    rule: Rule,
    words: tuple[str, str],
    *,
    at: Span | None = None,
    one: tuple[SnapshotObject, KeyPath] | None = None,
) -> Transition:
    """A transition of a whole environment, with message and hint; at a place in the spec, or through an object."""
    program = known.program(environment.name)
    key, path = (one[0].key, one[1]) if one is not None else (_key(environment), ())
    loss = Loss.UNPROTECTED if rule is RENDERED_SOURCE_CHANGED else Loss.LOST
    document = program.platform.platform.id if program is not None else None
    return Transition(rule, loss, environment.name, key, *words, path, path, at=at, document=document)


def _key(environment: EnvironmentSnapshot) -> ObjectKey:
    """Stands for a whole environment."""
    return ObjectKey(environment.cluster, "platformc.dev", "Environment", "", environment.name)


def _setting(known: Known, environment: str, own: tuple[str, ...], of_platform: tuple[str, ...]) -> Span | None:
    """A setting of the Environment, if it has it, else of the Platform; None without a graph."""
    program = known.program(environment)
    if program is None:
        return None
    if own and node_at(program.platform.target_node, ("spec", *own)) is not None:
        return span_of(program.platform.target_node, ("spec", *own))
    return program.platform.platform.at(*of_platform)


def _cluster(known: Known, before: EnvironmentSnapshot, after: EnvironmentSnapshot) -> Iterator[Transition]:
    if after.name not in known.rehosted:
        return
    message = f"{after.name} moves from {before.cluster} to {after.cluster}: claims on the old one stay active, "
    message += f"volumes on the new one are empty; the old one keeps {_contents(known, before)}"
    hint = "stop the old cluster's claims and copy its volumes first; docs/operating.md has the steps"
    at = _setting(known, after.name, ("destination",), ())
    one = _first(after, before)
    yield _of_environment(known, after, CLUSTER_CHANGED, (message, hint), at=at, one=one)


def _first(*environments: EnvironmentSnapshot) -> tuple[SnapshotObject, KeyPath] | None:
    """Something to point at: an Application, whose destination it is."""
    for environment in environments:
        for one in environment.objects:
            if _source(one) is not None:
                return one, ("spec", "destination")
    return None


def _account(known: Known, before: EnvironmentSnapshot, after: EnvironmentSnapshot) -> Iterator[Transition]:
    old, new = known.base_program(before.name), after.program
    if old is not None and new is not None:
        accounts = [one.platform.settings.aws.account_id if one.platform.settings.aws else "" for one in (old, new)]
        if accounts[0] and accounts[0] != accounts[1] and accounts[1]:
            message = (
                f"claims are made in the account {accounts[1]} instead of {accounts[0]}: what is in the old one stays"
            )
            at = _setting(known, after.name, ("aws", "accountID"), ("aws", "accountID"))
            yield _of_environment(known, after, AWS_ACCOUNT_CHANGED, (message, COPY), at=at)
            return
    changed = [
        (pair.before, pair.after)
        for pair in known.pairs
        if pair.after.environment == after.name and name_in_aws(known.claims, pair.before.object)
        if _provider_config(pair.before) != _provider_config(pair.after)
    ]
    for (name_before, name_after), ones in _grouped(changed).items():
        message = f"claims use the provider configuration {name_after} instead of {name_before}"
        message += f": {ones[0].key} and {len(ones) - 1} more" if len(ones) > 1 else f": {ones[0].key}"
        yield _of_environment(
            known, after, AWS_ACCOUNT_CHANGED, (message, COPY), one=(ones[0], _place_of_config(ones[0]))
        )


def _grouped(
    changed: Sequence[tuple[SnapshotObject, SnapshotObject]],
) -> Mapping[tuple[str, str], list[SnapshotObject]]:
    found: dict[tuple[str, str], list[SnapshotObject]] = {}
    for old, new in changed:
        found.setdefault((_provider_config(old), _provider_config(new)), []).append(new)
    return found


def _place_of_config(one: SnapshotObject) -> KeyPath:
    spec = below(dict(one.object), "spec")
    return PROVIDER_CONFIG if below(spec, "providerConfigRef") is None else ("spec", "providerConfigRef", "name")


def _provider_config(claim: SnapshotObject) -> str:
    return provider_config_of(claim.object) or DEFAULT_PROVIDER_CONFIG


def _scope(known: Known, before: EnvironmentSnapshot, after: EnvironmentSnapshot) -> Iterator[Transition]:
    if not _scopes(before) or not _is_switched(before, after):
        return
    one = next(one for one in (*after.objects, *before.objects) if _scope_of(one))
    message = f"the claim API goes from {_scopes(before)} to {_scopes(after)}: "
    message += "every definition is replaced, and every claim with it"
    hint = "orphan all claims first; `platformc rule claim-scope-changed` has more"
    at = _setting(known, after.name, (), ("crossplane", "scope"))
    yield _of_environment(known, after, CLAIM_SCOPE_CHANGED, (message, hint), at=at, one=(one, ("spec", "scope")))


def _is_switched(before: EnvironmentSnapshot, after: EnvironmentSnapshot) -> bool:
    return bool(_scopes(after)) and _scopes(before) != _scopes(after)


def _scope_of(one: SnapshotObject) -> str:
    if one.key.group != GROUP or one.key.kind != DEFINITION:
        return ""
    return text(below(dict(one.object), "spec", "scope"))


def _scopes(environment: EnvironmentSnapshot) -> str:
    return ", ".join(sorted({scope for one in environment.objects if (scope := _scope_of(one))}))


def _applications(known: Known, before: EnvironmentSnapshot, after: EnvironmentSnapshot) -> Iterator[Transition]:
    names = _new_names(before, after)
    if names:
        old, new = names[0]
        message = f"all Applications are made anew: {new.key.name} in {new.key.namespace} instead of "
        message += f"{old.key.name} in {old.key.namespace}, and so on"
        hint = "remove the finalizers of the old ones first: deleting them deletes everything that they synced"
        own = ("argocd", "namePrefix") if old.key.namespace == new.key.namespace else ()
        at = _setting(known, after.name, own, ("argocd", "namespace"))
        yield _of_environment(
            known, after, APPLICATIONS_RENAMED, (message, hint), at=at, one=(new, ("metadata", "name"))
        )
    yield from _sources(known, before, after)


def _sources(known: Known, before: EnvironmentSnapshot, after: EnvironmentSnapshot) -> Iterator[Transition]:
    former = _by_source(before)
    moved = [
        (field, old, new)
        for source, new in _by_source(after).items()
        if (old := former.get(source)) is not None
        for field in ("repoURL", "targetRevision", "path")
        if _read(old, field) != _read(new, field)
    ]
    for field in dict.fromkeys(field for field, _, _ in moved):
        found = [(old, new) for each, old, new in moved if each == field]
        old, new = found[0]
        read = [_read(one, field).removesuffix(f"/{after.name}/{_folder_of(one)}") for one in (old, new)]
        message = f"Applications read another place: {field} goes from {read[0]} to {read[1]}"
        hint = (
            "what is missing there is deleted: fill the new place first, then apply the root with `platformc bootstrap`"
        )
        place = (new, ("spec", "source", field))
        yield _of_environment(known, after, RENDERED_SOURCE_CHANGED, (message, hint), one=place)


def _read(one: SnapshotObject, field: str) -> str:
    return text(below(dict(one.object), "spec", "source", field))


def _new_names(
    before: EnvironmentSnapshot, after: EnvironmentSnapshot
) -> Sequence[tuple[SnapshotObject, SnapshotObject]]:
    """The Applications of one folder that have other names, if the root is one of them."""
    former, now = _by_source(before), _by_source(after)
    found = [(former[one], now[one]) for one in former if one in now and former[one].key != now[one].key]
    is_root = any(_folder_of(old) == FOLDER for old, _ in found)
    return sorted(found, key=lambda pair: pair[1].key) if is_root else []


def _by_source(environment: EnvironmentSnapshot) -> Mapping[Source, SnapshotObject]:
    return {source: one for one in environment.objects if (source := _source(one)) is not None}


def _source(one: SnapshotObject) -> Source | None:
    """The environment's folder and the Application's, which an Application of ours reads; None for anything else."""
    if (one.key.group, kind_of(one.object)) != ("argoproj.io", "Application") or one.application != FOLDER:
        return None
    parts = _read(one, "path").split("/")
    return (parts[-2], parts[-1]) if len(parts) > 1 else None


def _folder_of(one: SnapshotObject) -> str:
    return _read(one, "path").rpartition("/")[2]
