"""Kind: the record that says everything the compiler must know about one kind of document.

References, needs, IAM, overlays, diffs, schemas and documentation all read it (D7). The tuple of
all kinds is in `kinds`; the stages get it as a value and never import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from platformc.language.models.base import SpecModel
from platformc.language.models.types import Template, TemplateTree
from platformc.language.nodes import Mapping as MappingNode

if TYPE_CHECKING:
    from platformc.language.platform import Platform, Resource
    from platformc.link.program import Program
    from platformc.link.scope import Target
    from platformc.lower.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Attribute:
    """What `${word.name.attribute}` gives."""

    evaluate: Callable[[Platform, Target, Resource[Any], tuple[str, ...]], Any]
    """Takes the platform, what is referred to, who refers, and the names behind the attribute.

    Raises link's UnboundError, with what to say, where those names mean nothing."""
    description: str
    """One line for the language reference."""
    takes: str = ""
    """What stands behind the attribute, such as NAME in `ports.NAME`; empty for nothing."""


def _unchanged(spec: MappingNode) -> MappingNode:
    return spec


def _no_aliases(_resource: Resource[Any]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document."""

    name: str
    """As `kind:` says it."""
    model: type[SpecModel]
    """The model of its `spec`."""
    word: str = ""
    """The word for it in references; empty where nothing can refer to it."""
    longest_name: int = 63
    """How long a document's name may be; it is a DNS label, as it becomes a label of the objects."""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    """What a reference can ask for."""
    any_attribute: Attribute | None = None
    """For kinds whose attributes are their own keys, such as a Secret's."""
    aliases: Callable[[Resource[Any]], tuple[str, ...]] = _no_aliases
    """Further names that refer to a document, such as a queue's dead-letter queue."""
    access: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Access word in `needs` -> AWS actions."""
    merge_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """List field -> the item fields that tell which items of two layers are the same."""
    one_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field -> the keys of the maps below it that exclude each other: the upper layer's wins."""
    null_values: tuple[str, ...] = ()
    """Fields in which null is a value of its own, and does not remove what a lower layer says."""
    immutable: tuple[tuple[str, ...], ...] = ()
    """Paths in `spec` whose change means a new resource."""
    expand: Callable[[MappingNode], MappingNode] = _unchanged
    """Writes short forms out, so that layers merge in one form."""
    lower: Callable[[Program, Resource[Any]], Iterable[Manifest]] | None = None
    """Makes the objects; None for kinds that only others read."""

    @property
    def has_aliases(self) -> bool:
        """Whether documents of this kind can have further names."""
        return self.aliases is not _no_aliases

    @staticmethod
    def takes_references(value: Any) -> bool:
        """Whether a part of the model may hold references to documents."""
        return isinstance(value, Template | TemplateTree)


Kinds = Mapping[str, Kind]
"""All kinds by name."""
