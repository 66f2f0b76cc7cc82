"""redaction: values as text that may be shown to everyone.

In      a value of an object or of the spec, and the names that lead to it.
Out     text; where it is or contains a secret, or only its ciphertext, words in its place.
Never   says how long a hidden value is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from platformc.check.policies.secret_words import assigned, has_url_password, is_literal, names_a_secret, shape
from platformc.lower.checksums import SECRETS as SECRET_REVISIONS
from platformc.snapshot import ABSENT, FieldChange

HIDDEN = "(hidden: a secret)"
SEALED = "(sealed)"
ARGUMENT = "(hidden: an argument that may be a secret)"
COMMANDS = frozenset({"args", "command"})
"""Lists in which a flag can name the item after it."""
SECRETS: Mapping[tuple[str, str], tuple[tuple[tuple[str, ...], ...], str]] = {
    ("bitnami.com", "SealedSecret"): ((("spec", "encryptedData"),), SEALED),
    ("", "Secret"): ((("data",), ("stringData",)), HIDDEN),
}
"""Group and kind -> the fields whose values are never shown, and what stands for them."""


def shown_field(group: str, kind: str, change: FieldChange) -> tuple[str | None, str | None]:
    """The values of a changed field before and after; None for one that is not there."""
    names = _names(change.shown)
    before, after = (
        None if value is ABSENT else _shown_at(group, kind, path, names, value)
        for path, value in ((change.before_path, change.before), (change.after_path, change.after))
    )
    return before, after


def shown(names: Iterable[str], value: Any) -> str:
    """One value, which the names lead to, the innermost last."""
    known = tuple(names)
    if _is_secret(known, value):
        return HIDDEN
    if isinstance(value, str):
        return ARGUMENT if _may_follow_a_flag(known, value) else value
    return json.dumps(without_secrets(value), ensure_ascii=False, sort_keys=True, default=str)


def _shown_at(group: str, kind: str, path: tuple[str | int, ...], names: tuple[str, ...], value: Any) -> str:
    if path[-1:] == (SECRET_REVISIONS,):
        return str(value)
    fields, words = SECRETS.get((group, kind), ((), ""))
    at = tuple(map(str, path))
    for field in fields:
        is_inside, is_above = at[: len(field)] == field, field[: len(at)] == at
        if is_inside or (is_above and isinstance(value, dict)):
            return words
    return shown(names, value)


def _is_secret(names: tuple[str, ...], value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if shape(value) or has_url_password(value) or next(assigned(value, frozenset()), None) is not None:
        return True
    return any(names_a_secret(name) and is_literal(name, value) for name in names[-2:])


def in_flow(value: Any) -> str:
    """A value on one line, as in the spec.

    >>> in_flow({"bucket": "artifacts", "access": ["get", "put"], "optional": True})
    '{bucket: artifacts, access: [get, put], optional: true}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_flow, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def without_secrets(value: Any, name: str = "") -> Any:
    """A value of any form, with words in place of the secrets in it."""
    if isinstance(value, Mapping):
        # A variable is a map of its name and its value.
        called = value.get("name")
        return {
            key: without_secrets(below, called if key == "value" and isinstance(called, str) else str(key))
            for key, below in value.items()
        }
    if isinstance(value, list | tuple):
        flags = ["", *(item if isinstance(item, str) else "" for item in value)]
        return [
            HIDDEN if _is_of_flag(flag, item) else without_secrets(item, name)
            for flag, item in zip(flags, value, strict=False)
        ]
    return HIDDEN if _is_secret((name,), value) else value


def _is_of_flag(flag: str, value: Any) -> bool:
    """Whether a value stands behind a flag that names a secret: `--password`, `hunter2`."""
    names = flag.startswith("-") and names_a_secret(flag.lstrip("-"))
    return names and isinstance(value, str) and is_literal(flag.lstrip("-"), value)


def _may_follow_a_flag(names: tuple[str, ...], value: str) -> bool:
    """Whether it is one word of a command, and the flag before it, which may name a secret, is not known here."""
    is_word = not value.startswith("-") and not any(map(str.isspace, value))
    return (
        is_word
        and names[-1:] != ()
        and names[-1].isdigit()
        and bool(COMMANDS & set(names[-2:]))
        and is_literal("token", value)
    )


def _names(path: str) -> tuple[str, ...]:
    """The names in a path for people: keys, and the names of items of lists.

    >>> _names("spec.containers[name=api].env[name=DB_PASSWORD].value")
    ('spec', 'containers', 'api', 'env', 'DB_PASSWORD', 'value')
    """
    steps = (step.rpartition("=")[2].strip('"') for step in path.replace("[", ".").replace("]", "").split("."))
    return tuple(step for step in steps if step)
