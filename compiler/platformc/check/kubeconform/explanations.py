"""explanations: say in plain words what is wrong with a document that kubeconform refused.

In      kubeconform's text, the document, the schema that it was held against.
Out     one (pointer, message) for each thing that is wrong.
Never   judges: a place that kubeconform does not name is not told, and where the schema shows nothing wrong there,
        kubeconform's own words stay. Shows a value: it stands in the manifest, and some are nobody's business.

What is wrong is asked of the schema, by a validator that answers with fields (jsonschema-rs): kubeconform knows as
much, and gives a sentence. A keyword that neither knows what to say of keeps kubeconform's words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Broken

from platformc.check.kubeconform.messages import Pointer, Refused, Types, refused, unread

JSON = Any


@dataclass(frozen=True, slots=True)
class Explained:
    """One mistake: the way to it as JSON pointer tokens, a sentence, and kubeconform's own words."""

    pointer: Pointer
    message: str
    raw: str = ""
    absent: str = ""
    """The field that is not there, where one is asked for; the way leads to the map around it."""
    is_unknown: bool = False
    """Whether the field that the way leads to is one that there is not; the message names it."""
    types: Types | None = None
    """What was found and what is taken, where the type is the mistake."""


def explain(text: str, document: JSON, schema: JSON) -> tuple[Explained, ...]:
    """All mistakes in a document that kubeconform refused with a text, each once."""
    known = unread(text)
    if known is not None:
        return (Explained((), known.message, text, absent=known.absent),)
    places = refused(text)
    words = {place.pointer: place.words for place in places}
    found = dict.fromkeys(
        replace(one, raw=words.get(at, text))
        for at, explained in _mistakes(document, schema)
        for one in explained
        if not places or at in words
    )
    return tuple(found) or _in_its_own_words(text, places)


def _in_its_own_words(text: str, places: Iterable[Refused]) -> tuple[Explained, ...]:
    leaves = dict.fromkeys(
        Explained(place.pointer, _mistyped(place.types) if place.types else place.shown, place.words)
        for place in places
        if place.is_leaf
    )
    return tuple(leaves) or (Explained((), text.removeprefix("error unmarshalling resource: "), text),)


def _mistakes(document: JSON, schema: JSON) -> Iterator[tuple[Pointer, list[Explained]]]:
    """Each place where a document breaks the schema, with what is wrong there; none where the schema is no schema."""
    try:
        validator = jsonschema_rs.validator_for(schema, validate_formats=True, offline=True)
        errors = list(validator.iter_errors(document))
    except (ValueError, jsonschema_rs.ReferencingError):
        return
    # Of a wrong type nothing else is worth telling.
    mistyped = {_pointer(error) for error in errors if isinstance(error.kind, Broken.Type)}
    for error in errors:
        at = _pointer(error)
        if at not in mistyped or isinstance(error.kind, Broken.Type):
            yield at, list(_explained(error, document))


def _pointer(error: ValidationError) -> Pointer:
    return tuple(map(str, error.instance_path))


def _explained(error: ValidationError, document: JSON) -> Iterator[Explained]:
    """A broken keyword as sentences: several where it names several fields, so that each can be pointed at."""
    at = _pointer(error)
    match error.kind:
        case Broken.AdditionalProperties(unexpected=names):
            yield from _unknown(at, names)
        case Broken.FalseSchema() if error.schema_path[-1:] == ["additionalProperties"]:
            yield from _unknown(at, _below(document, error.instance_path))  # a map that may have no field at all
        case Broken.Required(property=name):
            yield Explained(at, f"missing field {name}", absent=name)
        case Broken.Type(types=wanted):
            types = Types(_type_of(error.instance), tuple(sorted(wanted)))
            yield Explained(at, _mistyped(types), types=types)
        case Broken.AnyOf(context=forms) | Broken.OneOfNotValid(context=forms):
            yield from _none_fits(
                at, [one for form in forms for broken in form for one in _explained(broken, document)]
            )
        case _:
            sentence = _sentence(error)
            if sentence:
                yield Explained(at, sentence)


def _unknown(at: Pointer, names: Iterable[str]) -> Iterator[Explained]:
    for name in sorted(names):
        yield Explained((*at, name), f"unknown field {name}", is_unknown=True)


def _below(document: JSON, path: Iterable[str | int]) -> JSON:
    for step in path:
        document = document[step]
    return document


