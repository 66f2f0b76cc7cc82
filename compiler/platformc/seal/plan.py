"""plan: which keys of an environment belong together, and which have no sealed value.

In      a Program.
Out     groups: a key with a value of its own, its public half and its copies, sealed in one step.
Never   sees a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from platformc.diagnostics import Span, UsageError, known_hint, meant_hint, nearest, suggestion
from platformc.language import DocumentId, Resource
from platformc.language.models.sealed_values import SealedKey
from platformc.language.models.secret import SecretKey, SecretSpec
from platformc.language.models.types import DATA_KEY
from platformc.link import Program
from platformc.sealed_secrets import SealingScope, former, original, sealed_for, sealing_scope_of

SlotId = tuple[DocumentId, str]


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One key of one Secret, and what is sealed for it."""

    secret: Resource[SecretSpec]
    key: str
    scope: SealingScope
    stored: SealedKey | None
    """What is stored in the file of its own name; None if the controller could not decrypt that."""
    replaced: SealedKey | None
    """What no longer fits: sealed for another scope, or for a former name."""
    carried: SealedKey | None
    """What is stored under a former name, and can still be decrypted."""

    @property
    def id(self) -> SlotId:
        """What names it."""
        return self.secret.id, self.key

    @property
    def declared(self) -> SecretKey:
        """The key as the Secret declares it."""
        return self.secret.spec.keys[self.key]

    @property
    def at(self) -> Span:
        """Where it is declared."""
        return self.secret.key_at("keys", self.key)

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing to seal for it."""
        return self.stored is not None and not (self.declared.public and self.stored.public is None)

    @property
    def revision(self) -> int:
        """Of its newest value, whether it can be decrypted or not; 0 if there never was one."""
        return max((each.revision for each in (self.stored, self.replaced, self.carried) if each), default=0)

    def __str__(self) -> str:
        return f"{self.key} of {self.secret.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Slots that are sealed in one step."""

    source: Slot
    """The one whose value is passed or generated; of a pair the private half."""
    public: Slot | None
    copies: tuple[Slot, ...]
    """Copies of `source`."""
    public_copies: tuple[Slot, ...]
    """Copies of `public`."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All of them, the source first."""
        halves = (self.source, *((self.public,) if self.public else ()))
        return (*halves, *self.copies, *self.public_copies)

    @property
    def missing(self) -> tuple[Slot, ...]:
        """Those that need to be sealed."""
        return tuple(slot for slot in self.slots if not slot.is_complete and not slot.declared.optional)

    @property
    def revision(self) -> int:
        """The newest of all its slots."""
        return max(slot.revision for slot in self.slots)

    @property
    def is_sealed(self) -> bool:
        """Whether any value of it is sealed, which a new one would replace."""
        return self.revision > 0


def groups(program: Program) -> tuple[Group, ...]:
    """Every key of every Secret in its group, in the order of the Secrets and their keys."""
    secrets = [resource for resource in program.platform.resources if resource.id.kind == "Secret"]
    slots = {slot.id: slot for secret in secrets for slot in _slots(program, secret)}
    copies: dict[SlotId, list[Slot]] = defaultdict(list)
    sources: list[Slot] = []
    for slot in slots.values():
        found = original(program, slot.secret, slot.key)
        if found is not None:
            copies[found[0].id, found[1]].append(slot)
        elif slot.declared.copy_of is None:
            sources.append(slot)
    publics = {
        (slot.secret.id, slot.declared.generate.pair): slot
        for slot in sources
        if slot.declared.generate is not None and slot.declared.generate.part == "public"
    }
    made = []
    for slot in sources:
        spec = slot.declared.generate
        if spec is not None and spec.part == "public":
            continue
        public = publics.get((slot.secret.id, spec.pair)) if spec is not None and spec.part == "private" else None
        made.append(Group(slot, public, tuple(copies[slot.id]), tuple(copies[public.id]) if public else ()))
    return tuple(made)


def _slots(program: Program, secret: Resource[SecretSpec]) -> Iterable[Slot]:
    scope = sealing_scope_of(program, secret)
    sealed = program.platform.sealed.get((secret.namespace, secret.name))
    for name in secret.spec.keys:
        stored = sealed.spec.keys.get(name) if sealed else None
        fits = stored is not None and sealed is not None and scope.opens(sealed_for(sealed, stored))
        old = [(each, each.spec.keys[name]) for each in former(program, secret) if name in each.spec.keys]
        opening = [key for each, key in old if scope.opens(sealed_for(each, key))]
        unfit = [*([stored] if stored and not fits else []), *(key for _, key in old if key not in opening)]
        yield Slot(
            secret,
            name,
            scope,
            stored if fits else None,
            unfit[0] if unfit else None,
            opening[0] if opening and stored is None else None,
        )


def find_secret(program: Program, name: str) -> Resource[SecretSpec]:
    """The Secret of a name, or of `application/name`. Raises UsageError."""
    application, _, short = name.rpartition("/")
    secrets = [resource for resource in program.platform.resources if resource.id.kind == "Secret"]
    found = [one for one in secrets if one.name == short and application in ("", one.id.application)]
    if len(found) == 1:
        return found[0]
    if found:
        choices = " or ".join(f"{one.id.application}/{short}" for one in found)
        raise UsageError(f"several applications have a Secret {short}", f"write {choices}")
    known = [one.name for one in secrets]
    environment = program.platform.environment
    raise UsageError(f"there is no Secret {name} in the environment {environment}", suggestion(name, known))


def group_of(found: Sequence[Group], secret: Resource[SecretSpec], key: str) -> Group:
    """The group that a key belongs to. Raises UsageError if the Secret has no such key."""
    for group in found:
        if any(slot.id == (secret.id, key) for slot in group.slots):
            return group
    if key in secret.spec.keys:
        raise UsageError(f"{key} of {secret.name} is a copy of a key that does not exist", "fix its copyOf")
    if key in secret.spec.files:
        hint = f"seal the keys that it uses: {', '.join(secret.spec.keys)}"
        raise UsageError(f"{key} of {secret.name} is a file, which is created in the cluster", hint)
    raise _no_key(f"the Secret {secret.name} has", key, list(secret.spec.keys))


def find_key(program: Program, found: Sequence[Group], secret: Resource[SecretSpec] | None, key: str) -> Group:
    """The group of a key, of one Secret or of the only one that has it. Raises UsageError."""
    if secret is not None:
        return group_of(found, secret, key)
    having = [one for one in program.platform.resources if one.id.kind == "Secret" and key in one.spec.keys]
    if len(having) == 1:
        return group_of(found, having[0], key)
    if having:
        names = ", ".join(sorted(one.name for one in having))
        raise UsageError(f"several Secrets have a key {key}: {names}", "write the Secret's name, too")
    known = [name for one in program.platform.resources if one.id.kind == "Secret" for name in one.spec.keys]
    raise _no_key("the Secrets have", key, known)


def _no_key(who_has: str, word: str, known: list[str]) -> UsageError:
    """The error for a word that is not a key. The word is shown only if it looks like a key: it may be a value."""
    meant = nearest(word, known)
    if DATA_KEY.match(word) and meant is not None:
        return UsageError(f"{who_has} no key {word}", meant_hint(meant))
    hint = "a value cannot be passed on the command line, which others can read: use --stdin or --from-file"
    listed = known_hint(known) if meant is None else ""
    return UsageError(f"{who_has} no such key", f"{listed}; {hint}" if listed else hint)
