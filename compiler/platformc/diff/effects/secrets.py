"""secrets: keys that come, go or get a new value, whom that restarts, and certificates that they are sealed for.

In      a Comparison.
Out     Effects that name keys, revisions and fingerprints.
Never   shows a value, a ciphertext or the length of one. That the same revision is the same value is what the spec
        says: nobody can see it without the controller's key, so a new ciphertext is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from platformc.check.policies.object_fields import below, mapping, text
from platformc.check.sealing_certificate import PLACE, certificate_of
from platformc.diagnostics import Span
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.template_changes import secrets_of
from platformc.diff.reachability import in_words, pod_path
from platformc.language import Resource
from platformc.language.models.sealed_values import SealedKey, SealedValuesSpec
from platformc.language.nodes import span_of
from platformc.lower.checksums import FILES, SECRETS
from platformc.sealed_secrets import Certificate
from platformc.snapshot import Comparison, FieldChange, ObjectKey, Snapshot, SnapshotObject

SEALED = ("bitnami.com", "SealedSecret")
PLAIN = ("", "Secret")
SCOPES = {
    "sealedsecrets.bitnami.com/namespace-wide": "by any Secret of its namespace",
    "sealedsecrets.bitnami.com/cluster-wide": "by any Secret of the cluster",
}
"""Annotations that let a value be decrypted elsewhere. bitnami/sealed-secrets, README, "Scopes"."""
KEYS_OF_A_SECRET = ("data", "stringData")
SHOWN = 20

Place = tuple[str, str, str]
"""Environment, namespace, name."""


def secret_effects(comparison: Comparison) -> Iterator[Effect]:
    """Every change of secrets."""
    certificates = _certificates(comparison)
    yield from _swapped(comparison, certificates)
    restarts = _restarted(comparison)
    for secret in _secrets(comparison):
        yield from _values(secret, restarts)
        yield from _sealed_for(secret, certificates)
        yield from _scopes(secret)


@dataclass(frozen=True, slots=True)
class _Secret:
    """A Secret in both states: its object, and what the spec knows of its sealed values."""

    environment: str
    key: ObjectKey
    before: SnapshotObject | None
    after: SnapshotObject | None
    sealed_before: Resource[SealedValuesSpec] | None
    sealed_after: Resource[SealedValuesSpec] | None
    fields: tuple[FieldChange, ...]


def _secrets(comparison: Comparison) -> Iterator[_Secret]:
    """The Secrets whose object or sealed values differ. A revision alone changes no object of theirs."""
    changed = {change.key for change in comparison.changes if (change.key.group, change.key.kind) in (SEALED, PLAIN)}
    for name in comparison.head.environments.keys() & comparison.base.environments.keys():
        old, new = (_sealed(side, name) for side in (comparison.base, comparison.head))
        cluster = comparison.head.environments[name].cluster
        changed |= {
            ObjectKey(cluster, *SEALED, *place)
            for place in old.keys() & new.keys()
            if old[place].spec != new[place].spec
        }
    for key in sorted(changed):
        before, after = comparison.before.get(key), comparison.after.get(key)
        present = after or before
        if present is None:
            continue
        place = (key.namespace, key.name)
        yield _Secret(
            present.environment,
            key,
            before,
            after,
            _sealed(comparison.base, before.environment).get(place) if before is not None else None,
            _sealed(comparison.head, after.environment).get(place) if after is not None else None,
            comparison.by_key[key].fields if key in comparison.by_key else (),
        )


def _sealed(side: Snapshot, environment: str) -> Mapping[tuple[str, str], Resource[SealedValuesSpec]]:
    program = side.program(environment)
    return program.platform.sealed if program is not None else {}


def _restarted(comparison: Comparison) -> Mapping[tuple[str, str, str, str], list[str]]:
    """Cluster, namespace, Secret and key -> the objects whose pods restart because of it; key `` for its files."""
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for change in comparison.changes:
        if change.before is None or change.after is None:
            continue
        for entry in sorted(_revisions(change.before) ^ _revisions(change.after)):
            secret, _, key = entry.partition("=")[0].partition(".")
            users = found[change.key.cluster, change.key.namespace, secret, key]
            if str(change.key) not in users:
                users.append(str(change.key))
        if _files(change.before) != _files(change.after):
            for secret in secrets_of(change):
                found[change.key.cluster, change.key.namespace, secret, ""].append(str(change.key))
    return found


def _revisions(one: SnapshotObject) -> set[str]:
    """`name.KEY=revision` of each key that an object's pods read."""
    return {entry for entry in _note(one, SECRETS).split(",") if entry}


def _files(one: SnapshotObject) -> str:
    """The checksum of the files of Secrets that an object's pods read."""
    return _note(one, FILES)


