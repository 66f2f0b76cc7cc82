"""Platform: one environment's documents, merged, without constants, and valid.

resolve makes it, and every later stage reads it. A document that failed is absent, but its name is
kept, so that a reference to it is not a second finding.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from platformc.diagnostics import Finding, Span
from platformc.language.document import DocumentId
from platformc.language.kind import Kind, Kinds
from platformc.language.models.base import SpecModel
from platformc.language.models.environment import EnvironmentSpec
from platformc.language.models.metadata import Metadata
from platformc.language.models.platform import PlatformSpec
from platformc.language.nodes import Mapping, key_span, span_of

SpecT_co = TypeVar("SpecT_co", bound=SpecModel, covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Resource(Generic[SpecT_co]):
    """One valid document of an environment."""

    id: DocumentId
    kind: Kind
    metadata: Metadata
    spec: SpecT_co
    node: Mapping
    """The document after all layers: `node` has the place of each value of `spec`."""
    namespace: str

    @property
    def name(self) -> str:
        """The document's name."""
        return self.id.name

    @property
    def name_span(self) -> Span:
        """The place of the name: how findings show the document as a whole."""
        return span_of(self.node, ("metadata", "name"))

    def at(self, *path: str | int) -> Span:
        """The place of a value of `spec`; if it is absent, its nearest ancestor's key."""
        return span_of(self.node, ("spec", *path)) if path else self.name_span

    def key_at(self, *path: str | int) -> Span:
        """The place of the last key of a path in `spec`."""
        return key_span(self.node, ("spec", *path))


@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """One environment's documents."""

    environment: str
    specs: str
    """The specs folder, relative to the root."""
    kinds: Kinds
    settings: PlatformSpec
    platform: Resource[PlatformSpec]
    target: EnvironmentSpec
    """The environment's own spec."""
    target_node: Mapping
    resources: tuple[Resource[Any], ...]
    """All documents except Platform, Environment, Profiles and SealedValues, sorted by id."""
    sealed: MappingType[tuple[str, str], Resource[Any]]
    """Sealed values by the namespace and the name of their Secret."""
    applications: tuple[str, ...]
    """The applications that run here."""
    failed: frozenset[DocumentId]
    """Documents that the user wrote but that are not valid."""
    disabled: MappingType[DocumentId, Span]
    """Documents that do not exist here -> the override, or the list of applications, that excludes them."""
    incomplete: bool
    """Whether a file could not be read to its end, so that nothing is reported as missing."""
    claim_api: tuple[dict[str, Any], ...]
    """The objects of crossplane/, as plain data; for LegacyCluster with legacy.yaml merged (lower does the rest)."""
    claim_api_nodes: tuple[Mapping, ...]
    """The same with their places, in the same order."""
    texts: MappingType[str, str]
    findings: tuple[Finding, ...]
    is_marked: bool = False
    """Whether its scalars carry their origins."""
