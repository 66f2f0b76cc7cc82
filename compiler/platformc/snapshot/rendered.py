"""rendered: the platform as it was rendered: a Snapshot without a graph.

In      the files of an output folder, from a commit or the disk; which document each comes from, if that is known.
Out     a Snapshot whose objects have the keys that compiling gives them, as far as the files say.
Never   trusts a file: what is no single object is left out, and counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from platformc.check import IN_CLUSTER
from platformc.language import SourceFile, read_documents
from platformc.language.nodes import plain
from platformc.lower import argocd
from platformc.snapshot.model import EnvironmentSnapshot, ObjectKey, Snapshot, SnapshotObject

DEPTH = 3
"""`/` in `<environment>/<application>/<namespace>/<file>`."""


def snapshot_of_files(
    files: Mapping[str, bytes],
    label: str,
    commit: str = "",
    *,
    like: Snapshot | None = None,
    owners: Mapping[str, str] | None = None,
) -> Snapshot:
    """The objects in rendered files, by path below the output folder.

    Argo CD's own cluster has no name in the files: `like` is a compiled snapshot whose environments of the same
    names have one. `owners` has the document that each file comes from.
    """
    known = owners or {}
    read: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for path, content in sorted(files.items()):
        if path.count("/") == DEPTH and path.endswith(".yaml"):
            object_ = _object(path, content)
            if object_ is not None:
                read[path.partition("/")[0]].append((path, object_))
    environments = {
        name: _environment(name, found, like.environments.get(name) if like is not None else None, known)
        for name, found in read.items()
    }
    return Snapshot(
        label=label,
        commit=commit,
        environments=environments,
        sources=None,
        findings=(),
        settings={},
        rendered=files,
        compiled_files={},
    )


def _environment(
    name: str, found: list[tuple[str, dict[str, Any]]], like: EnvironmentSnapshot | None, owners: Mapping[str, str]
) -> EnvironmentSnapshot:
    own, destination = _clusters(name, [one for _, one in found], like)
    objects = []
    for path, one in found:
        application = path.split("/")[1]
        metadata = one["metadata"]
        group = str(one["apiVersion"]).rpartition("/")[0]
        cluster = own if application == argocd.FOLDER else destination
        key = ObjectKey(cluster, group, one["kind"], str(metadata.get("namespace") or ""), metadata["name"])
        objects.append(SnapshotObject(key, name, application, path, one, owners.get(path, "")))
    return EnvironmentSnapshot(name, tuple(objects), destination, None, None)


def _clusters(name: str, objects: list[dict[str, Any]], like: EnvironmentSnapshot | None) -> tuple[str, str]:
    """The clusters of Argo CD and of everything else.

    An Application's own destination is Argo CD's cluster for what is in the folder `argocd`; that of any other
    Application is where its objects go.
    """
    own = f"the cluster of the Argo CD of {name}"
    if like is not None:
        own = next((one.key.cluster for one in like.objects if one.application == argocd.FOLDER), own)
    for one in objects:
        spec = one.get("spec")
        if one["kind"] != "Application" or not isinstance(spec, dict) or not isinstance(spec.get("destination"), dict):
            continue
        if one["metadata"]["name"].endswith(argocd.ROOT):
            continue  # it is in Argo CD's own cluster
        destination = spec["destination"]
        if destination.get("server") == IN_CLUSTER or destination.get("name") == "in-cluster":
            return own, own
        return own, f"the cluster {destination.get('server') or destination.get('name')}"
    return own, like.cluster if like is not None else own


def _object(path: str, content: bytes) -> dict[str, Any] | None:
    try:
        documents, _, complete = read_documents(SourceFile(path, content.decode()))
    except UnicodeDecodeError:
        return None
    found = plain(documents[0].root) if complete and len(documents) == 1 else None
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        return None
    texts = (found.get("apiVersion"), found.get("kind"), found["metadata"].get("name"))
    return found if all(isinstance(text, str) and text for text in texts) else None
