"""charts: Helm charts that Argo CD renders itself, and that are not known here.

In      a Comparison.
Out     Effects: another version, chart, repository or values; which values by their paths.
Never   says that nothing happens: what a chart makes of its values is known only to the chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from platformc.check.policies.object_fields import mapping, sequence, text
from platformc.check.schemas.yaml_documents import yaml_documents
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.syncing import is_application
from platformc.diff.reachability import in_words
from platformc.diff.redaction import shown
from platformc.language.nodes import KeyPath
from platformc.snapshot import Comparison, ObjectChange

UNKNOWN = "what that changes on the cluster is not known here"
CHART_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")
"""Semantic Versioning 2.0.0, section 2; Helm docs, "Charts and Versioning"."""
SHOWN = 20


def chart_effects(comparison: Comparison) -> Iterator[Effect]:
    """Every chart that changes. Its Application coming or going is an effect of its own."""
    for change in comparison.changes:
        if is_application(change.key) and change.before is not None and change.after is not None:
            old, new = dict(_sources(change.before.object)), dict(_sources(change.after.object))
            for path in sorted({*old, *new}, key=str):
                if path in old and path in new:
                    yield from _source(change, path, old[path], new[path])


def _sources(found: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """The sources of an Application that are charts, and where they are."""
    spec = mapping(found.get("spec"))
    several = sequence(spec.get("sources"))
    given = [
        (("spec", "source"), spec.get("source")),
        *((("spec", "sources", at), one) for at, one in enumerate(several)),
    ]
    for path, source in given:
        if text(mapping(source).get("chart")):
            yield path, mapping(source)


def _source(change: ObjectChange, path: KeyPath, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Effect]:
    chart = text(new.get("chart"))
    if old.get("chart") != new.get("chart") or old.get("repoURL") != new.get("repoURL"):
        message = f"installs the chart {chart} of {_shown(new, 'repoURL')} instead of {_shown(old, 'chart')} of {_shown(old, 'repoURL')}"
        yield _effect(change, path, message)
    was, now = _shown(old, "targetRevision"), _shown(new, "targetRevision")
    if was != now:
        yield _effect(
            change, (*path, "targetRevision"), f"{_direction(was, now)} the chart {chart} from {was} to {now}"
        )
    before, after = _values(old), _values(new)
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    if names:
        details = tuple(f"{_verb(name, before, after)} {name}" for name in names[:SHOWN])
        if len(names) > SHOWN:
            details = (*details, f"{len(names) - SHOWN} more")
        yield _effect(
            change, (*path, "helm"), f"gives the chart {chart} other values: {in_words(names, 3)}", details=details
        )
    if _rest(old) != _rest(new):
        yield _effect(change, (*path, "helm"), f"installs the chart {chart} in another way")


def _shown(source: Mapping[str, Any], field: str) -> str:
    """A field for everyone: an address can have a password in it."""
    return shown([field], text(source.get(field))) or "nothing"


def _rest(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """Other settings of Helm, such as the name of the release."""
    return {
        key: value
        for key, value in mapping(source.get("helm")).items()
        if key not in {"parameters", "values", "valuesObject"}
    }


def _direction(was: str, now: str) -> str:
    """Whether a version is newer; a downgrade is said, as charts are not made for it."""
    old, new = _order(was), _order(now)
    if old is None or new is None:
        return "changes"
    return "DOWNGRADES" if new < old else "upgrades"


def _order(version: str) -> tuple[Any, ...] | None:
    """A version as something to compare; a pre-release is older than its release. Semantic Versioning, section 11."""
    found = CHART_VERSION.fullmatch(version)
    if found is None:
        return None
    major, minor, patch, pre = found.groups()
    parts = tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in (pre or "").split(".") if one)
    return int(major), int(minor), int(patch), not pre, parts


def _values(source: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a chart by their paths, however they are given."""
    helm = mapping(source.get("helm"))
    found: dict[str, Any] = {}
    try:
        for document in yaml_documents(text(helm.get("values")).encode()):
            found |= dict(_leaves(document, ""))
    except ValueError:
        found["values"] = helm.get("values")
    found |= dict(_leaves(helm.get("valuesObject"), ""))
    for one in sequence(helm.get("parameters")):
        found[text(mapping(one).get("name"))] = mapping(one).get("value")
    return found


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif path:
        yield path, value


def _verb(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return "sets" if name not in before else "no longer sets" if name not in after else "changes"


def _effect(change: ObjectChange, path: KeyPath, message: str, details: tuple[str, ...] = ()) -> Effect:
    """An effect of the changed values below a source, or below one field of it."""
    found = tuple(one for one in change.fields if path in (one.after_path[: len(path)], one.before_path[: len(path)]))
    places = tuple(Basis(change.key, one.before_path, one.after_path) for one in found)
    return Effect(
        EffectKind.CHART,
        Verdict.RESTART,  # at least: charts put versions and checksums into their pods
        change.environment,
        change.key,
        f"{message}; {UNKNOWN}",
        places or (Basis(change.key, path, path),),
        details,
    )
