"""environment: what is kept of one compiled environment: what it has in common with others, and what was found in it.

In      its tree.
Out     CompiledEnvironment; the digests of its files.
Never   contains an object, a line of a file, or whatever else is as large as the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from platformc.check import Checked, Footprint, MissingSchema
from platformc.diagnostics import Finding, Severity
from platformc.lower import ObjectId
from platformc.tree import Tree, digest


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """A file of a Tree, with its digest instead of its content."""

    sha256: str
    owner: str
    id: ObjectId
    api_version: str


@dataclass(frozen=True, slots=True)
class CompiledEnvironment:
    """What is left of one environment when its objects are dropped."""

    name: str
    findings: tuple[Finding, ...]
    footprint: Footprint | None
    """None if it could not be resolved."""
    claim_scope: str | None
    """The form of its claim API; None if it has no AWS, or could not be resolved."""
    files: Mapping[str, CompiledFile] | None
    """By path below its folder; None if an error forbids them."""
    valid: int | None = None
    """Objects that kubeconform found valid; None if it did not validate this environment."""
    missing: tuple[MissingSchema, ...] = ()
    """Kinds of its objects that have no schema."""
    refused: tuple[Finding, ...] = ()
    """What kubeconform found."""

    @property
    def failed(self) -> bool:
        """Whether a finding forbids its files."""
        found = (*self.findings, *self.refused)
        return self.files is None or any(finding.severity is Severity.ERROR for finding in found)

    @property
    def compiled(self) -> CompiledEnvironment:
        """The same without what kubeconform made of it."""
        return replace(self, valid=None, missing=(), refused=())

    def validated(self, checked: Checked) -> CompiledEnvironment:
        """The same with it."""
        return replace(self, valid=checked.valid, missing=checked.missing, refused=checked.findings)


def files_of(tree: Tree) -> Mapping[str, CompiledFile]:
    """The files of a tree with their digests."""
    return {
        path: CompiledFile(digest(file.content), file.owner, file.id, file.api_version)
        for path, file in tree.files.items()
    }
