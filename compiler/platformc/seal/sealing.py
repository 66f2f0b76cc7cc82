"""sealing: turn values into entries: checked, sealed for every Secret that has them, counted.

In      a group and the value of its source.
Out     what to store for each file; rejected values as findings.
Finds   value-refused.
Never   keeps a value longer than the call, or puts one into a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from platformc.diagnostics import Finding, FindingsError
from platformc.language import Resource
from platformc.language.models.sealed_values import SealedKey
from platformc.language.models.secret import SecretSpec
from platformc.link import Program
from platformc.lower.secret_files import contents, uses
from platformc.rules.secrets import VALUE_REFUSED
from platformc.seal.envelope import Sealer
from platformc.seal.generators import generated, vapid_public
from platformc.seal.judge import judge
from platformc.seal.plan import Group, Slot, SlotId
from platformc.seal.sealed_text import Entry
from platformc.seal.store import Change, FileId
from platformc.sealed_secrets import SealingScope, former, sealed_length, value_size

LARGEST_SECRET = 1024 * 1024
"""Bytes of all values together (Kubernetes, pkg/apis/core: MaxSecretSize)."""
LARGEST_SEALED = (1536 - 64) * 1024
"""Bytes of a SealedSecret: etcd's limit for one object (server/embed: DefaultMaxRequestBytes), less its metadata."""
PER_KEY = 20
"""Bytes of quotes, colons and braces around a key's two names and its ciphertext."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What to store, and what was sealed or copied, in the order of the group."""

    changes: Mapping[FileId, Change] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()
    revision: int = 0


def new_value(group: Group) -> bytes:
    """A generated value for the source of a group, which declares how."""
    if group.source.declared.generate is None:
        raise TypeError(f"{group.source} has no `generate`")
    return generated(group.source.declared.generate)


def seal_group(
    program: Program,
    sealer: Sealer,
    group: Group,
    value: bytes,
    sizes: dict[SlotId, int],
    *,
    only_missing: bool = False,
) -> Sealed:
    """Seal the value for all slots of a group, as its next revision.

    `sizes` has the bytes of the values that were sealed in this run, and gets those of this one. With
    `only_missing` the value is the one that the source already has: only what is missing is sealed,
    and the revision stays. Raises FindingsError if a value is rejected.
    """
    values = _values(group, value)
    chosen = group.missing if only_missing else group.slots
    findings = [finding for slot in chosen for finding in _judged(slot, values[slot.id])]
    if not findings:
        sizes |= {slot.id: len(values[slot.id]) for slot in chosen}
        findings = list(_too_large(program, chosen, sizes, sealer.bits))
    if findings:
        raise FindingsError(findings)
    revision = max(1, group.revision if only_missing else group.revision + 1)
    entries: dict[FileId, dict[str, Entry]] = {}
    for slot in chosen:
        made = values[slot.id]
        ciphertext = sealer.seal(made, slot.scope)
        public = made.decode() if slot.declared.public else None
        of_file = entries.setdefault((slot.secret.namespace, slot.secret.name), {})
        of_file[slot.key] = entry(slot.scope, revision, sealer.fingerprint, ciphertext, public)
    return Sealed({identity: Change(of_file) for identity, of_file in entries.items()}, tuple(chosen), revision)


def entry(scope: SealingScope, revision: int, fingerprint: str, ciphertext: str, public: str | None) -> Entry:
    """What is stored of a key that was sealed with a scope, a namespace and a name."""
    return Entry(revision, fingerprint, scope.scope, scope.namespace, scope.name, ciphertext, public)


def _values(group: Group, value: bytes) -> dict[SlotId, bytes]:
    """The value of each slot; the public half is derived from the private one."""
    values: dict[SlotId, bytes] = {slot.id: value for slot in (group.source, *group.copies)}
    if group.public is not None:
        try:
            public = vapid_public(value)
        except ValueError:
            public = b""  # the private half is rejected, and nothing is reported about the other
        values |= {slot.id: public for slot in (group.public, *group.public_copies)}
    return values


def check_public(group: Group, private: bytes, public: bytes) -> None:
    """Raise FindingsError if a passed public half does not belong to the private half."""
    if group.public is not None and not list(_judged(group.source, private)) and vapid_public(private) != public:
        raise FindingsError([_refused(group.public, f"does not belong to {group.source.key}")])


def _judged(slot: Slot, value: bytes) -> Iterator[Finding]:
    if not value and slot.declared.generate is not None and slot.declared.generate.part == "public":
        return
    for reason in judge(slot.secret.name, slot.key, slot.declared, value, uses(slot.secret).get(slot.key, ())):
        yield _refused(slot, reason)


def _refused(slot: Slot, reason: str) -> Finding:
    hint = slot.declared.description or "pass another value"
    return VALUE_REFUSED.at(
        slot.at,
        f"the value for {slot} {reason}",
        hint,
        confidential=slot.declared.generate is not None and slot.declared.generate.type == "literal",
    )


