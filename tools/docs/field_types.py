"""Shapes: the type of a field in a form that both the reference and the editors' schema can be made from.

In      the annotations of the models.
Out     one Shape for each field.
Never   guesses: an annotation that no shape is known for raises.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from platformc.kinds import KINDS
from platformc.language.kind import words_with_access
from platformc.language.models import base, job, labels, platform, raw_manifest
from platformc.language.models import types as spec_types
from platformc.language.models.base import FLATTENED
from platformc.language.models.job import Schedule
from platformc.language.validate import aliases
from pydantic import BaseModel
from pydantic.fields import FieldInfo

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value: what people call it, and its JSON Schema."""

    words: str
    schema: JSON


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A map with the fields of a model."""

    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    item: FieldType
    most: int | None = None
    least: int | None = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map with keys of the user's choice."""

    key: Leaf
    value: FieldType


@dataclass(frozen=True, slots=True)
class Either:
    """Any of some shapes."""

    options: tuple[FieldType, ...]


FieldType = Leaf | Choice | Part | ListOf | MapOf | Either


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model, as the spec writes it."""

    name: str
    attribute: str
    shape: FieldType
    required: bool
    nullable: bool
    default: Any = field(compare=False, default=None)


def _text(words: str, pattern: str = "", *, number: bool = False) -> Leaf:
    schema: JSON = {"type": ["string", "number"] if number else "string"}
    if pattern:
        schema["pattern"] = f"^{pattern.removesuffix(chr(92) + 'Z')}$"
    return Leaf(words, schema)


ANYTHING = Leaf("anything", {})
LEAVES: tuple[tuple[Any, Leaf], ...] = (
    (Any, ANYTHING),
    (str, _text("text")),
    (int, Leaf("whole number", {"type": "integer"})),
    (base.Integer, Leaf("whole number", {"type": "integer"})),
    (base.Boolean, Leaf("true or false", {"type": "boolean"})),
    (dict[str, Any], Leaf("map", {"type": "object"})),
    (spec_types.Label, _text("name", spec_types.LABEL.pattern)),
    (spec_types.Subdomain, _text("name, dots allowed", spec_types.SUBDOMAIN.pattern)),
    (spec_types.PortName, _text("port name", spec_types.LABEL.pattern)),
    (spec_types.PortNumber, Leaf("port number", {"type": "integer", "minimum": 1, "maximum": 65535})),
    (spec_types.PortReference, Leaf("port name or number", {"type": ["string", "integer"]})),
    (spec_types.VariableName, _text("variable name", spec_types.ENVIRONMENT_NAME.pattern)),
    (spec_types.DataKey, _text("key", spec_types.DATA_KEY.pattern)),
    (labels.LabelKey, _text("key")),
    (labels.LabelValue, _text("text", f"(?:{labels.WORD.pattern.removesuffix(chr(92) + 'Z')})?")),
    (labels.AnnotationKey, _text("key")),
    (spec_types.CPUQuantity, _text("CPU", f"(?:{spec_types.CPU.pattern.removesuffix(chr(92) + 'Z')})", number=True)),
    (spec_types.MemoryQuantity, _text("amount of memory", spec_types.MEMORY.pattern, number=True)),
    (spec_types.Duration, _text("duration", spec_types.DURATION.pattern)),
    (spec_types.CIDR, _text("address range")),
    (spec_types.ContainerPath, _text("absolute path", "/[^:]*")),
    (spec_types.RelativePath, _text("relative path", "[^/].*")),
    (spec_types.TemplateText, Leaf("template", {"type": ["string", "number", "boolean"]})),
    (spec_types.TemplateMap, Leaf("map of templates", {"type": "object"})),
    (platform.AccountID, _text("12 digits", "[0-9]{12}")),
    (platform.Version, _text("version", r"\d+\.\d+(\.\d+)?")),
    (raw_manifest.RawObject, Leaf("Kubernetes object of templates", {"type": "object"})),
)
"""Annotation -> what it is called, and its schema; the same objects that the models name."""

COMPUTED: tuple[tuple[Any, FieldType], ...] = ((job.Run, Either((Choice(("OnSync",)), Part(Schedule)))),)


@cache
def fields(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a model in the order in which they are written."""
    hints = typing.get_type_hints(model, include_extras=True)
    found = []
    for name, attribute in aliases(model).items():
        if name == FLATTENED:
            text, _ = field_type_of(str)
            found += [Field(word, word, text, required=False, nullable=True) for word in words_with_access(KINDS)]
            continue
        info = model.model_fields[attribute]
        shape, nullable = field_type_of(hints[attribute])
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        found.append(Field(name, attribute, shape, info.is_required(), nullable, default))
    return tuple(found)


