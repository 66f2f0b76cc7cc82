"""What every model shares: strictness, camelCase names, and how a check reports what is wrong.

pydantic is used only at this boundary: untrusted YAML goes in, typed immutable values come out.
Attribute docstrings are the language reference; `docs/language.md` is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Strict, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from platformc.rules import Rule

Integer = Annotated[int, Strict()]
"""A whole number; "3000" and 3000.0 are not."""
Boolean = Annotated[bool, Strict()]
"""true or false."""

FOUND = "found"
"""The key of the problems in an error's context."""
FLATTENED = "<words of kinds>"
"""The alias of a field that stands for several: its keys are in the map of the model itself."""


class SpecModel(BaseModel):
    """A part of the spec language: unknown fields are errors, values never change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, arbitrary_types_allowed=True, defer_build=True
    )


def words_of(info: ValidationInfo) -> tuple[str, ...]:
    """The words for resources in AWS, passed in with the value, because only the kinds know them."""
    return tuple(info.context or ())


def flattened(data: Any, words: Sequence[str]) -> Any:
    """Return a map with the entries of the words moved to one field, FLATTENED; anything else as it is."""
    if not isinstance(data, dict):
        return data
    named = {key: value for key, value in data.items() if key in words}
    rest = {f"{key}?" if key == FLATTENED else key: value for key, value in data.items() if key not in named}
    return {**rest, FLATTENED: named} if named else rest


@dataclass(frozen=True, slots=True)
class Problem:
    """What a model's own check complains of."""

    rule: Rule
    message: str
    hint: str
    at: tuple[str | int, ...]
    """The place below the validated value, as the spec names it."""


def problem(rule: Rule, message: str, hint: str = "", *, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """Return an error for a validator to raise: the finding's rule, message, hint, and place below the value."""
    return _error((Problem(rule, message, hint, at),))


def problems(found: Sequence[PydanticCustomError]) -> PydanticCustomError:
    """Return several problems as one error: a validator of a whole model can raise only once."""
    return _error(tuple(one for error in found for one in problems_of(error.context)))


def problems_of(context: Mapping[str, Any] | None) -> tuple[Problem, ...]:
    """Return what `problem` put into an error's context; nothing for pydantic's own errors."""
    found: tuple[Problem, ...] = (context or {}).get(FOUND, ())
    return found


def _error(found: tuple[Problem, ...]) -> PydanticCustomError:
    return PydanticCustomError(found[0].rule.id, "{message}", {"message": found[0].message, FOUND: found})


class Allow(SpecModel):
    """Silences one rule here, with the reason written down."""

    rule: str
    """The rule's id, as findings show it."""
    reason: str
    """Why the exception is right; people read it in review."""
    until: str | None = None
    """A date (YYYY-MM-DD) after which the exception should be looked at again."""


class Moved(SpecModel):
    """Tells a rename apart from a removal beside an addition."""

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
    """The object's name; needed where the document makes several of that kind."""


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
    """A change to an object after it was lowered; the last resort, and `explain` shows it."""

    target: PatchTarget
    """The object to change."""
    json_patch: tuple[JSONPatchOperation, ...] = ()
    """Steps of RFC 6902, applied in order."""
    merge: dict[str, Any] | None = None
    """A merge patch (RFC 7386): maps merge, null removes, everything else replaces."""


class DocumentSpec(SpecModel):
    """The fields that the spec of every kind has."""

    allow: tuple[Allow, ...] = ()
    """Rules that do not hold for this document, each with its reason."""
    moved: tuple[Moved, ...] = ()
    """Former names of this document."""
    patches: tuple[Patch, ...] = ()
    """Changes to the lowered objects; the last resort."""
