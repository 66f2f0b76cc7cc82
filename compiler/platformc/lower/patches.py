"""Patches: a document's own changes to its lowered objects; the last resort, and recorded as such.

In      the manifests of one document, and its `patches`.
Out     the same manifests, changed.
Finds   patch-finds-nothing, patch-refused.
Source  RFC 6902 (JSON Patch), RFC 6901 (JSON Pointer), RFC 7386 (JSON Merge Patch).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from platformc.diagnostics import Finding
from platformc.language import Resource
from platformc.language.models.base import JSONPatchOperation, Patch
from platformc.language.origin import derive_below
from platformc.lower.manifest import Manifest
from platformc.rules.overlays import PATCH_FINDS_NOTHING, PATCH_REFUSED

POSITION = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")
"""RFC 6901, section 4: no sign, no leading zero."""

DEEPEST = 100
LARGEST = 100_000
"""Levels and values in a patched object: a `copy` can double it, and ten lines can multiply it by a thousand."""


def patched(resource: Resource[Any], manifests: Sequence[Manifest]) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Apply the patches of a document in order."""
    made, findings = list(manifests), []
    for position, patch in enumerate(resource.spec.patches):
        chosen = [index for index, manifest in enumerate(made) if is_target(manifest, patch)]
        if len(chosen) != 1:
            findings.append(_not_found(resource, position, patch, made, len(chosen)))
            continue
        index = chosen[0]
        try:
            changed = _apply(made[index].object, patch)
        except _RefusedError as refused:
            where = ("patches", position, *refused.place)
            findings.append(PATCH_REFUSED.at(resource.at(*where), refused.message, refused.hint))
            continue
        made[index] = replace(made[index], object=changed)
    return tuple(made), tuple(findings)


