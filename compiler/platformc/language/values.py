"""Values: an environment's values, checked against the platform's valuesSchema.

In      `spec.values` of an environment, `spec.valuesSchema` of the platform (JSON Schemas by name).
Out     the values with the schema's defaults, and the names that are required but not set.
Finds   invalid-values-schema, unknown-value, invalid-value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import Finding, Span, suggestion
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, plain, span_of
from platformc.language.validate import shortened
from platformc.rules.fields import INVALID_VALUE
from platformc.rules.values import INVALID_VALUES_SCHEMA, UNKNOWN_VALUE
from platformc.rules.yaml import DUPLICATE_KEY


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one environment."""

    given: Mapping
    declared: dict[str, Span]
    absent: dict[str, Span]
    invalid: frozenset[str]
    """Names whose value, or whose schema, has a finding."""
    findings: tuple[Finding, ...]


def check_values(schema: Node | None, values: Node | None, environment: Mapping) -> Values:
    """Check the values one by one; without a schema, any value is valid."""
    place = span_of(environment, ("spec", "values"))
    given = values if isinstance(values, Mapping) else Mapping({}, {}, place)
    if not isinstance(schema, Mapping):
        return Values(given, {}, {}, frozenset(), ())
    findings: list[Finding] = []
    entries, keys = dict(given.entries), dict(given.keys)
    absent: dict[str, Span] = {}
    invalid: set[str] = set()
    for name, one in schema.entries.items():
        if name in given.entries:
            found = _check(name, one, given.entries[name])
        elif isinstance(one, Mapping) and "default" in one.entries:
            entries[name], keys[name] = one.entries["default"], one.keys["default"]
            found = _check(name, one, one.entries["default"])
        else:
            found = [] if isinstance(one, Mapping) else _check(name, one, one)
            if not found:
                absent[name] = place
        findings += found
        invalid |= {name} if found else set()
    for name in given.entries:
        if name not in schema.entries:
            message = f"the platform's valuesSchema does not declare {name}"
            hint = suggestion(
                name, [known for known in schema.entries if known not in given.entries] or list(schema.entries)
            )
            findings.append(UNKNOWN_VALUE.at(given.keys[name], message, hint))
    return Values(Mapping(entries, keys, given.span), dict(schema.keys), absent, frozenset(invalid), tuple(findings))


def _check(name: str, schema: Node, value: Node) -> list[Finding]:
    if not isinstance(schema, Mapping):
        message = f"the schema of {name} must be a map"
        return [INVALID_VALUES_SCHEMA.at(schema.span, message, "write {type: string}")]
    import jsonschema_rs  # noqa: PLC0415 - only platforms with a schema pay for its start-up

    foreign: list[str] = []

    def refused(address: str) -> Any:
        """Reject references to elsewhere: compiling reads only the specs, neither the network nor other files."""
        foreign.append(address)
        raise LookupError(address)

    try:
        validator = jsonschema_rs.validator_for(plain(schema), validate_formats=True, retriever=refused)
        errors = list(validator.iter_errors(plain(value)))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        if foreign:
            message = f"the schema of {name} refers to {foreign[0]}, but only the specs are read"
            return [INVALID_VALUES_SCHEMA.at(schema.span, message, "write the schema out here")]
        message = f"the schema of {name} is not a valid JSON Schema: {str(error).splitlines()[0]}"
        path = tuple(error.instance_path) if isinstance(error, jsonschema_rs.ValidationError) else ()
        return [INVALID_VALUES_SCHEMA.at(span_of(schema, path), message)]
    return [
        INVALID_VALUE.at(
            span_of(value, tuple(error.instance_path)),
            f"{name}: {shortened(error.message)}",
            _quoting_hint(schema, value),
            related=((schema.span, "required here"),),
        )
        for error in errors
    ]


def _quoting_hint(schema: Node, value: Node) -> str:
    wants_text = isinstance(schema, Mapping) and plain(schema).get("type") == "string"
    if wants_text and isinstance(value, Scalar) and isinstance(value.value, int | float):
        return f'write "{_shown(value.value)}"'
    return ""


def _shown(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def combine(documents: list[Mapping]) -> tuple[Mapping, tuple[Finding, ...]]:
    """Join the documents of an environment that is split into several files of one folder.

    Maps are merged, lists are concatenated; a value that two of them set is a finding.
    """
    findings: list[Finding] = []
    result = documents[0]
    for other in documents[1:]:
        joined = _join(result, other, findings, ())
        result = joined if isinstance(joined, Mapping) else result
    return result, tuple(findings)


def _join(one: Node, other: Node, findings: list[Finding], path: tuple[str, ...]) -> Node:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        entries, keys = dict(one.entries), dict(one.keys)
        for key, value in other.entries.items():
            known = entries.get(key)
            entries[key] = value if known is None else _join(known, value, findings, (*path, key))
            keys.setdefault(key, other.keys[key])
        return Mapping(entries, keys, one.span)
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return Sequence((*one.items, *other.items), one.span)
    if path[:1] == ("spec",):
        message = f"another file of this environment also sets `{path[-1]}`"
        related = ((one.span, "set here"),)
        findings.append(DUPLICATE_KEY.at(other.span, message, "keep one of the two", related=related))
    return one