def field_type_of(annotation: Any) -> tuple[FieldType, bool]:
    """The shape of an annotation, and whether null may stand in its place. Raises TypeError for an unknown one."""
    for known, shape in (*COMPUTED, *LEAVES):
        if annotation == known:
            return shape, False
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is Annotated:
        return _constrained(arguments[0], arguments[1:])
    return _structure(annotation), False


def _structure(annotation: Any) -> FieldType:
    """Choices, lists, maps and models."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Choice(tuple(arguments))
    if origin is tuple and arguments[1:] == (...,):
        return ListOf(field_type_of(arguments[0])[0])
    if origin is dict and isinstance(key := field_type_of(arguments[0])[0], Leaf):
        return MapOf(key, field_type_of(arguments[1])[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Part(annotation)
    raise TypeError(f"no shape is known for {annotation}")


def _union(options: tuple[Any, ...]) -> tuple[FieldType, bool]:
    shapes = tuple(field_type_of(option)[0] for option in options if option is not types.NoneType)
    nullable = types.NoneType in options
    return (shapes[0] if len(shapes) == 1 else Either(shapes)), nullable


def _constrained(annotation: Any, metadata: tuple[Any, ...]) -> tuple[FieldType, bool]:
    """A type with limits: those that a Field names."""
    base_annotation: Any = annotation
    rest = metadata
    for length in range(len(metadata), 0, -1):  # Annotated flattens: the longest known beginning is the named type
        candidate = Annotated[(annotation, *metadata[:length])]
        if length < len(metadata) and any(candidate == known for known, _ in LEAVES):
            base_annotation, rest = candidate, metadata[length:]
            break
    shape, nullable = field_type_of(base_annotation)
    for one in rest:
        if isinstance(one, FieldInfo):
            shape = _limited(shape, one)
    return shape, nullable


def _limited(shape: FieldType, info: FieldInfo) -> FieldType:
    limits = {
        name: value
        for one in info.metadata
        for name in ("ge", "le", "min_length", "max_length", "pattern")
        if (value := getattr(one, name, None)) is not None
    }
    if isinstance(shape, ListOf):
        return ListOf(shape.item, limits.get("max_length"), limits.get("min_length"))
    if not isinstance(shape, Leaf) or not limits:
        return shape
    names = {
        "ge": "minimum",
        "le": "maximum",
        "min_length": "minLength",
        "max_length": "maxLength",
        "pattern": "pattern",
    }
    schema = {**shape.schema, **{names[name]: value for name, value in limits.items()}}
    return Leaf(f"{shape.words}{_range(limits)}", schema)


def _range(limits: dict[str, Any]) -> str:
    for least, most, unit in (("ge", "le", ""), ("min_length", "max_length", " characters")):
        if least in limits and most in limits:
            return f", {limits[least]} to {limits[most]}{unit}"
        if least in limits:
            return f", from {limits[least]}{unit}"
        if most in limits:
            return f", up to {limits[most]}{unit}"
    return ""


def parts(shape: FieldType) -> Iterator[type[BaseModel]]:
    """The models that a shape is made of, without those inside of them."""
    if isinstance(shape, Part):
        yield shape.model
    elif isinstance(shape, ListOf):
        yield from parts(shape.item)
    elif isinstance(shape, MapOf):
        yield from parts(shape.value)
    elif isinstance(shape, Either):
        for option in shape.options:
            yield from parts(option)
