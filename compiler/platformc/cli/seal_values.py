"""seal_values: `seal` with values: which are wanted, where each comes from, and what was sealed.

In      names and options of the command line; files; stdin; a person at the terminal.
Out     files of sealed values; a line on stdout for each value.
Never   shows a value, or takes one from the command line.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from platformc.cli.formats import format_findings
from platformc.cli.seal_session import Session
from platformc.diagnostics.errors import FindingsError, UsageError

if TYPE_CHECKING:
    from platformc.diagnostics import Finding
    from platformc.language.models.secret import SecretSpec
    from platformc.language.platform import Resource
    from platformc.seal.envelope import Sealer
    from platformc.seal.plan import Group, Slot, SlotId
    from platformc.seal.sealed_text import Entry
    from platformc.seal.sealing import Sealed

TRIES = 3
LONGEST_LINE = 1023 if sys.platform == "darwin" else 4095
"""Bytes that a terminal takes as one line; what comes after them is lost without a word (termios(3), canonical mode)."""


@dataclass(frozen=True, slots=True)
class Given:
    """Where values come from, as the command line says it."""

    from_file: tuple[str, ...]
    from_env_file: str | None
    from_stdin: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A group that somebody named, or that misses something."""

    group: Group
    value: bytes | None = field(repr=False)
    rotate: bool
    only_missing: bool
    named: bool
    """Whether the command line names the key; other values may be left for later."""

    @property
    def source(self) -> Slot:
        return self.group.source

    @property
    def can_be_made(self) -> bool:
        """Whether a value can be generated: nothing else would be lost by another one."""
        declared, group = self.source.declared, self.group
        lost = declared.rotation == "never" and group.is_sealed and not self.rotate
        return declared.generate is not None and not self.only_missing and not lost


def seal(session: Session, names: Sequence[str], given: Given, rotate: Sequence[str], *, force: bool) -> int:
    """Seal what is asked for; all that is missing where nothing is named. Gives the exit code."""
    from platformc.seal.envelope import Sealer
    from platformc.seal.plan import find_secret

    secret = find_secret(session.program, names[0]) if names else None
    sealer = Sealer(session.certificate())
    _carry_over(session)
    secret = find_secret(session.program, names[0]) if secret is not None else None
    values = _given_values(session, secret, given, names)
    wishes = _wishes(session, secret, names[1:], values, rotate)
    for wish in wishes:
        _refuse_loss(wish, force=force)
    if not wishes:
        session.options.inform(f"nothing is missing in {session.environment}")
        return 0
    return _seal_all(session, sealer, wishes)


def _carry_over(session: Session) -> None:
    """Renamed Secrets keep the values that still open."""
    from platformc.seal.plan import groups
    from platformc.seal.sealing import carried

    found = carried(session.program, groups(session.program))
    if found.changes:
        session.store.write(found.changes)
        for slot in found.slots:
            session.out(f"carried over {slot} (revision {slot.revision})")
        session.reload()


def _given_values(
    session: Session, secret: Resource[SecretSpec] | None, given: Given, names: Sequence[str]
) -> dict[str, bytes]:
    from platformc.seal.inputs import from_env_file, from_files, within_limit

    readers = [one for one in given.from_file if one.endswith("=-")]
    if len(readers) + (given.from_env_file == "-") + given.from_stdin > 1:
        raise UsageError("stdin can be read only once", "use files for the others")

    def stdin() -> bytes:
        from platformc.seal.inputs import LARGEST_INPUT

        return within_limit(sys.stdin.buffer.read(LARGEST_INPUT + 1), "stdin")

    values = from_files(given.from_file, stdin)
    if given.from_env_file is not None:
        secrets = [one for one in session.program.platform.resources if one.id.kind == "Secret"]
        known = {key for one in ([secret] if secret else secrets) for key in one.spec.keys}
        more = from_env_file(given.from_env_file, stdin, known)
        if both := sorted(values.keys() & more.keys()):
            raise UsageError(f"{both[0]} is given twice", "leave one of them out")
        values |= more
    if given.from_stdin:
        if len(names) != 2:  # noqa: PLR2004 - a Secret and one key
            raise UsageError("--stdin is for one key", "write platformc seal SECRET KEY --stdin")
        values[names[1]] = stdin()
    return values