def _too_large(program: Program, chosen: Iterable[Slot], sizes: Mapping[SlotId, int], bits: int) -> Iterator[Finding]:
    """Secrets that Kubernetes would reject: unchanged values count, too, and so do the files made from them."""
    hint = "split it into several Secrets"
    by_secret: dict[object, Slot] = {}
    for slot in chosen:
        by_secret.setdefault(slot.secret.id, slot)
    for slot in by_secret.values():
        new = {key: sizes.get((slot.secret.id, key)) for key in slot.secret.spec.keys}
        total, sealed = secret_size(program, slot.secret, new), sealed_size(program, slot.secret, new, bits)
        if total > LARGEST_SECRET:
            message = f"the Secret {slot.secret.name} would be {total} bytes large; the limit is {LARGEST_SECRET}"
            yield VALUE_REFUSED.at(slot.secret.name_span, message, hint)
        elif sealed > LARGEST_SEALED:
            message = (
                f"the sealed Secret {slot.secret.name} would be {sealed} bytes large; the limit is {LARGEST_SEALED}"
            )
            yield VALUE_REFUSED.at(slot.secret.name_span, message, hint)


def secret_size(program: Program, secret: Resource[SecretSpec], new: Mapping[str, int | None]) -> int:
    """The bytes of a Secret's values and files, if some keys get values of a new size."""
    stored = program.platform.sealed.get((secret.namespace, secret.name))
    sizes: dict[str, int] = {}
    for key in secret.spec.keys:
        size = new.get(key)
        if size is not None:
            sizes[key] = size
        elif stored is not None and key in stored.spec.keys:
            sizes[key] = _stored_size(stored.spec.keys[key])
    templates = sum(len(text.encode()) for text in contents(program, secret).values())
    in_files = sum(sizes.get(key, 0) for key, several in uses(secret).items() for _ in several)
    return sum(sizes.values()) + templates + in_files


def sealed_size(program: Program, secret: Resource[SecretSpec], new: Mapping[str, int | None], bits: int) -> int:
    """The bytes of a SealedSecret's ciphertext, names of keys and templates, if some get values of a new size.

    A key appears in the object and again in its `managedFields`.
    """
    stored = program.platform.sealed.get((secret.namespace, secret.name))
    total = sum(len(text.encode()) for text in contents(program, secret).values())
    for key in secret.spec.keys:
        size = new.get(key)
        if size is not None:
            total += sealed_length(size, bits) + 2 * len(key) + PER_KEY
        elif stored is not None and key in stored.spec.keys:
            total += len(stored.spec.keys[key].ciphertext) + 2 * len(key) + PER_KEY
    return total


def _stored_size(key: SealedKey) -> int:
    try:
        return value_size(key.ciphertext)
    except ValueError:
        return 0


def carried(program: Program, groups: Iterable[Group]) -> Sealed:
    """What is stored under former names and can still be decrypted, moved to the Secrets' names byte for byte."""
    changes: dict[FileId, Change] = {}
    moved: list[Slot] = []
    entries: dict[FileId, dict[str, Entry]] = {}
    for slot in (slot for group in groups for slot in group.slots):
        if slot.carried is not None:
            key, scope = slot.carried, slot.scope
            identity = (slot.secret.namespace, slot.secret.name)
            made = entry(scope, key.revision, key.certificate_fingerprint, key.ciphertext, key.public)
            entries.setdefault(identity, {})[slot.key] = made
            moved.append(slot)
    for identity, of_file in entries.items():
        changes[identity] = Change(of_file)
    for slot in moved:
        for old in former(program, slot.secret):
            changes[old.namespace, old.name] = _less(changes.get((old.namespace, old.name)), slot.key)
    return Sealed(changes, tuple(moved))


def _less(change: Change | None, key: str) -> Change:
    return Change({}, (change.removed if change else frozenset()) | {key})


def pruned(program: Program) -> Mapping[FileId, Change]:
    """What no Secret needs any more: keys that it does not have, and files of removed Secrets."""
    secrets = {(one.namespace, one.name): one for one in program.platform.resources if one.id.kind == "Secret"}
    awaited = {
        (old.namespace, old.name): {
            key for one in secrets.values() for key in one.spec.keys if old in former(program, one)
        }
        for one in secrets.values()
        for old in former(program, one)
    }
    changes: dict[FileId, Change] = {}
    disabled = {identity.name for identity in program.platform.disabled if identity.kind == "Secret"}
    for identity, sealed in program.platform.sealed.items():
        if identity not in secrets and identity[1] in disabled:
            continue
        wanted = set(secrets[identity].spec.keys) if identity in secrets else awaited.get(identity, set())
        unwanted = frozenset(sealed.spec.keys.keys() - wanted)
        if unwanted == sealed.spec.keys.keys():
            changes[identity] = Change(removed_whole=True)
        elif unwanted:
            changes[identity] = Change(removed=unwanted)
    return changes
