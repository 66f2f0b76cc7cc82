"""Values: templates of the models turned into what they stand for, with every reference bound by link."""

from __future__ import annotations

from typing import Any

from platformc.language import Reference, Resource, pieces, scalars
from platformc.language.models.types import Template, TemplateTree
from platformc.language.origin import MarkedSwitch, derive
from platformc.link import ConfigValue, Program, SecretValue, Target

UNBOUND = "unbound"
"""Replaces a reference that could not be bound. That is a finding, so it never reaches a file."""


def value(program: Program, user: Resource[Any], template: Template) -> Any:
    """What a template stands for: text, a number, a switch, or the key of a Secret or Config."""
    if not isinstance(template.text, str) or "${" not in template.text:
        return template.text
    return _text_value(program, user, template.text)


def _text_value(program: Program, user: Resource[Any], template: str) -> Any:
    found = pieces(template)
    if len(found) == 1 and isinstance(found[0], Reference):
        bound = program.values.get((user.id, found[0].text), UNBOUND)
        return bound if isinstance(bound, SecretValue | ConfigValue | Target) else derive(bound, template)
    parts: list[Any] = []
    for piece in found:
        if isinstance(piece, Reference):
            parts.append(program.values.get((user.id, piece.text), UNBOUND))
        elif isinstance(piece, str):
            parts.append(piece)
    return derive("".join(as_text(part) for part in parts), template, *parts)


def text(program: Program, user: Resource[Any], template: Template) -> str:
    """What a template stands for, as text."""
    found = value(program, user, template)
    return derive(as_text(found), found)


def as_text(found: object) -> str:
    """A value as text for environment variables and files."""
    if isinstance(found, SecretValue | ConfigValue | Target):
        return UNBOUND
    return scalars.as_text(bool(found) if isinstance(found, MarkedSwitch) else found)


def tree(program: Program, user: Resource[Any], data: TemplateTree | Any) -> Any:
    """Plain data with every reference in its texts replaced; a whole-value reference keeps its type."""
    if isinstance(data, TemplateTree):
        return tree(program, user, data.value)
    if isinstance(data, dict):
        return {key: tree(program, user, below) for key, below in data.items()}
    if isinstance(data, list):
        return [tree(program, user, item) for item in data]
    if isinstance(data, str) and "${" in data:
        return _text_value(program, user, data)
    return data
