"""shape: what may stand at a place of an object, read from the JSON Schema of its kind.

In      a schema as the SchemaStore keeps it, or an XRD's openAPIV3Schema made alike by `closed`.
Out     the part of it that a path leads to, or a Gap that says where the path leaves it; the ways in
        which a value, or whatever another schema allows, does not fit.
Never   looks at patterns and limits: values are checked against those when there are values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.check.claim_api.field_path import Steps, shown
from platformc.check.schemas.conversion import PRESERVE
from platformc.diagnostics import suggestion
from platformc.language.nodes import KeyPath
from platformc.rules import Rule
from platformc.rules.crossplane import COMPOSITION_MISSING_FIELD, COMPOSITION_UNKNOWN_FIELD, COMPOSITION_WRONG_TYPE

JSON = Any
Schema = dict[str, Any]

ANYTHING: Schema = {}
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
NAMES = {"string": "text", "array": "a list", "object": "a map", "integer": "a whole number", "number": "a number"}
"""What people call a type; `boolean` is its own name."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a path leaves a schema: the steps that it has, and what could have come next."""

    reached: Steps
    step: str | int
    known: tuple[str, ...]

    def message(self, what: str) -> str:
        """What is wrong, about the kind that is called `what`."""
        inside = f" in {shown(self.reached)}" if self.reached else ""
        return f"{what} has no field {self.step}{inside}"

    def hint(self) -> str:
        """The field that was meant, or those that there are."""
        return suggestion(str(self.step), self.known)


@dataclass(frozen=True, slots=True)
class Misfit:
    """One way in which a value does not fit: where below it, and why."""

    below: Steps
    rule: Rule
    message: str
    hint: str = ""


def closed(schema: JSON) -> Schema:
    """A copy of a structural schema in which what an API server would drop is forbidden, and the rest is said.

    Source: Kubernetes docs, "Field pruning".
    """
    if not isinstance(schema, dict):
        return {}
    made = dict(schema)
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = closed(schema["additionalProperties"])
    elif schema.get("type") == "object" and schema.get(PRESERVE) is not True:
        made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = closed(schema["items"])
    return made


def types(schema: Schema) -> frozenset[str]:
    """The types that a value may have; empty for any."""
    given = schema.get("type")
    known = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return frozenset(name for name in known if isinstance(name, str) and name != "null")


def fields(schema: Schema) -> dict[str, Schema]:
    """The declared fields of a map."""
    declared = schema.get("properties")
    return (
        {name: part for name, part in declared.items() if isinstance(part, dict)} if isinstance(declared, dict) else {}
    )


def required(schema: Schema) -> tuple[str, ...]:
    """The fields that a map must have."""
    names = schema.get("required")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def items(schema: Schema) -> Schema:
    """What each item of a list is."""
    found = schema.get("items")
    return found if isinstance(found, dict) else ANYTHING


def others(schema: Schema) -> Schema | None:
    """What fields are that are not declared; None where there can be none."""
    given = schema.get("additionalProperties", True)
    if isinstance(given, dict):
        return given
    return ANYTHING if given is True else None


def choices(schema: Schema) -> Sequence[JSON] | None:
    """The only values that there are; None where there are others."""
    given = schema.get("enum")
    return given if isinstance(given, list) else None


def parts(schema: JSON, place: KeyPath = ()) -> Iterator[tuple[KeyPath, Schema]]:
    """A schema as it is written and all schemas inside of it, each with the place where it stands."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for name, part in fields(schema).items():
        yield from parts(part, (*place, "properties", name))
    for word in ("items", "additionalProperties"):
        yield from parts(schema.get(word), (*place, word))


def step_into(schema: Schema, step: str | int) -> Schema | None:
    """What stands one step below; None where nothing can."""
    allowed = types(schema)
    if isinstance(step, int):
        return items(schema) if not allowed or "array" in allowed else None
    if allowed and "object" not in allowed:
        return None
    return fields(schema).get(step) or others(schema)


def follow(schema: Schema, path: Steps) -> Schema | Gap:
    """What stands at a path."""
    found = schema
    for position, step in enumerate(path):
        below = step_into(found, step)
        if below is None:
            return Gap(path[:position], step, tuple(fields(found)))
        found = below
    return found


def always(schema: Schema, path: Steps) -> bool:
    """Whether every object has a value at a path: each step of it is required or has a default."""
    found: Schema | None = schema
    for step in path:
        if found is None or not isinstance(step, str):
            return False
        below = step_into(found, step)
        if below is None or (step not in required(found) and "default" not in below):
            return False
        found = below
    return True


def type_name(schema: Schema) -> str:
    """A schema's type for a sentence: `text`, `a list of text`."""
    named = [NAMES.get(name, name) for name in sorted(types(schema))]
    if types(schema) == {"array"} and types(items(schema)):
        return f"a list of {type_name(items(schema)).removeprefix('a ')}"
    return " or ".join(named) or "anything"