class _RefusedError(Exception):
    """A patch that cannot be applied: the place in the patch, and why."""

    def __init__(self, message: str, *place: str | int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place


def is_target(manifest: Manifest, patch: Patch) -> bool:
    """Whether a patch changes an object."""
    return manifest.id.kind == patch.target.kind and patch.target.name in {None, manifest.id.name}


def _not_found(resource: Resource[Any], position: int, patch: Patch, made: Sequence[Manifest], count: int) -> Finding:
    known = ", ".join(f"{manifest.id.kind}/{manifest.id.name}" for manifest in made)
    name = f"/{patch.target.name}" if patch.target.name else ""
    if count:
        message = f"{count} objects of {resource.name} match {patch.target.kind}{name}"
        hint = "add the target's `name`"
    else:
        message = f"no object of {resource.name} matches {patch.target.kind}{name}"
        hint = f"it makes: {known}" if known else "remove the patch: this document makes no objects of its own"
    return PATCH_FINDS_NOTHING.at(resource.at("patches", position, "target", "kind"), message, hint)


def _apply(target: dict[str, Any], patch: Patch) -> dict[str, Any]:
    made: Any = copy.deepcopy(target)
    for index, operation in enumerate(patch.json_patch):
        try:
            made = _step(made, operation)
        except _RefusedError as refused:
            raise _RefusedError(refused.message, "jsonPatch", index, *refused.place, hint=refused.hint) from refused
        except (KeyError, IndexError, ValueError, TypeError) as error:
            field = "from" if operation.op in {"move", "copy"} and not _has(made, operation.from_) else "path"
            pointer = (operation.from_ or "") if field == "from" else operation.path
            message = f"the object has nothing at {pointer}" if pointer.startswith("/") else "a path must start with /"
            raise _RefusedError(message, "jsonPatch", index, field, hint=_known(made, pointer)) from error
        if operation.op in {"add", "copy", "move"} and not _is_bounded(made):
            message = f"the object would have more than {LARGEST} values, or {DEEPEST} levels"
            raise _RefusedError(message, "jsonPatch", index)
    if patch.merge is not None:
        made = _merged(made, patch.merge)
    if not isinstance(made, dict) or _identity(made) != _identity(target):
        message = "a patch cannot change the kind, name or namespace of an object"
        raise _RefusedError(message, "merge" if patch.merge is not None else "jsonPatch")
    return made


def _identity(whole: dict[str, Any]) -> tuple[Any, ...]:
    metadata = whole.get("metadata")
    named = (metadata.get("name"), metadata.get("namespace")) if isinstance(metadata, dict) else None
    return whole.get("apiVersion"), whole.get("kind"), named


def _is_bounded(root: Any) -> bool:
    level, count = [root], 0
    for _ in range(DEEPEST):
        count += len(level)
        if count > LARGEST:
            return False
        level = [
            below
            for one in level
            if isinstance(one, dict | list)
            for below in (one.values() if isinstance(one, dict) else one)
        ]
    return not level


def _merged(base: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return copy.deepcopy(change)
    made = dict(base) if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = _merged(made.get(key), value)
    return made


def _step(root: Any, operation: JSONPatchOperation) -> Any:
    steps = pointer_steps(operation.path)
    if operation.op in {"move", "copy"}:
        source = pointer_steps(operation.from_ or "")
        value = copy.deepcopy(_get(root, source))
        if operation.op == "move":
            _remove(root, source)
        return _add(root, steps, derive_below(value, operation.path, operation.from_))
    if operation.op == "add":
        return _add(root, steps, derive_below(copy.deepcopy(operation.value), operation.path))
    if operation.op == "remove":
        _remove(root, steps)
    elif operation.op == "replace":
        _get(root, steps)
        _set(root, steps, derive_below(copy.deepcopy(operation.value), operation.path))
    elif operation.op == "test":
        if _get(root, steps) != operation.value:
            raise _RefusedError(f"the value at {operation.path} is a different one", "value")
    else:
        raise _RefusedError(f"`{operation.op}` is not one of add, remove, replace, move, copy, test", "op")
    return root


def pointer_steps(text: str) -> list[str]:
    """The steps of a JSON pointer; ValueError if it is not one."""
    if not text.startswith("/"):
        raise ValueError(text)
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def _index(items: list[Any], step: str, last: int = -1) -> int:
    if not POSITION.match(step) or int(step) > len(items) + last:
        raise IndexError(step)
    return int(step)


def _get(node: Any, steps: list[str]) -> Any:
    for step in steps:
        node = node[_index(node, step)] if isinstance(node, list) else node[step]
    return node


def _known(root: Any, pointer: str) -> str:
    """What is known at the place where a pointer leaves the object."""
    node, passed = root, ""
    for step in pointer.split("/")[1:]:
        try:
            node = _get(node, [step.replace("~1", "/").replace("~0", "~")])
        except (KeyError, IndexError, ValueError, TypeError):
            break
        passed += f"/{step}"
    if isinstance(node, list):
        return f"{passed} has {len(node)} items, counted from 0"
    return f"{passed or 'the object'} has {', '.join(sorted(node))}" if isinstance(node, dict) else ""


def _has(root: Any, pointer: str | None) -> bool:
    try:
        _get(root, pointer_steps(pointer or ""))
    except (KeyError, IndexError, ValueError, TypeError):
        return False
    return True


def _set(root: Any, steps: list[str], value: Any) -> None:
    parent = _get(root, steps[:-1])
    if isinstance(parent, list):
        parent[_index(parent, steps[-1])] = value
    else:
        parent[steps[-1]] = value


def _add(root: Any, steps: list[str], value: Any) -> Any:
    parent = _get(root, steps[:-1])
    if isinstance(parent, list):
        parent.insert(len(parent) if steps[-1] == "-" else _index(parent, steps[-1], last=0), value)
    elif isinstance(parent, dict):
        parent[steps[-1]] = value
    else:
        raise TypeError(steps[-1])
    return root


def _remove(root: Any, steps: list[str]) -> None:
    parent = _get(root, steps[:-1])
    if isinstance(parent, list):
        del parent[_index(parent, steps[-1])]
    else:
        del parent[steps[-1]]
