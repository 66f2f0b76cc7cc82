"""Kind: the record of everything that the compiler must know about one kind of document.

References, needs, overlays, checks, drawings, schemas and documentation all read it (D7). The records are
in `kinds/`; stages get them as a value and never import them. No field has a default: a forgotten fact fails
when the record is made, instead of becoming an assumption of some stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from platformc.language.models.base import FLATTENED, SpecModel
from platformc.language.models.types import Template, TemplateTree
from platformc.language.nodes import Mapping as MappingNode

if TYPE_CHECKING:
    from platformc.language.aws_facts import AWSFacts
    from platformc.language.platform import Platform, Resource
    from platformc.link import Program, Target
    from platformc.lower import Manifest


@dataclass(frozen=True, slots=True)
class Attribute:
    """What `${word.name.attribute}` stands for."""

    evaluate: Callable[[Platform, Target, Resource[Any], tuple[str, ...]], Any]
    """Takes the platform, the target, the document that refers to it, and the names after the attribute.

    Raises link's UnboundError, with the message, if those names do not exist."""
    description: str
    """One line for the language reference."""
    takes: str
    """What follows the attribute, such as NAME in `ports.NAME`; empty for nothing."""


@dataclass(frozen=True, slots=True)
class References:
    """How other documents refer to a document of this kind."""

    word: str
    """The word for it: `table` in `${table.events.arn}`."""
    attributes: Mapping[str, Attribute]
    """What a reference can name."""
    any_attribute: Attribute | None
    """For kinds whose attributes are their own keys, such as a Secret's."""
    itself: Callable[[Target], Any] | None
    """What `${word.name}` alone stands for; None if a reference must name an attribute."""
    aliases: Callable[[Resource[Any]], tuple[str, ...]]
    """Further names that refer to a document, such as that of a queue's dead-letter queue."""


@dataclass(frozen=True, slots=True)
class Layers:
    """How profiles and overrides are merged over a document."""

    merge_keys: Mapping[str, tuple[str, ...]]
    """List field -> the item fields that decide which items of two layers match."""
    one_of: Mapping[str, tuple[str, ...]]
    """Field -> the keys of the maps below it that exclude each other: the upper layer's key wins."""
    null_values: tuple[str, ...]
    """Fields in which null is a value of its own, and does not remove the value of a lower layer."""
    expand: Callable[[MappingNode], MappingNode]
    """Expands short forms, so that layers merge in one form."""

    def keys(self, words: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        """The merge keys, with the words for resources in AWS in place of FLATTENED."""
        return {
            field: tuple(key for name in names for key in (words if name == FLATTENED else (name,)))
            for field, names in self.merge_keys.items()
        }


class Symbol(Enum):
    """How a drawing of the graph shows a document."""

    PROGRAM = auto()
    TASK = auto()
    DATABASE = auto()
    QUEUE = auto()
    REGISTRY = auto()
    STORAGE = auto()
    USER = auto()
    SECRET = auto()
    FILE = auto()
    OUTSIDE = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document."""

    name: str
    """As in `kind:`."""
    model: type[SpecModel]
    """The model of its `spec`."""
    longest_name: int
    """The maximum length of a document's name; it is a DNS label, because it becomes a label of the objects."""
    symbol: Symbol
    references: References | None
    """None if nothing can refer to it."""
    layers: Layers
    aws: AWSFacts | None
    """What is known about it as a resource in AWS; None for all other kinds."""
    lower: Callable[[Program, Resource[Any]], Iterable[Manifest]] | None
    """Makes the objects; None for kinds that only others read."""

    def __post_init__(self) -> None:
        if self.aws is None:
            return
        if self.references is None or self.lower is None:
            raise ValueError(f"{self.name}: a kind in AWS needs a word and makes claims")
        if unknown := set(self.aws.outputs) - set(self.references.attributes):
            raise ValueError(f"{self.name}: no reference can ask for {', '.join(sorted(unknown))}")

    @property
    def word(self) -> str:
        """The word for it in references; empty if nothing can refer to it."""
        return self.references.word if self.references else ""

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        """What a reference can name."""
        return self.references.attributes if self.references else {}

    @property
    def any_attribute(self) -> Attribute | None:
        """For kinds whose attributes are their own keys."""
        return self.references.any_attribute if self.references else None

    @property
    def has_aliases(self) -> bool:
        """Whether documents of this kind can have further names."""
        return self.references is not None and self.references.aliases is not no_aliases

    def aliases(self, resource: Resource[Any]) -> tuple[str, ...]:
        """The further names of one document."""
        return self.references.aliases(resource) if self.references else ()

    @property
    def writes_key(self) -> bool:
        """Whether a Secret with a key for AWS is written for its documents, so that programs act as them."""
        return self.aws is not None and self.aws.connection_secret is not None

    @property
    def has_needs(self) -> bool:
        """Whether its documents have `needs`."""
        return "needs" in self.model.model_fields

    @staticmethod
    def takes_references(value: Any) -> bool:
        """Whether a part of the model can contain references to documents."""
        return isinstance(value, Template | TemplateTree)


def no_aliases(_resource: Resource[Any]) -> tuple[str, ...]:
    """For kinds whose documents have one name."""
    return ()


def unchanged(spec: MappingNode) -> MappingNode:
    """For kinds without short forms."""
    return spec


Kinds = Mapping[str, Kind]
"""All kinds by name."""


def words_with_access(kinds: Kinds) -> tuple[str, ...]:
    """The words for resources in AWS that `needs` can name, in the order of the kinds."""
    return tuple(kind.word for kind in kinds.values() if kind.aws is not None and kind.aws.access)