def _note(one: SnapshotObject, name: str) -> str:
    path = pod_path(one.key.kind, one.object)
    if path is None:
        return ""
    return text(mapping(below(one.object, *(str(step) for step in path[:-1]), "metadata", "annotations")).get(name))


@dataclass(slots=True)
class _Told:
    """What is said of one Secret, and from where."""

    sentences: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    basis: list[Basis] = field(default_factory=list)
    at: list[Span] = field(default_factory=list)
    fields: list[FieldChange] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)


def _values(secret: _Secret, restarts: Mapping[tuple[str, str, str, str], list[str]]) -> Iterator[Effect]:
    """One effect for everything about the keys of a Secret."""
    told = _Told()
    for parts in _parts(secret):
        old = mapping(below(secret.before.object, *parts)) if secret.before is not None else {}
        new = mapping(below(secret.after.object, *parts)) if secret.after is not None else {}
        is_file = parts == TEMPLATES
        for name in dict.fromkeys((*new, *old)):
            sentence = _of_file(secret, name, old, new) if is_file else _of_key(secret, name, old, new)
            if not sentence:
                continue
            told.sentences.append(sentence)
            told.keys.append("" if is_file else name)
            path = (*parts, name)
            told.basis.append(Basis(secret.key, path if name in old else None, path if name in new else None))
            told.at += _places(secret, name)
            if is_file:  # made from the keys, without their values
                told.fields += [one for one in secret.fields if path in (one.before_path, one.after_path)]
            told.facts.append({"key": name, "change": sentence})
    if not told.sentences:
        return
    key = secret.key
    users = {
        user: None for name in told.keys for user in restarts.get((key.cluster, key.namespace, key.name, name), ())
    }
    details = told.sentences[:SHOWN] if len(told.sentences) > 3 else []  # noqa: PLR2004 - the message has the others
    if len(told.sentences) > SHOWN:
        details.append(f"{len(told.sentences) - SHOWN} more")
    message = in_words(told.sentences, 3)
    if secret.before is None or secret.after is None:
        message = f"{'is new' if secret.before is None else 'is deleted'}, with {message}"
    else:
        details.append(f"restarts {in_words(list(users), SHOWN)}" if users else "restarts nothing")
    yield Effect(
        EffectKind.SECRET,
        Verdict.ROUTINE,
        secret.environment,
        key,
        message,
        tuple(told.basis),
        tuple(details),
        fields=tuple(told.fields),
        at=tuple(dict.fromkeys(told.at)),
        data={"keys": told.facts, "restarts": list(users)},
    )


TEMPLATES = ("spec", "template", "data")


def _parts(secret: _Secret) -> Sequence[tuple[str, ...]]:
    """Where an object has its keys, and files that the controller makes from them."""
    if (secret.key.group, secret.key.kind) == SEALED:
        return (("spec", "encryptedData"), TEMPLATES)
    return tuple((name,) for name in KEYS_OF_A_SECRET)


