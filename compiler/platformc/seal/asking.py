"""asking: the values that a person has to give, one by one.

In      what is pending; a person at a Console.
Out     the value that was typed twice alike.
Never   shows a value.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc.console import Console
from platformc.diagnostics import UsageError
from platformc.seal.pending import Pending

TRIES = 3


def introduce(console: Console, wanted: Pending, place: str) -> None:
    """Say what is about to be asked for; `place` is its number among the others."""
    console.say(f"\n{place}: {described(wanted)}")
    if not wanted.named:
        console.say("  (press Enter to skip it)")


def typed(console: Console, wanted: Pending) -> bytes | None:
    """What a person types twice alike, unseen; None for nothing, where that means later. Raises UsageError."""
    name = wanted.source.key
    for _ in range(TRIES):
        first = console.ask_hidden(f"{name}: ")
        if not first and not wanted.named:
            return None
        again = console.ask_hidden(f"{name} again: ")
        if len(first) >= console.longest_answer:
            raise UsageError(f"the terminal truncates lines after {console.longest_answer} bytes", "use --from-file")
        if first == again:
            return first
        console.say("the values do not match")
    raise UsageError(f"the two values of {name} did not match", "use --from-file")


def tell_missing(console: Console, environment: str, asked: Sequence[Pending]) -> None:
    """Without a terminal nobody can be asked; say what is missing and how to give it."""
    for wanted in asked:
        console.result(f"missing: {described(wanted)}")
    first = asked[0].source
    console.problem(
        f"{len(asked)} value{'' if len(asked) == 1 else 's'} of {environment} must be entered by a person",
        f"run this in a terminal, or pass them: platformc seal -e {environment} {first.secret.name}"
        f" --from-file {first.key}=PATH",
    )


def described(wanted: Pending) -> str:
    """What a value is for, in lines for a person."""
    source, group = wanted.source, wanted.group
    lines = [f"{source.key} of the Secret {source.secret.name} ({source.secret.namespace})"]
    if source.declared.description:
        lines.append(f"  {source.declared.description}")
    if wanted.only_missing:
        lines.append(f"  the value that it already has, for {', '.join(map(str, group.missing))}")
        lines.append(f"  (it cannot be read back; --rotate {source.key} gives all of them a new value)")
    elif source.replaced is not None:
        lines.append("  the controller can no longer decrypt it: enter the same value again")
    elif len(group.slots) > 1:
        lines.append(f"  also sealed for {', '.join(map(str, group.slots[1:]))}")
    return "\n".join(lines)
