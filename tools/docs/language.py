"""language: the reference of the spec language, docs/language.md.

In      the kinds, their models with docstrings, the prose in fragments/.
Out     one page: kinds, shared fields and parts, references, needs, layers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from platformc.kinds import ALL, KINDS
from platformc.language.kind import Attribute, Kind, words_with_access
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import DocumentSpec
from platformc.language.models.container import ContainerFields
from platformc.language.models.metadata import Metadata
from platformc.language.models.pod import PodFields
from pydantic import BaseModel

from tools.docs.docstrings import fields_of, summary_of
from tools.docs.field_types import Choice, Either, Field, FieldType, Leaf, ListOf, MapOf, Part, fields, parts
from tools.docs.markdown import code, link, page, table

Model = type[BaseModel]

GROUPS: tuple[tuple[str, Model], ...] = (
    ("Fields of every document", DocumentSpec),
    ("Fields of every AWS resource", ManagedSpec),
    ("Fields of a container", ContainerFields),
    ("Fields of a pod", PodFields),
)
"""Fields that several kinds have in their own map: described once."""
SHARED = "Parts that several kinds use"
METADATA = "Metadata"


def language() -> str:
    """The whole reference."""
    homes = _homes()
    blocks = [fragment("intro"), _contents(), "## Kinds"]
    for kind in ALL:
        blocks += [f"### {kind.name}", fragment(f"kinds/{kind.name}"), *facts(kind), *_tables(kind.model, homes)]
    for title, model in GROUPS:
        blocks += [
            f"## {title}",
            summary_of(model).partition(". Inherited")[0].rstrip(".") + ".",
            *_tables(model, homes),
        ]
    blocks += [f"## {METADATA}", summary_of(Metadata), _table(Metadata)]
    blocks += [f"## {SHARED}", *(block for model in homes.get(SHARED, ()) for block in _part(model))]
    blocks += [fragment("references"), attributes(ALL), fragment("needs"), access(ALL)]
    blocks += [fragment("layers"), _merge_keys(), fragment("scalars"), fragment("short-forms")]
    return page("The spec language", *blocks)


@cache
def fragment(name: str) -> str:
    """A piece of prose that is written by hand."""
    return (resources.files(__package__ or "") / f"fragments/{name}.md").read_text(encoding="utf-8")


def _contents() -> str:
    kinds = ", ".join(link(kind.name) for kind in ALL)
    groups = [link(title) for title, _ in GROUPS]
    rest = [
        link(title) for title in (METADATA, SHARED, "References", "Needs", "Layers", "Strict scalars", "Short forms")
    ]
    return "\n".join([f"- Kinds: {kinds}", *(f"- {entry}" for entry in (*groups, *rest))])


def facts(kind: Kind) -> Iterator[str]:
    """What the kind's record says beside its fields."""
    if kind.word:
        yield f"Referred to as `${{{kind.word}.name…}}` (see {link('References')}); names are at most {kind.longest_name} characters long."
    claims = kind.aws.claims if kind.aws is not None else ()
    immutable = [field.spec for claim in claims for field in claim.immutable if field.spec]
    if immutable:
        paths = ", ".join(code(".".join(path)) for path in immutable)
        yield f"Changing {paths} requires a new resource in AWS."


def own_fields(model: Model) -> tuple[Field, ...]:
    """The fields of a model that no group describes."""
    inherited = {
        attribute
        for _, group in GROUPS
        if issubclass(model, group) and model is not group
        for attribute in group.model_fields
    }
    return tuple(one for one in fields(model) if one.attribute not in inherited)


def _tables(model: Model, homes: dict[str, tuple[Model, ...]]) -> Iterator[str]:
    """The table of a kind's or group's own fields, where the others are, and the parts that only it uses."""
    groups = [link(title) for title, group in GROUPS if issubclass(model, group) and model is not group]
    if groups:
        also = " and ".join(groups) if len(groups) < 3 else f"{', '.join(groups[:-1])} and {groups[-1]}"  # noqa: PLR2004
        yield f"It also has the {also.replace('[Fields', '[fields')}."
    if own_fields(model):
        yield _table(model)
    for part in homes.get(_home_name(model), ()):
        yield from _part(part)


