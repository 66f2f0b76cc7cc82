"""compiled: the platform of a folder or of a commit, compiled by this compiler, as a Snapshot.

In      a Request for a folder; a Repository and a commit.
Out     a Snapshot with a graph for every environment that can be resolved, whatever was found in it.
Never   checks anything out, or writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformc.cache import Asked, CommittedFiles, ask
from platformc.check import LoweredEnvironment, Tools, argocd_cluster_of, cluster_of
from platformc.compiled import Memory
from platformc.compiling import lower_environment
from platformc.disk import Disk, EntryKind
from platformc.git import Entry, EntryType, Repository
from platformc.language import LARGEST_FILE, CommittedFolder, DiskFolder, SourceFolder, Sources
from platformc.lower import argocd
from platformc.pipeline import Outcome, Progress, compile_platform, load_folders
from platformc.rendered_folder import HOME
from platformc.request import ARGOCD, CROSSPLANE, Request
from platformc.snapshot.model import EnvironmentSnapshot, ObjectKey, Snapshot, SnapshotObject
from platformc.snapshot.rendered import snapshot_of_files
from platformc.tree import paths_of

DEEPEST = 60
"""Levels of folders; Python's stack is used for each."""


def snapshot_of_folder(
    request: Request, label: str, tools: Tools, progress: Progress, like: Snapshot | None = None
) -> Snapshot:
    """Compile what is in the folders of a request, without running kubeconform.

    What `like` has of the same files is not worked out again.
    """
    folders = _Folders(DiskFolder(request.specs), DiskFolder(request.crossplane))
    compiled = _compile(request, tools, progress, folders, ask(tools.cache, request), like)
    return _snapshot(compiled, label, "", _files(request.root / ARGOCD), _files(request.output), like)


def snapshot_of_outcome(outcome: Outcome, label: str) -> Snapshot:
    """What a run compiled that kept its objects; without the settings, and without what is rendered."""
    return _snapshot(_Compiled(outcome, {}), label, "", {}, {}, None)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a repository."""

    repository: Repository
    id: str
    """The full id."""
    label: str
    """What people call it: `main at 1a2b3c4`."""


def snapshot_of_commit(
    commit: Commit, request: Request, tools: Tools, progress: Progress, like: Snapshot | None = None
) -> Snapshot:
    """Compile what a commit has in the folders of a request, read from git's objects.

    An environment with errors, of which documents would be missing, is the files that are committed for it; `like`
    as in snapshot_of_files, and what it has of the same files is not worked out again.
    """

    def files(folder: str) -> Mapping[str, Entry]:
        return commit.repository.files(commit.id, folder, LARGEST_FILE)

    specs, claim_api = files(request.specs_name), files(CROSSPLANE)

    folders, asked = _Folders(CommittedFolder(specs), CommittedFolder(claim_api)), None
    if all(map(_is_readable, (*specs.values(), *claim_api.values()))):
        asked = ask(tools.cache, request, CommittedFiles(_contents(specs), _contents(claim_api)))
    compiled = _compile(request, tools, progress, folders, asked, like)
    settings, rendered = _regular(files(ARGOCD)), _regular(files(request.output_name))
    return _snapshot(compiled, commit.label, commit.id, settings, rendered, like)


@dataclass(frozen=True, slots=True)
class _Folders:
    """Where a side is read from."""

    specs: SourceFolder
    claim_api: SourceFolder


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A side that was compiled."""

    outcome: Outcome
    inputs: Mapping[str, str]
    """The digest of what each environment was compiled from, if it is known."""


def _compile(  # noqa: PLR0917 - a side, and what is known of it
    request: Request,
    tools: Tools,
    progress: Progress,
    folders: _Folders,
    asked: Asked | None,
    like: Snapshot | None,
) -> _Compiled:
    """Compile a side, without the checks of an environment that an earlier run compiled from the same files."""
    known = like.sources if like is not None else None

    def read(request: Request) -> Sources:
        return load_folders(request, folders.specs, folders.claim_api, known)

    memory = Memory(asked, None) if asked is not None else None
    outcome = compile_platform(request, tools, progress, memory, read=read, keep_objects=True)
    if memory is not None:
        memory.keep(outcome.memorable)
    return _Compiled(outcome, asked.inputs.environments if asked is not None and asked.inputs is not None else {})


def _contents(entries: Mapping[str, Entry]) -> Mapping[str, bytes]:
    return {path: entry.content for path, entry in entries.items()}


