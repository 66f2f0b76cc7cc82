"""pending: what to seal in a run, and with which of the passed values.

In      the groups of a Program, the Secret and the keys of the command line, values.
Out     each group to seal, once, in the order of the Secrets.
Finds   words that are not names, and values that contradict each other: UsageError.
Never   seals, or asks for a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from platformc.diagnostics import UsageError
from platformc.language import Resource
from platformc.language.models.secret import SecretSpec
from platformc.link import Program
from platformc.seal.plan import Group, Slot, SlotId, find_key, group_of, groups
from platformc.seal.sealing import check_public


@dataclass(frozen=True, slots=True)
class Pending:
    """A group that was named, or in which something is missing."""

    group: Group
    value: bytes | None = field(repr=False)
    rotate: bool
    only_missing: bool
    named: bool
    """Whether the command line names the key; other values can be left for later."""

    @property
    def source(self) -> Slot:
        """The key whose value is passed or generated."""
        return self.group.source

    @property
    def can_be_made(self) -> bool:
        """Whether a value can be generated: a new one does no harm."""
        declared, group = self.source.declared, self.group
        lost = declared.rotation == "never" and group.is_sealed and not self.rotate
        return declared.generate is not None and not self.only_missing and not lost

    def refuse_loss(self, *, force: bool) -> None:
        """Raise UsageError for a value that must stay, unless replacing it is forced."""
        declared, source = self.source.declared, self.source
        replaced = self.group.is_sealed and not self.only_missing and (self.rotate or source.stored is not None)
        if declared.rotation != "never" or not replaced:
            return
        if not force:
            said = f": {declared.description}" if declared.description else ""
            raise UsageError(
                f"a new value for {source} breaks what was made with the old one{said}", "add --force-rotate"
            )


def pending(
    program: Program,
    secret: Resource[SecretSpec] | None,
    keys: Sequence[str],
    values: Mapping[str, bytes],
    rotate: Sequence[str],
) -> list[Pending]:
    """Return what to seal: what the words name, or, without words, everything that is missing."""
    found = groups(program)
    named: dict[SlotId, list[tuple[str, Slot]]] = {}
    for key in dict.fromkeys((*keys, *values, *rotate)):
        group = group_of(found, secret, key) if secret and key in keys else find_key(program, found, secret, key)
        slot = next(one for one in group.slots if one.key == key and (secret is None or one.secret.id == secret.id))
        named.setdefault(group.source.id, []).append((key, slot))
    if named:
        return [_named(group, named[group.source.id], values, rotate) for group in found if group.source.id in named]
    return [
        Pending(group, None, rotate=False, only_missing=group.source.is_complete, named=False)
        for group in found
        if any(secret is None or slot.secret.id == secret.id for slot in group.missing)
    ]


def _named(
    group: Group, named: Sequence[tuple[str, Slot]], values: Mapping[str, bytes], rotate: Sequence[str]
) -> Pending:
    given = {slot.id: values[key] for key, slot in named if key in values}
    public = None
    if group.public is not None:
        halves = {group.public.id, *(slot.id for slot in group.public_copies)}
        public = next((given.pop(one) for one in list(given) if one in halves), None)
    distinct = set(given.values())
    if len(distinct) > 1:
        raise UsageError(f"{' and '.join(str(slot) for _, slot in named)} share one value", "pass it once")
    value = distinct.pop() if distinct else None
    if public is not None and value is None:
        raise UsageError(f"{group.public} is derived from {group.source.key}", "pass that one")
    if public is not None and value is not None:
        check_public(group, value, public)
    rotated = any(key in rotate for key, _ in named)
    missing_only = not rotated and group.source.is_complete and all(not slot.is_complete for _, slot in named)
    if value is None and not rotated and not group.missing and group.source.declared.generate is not None:
        key = group.source.key
        raise UsageError(f"{group.source} is already sealed", f"use --rotate {key} for a new value")
    return Pending(group, value, rotate=rotated, only_missing=missing_only, named=True)