def _wishes(
    session: Session,
    secret: Resource[SecretSpec] | None,
    keys: Sequence[str],
    values: dict[str, bytes],
    rotate: Sequence[str],
) -> list[_Wish]:
    """What is to be sealed, each group once, in the order of the Secrets."""
    from platformc.seal.plan import find_key, group_of, groups

    found = groups(session.program)
    named: dict[SlotId, list[tuple[str, Slot]]] = {}
    for key in dict.fromkeys((*keys, *values, *rotate)):
        group = (
            group_of(found, secret, key) if secret and key in keys else find_key(session.program, found, secret, key)
        )
        slot = next(one for one in group.slots if one.key == key and (secret is None or one.secret.id == secret.id))
        named.setdefault(group.source.id, []).append((key, slot))
    if named:
        return [_named(group, named[group.source.id], values, rotate) for group in found if group.source.id in named]
    return [
        _Wish(group, None, rotate=False, only_missing=group.source.is_complete, named=False)
        for group in found
        if any(secret is None or slot.secret.id == secret.id for slot in group.missing)
    ]


def _named(group: Group, named: list[tuple[str, Slot]], values: dict[str, bytes], rotate: Sequence[str]) -> _Wish:
    from platformc.seal.sealing import check_public

    given = {slot.id: values[key] for key, slot in named if key in values}
    public = None
    if group.public is not None:
        halves = {group.public.id, *(slot.id for slot in group.public_copies)}
        public = next((given.pop(one) for one in list(given) if one in halves), None)
    distinct = set(given.values())
    if len(distinct) > 1:
        raise UsageError(f"{' and '.join(str(slot) for _, slot in named)} have one value", "give it once")
    value = distinct.pop() if distinct else None
    if public is not None and value is None:
        raise UsageError(f"{group.public} follows from {group.source.key}", "give that one")
    if public is not None and value is not None:
        check_public(group, value, public)
    rotated = any(key in rotate for key, _ in named)
    missing_only = not rotated and group.source.is_complete and all(not slot.is_complete for _, slot in named)
    if value is None and not rotated and not group.missing and group.source.declared.generate is not None:
        key = group.source.key
        raise UsageError(f"{group.source} is sealed already", f"--rotate {key} makes a new value")
    return _Wish(group, value, rotate=rotated, only_missing=missing_only, named=True)


def _refuse_loss(wish: _Wish, *, force: bool) -> None:
    """A value that must stay is replaced only by who says so twice."""
    declared, source = wish.source.declared, wish.source
    replaced = wish.group.is_sealed and not wish.only_missing and (wish.rotate or source.stored is not None)
    if declared.rotation != "never" or not replaced:
        return
    if not force:
        said = f": {declared.description}" if declared.description else ""
        raise UsageError(f"a new value for {source} breaks what the old one made{said}", "add --force-rotate")


def _seal_all(session: Session, sealer: Sealer, wishes: Sequence[_Wish]) -> int:
    """First what needs nobody, in one step; then what a person has to give, one by one."""
    from platformc.seal.sealing import new_value, seal_group

    sizes: dict[SlotId, int] = {}
    made: list[Sealed] = []
    findings: list[Finding] = []
    asked: list[_Wish] = []
    for wish in wishes:
        if wish.value is None and not wish.can_be_made:
            asked.append(wish)
            continue
        value = wish.value if wish.value is not None else new_value(wish.group)
        try:
            only = wish.only_missing
            made.append(seal_group(session.program, sealer, wish.group, value, sizes, only_missing=only))
        except FindingsError as error:
            findings += error.findings
    if findings:
        raise FindingsError(findings)
    _write(session, made)
    if asked and not sys.stdin.isatty():
        _tell_missing(session, asked)
        return 1
    left = [
        wish
        for number, wish in enumerate(asked, 1)
        if not _ask(session, sealer, wish, sizes, f"{number} of {len(asked)}")
    ]
    if left:
        names = ", ".join(str(wish.source) for wish in left)
        session.options.problem(f"still missing: {names}", "run the same command again when you have them")
    return 1 if left else 0


