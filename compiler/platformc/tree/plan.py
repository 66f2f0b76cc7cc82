"""plan: what must change below rendered/, compared with what is there.

In      the trees, the ownership index, the folder on disk.
Out     Plan: changes, differences, the new index, and findings; with an error among them nothing is written.
Finds   rendered-file-edited, rendered-file-foreign, rendered-symlink, ownership-index-broken.
Never   writes, or follows a symbolic link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from platformc.diagnostics import BugReport, Finding, Severity, Span
from platformc.disk import EntryKind
from platformc.rendered_folder import HOME, INDEX, inventory_digest
from platformc.rules.output import RENDERED_FILE_EDITED, RENDERED_FILE_FOREIGN, RENDERED_SYMLINK
from platformc.tree.build import Tree
from platformc.tree.journal import Change, Workspace
from platformc.tree.layout import folder_name
from platformc.tree.ownership import Index, OwnedEnvironment, OwnedFile, digest, dump_index, parse_index


class DifferenceKind(StrEnum):
    """MISSING: on disk; CHANGED: its bytes differ; EXTRA: on disk, and in no tree."""

    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference between the folder and the trees; `path` is relative to the repository root."""

    path: str
    kind: DifferenceKind


@dataclass(frozen=True, slots=True)
class Request:
    """What to write: see `write`, which has the same parameters."""

    trees: Sequence[Tree]
    unsealed: frozenset[str]
    discard_edits: bool
    all_environments: bool
    prefix: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What rendering would do. `contents` has the new bytes by path below rendered/."""

    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    contents: Mapping[str, bytes]
    index: bytes
    inventory: str
    """One digest of all files of all environments, and of the index."""
    unchanged: int

    @property
    def is_refused(self) -> bool:
        """Whether an error forbids writing."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def is_empty(self) -> bool:
        """Whether the folder, index included, is up to date."""
        return not self.changes and not any(difference.path.endswith(f"/{INDEX}") for difference in self.differences)


@dataclass(frozen=True, slots=True)
class _Known:
    """What should be and what was: new bytes and old digests by path below rendered/, with environments."""

    contents: Mapping[str, bytes]
    digests: Mapping[str, str]
    owned: Mapping[str, str]
    environments: Mapping[str, str]
    """Environment by folder: those to compare, removed ones included."""
    index: Index


@dataclass(slots=True)
class _Scan:
    """What a walk over the folders found; filled by `_walk`."""

    files: set[str] = field(default_factory=set)
    foreign: dict[str, EntryKind] = field(default_factory=dict)
    symlinks: list[str] = field(default_factory=list)


def refused_symlinks(work: Workspace, prefix: str) -> tuple[Finding, ...]:
    """Symbolic links to find before anything is opened: rendered/ itself, our own folder and its contents."""
    files = work.files
    if files.kind(work.output) is EntryKind.SYMLINK:
        return (_symlink(prefix, ""),)
    if files.kind(work.at(HOME)) is EntryKind.SYMLINK:
        return (_symlink(f"{prefix}/{HOME}", ""),)
    if files.kind(work.at(HOME)) is not EntryKind.FOLDER:
        return ()
    found = [name for name, kind in files.entries(work.at(HOME)) if kind is EntryKind.SYMLINK]
    return tuple(_symlink(f"{prefix}/{HOME}/{_shown(name)}", "") for name in found)


def make_plan(work: Workspace, request: Request) -> Plan:
    """Compare. Expects `refused_symlinks` to be empty.

    Raises BugReport for two trees of one environment, OSError if the folder cannot be read.
    """
    index_bytes = work.files.read(work.at(INDEX))
    index, broken = (Index(), ()) if index_bytes is None else parse_index(index_bytes, f"{request.prefix}/{INDEX}")
    known = _known(request, index)
    scan = _scan(work, known, index)
    owned = _new_index(request, known)
    new_index = dump_index(owned)
    changes, differences, edits, unchanged = _compare(work, request, known, scan.files)
    if new_index != index_bytes:
        kind = DifferenceKind.MISSING if index_bytes is None else DifferenceKind.CHANGED
        differences.append(Difference(f"{request.prefix}/{INDEX}", kind))
    foreign = [*scan.foreign, *scan.symlinks]
    differences += [Difference(f"{request.prefix}/{_shown(path)}", DifferenceKind.EXTRA) for path in foreign]
    findings = broken or (*edits, *_foreign_files(request, known, scan))
    ordered = tuple(sorted(set(differences)))
    return Plan(tuple(changes), ordered, findings, known.contents, new_index, _inventory(owned, new_index), unchanged)


def _known(request: Request, index: Index) -> _Known:
    contents: dict[str, bytes] = {}
    environments = {folder_name(tree.environment): tree.environment for tree in request.trees}
    if len(environments) != len(request.trees):
        raise BugReport("two trees were given for one environment")
    for folder, tree in zip(environments, request.trees, strict=True):
        contents |= {f"{folder}/{path}": file.content for path, file in tree.files.items()}
    if request.all_environments:
        environments |= {folder_name(name): name for name in index.environments}
    owned = {
        f"{folder}/{path}": file.sha256
        for folder, name in environments.items()
        if name in index.environments
        for path, file in index.environments[name].files.items()
    }
    digests = {path: digest(content) for path, content in contents.items()}
    return _Known(contents, digests, owned, environments, index)


