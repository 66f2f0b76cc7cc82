"""argocd: what Argo CD does differently: Applications that sync otherwise, and its own settings.

In      a Comparison.
Out     Effects on Applications, and on the files of argocd/.
Never   judges the objects that an Application syncs, or what its AppProject allows; those that come and go are judged
        as all objects are (objects.py).

Source: Argo CD docs, "Automated Sync Policy", "Sync Options", "App Deletion"; controller/appcontroller.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, mapping, text, texts
from platformc.check.schemas.yaml_documents import yaml_documents
from platformc.diagnostics import Span
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.contents import has_chart
from platformc.diff.effects.syncing import Application, is_application
from platformc.diff.file_changes import settings_file
from platformc.diff.reachability import in_words
from platformc.diff.redaction import shown
from platformc.language.nodes import KeyPath
from platformc.snapshot import Comparison, FieldChange, ObjectChange, ObjectKey, SnapshotObject

SHOWN = 20
SYNC_OPTIONS = {
    "ApplyOutOfSyncOnly=true": "only objects that differ are applied",
    "CreateNamespace=true": "its namespace is created",
    "FailOnSharedResource=true": "a sync fails if another Application has an object",
    "Force=true": "objects that cannot be changed in place are deleted and made again",
    "PruneLast=true": "what is gone is deleted after everything else",
    "Prune=false": "nothing is deleted any more when it is gone",
    "Replace=true": "objects are replaced, not applied: what others set in them is lost",
    "RespectIgnoreDifferences=true": "ignored fields are left alone",
    "ServerSideApply=true": "objects are applied by the API server",
    "Validate=false": "objects are not validated before they are applied",
}
"""What a sync option means."""


def argocd_effects(comparison: Comparison) -> Iterator[Effect]:
    """Every change of Applications and of Argo CD's settings."""
    for change in comparison.changes:
        if is_application(change.key) and change.before is not None and change.after is not None:
            yield from _changes(change, change.before, change.after)
    yield from _settings(comparison)


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of an Application, and what another value of it does."""

    path: KeyPath
    words: str
    """With room for the values before and after."""


FIELDS = (
    _Field(("spec", "project"), "belongs to the project {after} instead of {before}, whose limits apply now"),
    _Field(("spec", "source", "repoURL"), "syncs from {after} instead of {before}"),
    _Field(("spec", "source", "path"), "syncs the folder {after} instead of {before}"),
    _Field(("spec", "source", "targetRevision"), "syncs {after} instead of {before}"),
    _Field(("spec", "revisionHistoryLimit"), "keeps {after} revisions instead of {before}"),
)
DESTINATION = ("spec", "destination")
AUTOMATED = ("spec", "syncPolicy", "automated")
OPTIONS = ("spec", "syncPolicy", "syncOptions")
FINALIZERS = ("metadata", "finalizers")
IGNORED = ("spec", "ignoreDifferences")
SOURCES = (("spec", "sources"), ("spec", "source"))
SAID = (*(one.path for one in FIELDS), DESTINATION, AUTOMATED, OPTIONS, FINALIZERS, IGNORED, *SOURCES)


def _changes(change: ObjectChange, before: SnapshotObject, after: SnapshotObject) -> Iterator[Effect]:
    old, new = before.object, after.object
    for one in FIELDS:
        was, now = below(old, *map(str, one.path)), below(new, *map(str, one.path))
        if was != now and not (has_chart(before) or has_chart(after)):
            words = one.words.format(before=_shown(one.path, was), after=_shown(one.path, now))
            yield _effect(change, one.path, words)
    yield from _moved_to(change, old, new)
    yield from _automation(change, before, after)
    yield from _options(change, old, new)
    if Application(before).deletes_its_objects is not Application(after).deletes_its_objects:
        now_deletes = Application(after).deletes_its_objects
        words = "takes what it syncs with it" if now_deletes else "leaves what it syncs behind"
        yield _effect(change, FINALIZERS, f"{words} if it is deleted from now on")
    if below(old, *IGNORED) != below(new, *IGNORED):
        yield _effect(change, IGNORED, "ignores other differences between git and the cluster")
    if below(old, "spec", "sources") != below(new, "spec", "sources") and not (has_chart(before) or has_chart(after)):
        yield _effect(change, ("spec", "sources"), "syncs from other sources")
    rest = [
        one for one in change.fields if _path(one)[:1] == ("spec",) and not any(_is_below(one, path) for path in SAID)
    ]
    rest = [one for one in rest if _path(one)[:2] != ("spec", "info")]
    if rest:
        names = list(dict.fromkeys(".".join(map(str, _path(one)[1:3])) for one in rest))
        places = tuple(Basis(change.key, one.before_path, one.after_path) for one in rest)
        words = f"syncs in another way: {in_words(names, 4)}"
        yield Effect(
            EffectKind.ARGOCD, Verdict.ROUTINE, change.environment, change.key, words, places, fields=tuple(rest)
        )


def _path(one: FieldChange) -> KeyPath:
    return one.after_path if len(one.after_path) >= len(one.before_path) else one.before_path


def _is_below(one: FieldChange, path: KeyPath) -> bool:
    return one.after_path[: len(path)] == path or one.before_path[: len(path)] == path


def _shown(path: KeyPath, value: Any) -> str:
    """A value for everyone: an address can have a password in it."""
    return "nothing" if value is None else shown([str(step) for step in path], value)


def _effect(change: ObjectChange, path: KeyPath, message: str, details: Sequence[str] = ()) -> Effect:
    """An effect of the changed values at a path."""
    found = [one for one in change.fields if _is_below(one, path) or path[: len(_path(one))] == _path(one)]
    places = tuple(Basis(change.key, one.before_path, one.after_path) for one in found)
    return Effect(
        EffectKind.ARGOCD,
        Verdict.ROUTINE,
        change.environment,
        change.key,
        message,
        places or (Basis(change.key, path, path),),
        tuple(details),
        fields=tuple(found),
    )


def _moved_to(change: ObjectChange, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Effect]:
    """Another destination. Argo CD deletes nothing on the former cluster: it no longer looks there."""
    was, now = mapping(below(old, *DESTINATION)), mapping(below(new, *DESTINATION))
    if was == now:
        return
    clusters = [text(one.get("server")) or text(one.get("name")) for one in (was, now)]
    if clusters[0] != clusters[1]:
        words = f"deploys to {clusters[1]} instead of {clusters[0]}, where everything stays as it is and runs on"
        yield _effect(change, DESTINATION, words)
    elif was.get("namespace") != now.get("namespace"):
        words = f"deploys what names no namespace to {_shown(DESTINATION, now.get('namespace'))} instead of {_shown(DESTINATION, was.get('namespace'))}"
        yield _effect(change, DESTINATION, words)
    else:
        yield _effect(change, DESTINATION, "names its destination in another way")


def _automation(change: ObjectChange, before: SnapshotObject, after: SnapshotObject) -> Iterator[Effect]:
    old, new = Application(before), Application(after)
    if old.is_automated is not new.is_automated:
        words = (
            "syncs by itself from now on" if new.is_automated else "no longer syncs by itself: a commit changes nothing"
        )
        yield _effect(change, AUTOMATED, words)
    if old.prunes is not new.prunes:
        words = "deletes what is gone from git from now on" if new.prunes else "no longer deletes what is gone from git"
        yield _effect(change, AUTOMATED, words)
    healed, heals = (below(one.object, *AUTOMATED, "selfHeal") is True for one in (before, after))
    if healed is not heals:
        words = "undoes what somebody changes on the cluster from now on"
        yield _effect(change, AUTOMATED, words if heals else "no longer undoes what somebody changes on the cluster")
    emptied, empties = (below(one.object, *AUTOMATED, "allowEmpty") is True for one in (before, after))
    if emptied is not empties:
        words = "deletes everything if its folder is empty, from now on" if empties else "refuses to delete everything"
        yield _effect(change, AUTOMATED, words)


def _options(change: ObjectChange, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Effect]:
    was, now = texts(below(old, *OPTIONS)), texts(below(new, *OPTIONS))
    gained = [one for one in now if one not in was]
    lost = [one for one in was if one not in now]
    if gained or lost:
        words = [f"now with {one}" for one in gained] + [f"no longer with {one}" for one in lost]
        details = [f"{one}: {SYNC_OPTIONS[one]}" for one in (*gained, *lost) if one in SYNC_OPTIONS]
        yield _effect(change, OPTIONS, f"syncs {in_words(words, 4)}", details=details)


def _settings(comparison: Comparison) -> Iterator[Effect]:
    """Files of argocd/ that differ; every environment's Argo CD has them."""
    old, new = comparison.base.settings, comparison.head.settings
    changed = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
    for name, environment in sorted(comparison.head.environments.items()):
        for path in changed:
            kind, message, details = _file(path, old.get(path), new.get(path))
            yield Effect(
                EffectKind.ARGOCD,
                Verdict.ROUTINE,
                name,
                ObjectKey(environment.cluster, "", kind, "", path),
                message,
                (),
                details[:SHOWN],
                at=(Span(settings_file(path)),),
            )


