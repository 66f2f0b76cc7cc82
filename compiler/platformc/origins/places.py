"""places: the smallest place in the spec for a place in the output of one environment.

In      an environment's Platform, and a path in one of its objects.
Out     a span: of the scalar that the leaf was made from; if the leaf is absent, of the patch that removed it;
        if it is absent or made by a convention, of what names the nearest thing around it; at last the
        document's name.
Never   links and lowers a second time before a place is needed: many runs need none. Lowers everything only for an
        object that no document makes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from platformc.diagnostics import Span
from platformc.language import DocumentId, Platform, Resource, Sources, resolve
from platformc.language.nodes import KeyPath, Scalar, at, span_of
from platformc.language.origin import Cause, origins_of
from platformc.link import Program, link
from platformc.lower import Manifest, ObjectId, lower, lower_document, with_restarts
from platformc.lower.patches import is_target, pointer_steps
from platformc.origins.marked import marked

Identity = tuple[str, ObjectId]
"""An object in an application's folder."""


class Places:
    """The way back to the spec for everything that one environment is compiled to.

    Computed on first use, and once. The result is as large as the environment, so a holder of many of these
    should use few.
    """

    def __init__(self, platform: Callable[[], Platform]) -> None:
        self._platform = platform
        self._of_documents: dict[str, Mapping[Identity, Manifest]] = {}

    @classmethod
    def of(cls, sources: Sources, environment: str) -> Places:
        """The Places of an environment that is not loaded: it is resolved on first use."""
        return cls(lambda: resolve(sources, environment))

    @cached_property
    def program(self) -> Program:
        """The environment's graph; its scalars remember where they come from."""
        return link(marked(self._platform()))

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """Its objects, likewise."""
        return lower(self.program)[0]

    @cached_property
    def _by_identity(self) -> Mapping[Identity, Manifest]:
        return _by_identity(self.manifests)

    @cached_property
    def _with_restarts(self) -> Program:
        return with_restarts(self.program)

    @cached_property
    def _resources(self) -> Mapping[str, Resource[Any]]:
        return {str(identity): resource for identity, resource in self.program.resources.items()}

    def document(self, owner: str) -> DocumentId | None:
        """The document that an object comes from, by what it is called: `Workload stoat/api`."""
        resource = self._resources.get(owner)
        return resource.id if resource is not None else None

    def _made(self, owner: str, identity: Identity) -> Manifest | None:
        """An object: made by its document alone, if that suffices; what passes make depends on all of them."""
        if owner not in self._of_documents:
            resource = self._resources.get(owner)
            alone = lower_document(self._with_restarts, resource)[0] if resource is not None else ()
            self._of_documents[owner] = _by_identity(alone)
        found = self._of_documents[owner].get(identity)
        return found if found is not None else self._by_identity.get(identity)

    def manifest(self, application: str, identity: ObjectId) -> Manifest:
        """The object of an identity in an application's folder. Raises KeyError."""
        return self._by_identity[application, identity]

    def origins(self, owner: str, application: str, identity: ObjectId, path: KeyPath) -> tuple[Scalar, ...]:
        """The scalars behind the value at a path of an object, with those of its key; empty if it is not there.

        `owner` is the document that the object comes from: `Workload stoat/api`.
        """
        manifest = self._made(owner, (application, identity))
        if manifest is None:
            return ()
        value: Any = manifest.object
        key: Any = None
        for step in path:
            key, value = _key(value, step), _step(value, step)
            if value is None and key is None:
                return ()
        return origins_of(key, value)

    def place_in(self, owner: str, application: str, identity: ObjectId, path: KeyPath) -> Span:
        """The smallest place in the spec for a path of an object; that of the Platform if there is no such object."""
        manifest = self._made(owner, (application, identity))
        return self.place(manifest, path) if manifest is not None else self.program.platform.platform.name_span

    def place(self, manifest: Manifest, path: KeyPath) -> Span:
        """Return where in the spec the value at a path of a manifest comes from.

        A path can continue past a leaf that was made from data: the rest is then a path in that data.
        """
        owner = self.program.resources[manifest.owner]
        found = self._made(str(manifest.owner), (manifest.application, manifest.id))
        if found is None:
            return owner.name_span
        made = found.object
        chain: list[Any] = [made]
        keys: list[Any] = [None]
        for step in path:
            below = _step(chain[-1], step)
            if below is None:
                break
            keys.append(_key(chain[-1], step))
            chain.append(below)
        rest = path[len(chain) - 1 :]
        removed = _removed(owner, manifest, path) if rest else None
        if removed is not None:
            return removed
        if rest and not isinstance(chain[-1], dict | list):
            for base in (("spec",), ("spec", "files", str(path[len(chain) - 2]), "data")):
                if at(owner.node, (*base, *rest)) is not None:
                    return span_of(owner.node, (*base, *rest))
        for value, key in zip(reversed(chain[1:]), reversed(keys[1:]), strict=True):
            scalar = _best(owner.name_span.path, value, key)
            if scalar is not None:
                return scalar.span
        named = _best(owner.name_span.path, _step(_step(made, "metadata"), "name"))
        return named.span if named else owner.name_span


def _by_identity(manifests: Iterable[Manifest]) -> Mapping[Identity, Manifest]:
    """The objects by their identity; of two with the same, the first, as lowering keeps it."""
    found: dict[Identity, Manifest] = {}
    for manifest in manifests:
        found.setdefault((manifest.application, manifest.id), manifest)
    return found


def _best(owner_file: str, value: Any, key: Any = None) -> Scalar | None:
    """The scalar for a value: its own, its name's, that of its key, else the first below it.

    Parts of the value take precedence over its causes, and the owner's file over others.
    """
    candidates = [value] if not isinstance(value, dict | list) else [_step(value, "name"), key, value]
    for candidate in candidates:
        origins = sorted(origins_of(candidate), key=lambda one: (isinstance(one, Cause), one.span.path != owner_file))
        if origins:
            return origins[0]
    return None


def _removed(owner: Resource[Any], manifest: Manifest, path: KeyPath) -> Span | None:
    """The place of the document's last patch that removes what a path of its object would lead to."""
    steps = [str(step) for step in path]
    for position, patch in reversed(list(enumerate(owner.spec.patches))):
        if not is_target(manifest, patch):
            continue
        gone = _gone(patch.merge, path)
        if gone:
            return owner.at("patches", position, "merge", *gone)
        for index, operation in reversed(list(enumerate(patch.json_patch))):
            taken = {"remove": operation.path, "move": operation.from_}.get(operation.op) or ""
            if taken.startswith("/") and pointer_steps(taken) == steps[: taken.count("/")]:
                field = "path" if operation.op == "remove" else "from"
                return owner.at("patches", position, "jsonPatch", index, field)
    return None


def _gone(merge: Any, path: KeyPath) -> KeyPath:
    """The path of the null in a merge patch for a path; empty if there is none."""
    for depth, step in enumerate(path, 1):
        if not isinstance(merge, dict) or step not in merge:
            return ()
        merge = merge[step]
        if merge is None:
            return path[:depth]
    return ()


def _key(value: Any, step: str | int) -> Any:
    """The key of a map itself, which can have origins."""
    return next((key for key in value if key == step), None) if isinstance(value, dict) else None


def _step(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