def _new_index(request: Request, known: _Known) -> Index:
    kept = {} if request.all_environments else dict(known.index.environments)
    for tree in request.trees:
        folder = folder_name(tree.environment)
        files = {path: OwnedFile(known.digests[f"{folder}/{path}"], file.owner) for path, file in tree.files.items()}
        kept[tree.environment] = OwnedEnvironment(MappingProxyType(files), tree.environment in request.unsealed)
    return Index(MappingProxyType(kept))


def _inventory(index: Index, index_bytes: bytes) -> str:
    files = (
        (f"{folder_name(environment)}/{path}", file.sha256)
        for environment, entry in index.environments.items()
        for path, file in entry.files.items()
    )
    return inventory_digest([*files, (INDEX, digest(index_bytes))])


def _compare(
    work: Workspace, request: Request, known: _Known, present: set[str]
) -> tuple[list[Change], list[Difference], list[Finding], int]:
    """Look at every path that should be or was ours; the last value counts files that are already right."""
    changes, differences, edits = [], [], []
    unchanged = 0
    for path in sorted(known.contents.keys() | known.owned.keys()):
        after = known.digests.get(path)
        before = work.files.digest(work.at(path)) if path in present else None
        if before == after:
            unchanged += after is not None
            continue
        shown = f"{request.prefix}/{path}"
        environment = known.environments[path.partition("/")[0]]
        differences.append(Difference(shown, _difference(before, after)))
        if before is not None and path not in known.owned:
            edits.append(_foreign(shown, environment, Severity.ERROR))
        elif before is not None and before != known.owned[path] and not request.discard_edits:
            edits.append(_edited(shown, environment))
        else:
            changes.append(Change(path, before, after))
    return changes, differences, edits, unchanged


def _difference(before: str | None, after: str | None) -> DifferenceKind:
    if before is None:
        return DifferenceKind.MISSING
    return DifferenceKind.EXTRA if after is None else DifferenceKind.CHANGED


def _scan(work: Workspace, known: _Known, index: Index) -> _Scan:
    scan = _Scan()
    if work.files.kind(work.output) is None:
        return scan
    ours = known.contents.keys() | known.owned.keys()
    folders = {"/".join(parts[:length]) for parts in (path.split("/") for path in ours) for length in (1, 2, 3)}
    unasked = {folder_name(name) for name in index.environments} - known.environments.keys()
    for name, kind in work.files.entries(work.output):
        if kind is EntryKind.SYMLINK:
            scan.symlinks.append(name)
        elif name == HOME or (kind is EntryKind.FOLDER and name in unasked):
            continue
        elif kind is EntryKind.FOLDER and name in known.environments:
            _walk(work, name, scan, ours, folders)
        else:
            scan.foreign[name] = kind
    return scan


def _walk(work: Workspace, folder: str, scan: _Scan, ours: set[str], folders: set[str]) -> None:
    for name, kind in work.files.entries(work.at(folder)):
        path = f"{folder}/{name}"
        if kind is EntryKind.SYMLINK:
            scan.symlinks.append(path)
        elif kind is EntryKind.FOLDER and path in folders:
            _walk(work, path, scan, ours, folders)
        elif kind is EntryKind.FILE and path in ours:
            scan.files.add(path)
        else:
            scan.foreign[path] = kind


def _foreign_files(request: Request, known: _Known, scan: _Scan) -> Iterator[Finding]:
    """Findings for what is not ours. Paths that differ only in case are in the way, too: many file systems ignore case."""
    needed = {
        "/".join(parts[:length])
        for parts in (path.split("/") for path in known.contents)
        for length in range(1, len(parts) + 1)
    }
    for path, kind in scan.foreign.items():
        severity = Severity.ERROR if path.lower() in needed else Severity.WARNING
        slash = "/" if kind is EntryKind.FOLDER else ""
        environment = known.environments.get(path.partition("/")[0], "")
        yield _foreign(f"{request.prefix}/{_shown(path)}{slash}", environment, severity)
    for path in scan.symlinks:
        yield _symlink(f"{request.prefix}/{_shown(path)}", known.environments.get(path.partition("/")[0], ""))


def _edited(path: str, environment: str) -> Finding:
    message = "this rendered file was edited by hand; rendering would overwrite the edit"
    hint = "move the edit to the spec, or discard it: platformc render --discard-edits"
    return RENDERED_FILE_EDITED.at(Span(path), message, hint, environment=environment)


def _foreign(path: str, environment: str, severity: Severity) -> Finding:
    if severity is Severity.ERROR:
        message = "a rendered file belongs here, but platformc did not write what is here"
        hint = "move it away; if platformc did write it, restore the ownership index with git"
    else:
        message = "platformc did not write this file, but Argo CD may sync it"
        hint = "move it out of the output folder; to apply it, write a RawManifest"
    return RENDERED_FILE_FOREIGN.at(Span(path), message, hint, environment=environment, severity=severity)


def _symlink(path: str, environment: str) -> Finding:
    message = "a symbolic link in the output folder could redirect a write or a sync"
    hint = "remove it"
    return RENDERED_SYMLINK.at(Span(path), message, hint, environment=environment)


def _shown(name: str) -> str:
    """A file name that can be printed: bytes that are not UTF-8 become replacement characters."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