def _file(path: str, old: bytes | None, new: bytes | None) -> tuple[str, str, tuple[str, ...]]:
    """What a file of Argo CD's settings is, and what differs in it, by key."""
    if path.endswith(".lua"):
        verb = "is new" if old is None else "is gone" if new is None else "changes"
        return (
            "Health check",
            f"{verb}: Argo CD judges the health of its kinds differently, and so what waves wait for",
            (),
        )
    before, after = (_values(content) for content in (old, new))
    if before is None or after is None:
        return "Setting", "changes in a way that is not compared: it is not valid YAML", ()
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    if not keys:
        return "Setting", "is written differently, and means the same", ()
    words = [f"{_verb(key, before, after)} {key}" for key in keys]
    return "Setting", f"{in_words(words, 3)} of Argo CD's settings", tuple(words) if len(words) > 3 else ()  # noqa: PLR2004 - the message has the others


def _verb(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return "sets" if key not in before else "no longer sets" if key not in after else "changes"


def _values(content: bytes | None) -> Mapping[str, Any] | None:
    """The values of a file by key: those below `data` of a ConfigMap, else its own; None if it cannot be read."""
    found: dict[str, Any] = {}
    try:
        documents = yaml_documents(content) if content is not None else []
    except ValueError:
        return None
    for document in documents:
        one = mapping(document)
        name = text(below(one, "metadata", "name"))
        own = mapping(one.get("data")) or {
            key: value for key, value in one.items() if key not in {"apiVersion", "kind"}
        }
        found |= {f"{name}: {key}" if name else str(key): value for key, value in own.items()}
    return found
