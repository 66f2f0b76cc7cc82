"""What every model shares: strictness, camelCase names, and how a check reports problems.

pydantic is used only at this boundary: untrusted YAML goes in, typed immutable values come out.
Attribute docstrings are the language reference; `docs/language.md` is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Strict, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from platformc.rules import Rule

Integer = Annotated[int, Strict()]
"""A whole number; "3000" and 3000.0 are not whole numbers."""
Boolean = Annotated[bool, Strict()]
"""true or false."""

FOUND = "found"
"""The key of an error's problems in its context."""
FLATTENED = "<words of kinds>"
"""The alias of a field that stands for several: the spec writes its keys in the map of the model itself."""


class SpecModel(BaseModel):
    """A part of the spec language: unknown fields are errors, values never change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, arbitrary_types_allowed=True, defer_build=True
    )


def words_of(info: ValidationInfo) -> tuple[str, ...]:
    """Return the words for AWS resources that were passed in with the value: only the kinds know them."""
    return tuple(info.context or ())


def flattened(data: Any, words: Sequence[str]) -> Any:
    """Move the entries of a map whose keys are words into one field, FLATTENED; return anything else unchanged."""
    if not isinstance(data, dict):
        return data
    named = {key: value for key, value in data.items() if key in words}
    rest = {f"{key}?" if key == FLATTENED else key: value for key, value in data.items() if key not in named}
    return {**rest, FLATTENED: named} if named else rest


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that a model's own check reports."""

    rule: Rule
    message: str
    hint: str
    at: tuple[str | int, ...]
    """The place below the validated value, with the spec's field names."""


def problem(rule: Rule, message: str, hint: str = "", *, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """Make an error for a validator to raise: the finding's rule, message, hint, and place below the value."""
    return _error((Problem(rule, message, hint, at),))


def problems(found: Sequence[PydanticCustomError]) -> PydanticCustomError:
    """Combine several problems into one error: a validator of a whole model can raise only once."""
    return _error(tuple(one for error in found for one in problems_of(error.context)))


def problems_of(context: Mapping[str, Any] | None) -> tuple[Problem, ...]:
    """Return what `problem` put into an error's context; nothing for pydantic's own errors."""
    found: tuple[Problem, ...] = (context or {}).get(FOUND, ())
    return found


def _error(found: tuple[Problem, ...]) -> PydanticCustomError:
    return PydanticCustomError(found[0].rule.id, "{message}", {"message": found[0].message, FOUND: found})


class Allow(SpecModel):
    """Silences one rule for this document, with a reason."""

    rule: str
    """The rule's ID, as findings show it."""
    reason: str
    """Why the exception is right, for reviewers."""
    until: str | None = None
    """A date (YYYY-MM-DD) after which the exception should be reviewed."""


class Accept(SpecModel):
    """Accepts an effect that `platformc diff` reports, so that `--fail-on` lets it pass; the report still shows it."""

    effect: Literal[
        "refused",
        "data-loss",
        "unprotected",
        "exposure",
        "permissions",
        "certificate",
        "downtime",
        "restart",
    ]
    """The effect, by its word in the report."""
    object: str
    """The object as the report names it, such as `Table discord-bot/events`."""
    reason: str
    """Why it is wanted, for reviewers."""


class Moved(SpecModel):
    """Declares a rename, which would otherwise look like a removal and an addition."""

    from_: str
    """The old reference, such as `secret.old-name`."""
    to: str
    """The new reference; it must name this document."""

    model_config = ConfigDict(alias_generator=lambda name: to_camel(name.rstrip("_")))


class PatchTarget(SpecModel):
    """Which of the document's objects a patch changes."""

    kind: str
    """The object's kind, such as `Deployment`."""
    name: str | None = None
    """The object's name; required if the document renders several of that kind."""


class JSONPatchOperation(SpecModel):
    """One step of a JSON patch (RFC 6902)."""

    op: str
    """add, remove, replace, move, copy or test."""
    path: str
    """JSON pointer to the place, such as `/spec/template/spec/priorityClassName`."""
    value: Any = None
    """The value for add, replace and test."""
    from_: str | None = None
    """JSON pointer to the source, for move and copy."""

    model_config = ConfigDict(alias_generator=lambda name: to_camel(name.rstrip("_")))


class Patch(SpecModel):
    """A change to an object after lowering; a last resort, shown by `explain`."""

    target: PatchTarget
    """The object to change."""
    json_patch: tuple[JSONPatchOperation, ...] = ()
    """Steps of RFC 6902, applied in order."""
    merge: dict[str, Any] | None = None
    """A merge patch (RFC 7386): maps merge, null removes, everything else replaces."""


class DocumentSpec(SpecModel):
    """The fields that the spec of every kind has."""

    allow: tuple[Allow, ...] = ()
    """Rules that do not apply to this document, each with a reason."""
    accept: tuple[Accept, ...] = ()
    """Effects of a change that are wanted; remove them once the change is released."""
    moved: tuple[Moved, ...] = ()
    """Former names of this document."""
    patches: tuple[Patch, ...] = ()
    """Changes to the lowered objects; a last resort."""
