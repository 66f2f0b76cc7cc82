"""assembly: effects and their causes -> entries of the report.

In      effects, each with the changes of the spec that it comes from; what the spec accepts.
Out     one Entry for each set of causes, in which an effect that several environments have alike is one.
Never   drops an effect, or shows a secret.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from platformc.diff.acceptance import Acceptances
from platformc.diff.effect import Effect
from platformc.diff.redaction import in_flow, shown, shown_field, without_secrets
from platformc.diff.report import CauseKind, Entry, ReportedCause, ReportedEffect, ReportedField
from platformc.diff.spec_changes import SpecChange
from platformc.language.nodes import Node, Scalar, plain

LONGEST_ITEM = 100
"""Characters of an entry of a list, `{bucket: artifacts, access: [get, put]}`, that says more than its position."""
SEALED_VALUES = "SealedValues"
OF_ONE_ENVIRONMENT = frozenset({"Environment", SEALED_VALUES})
"""Kinds of documents that belong to one environment, so that it is no surprise if only this one changes."""


Prefixes = Mapping[str, Sequence[str]]
"""Environment -> the prefixes of its names, none of them empty."""


@dataclass(frozen=True, slots=True)
class Caused:
    """An effect, and the changes of the spec that it comes from."""

    effect: Effect
    causes: tuple[SpecChange, ...]


def entries(
    caused: Iterable[Caused],
    shared: frozenset[str],
    acceptances: Acceptances,
    otherwise: Sequence[ReportedCause],
    prefixes: Prefixes,
    *,
    together: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Entry, ...]:
    """One entry for the changes of each document, or of several together, the gravest first; accepted effects lead.

    `shared` are the environments that both sides have; `otherwise` is the cause of effects without any; `prefixes` are
    what names of an environment begin with. `together` has the documents that one rename touches (renames.py): they
    count as one.
    """
    by_documents: dict[frozenset[str], list[Caused]] = defaultdict(list)
    for one in caused:
        by_documents[frozenset(together.get(cause.document, cause.document) for cause in one.causes)].append(one)
    made = []
    for group in by_documents.values():
        effects = [one.effect for one in group]
        causes = tuple(sorted({cause for one in group for cause in one.causes}, key=_place))
        is_general = not any(cause.document_kind in OF_ONE_ENVIRONMENT for cause in causes)
        reported = tuple(map(_cause, causes)) or tuple(otherwise)
        made.append(Entry(reported, _folded(effects, shared if is_general else frozenset(), acceptances, prefixes)))
    return tuple(sorted(made, key=_order))


def _place(cause: SpecChange) -> tuple[Any, ...]:
    return bool(cause.path), cause.document, cause.at, tuple(map(str, cause.path))


def _order(entry: Entry) -> tuple[Any, ...]:
    places = tuple((cause.at or (), cause.document, cause.field) for cause in entry.causes)
    return not entry.is_accepted, entry.verdict, places


def _folded(
    effects: Iterable[Effect], shared: frozenset[str], acceptances: Acceptances, prefixes: Prefixes
) -> tuple[ReportedEffect, ...]:
    """Each effect once, with all environments that have it alike.

    An effect differs if not all shared environments have one as grave of its kind on its object: the values and the
    words may be others, and names may begin with the environment's prefix.
    """
    alike: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    likeness: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    made: dict[tuple[Any, ...], list[ReportedEffect]] = defaultdict(list)
    own = set()
    for effect in effects:
        one = _effect(effect, acceptances)
        key = (*_order_of_effect(one), one.group, one.details, _json(one.data), one.accepted)
        made[key].append(one)
        likeness[key] = _likeness(effect, prefixes.get(effect.environment, ()))
        alike[likeness[key]].add(effect.environment)
        if effect.key.kind in OF_ONE_ENVIRONMENT:
            own.add(key)
    return tuple(
        replace(
            each[0],
            environments=tuple(sorted({name for one in each for name in one.environments})),
            differs=len(shared) > 1 and not shared <= alike[likeness[key]] and key not in own,
            fields=_fields(each),
        )
        for key, each in sorted(made.items(), key=lambda pair: _order_of_effect(pair[1][0]))
    )


def _fields(effects: Sequence[ReportedEffect]) -> tuple[ReportedField, ...]:
    """The values of an effect in several environments: each once, with its environments if not all have it."""
    order: dict[str, int] = {}
    found: dict[tuple[ReportedField, int], list[str]] = defaultdict(list)
    for effect in effects:
        seen: Counter[ReportedField] = Counter()
        for field in effect.fields:
            order.setdefault(field.path, len(order))
            found[field, seen[field]].extend(effect.environments)
            seen[field] += 1
    everywhere = {name for effect in effects for name in effect.environments}
    told = [
        field if set(names) == everywhere else replace(field, environments=tuple(sorted(names)))
        for (field, _), names in found.items()
    ]
    return tuple(sorted(told, key=lambda field: order[field.path]))


def _likeness(effect: Effect, prefixes: Sequence[str]) -> tuple[Any, ...]:
    """What an effect is without what is called after its environment, also in its words: names, positions of a list."""
    name = effect.key.name
    for prefix in prefixes:
        name = name.removeprefix(prefix)
    return effect.kind, effect.verdict, effect.key.group, effect.key.kind, effect.key.namespace, name


def _order_of_effect(effect: ReportedEffect) -> tuple[Any, ...]:
    return effect.verdict, effect.kind, effect.object, effect.message


def _effect(effect: Effect, acceptances: Acceptances) -> ReportedEffect:
    fields = []
    for change in effect.fields:
        before, after = shown_field(effect.key.group, effect.key.kind, change)
        fields.append(ReportedField(change.shown, before, after, change.same))
    return ReportedEffect(
        kind=effect.kind,
        verdict=effect.verdict,
        environments=(effect.environment,),
        differs=False,
        object=str(effect.key),
        group=effect.key.group,
        message=effect.message,
        details=effect.details,
        fields=tuple(fields),
        data=dict(effect.data or {}),
        accepted=acceptances.of(effect),
    )


def _cause(change: SpecChange) -> ReportedCause:
    verbs = {(False, True): "added", (True, False): "removed"}
    names = tuple(str(step) for step in change.path)
    return ReportedCause(
        kind=change.kind,
        change=verbs.get((change.before is not None, change.after is not None), "changed"),
        document=change.document,
        field=_field(change.path),
        before=_value(change, names, change.before),
        after=_value(change, names, change.after),
        at=change.at,
        in_base=change.after_at is None,
    )


def _field(path: Sequence[str | int]) -> str:
    """The path of a value below `spec`, as in the spec; `metadata.name` in full."""
    below = path[1:] if len(path) > 1 and path[0] == "spec" else path
    text = ""
    for step in below:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _value(change: SpecChange, names: Sequence[str], node: Node | None) -> str:
    """A value for everyone: a scalar, or an entry of a list that is short; nothing for what is sealed."""
    if node is None or (change.kind is CauseKind.SPEC and _is_closed(change)):
        return ""
    if isinstance(node, Scalar):
        return shown(names, node.value) if node.value is not None else ""
    is_item = bool(change.path) and isinstance(change.path[-1], int)
    text = in_flow(without_secrets(plain(node))) if is_item else ""
    return text if len(text) <= LONGEST_ITEM else ""


def _is_closed(change: SpecChange) -> bool:
    """Whether no value of a place is shown: what is sealed, and what can be that of a Secret without being called so."""
    if change.document_kind == SEALED_VALUES:
        return True
    names = set(change.path)
    is_object = change.path[1:2] in {("objects",), ("patches",)}
    is_whole = is_object and isinstance(change.path[-1], int)
    return "stringData" in names or is_whole or (is_object and bool({"data", "jsonPatch"} & names))


def _json(data: Any) -> str:
    return json.dumps(data, sort_keys=True, default=str)