def _of_file(secret: _Secret, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if name not in old:
        return f"gets the file {name}" if secret.before is not None else f"the file {name}"
    if name not in new:
        return f"loses the file {name}" if secret.after is not None else f"the file {name}"
    return f"makes the file {name} differently from its keys" if old[name] != new[name] else ""


def _of_key(secret: _Secret, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What happens to one key; empty if nothing does."""
    if name not in old:
        return f"gets the key {name}" if secret.before is not None else f"the key {name}"
    if name not in new:
        return f"loses the key {name}" if secret.after is not None else f"the key {name}"
    is_new_text = old[name] != new[name]
    if (secret.key.group, secret.key.kind) == PLAIN:
        return f"gets another value of {name}" if is_new_text else ""
    return _of_sealed_key(secret, name, is_new_text=is_new_text)


def _of_sealed_key(secret: _Secret, name: str, *, is_new_text: bool) -> str:
    was, now = _stored(secret.sealed_before, name), _stored(secret.sealed_after, name)
    if was is None or now is None:
        return f"gets {name} sealed again, of an unknown revision" if is_new_text else ""
    revisions = f"revision {was.revision} -> {now.revision}"
    if was.revision == now.revision:
        same = f"gets {name} sealed again with the same revision {now.revision}, which says that its value stays"
        return same if is_new_text else ""
    if not is_new_text:
        return f"gets another revision of {name} with the same value ({revisions})"
    return f"{'gets a new' if now.revision > was.revision else 'goes back to an older'} value of {name} ({revisions})"


def _stored(sealed: Resource[SealedValuesSpec] | None, name: str) -> SealedKey | None:
    return sealed.spec.keys.get(name) if sealed is not None else None


def _places(secret: _Secret, name: str) -> list[Span]:
    """The revision of a key in the head, or of one that is gone in the base."""
    for sealed in (secret.sealed_after, secret.sealed_before):
        if sealed is not None and name in sealed.spec.keys:
            return [sealed.at("keys", name, "revision")]
    return []


Fingerprints = Mapping[tuple[bool, str], Certificate | str | None]
"""Whether it is the head's, and the environment -> its certificate, or what is wrong with it; None if it has none."""


def _certificates(comparison: Comparison) -> Fingerprints:
    found: dict[tuple[bool, str], Certificate | str | None] = {}
    for in_head, side in ((False, comparison.base), (True, comparison.head)):
        for name, environment in side.environments.items():
            if environment.program is not None and side.sources is not None:
                found[in_head, name] = certificate_of(environment.program, side.sources.folder)
    return found


def _swapped(comparison: Comparison, certificates: Fingerprints) -> Iterator[Effect]:
    """Environments whose certificate has another key: whoever has that key reads all that is sealed from now on."""
    for name, environment in sorted(comparison.head.environments.items()):
        if (False, name) not in certificates or (True, name) not in certificates or environment.program is None:
            continue
        old, new = certificates[False, name], certificates[True, name]
        was, now = (one.fingerprint if isinstance(one, Certificate) else "" for one in (old, new))
        if was == now:
            continue
        place = environment.program.platform.target.sealing.certificate
        sources = comparison.head.sources
        at = [span_of(environment.program.platform.target_node, PLACE)]
        if place is not None and sources is not None:
            at.insert(0, Span(f"{sources.specs}/{place}"))
        yield Effect(
            EffectKind.CERTIFICATE,
            Verdict.CERTIFICATE,
            name,
            ObjectKey(environment.cluster, "platformc.dev", "Environment", "", name),
            _swap_words(old, new),
            (),
            (
                f"before: {was or _without(old)}",
                f"after: {now or _without(new)}",
                "compare it with what the controller's log prints, or with: platformc seal --fetch-certificate",
            ),
            at=tuple(at),
            data={"before": was, "after": now},
        )


def _swap_words(old: Certificate | str | None, new: Certificate | str | None) -> str:
    if not isinstance(new, Certificate):
        return f"can no longer seal secrets: the certificate {_without(new)}"
    if not isinstance(old, Certificate):
        return f"seals its secrets for the certificate {new.fingerprint} from now on; before, there was none to use"
    return (
        f"seals its secrets for ANOTHER CERTIFICATE, {new.fingerprint} instead of {old.fingerprint}: whoever has its"
        " private key can read every secret that is sealed from now on"
    )


def _without(one: Certificate | str | None) -> str:
    return one if isinstance(one, str) else "is missing"


def _sealed_for(secret: _Secret, certificates: Fingerprints) -> Iterator[Effect]:
    """Values that are sealed for another certificate than before, and than the environment had."""
    if secret.sealed_after is None:
        return
    trusted = certificates.get((False, secret.environment))
    changed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, key in secret.sealed_after.spec.keys.items():
        before = _stored(secret.sealed_before, name)
        was = before.certificate_fingerprint if before is not None else ""
        now = key.certificate_fingerprint
        if now != was and not (isinstance(trusted, Certificate) and trusted.fingerprint == now):
            changed[was, now].append(name)
    for (was, now), names in changed.items():
        if not was and trusted is None:
            continue  # a new environment: nothing was trusted before
        who = in_words(names, 3)
        source = f"before, {was}" if was else "the environment had another one"
        yield Effect(
            EffectKind.CERTIFICATE,
            Verdict.CERTIFICATE,
            secret.environment,
            secret.key,
            f"has {who} sealed for ANOTHER CERTIFICATE, {now}; {source}",
            tuple(Basis(secret.key, None, ("spec", "encryptedData", name)) for name in names),
            at=tuple(secret.sealed_after.at("keys", name, "certificateFingerprint") for name in names),
            data={"keys": names, "before": was, "after": now},
        )


def _scopes(secret: _Secret) -> Iterator[Effect]:
    """A SealedSecret that others can decrypt as well."""
    if (secret.key.group, secret.key.kind) != SEALED or secret.after is None:
        return
    for annotation, words in SCOPES.items():
        path = ("metadata", "annotations", annotation)
        was = secret.before is not None and below(secret.before.object, *path) == "true"
        now = below(secret.after.object, *path) == "true"
        if now and not was:
            yield Effect(
                EffectKind.SECRET,
                Verdict.PERMISSIONS,
                secret.environment,
                secret.key,
                f"can now be decrypted {words}, by whoever may create a SealedSecret there",
                (Basis(secret.key, None, path),),
            )