def _write(session: Session, made: Sequence[Sealed]) -> None:
    from platformc.seal.store import Change

    changes: dict[tuple[str, str], Change] = {}
    for sealed in made:
        for identity, change in sealed.changes.items():
            known = changes.get(identity, Change())
            changes[identity] = Change(_in_order(session, identity, {**known.entries, **change.entries}))
    if not changes:
        return
    files = session.store.write(changes)
    for sealed in made:
        for slot in sealed.slots:
            session.out(f"sealed {slot} (revision {sealed.revision})")
    session.options.inform(f"wrote {', '.join(files)}")


def _in_order(session: Session, identity: tuple[str, str], entries: dict[str, Entry]) -> dict[str, Entry]:
    """As the Secret declares its keys: a new file reads like the spec."""
    secret = next(
        one
        for one in session.program.platform.resources
        if one.id.kind == "Secret" and (one.namespace, one.name) == identity
    )
    return {key: entries[key] for key in secret.spec.keys if key in entries}


def _ask(session: Session, sealer: Sealer, wish: _Wish, sizes: dict[SlotId, int], place: str) -> bool:
    """Ask until the value is one that may be sealed. False where somebody leaves it for later."""
    from platformc.seal.sealing import seal_group

    later = "" if wish.named else "  (Enter alone leaves it for later)\n"
    session.options.screen.err.write(f"\n{place}: {_what(wish)}\n{later}")
    for attempt in range(TRIES):
        value = _typed(session, wish)
        if value is None:
            return False
        try:
            sealed = seal_group(session.program, sealer, wish.group, value, sizes, only_missing=wish.only_missing)
        except FindingsError as error:
            if attempt == TRIES - 1:
                raise
            text = format_findings(error.findings, {}, session.options, session.options.screen.err)
            session.options.screen.err.write(text)
            continue
        _write(session, [sealed])
        return True
    return False


def _typed(session: Session, wish: _Wish) -> bytes | None:
    """What a person types twice alike, unseen; None for nothing, where that means later."""
    name = wish.source.key
    for _ in range(TRIES):
        try:
            first = getpass.getpass(f"{name}: ")
            if not first and not wish.named:
                return None
            again = getpass.getpass(f"{name} once more: ")
        except EOFError:
            raise click.Abort from None
        typed = first.encode("utf-8", "surrogateescape")
        if len(typed) >= LONGEST_LINE:
            raise UsageError(f"a terminal cuts lines off after {LONGEST_LINE} bytes", "use --from-file")
        if first == again:
            return typed
        session.options.screen.err.write("the two are not the same\n")
    raise UsageError(f"the value of {name} was never typed twice alike", "use --from-file")


def _what(wish: _Wish) -> str:
    """What a value is for, in lines for a person."""
    source, group = wish.source, wish.group
    lines = [f"{source.key} of the Secret {source.secret.name} ({source.secret.namespace})"]
    if source.declared.description:
        lines.append(f"  {source.declared.description}")
    if wish.only_missing:
        lines.append(f"  the value that it has already, for {', '.join(map(str, group.missing))}")
        lines.append(f"  (nobody can read it back from here; --rotate {source.key} gives all of them a new one)")
    elif source.replaced is not None:
        lines.append("  it is sealed in a way that the controller cannot open any more: the same value again")
    elif len(group.slots) > 1:
        lines.append(f"  sealed for {', '.join(map(str, group.slots[1:]))} as well")
    return "\n".join(lines)


def _tell_missing(session: Session, asked: Sequence[_Wish]) -> None:
    """Without a terminal nobody can be asked; say what is missing and how to give it."""
    for wish in asked:
        session.out(f"missing: {_what(wish)}")
    first = asked[0].source
    session.options.problem(
        f"{len(asked)} value{'' if len(asked) == 1 else 's'} of {session.environment} must be given by a person",
        f"run it in a terminal, or give them: platformc seal -e {session.environment} {first.secret.name}"
        f" --from-file {first.key}=PATH",
    )