def _is_readable(entry: Entry) -> bool:
    return entry.type is EntryType.FILE and entry.size <= LARGEST_FILE


def snapshot_of_files_in(folder: Path, label: str, like: Snapshot | None = None) -> Snapshot:
    """What is in an output folder on the disk, without compiling anything; `like` as in snapshot_of_files."""
    return snapshot_of_files(_files(folder), label, like=like)


def snapshot_of_files_at(commit: Commit, folder: str, like: Snapshot | None = None) -> Snapshot:
    """What is committed in an output folder, likewise."""
    rendered = _regular(commit.repository.files(commit.id, folder, LARGEST_FILE))
    return snapshot_of_files(rendered, commit.label, commit.id, like=like)


def _regular(entries: Mapping[str, Entry]) -> Mapping[str, bytes]:
    """The regular files without the compiler's own; those too large to read are left out."""
    return {
        path: entry.content
        for path, entry in entries.items()
        if entry.type is EntryType.FILE and entry.size <= LARGEST_FILE and not path.startswith(f"{HOME}/")
    }


def _snapshot(  # noqa: PLR0917 - what a Snapshot consists of
    compiled: _Compiled,
    label: str,
    commit: str,
    settings: Mapping[str, bytes],
    rendered: Mapping[str, bytes],
    like: Snapshot | None,
) -> Snapshot:
    outcome = compiled.outcome
    files: Snapshot | None = None
    environments = {}
    for name in outcome.sources.environments:
        found = _environment(compiled, name, like)
        if found is not None:
            environments[name] = found
            continue
        if commit and files is None:  # a base that has errors was rendered before it had them
            files = snapshot_of_files(rendered, label, commit, like=like)
        known = files.environments.get(name) if files is not None else None
        environments[name] = known or EnvironmentSnapshot(name, (), "", None, None, "does not compile")
    return Snapshot(
        label=label,
        commit=commit,
        environments=environments,
        sources=outcome.sources,
        findings=outcome.findings,
        settings=settings,
        rendered=rendered,
        compiled_files={
            f"{one.name}/{path}": file.sha256
            for one in outcome.environments
            for path, file in (one.files or {}).items()
        },
    )


def _environment(compiled: _Compiled, name: str, like: Snapshot | None) -> EnvironmentSnapshot | None:
    """An environment without errors: that of the other side, if both are compiled from the same files."""
    outcome, inputs = compiled.outcome, compiled.inputs.get(name, "")
    if name not in outcome.recalled:
        lowered = outcome.lowered.get(name)
        return environment_snapshot(lowered, inputs) if lowered is not None and lowered.is_whole else None
    if like is not None and (other := like.environments.get(name)) is not None and other.inputs == inputs:
        return other
    return environment_snapshot(lower_environment(outcome.sources, name)[0], inputs)


def environment_snapshot(lowered: LoweredEnvironment, inputs: str = "") -> EnvironmentSnapshot:
    """All objects of a lowered environment, with the way back to its spec; `inputs` as in EnvironmentSnapshot."""
    platform = lowered.program.platform
    name = platform.environment
    own, destination = argocd_cluster_of(platform), cluster_of(platform)
    objects = []
    for manifest, path in zip(lowered.manifests, paths_of(lowered.manifests), strict=True):
        identity = manifest.id
        cluster = own if manifest.application == argocd.FOLDER else destination
        key = ObjectKey(cluster, identity.group, identity.kind, identity.namespace, identity.name)
        objects.append(
            SnapshotObject(key, name, manifest.application, f"{name}/{path}", manifest.object, str(manifest.owner))
        )
    return EnvironmentSnapshot(name, tuple(objects), destination, lowered.program, lowered.places, inputs=inputs)


def _files(folder: Path) -> Mapping[str, bytes]:
    """The regular files below a folder on the disk, without the compiler's own; nothing if there is no folder."""
    found: dict[str, bytes] = {}
    disk = Disk()
    pending = [""] if disk.kind(str(folder)) is EntryKind.FOLDER else []
    while pending:
        below = pending.pop()
        for name, kind in disk.entries(f"{folder}/{below}"):
            path = f"{below}{name}"
            if kind is EntryKind.FOLDER and path != HOME and path.count("/") < DEEPEST:
                pending.append(f"{path}/")
            elif kind is EntryKind.FILE:
                content = disk.beginning(f"{folder}/{path}", LARGEST_FILE + 1)
                if content is not None and len(content) <= LARGEST_FILE:
                    found[path] = content
    return found