def _none_fits(at: Pointer, below: list[Explained]) -> Iterator[Explained]:
    """Why none of several allowed forms fits, reduced to what helps.

    A form that already has the wrong type is not the one that was meant; when all have it, the
    types are one sentence.
    """
    mismatches = [entry.types for entry in below if entry.pointer == at and entry.types]
    others = list(dict.fromkeys(entry for entry in below if not (entry.pointer == at and entry.types)))
    if len(others) == 1:
        yield others[0]
    elif others:
        ways = dict.fromkeys(_relative(entry, at) for entry in others)
        yield Explained(at, f"fits none of the allowed forms: {', or '.join(ways)}")
    elif mismatches:
        wanted = {name for types in mismatches for name in types.wanted}
        yield Explained(at, _mistyped(Types(mismatches[0].got, tuple(sorted(wanted)))))
    else:
        yield Explained(at, "fits none of the allowed forms")


def _relative(entry: Explained, base: Pointer) -> str:
    rest = entry.pointer[len(base) :]
    return f"{'.'.join(rest)} {entry.message}" if rest and not entry.is_unknown else entry.message


NAMES = {
    "array": "a list", "object": "a map", "string": "text", "integer": "a whole number",
    "number": "a number", "boolean": "true or false", "null": "empty",
}  # fmt: skip


def _mistyped(types: Types) -> str:
    names = [NAMES.get(name, name) for name in types.wanted if name != "null" or len(types.wanted) == 1]
    return f"must be {' or '.join(names)}, not {NAMES.get(types.got, types.got)}"


def _type_of(value: JSON) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"


def _sentence(error: ValidationError) -> str:
    """What is said of a value that has the right type; empty for a keyword that is not known here."""
    value: JSON = error.instance
    match error.kind:
        case Broken.Enum(options=[only]) | Broken.Constant(expected_value=only):
            sentence = f"must be {_shown(only)}"
        case Broken.Enum(options=options):
            sentence = f"must be one of {', '.join(map(_shown, options))}"
        case Broken.Pattern(pattern=pattern):
            sentence = f"does not match the pattern {pattern}"
        case Broken.Format(format=name):
            sentence = f"is not a valid {name}"
        case Broken.UniqueItems():
            sentence = "items {} and {} are the same".format(*_equal(value))
        case Broken.OneOfMultipleValid():
            sentence = "matches more than one of several forms that exclude each other"
        case Broken.Not():
            sentence = "has a form that is not allowed here"
        case Broken.FalseSchema():
            sentence = "is not allowed here"
        case _:
            sentence = _measured(error)
    return sentence


SIZES = {
    Broken.MinLength: "is {} characters long; the minimum is {}",
    Broken.MaxLength: "is {} characters long; the limit is {}",
    Broken.MinItems: "has too few items: {}; the minimum is {}",
    Broken.MaxItems: "has too many items: {}; the limit is {}",
    Broken.MinProperties: "has too few fields: {}; the minimum is {}",
    Broken.MaxProperties: "has too many fields: {}; the limit is {}",
}
BOUNDS = {
    Broken.Minimum: "is {}; the minimum is {}",
    Broken.Maximum: "is {}; the maximum is {}",
    Broken.ExclusiveMinimum: "is {}; it must be greater than {}",
    Broken.ExclusiveMaximum: "is {}; it must be less than {}",
    Broken.MultipleOf: "is {}; it must be a multiple of {}",
}


def _measured(error: ValidationError) -> str:
    """What is said of something that is too long, too many, too small or too large."""
    kind, limit = type(error.kind), error.kind.value
    value: JSON = error.instance
    if kind in SIZES:
        return SIZES[kind].format(len(value), limit)
    return BOUNDS[kind].format(_number(value), _number(limit)) if kind in BOUNDS else ""


def _shown(option: JSON) -> str:
    """One of the values that would do, as people read it."""
    if isinstance(option, str):
        return option or "''"
    return json.dumps(option)


def _number(value: float | Decimal) -> str:
    """A number as specs write it, without powers of ten.

    >>> _number(43200), _number(-0.0015), _number(1e8), _number(3.0)
    ('43200', '-0.0015', '100000000', '3')
    """
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _equal(items: list[JSON]) -> tuple[int, int]:
    """The positions of the first two items that are the same."""
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        before = seen.setdefault(json.dumps(item, sort_keys=True), position)
        if before != position:
            return before, position
    return 0, len(items) - 1  # such as 1 and 1.0
