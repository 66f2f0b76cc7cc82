"""values: `seal` with values: which are wanted, where each comes from, and what was sealed.

In      a Session; names of Secrets and keys; values that were given, or that a person types.
Out     files of sealed values; a line for each value.
Finds   value-refused.
Never   shows a value, or takes one from the command line.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc.diagnostics import Finding, FindingsError
from platformc.seal.asking import TRIES, introduce, tell_missing, typed
from platformc.seal.envelope import Sealer
from platformc.seal.inputs import Given, given_values
from platformc.seal.pending import Pending, pending
from platformc.seal.plan import SlotId, find_secret, groups
from platformc.seal.sealed_text import Entry
from platformc.seal.sealing import Sealed, carried, new_value, seal_group
from platformc.seal.session import Session
from platformc.seal.store import Change, FileId


def seal(session: Session, names: Sequence[str], given: Given, rotate: Sequence[str], *, force: bool) -> bool:
    """Seal what is asked for; all that is missing where nothing is named. False where a value is still missing.

    Raises UsageError, ToolError, and FindingsError where a value is refused.
    """
    if names:
        find_secret(session.program, names[0])
    sealer = Sealer(session.certificate())
    session = _with_carried_over(session)
    secret = find_secret(session.program, names[0]) if names else None
    values = given_values(session.program, secret, given, names, session.console.piped)
    wanted = pending(session.program, secret, names[1:], values, rotate)
    for one in wanted:
        one.refuse_loss(force=force)
    if not wanted:
        session.console.inform(f"no sealed value is missing in {session.environment}")
        return True
    return _seal_all(session, sealer, wanted)


def _with_carried_over(session: Session) -> Session:
    """Renamed Secrets keep the values that still open."""
    found = carried(session.program, groups(session.program))
    if not found.changes:
        return session
    session.store.write(found.changes)
    for slot in found.slots:
        session.console.result(f"copied {slot} (revision {slot.revision})")
    return session.again()


def _seal_all(session: Session, sealer: Sealer, wanted: Sequence[Pending]) -> bool:
    """First what needs nobody, in one step; then what a person has to give, one by one."""
    sizes: dict[SlotId, int] = {}
    made: list[Sealed] = []
    findings: list[Finding] = []
    asked: list[Pending] = []
    for one in wanted:
        if one.value is None and not one.can_be_made:
            asked.append(one)
            continue
        value = one.value if one.value is not None else new_value(one.group)
        try:
            made.append(seal_group(session.program, sealer, one.group, value, sizes, only_missing=one.only_missing))
        except FindingsError as error:
            findings += error.findings
    if findings:
        raise FindingsError(findings)
    _write(session, made)
    if asked and not session.console.answers:
        tell_missing(session.console, session.environment, asked)
        return False
    left = [
        one for number, one in enumerate(asked, 1) if not _ask(session, sealer, one, sizes, f"{number} of {len(asked)}")
    ]
    if left:
        names = ", ".join(str(one.source) for one in left)
        session.console.problem(f"still missing: {names}", "run the same command again when you have the values")
    return not left


def _write(session: Session, made: Sequence[Sealed]) -> None:
    changes: dict[FileId, Change] = {}
    for sealed in made:
        for identity, change in sealed.changes.items():
            known = changes.get(identity, Change())
            changes[identity] = Change(_in_order(session, identity, {**known.entries, **change.entries}))
    if not changes:
        return
    files = session.store.write(changes)
    for sealed in made:
        for slot in sealed.slots:
            session.console.result(f"sealed {slot} (revision {sealed.revision})")
    session.console.inform(f"wrote {', '.join(files)}")


def _in_order(session: Session, identity: FileId, entries: dict[str, Entry]) -> dict[str, Entry]:
    """As the Secret declares its keys: a new file reads like the spec."""
    secret = next(
        one
        for one in session.program.platform.resources
        if one.id.kind == "Secret" and (one.namespace, one.name) == identity
    )
    return {key: entries[key] for key in secret.spec.keys if key in entries}


def _ask(session: Session, sealer: Sealer, wanted: Pending, sizes: dict[SlotId, int], place: str) -> bool:
    """Ask until the value is one that may be sealed. False where somebody leaves it for later."""
    introduce(session.console, wanted, place)
    for attempt in range(TRIES):
        value = typed(session.console, wanted)
        if value is None:
            return False
        try:
            sealed = seal_group(session.program, sealer, wanted.group, value, sizes, only_missing=wanted.only_missing)
        except FindingsError as error:
            if attempt == TRIES - 1:
                raise
            session.console.show(error.findings)
            continue
        _write(session, [sealed])
        return True
    return False