def misfits(given: Schema, wanted: Schema, below: Steps = ()) -> Iterator[Misfit]:
    """Where values that `given` allows are refused, or cut, by `wanted`."""
    if not types(wanted) and not fields(wanted):
        return
    have, want, values = types(given), types(wanted), choices(given)
    if "integer" in have and "number" in want:
        want |= {"integer"}
    if not have:
        message = f"it can be of any type, but {type_name(wanted)} is expected"
        yield Misfit(below, COMPOSITION_WRONG_TYPE, message)
    elif want and not have <= want:
        yield Misfit(below, COMPOSITION_WRONG_TYPE, f"it is {type_name(given)}, but {type_name(wanted)} is expected")
    elif values is not None:
        for value in values:
            yield from value_misfits(value, wanted, below)
    elif choices(wanted) is not None:
        message = f"it can be any {type_name(given)}, but only {_listed(choices(wanted))} are allowed"
        yield Misfit(below, COMPOSITION_WRONG_TYPE, message)
    elif have == {"array"}:
        yield from misfits(items(given), items(wanted), (*below, 0))
    elif have == {"object"}:
        yield from _map_misfits(given, wanted, below)


def _map_misfits(given: Schema, wanted: Schema, below: Steps) -> Iterator[Misfit]:
    for name, part in sorted(fields(given).items()):
        target = step_into(wanted, name)
        if target is None:
            gap = Gap(below, name, tuple(fields(wanted)))
            yield Misfit((*below, name), COMPOSITION_UNKNOWN_FIELD, "the field does not exist", gap.hint())
        else:
            yield from misfits(part, target, (*below, name))
    rest = others(given)
    if rest is not None:
        target = others(wanted)
        if target is None:
            yield Misfit(below, COMPOSITION_WRONG_TYPE, "it can have any keys, but only declared fields are allowed")
        else:
            yield from misfits(rest, target, (*below, "*"))
    for name in required(wanted):
        if name not in required(given) and "default" not in fields(given).get(name, {}):
            yield Misfit((*below, name), COMPOSITION_MISSING_FIELD, "it is optional, but required there")


def value_misfits(value: JSON, wanted: Schema, below: Steps = ()) -> Iterator[Misfit]:
    """Where a written value is refused. Required fields are not asked for: others may add them."""
    want, name = types(wanted), TYPES.get(type(value), "null")
    fitting = not want or name in want or (name == "integer" and "number" in want)
    allowed = choices(wanted)
    if not fitting:
        yield Misfit(below, COMPOSITION_WRONG_TYPE, f"{_quoted(value)} is not {type_name(wanted)}")
    elif allowed is not None and value not in allowed:
        yield Misfit(below, COMPOSITION_WRONG_TYPE, f"{_quoted(value)} is not one of {_listed(allowed)}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from value_misfits(item, items(wanted), (*below, position))
    elif isinstance(value, dict):
        for key, item in value.items():
            target = step_into(wanted, str(key))
            if target is None:
                gap = Gap(below, str(key), tuple(fields(wanted)))
                yield Misfit((*below, str(key)), COMPOSITION_UNKNOWN_FIELD, "the field does not exist", gap.hint())
            else:
                yield from value_misfits(item, target, (*below, str(key)))


def _quoted(value: JSON) -> str:
    return (
        f"the text {value!r}"
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _listed(values: Sequence[JSON] | None) -> str:
    return ", ".join(str(value) for value in values or ())