def _part(model: Model) -> Iterator[str]:
    yield f"#### {model.__name__}"
    yield summary_of(model)
    groups = [link(title) for title, group in GROUPS if issubclass(model, group)]
    if groups:
        yield f"It also has the {' and '.join(groups).replace('[Fields', '[fields')}."
    yield _table(model)


def _home_name(model: Model) -> str:
    return next((title for title, group in GROUPS if group is model), model.__name__)


def _homes() -> dict[str, tuple[Model, ...]]:
    """Which part is described where: with the one kind or group that uses it, else with the shared ones."""
    users: dict[Model, list[str]] = {}
    for root in (*(kind.model for kind in ALL), *(group for _, group in GROUPS)):
        for part in _reached(root):
            users.setdefault(part, []).append(_home_name(root))
    homes: dict[str, list[Model]] = {}
    for part, names in users.items():
        homes.setdefault(names[0] if len(names) == 1 else SHARED, []).append(part)
    return {name: tuple(found) for name, found in homes.items()}


def _reached(model: Model) -> tuple[Model, ...]:
    """All parts below a model's own fields, each where it is met first."""
    found: dict[Model, None] = {}

    def visit(one: Model) -> None:
        for field in own_fields(one):
            for part in parts(field.shape):
                if part not in found:
                    found[part] = None
                    visit(part)

    visit(model)
    return tuple(found)


def _table(model: Model) -> str:
    said = fields_of(model)
    rows = [
        (
            code(field.name),
            words(field.shape),
            "**required**" if field.required else _default(field),
            said[field.attribute],
        )
        for field in own_fields(model)
    ]
    return table(("field", "type", "default", ""), rows) if rows else "Any field of a Workload or Job."


def words(shape: FieldType) -> str:
    """What people call a shape."""
    if isinstance(shape, Leaf):
        return shape.words
    if isinstance(shape, Choice):
        return " or ".join(map(code, shape.values))
    if isinstance(shape, Part):
        return link(shape.model.__name__)
    if isinstance(shape, ListOf):
        limit = f" (at most {shape.most})" if shape.most else " (at least one)" if shape.least else ""
        return f"list of {words(shape.item)}{limit}"
    if isinstance(shape, MapOf):
        return f"map of {shape.key.words} to {words(shape.value)}"
    return " or ".join(words(option) for option in shape.options)


def _default(field: Field) -> str:
    """The default in the spec's words; nothing where it is empty, or a part that has defaults of its own."""
    value: Any = field.default
    if isinstance(field.shape, Either) and value is None and field.name == "run":
        return code("OnSync")
    if value is None or isinstance(value, BaseModel) or value in ((), {}, ""):
        return ""
    if isinstance(value, bool):
        return code("true" if value else "false")
    return code(json.dumps(value) if isinstance(value, dict | tuple | list) else str(value))


def attributes(kinds: Iterable[Kind]) -> str:
    """What references can name, as a table."""
    rows = []
    for kind in kinds:
        for name, attribute in kind.attributes.items():
            rows.append((code(f"${{{kind.word}.X.{name}{_takes(attribute)}}}"), kind.name, attribute.description))
        if kind.any_attribute:
            attribute = kind.any_attribute
            rows.append((code(f"${{{kind.word}.X.{attribute.takes}}}"), kind.name, attribute.description))
    return table(("reference", "kind", "value"), rows)


def _takes(attribute: Attribute) -> str:
    return ".PORT" if attribute.takes.startswith("the port's name") else ""


def access(kinds: Iterable[Kind]) -> str:
    """What needs allow in AWS, as a table."""
    rows = [
        (code(f"{{{kind.word}: X, access: [{word}]}}"), ", ".join(code(action.name) for action in actions))
        for kind in kinds
        if kind.aws is not None
        for word, actions in kind.aws.access.items()
    ]
    return table(("need", "AWS actions"), rows)


def _merge_keys() -> str:
    found: dict[str, tuple[str, ...]] = {}
    for kind in ALL:
        found |= kind.layers.keys(words_with_access(KINDS))
    rows = [(code(name), ", ".join(map(code, keys))) for name, keys in sorted(found.items())]
    return table(("list", "items are matched by"), rows)
