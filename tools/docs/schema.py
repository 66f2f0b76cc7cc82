"""schema: a JSON Schema of the spec's documents, for editors (docs/specs.schema.json).

In      the kinds, and the shapes of their models.
Out     one schema that fits a document of any kind, with descriptions, defaults and short forms.
Never   refuses a document that the compiler takes: it knows less (no rule across fields), never other things.

Constants such as `${values.x}` may stand in the place of any value. What profiles and overrides
hold is partial: nothing in it is required, and null removes. A document with `extends` is partial, too.
Draft 7, as editors' YAML servers know it best; there, `$ref` must stand alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.kinds import ALL
from platformc.language.layers import NEVER_OVERRIDDEN
from platformc.language.models.container import Exec as ExecProbe
from platformc.language.models.container import (
    HTTPGet,
    Port,
    Probe,
    Probes,
    ResourceAmounts,
    Resources,
    Scratch,
    TCPSocket,
)
from platformc.language.models.environment import EnvironmentSpec, Override
from platformc.language.models.job import JobSpec
from platformc.language.models.metadata import Metadata
from platformc.language.models.pod import PodFields
from platformc.language.models.profile import ProfileSpec
from platformc.language.models.types import ContainerPath, PortNumber, PortReference, TemplateText
from platformc.language.models.workload import Strategy, WorkloadSpec
from platformc.language.sources import API_VERSION
from pydantic import BaseModel

from tools.docs.docstrings import fields_of, summary_of
from tools.docs.field_types import (
    JSON,
    Choice,
    Either,
    Field,
    FieldType,
    Leaf,
    ListOf,
    MapOf,
    Part,
    field_type_of,
    fields,
    parts,
)

Model = type[BaseModel]

DRAFT = "http://json-schema.org/draft-07/schema#"
CONSTANT: JSON = {
    "description": "A constant, replaced before the value is typed: ${values.…}, ${platform.…} or ${environment.…}.",
    "type": "string",
    "pattern": r"\$\{(values|platform|environment)[.\[]",
}
NULL: JSON = {"type": "null"}
AMOUNT: JSON = {"type": ["string", "number"]}


def _leaf(annotation: Any) -> JSON:
    shape, _ = field_type_of(annotation)
    if not isinstance(shape, Leaf):
        raise TypeError(f"{annotation} is not a single value")
    return shape.schema


SHORT_FORMS: dict[Model, JSON] = {
    Port: _leaf(PortNumber),
    Probe: {"type": "string", "pattern": "^(/.*|none)$"},
    Probes: {"const": "none"},
    HTTPGet: {"type": "string"},
    TCPSocket: _leaf(PortReference),
    ExecProbe: {"type": "array", "items": _leaf(TemplateText)},
    Strategy: {"enum": ["Recreate", "RollingUpdate"]},
    Scratch: _leaf(ContainerPath),
    Resources: {
        "type": "object",
        "properties": {field.name: AMOUNT for field in fields(ResourceAmounts)},
        "additionalProperties": False,
    },
}
"""What may be written in place of a part; compiler/platformc/language/short_forms.py writes it out."""


def document_schema() -> JSON:
    """The schema of one document."""
    definitions: dict[str, JSON] = {"constant": CONSTANT, "Metadata": _object(Metadata, partial=False)}
    for model, partial in sorted(_needed(), key=lambda pair: _name(*pair)):
        definitions[_name(model, partial=partial)] = _object(model, partial=partial)
    return {
        "$schema": DRAFT,
        "title": "A document of the platformc spec language",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"enum": [kind.name for kind in ALL]},
            "metadata": {"$ref": "#/definitions/Metadata"},
            "spec": {"type": "object"},
        },
        "additionalProperties": False,
        "allOf": [_of_kind(kind.name, kind.model) for kind in ALL],
        "definitions": definitions,
    }


def _needed() -> set[tuple[Model, bool]]:
    """All models below the kinds, whole or partial."""
    found: set[tuple[Model, bool]] = set()

    def visit(model: Model, *, partial: bool) -> None:
        if (model, partial) in found:
            return
        found.add((model, partial))
        for field in _fields(model):
            for part in parts(field.shape):
                visit(part, partial=partial)

    for kind in ALL:
        if kind.model is not ProfileSpec:  # a profile is partial by nature
            visit(kind.model, partial=False)
        if kind.name not in NEVER_OVERRIDDEN:
            visit(kind.model, partial=True)
    return found


def _name(model: Model, partial: bool) -> str:  # noqa: FBT001 - it is one half of a pair
    return f"{model.__name__}Layer" if partial else model.__name__


def _fields(model: Model) -> Iterator[Field]:
    """The fields of a model; a Profile has those of Workloads and Jobs."""
    if model is ProfileSpec:
        yield from {field.name: field for one in (JobSpec, WorkloadSpec) for field in fields(one)}.values()
    else:
        yield from fields(model)


def _of_kind(name: str, model: Model) -> JSON:
    """What `spec` holds for one kind."""
    whole: JSON = {"properties": {"spec": _reference(model, partial=False)}}
    if any(field.required for field in fields(model)) and model is not EnvironmentSpec:
        whole["required"] = ["spec"]
    then = whole
    if issubclass(model, PodFields):
        then = {
            "if": {"properties": {"spec": {"required": ["extends"]}}, "required": ["spec"]},
            "then": {"properties": {"spec": _reference(model, partial=True)}},
            "else": whole,
        }
    if model is ProfileSpec:
        then = {"properties": {"spec": _reference(model, partial=True)}}
    return {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": then}


def _reference(model: Model, *, partial: bool) -> JSON:
    return {"$ref": f"#/definitions/{_name(model, partial)}"}


def _object(model: Model, *, partial: bool) -> JSON:
    """The definition of a model."""
    said = _said(model)
    made: JSON = {
        "description": summary_of(model),
        "type": "object",
        "properties": {field.name: _property(field, said[field.name], partial=partial) for field in _fields(model)},
    }
    # An environment may be split into several files of a folder, so none of them holds all.
    required = [field.name for field in _fields(model) if field.required]
    if required and not partial and model is not EnvironmentSpec:
        made["required"] = required
    if partial:
        made["properties"]["$patch"] = {"const": "delete", "description": "Removes this item of a list."}
    made["additionalProperties"] = False
    if model is Override:
        made["allOf"] = [_override(kind.name, kind.model) for kind in ALL if kind.name not in NEVER_OVERRIDDEN]
    return made


def _said(model: Model) -> dict[str, str]:
    models = (JobSpec, WorkloadSpec) if model is ProfileSpec else (model,)
    return {field.name: fields_of(one)[field.attribute] for one in models for field in fields(one)}


def _override(name: str, model: Model) -> JSON:
    return {
        "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
        "then": {"properties": {"spec": _reference(model, partial=True)}},
    }


def _property(field: Field, description: str, *, partial: bool) -> JSON:
    """The schema of one field, with what may stand in its place."""
    made: JSON = {"description": description}
    if isinstance(field.default, str | int) and not field.required:
        made["default"] = field.default
    options = _options(field.shape, partial=partial)
    if field.nullable or partial:
        options.append(NULL)
    if any(option == {} for option in options):
        return made
    if len(options) == 1 and "$ref" not in options[0]:
        return {**made, **options[0]}
    return {**made, "anyOf": options}


def _options(shape: FieldType, *, partial: bool) -> list[JSON]:
    """The schemas of a shape, any of which fits: itself, its short form, a constant."""
    if isinstance(shape, Either):
        own = [option for one in shape.options for option in _options(one, partial=partial)]
        return [option for position, option in enumerate(own) if option not in own[:position]]
    own = [_own(shape, partial=partial)]
    if isinstance(shape, Part) and shape.model in SHORT_FORMS:
        own.append(SHORT_FORMS[shape.model])
    takes_any_text = isinstance(shape, Leaf) and _takes_any_text(shape.schema)
    return own if takes_any_text else [*own, {"$ref": "#/definitions/constant"}]


def _takes_any_text(schema: JSON) -> bool:
    kinds = schema.get("type", "string")
    return "string" in ([kinds] if isinstance(kinds, str) else kinds) and not {"pattern", "maxLength"} & schema.keys()


def _own(shape: FieldType, *, partial: bool) -> JSON:
    if isinstance(shape, Leaf):
        return shape.schema
    if isinstance(shape, Choice):
        return {"enum": list(shape.values)}
    if isinstance(shape, Part):
        return _reference(shape.model, partial=partial)
    if isinstance(shape, ListOf):
        limits = {"maxItems": shape.most, "minItems": None if partial else shape.least}
        made: JSON = {"type": "array", "items": _any_of(_options(shape.item, partial=partial))}
        return {**made, **{name: limit for name, limit in limits.items() if limit is not None}}
    if isinstance(shape, MapOf):
        values = _options(shape.value, partial=partial) + ([NULL] if partial else [])
        keys = {"propertyNames": {"pattern": shape.key.schema["pattern"]}} if "pattern" in shape.key.schema else {}
        return {"type": "object", **keys, "additionalProperties": _any_of(values)}
    raise TypeError(f"{shape} has no schema of its own")


def _any_of(options: list[JSON]) -> JSON:
    if {} in options:
        return {}
    return options[0] if len(options) == 1 else {"anyOf": options}
