"""The oracle of origins: change one scalar of the real specs, compile, and see which leaves changed.

What `explain` claims is proved by what compiling does: a leaf that changes with a scalar must name it,
and a leaf that names a scalar must change with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from platformc.diagnostics import FindingsError, Severity, Span
from platformc.kinds import KINDS
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.document import Document
from platformc.language.nodes import KeyPath, Mapping, Node, Scalar, Sequence, at, scalars
from platformc.language.origin import Cause, origins_of, unmarked
from platformc.language.resolution import resolve
from platformc.language.sources import Sources, load
from platformc.link import link
from platformc.lower import lower
from platformc.origins import marked
from platformc.tree import arrange

ROOT = Path(__file__).parents[2]
PLATFORM = ROOT / "specs"
EVERY_FIELD = ROOT / "tests/origins/every_field/specs"
"""What the platform does not use."""

Leaf = tuple[str, str, KeyPath]
"""Environment, file, path."""

# Words with a fixed set of alternatives: another word would not be valid.
ALTERNATIVES = {
    "Recreate": ("RollingUpdate",),
    "RollingUpdate": ("Recreate",),
    "Orphan": ("Delete",),
    "Delete": ("Orphan",),
    "IMMUTABLE": ("MUTABLE",),
    "S": ("B", "N"),
    "N": ("S", "B"),
    "ALL": ("KEYS_ONLY",),
    "PAY_PER_REQUEST": (),
    "IfNotPresent": ("Always",),
    "Local": ("Cluster",),
    "LoadBalancer": ("NodePort",),
    "Equal": ("Exists",),
    "NoSchedule": ("NoExecute",),
    "restricted": ("baseline",),
    "SSE-SQS": ("None",),
    "AES256": ("KMS",),
    "read": ("write",),
    "write": ("read",),
    "send": ("receive",),
    "receive": ("send",),
    "private": ("none",),
    "get": ("watch",),
    "list": ("watch",),
    "create": ("delete",),
    "watch": ("get",),
    "toml": ("json",),
    "env": ("dotenv", "json"),
    "StatefulSet": ("Deployment",),
    "Cluster": ("Namespace",),
    "Namespace": ("Cluster",),
    "none": ("private",),
    "Forbid": ("Replace",),
    "Deny": ("Allow",),
    "ReadWriteMany": ("ReadWriteOnce",),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One scalar of the specs: which document it stands in, and where."""

    specs: Path
    group: str
    """`documents`, or the name of an environment."""
    position: int
    path: KeyPath
    scalar: Scalar

    def __str__(self) -> str:
        return f"{self.scalar.span} {'.'.join(map(str, self.path))} = {self.scalar.value!r}"


@dataclass(slots=True)
class Verdict:
    """What a changed scalar showed."""

    subject: Subject
    valid: bool = False
    changed: int = 0
    unnamed: list[Leaf] = field(default_factory=list)
    """Leaves that changed without naming the scalar."""
    unchanged: list[Leaf] = field(default_factory=list)
    """Leaves that name the scalar and did not change."""


@cache
def sources(specs: Path) -> Sources:
    """The specs of a folder."""
    return load(DiskFolder(specs), "specs", KINDS, load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane"))


def subjects(specs: Path) -> list[Subject]:
    """Every scalar of the specs whose change has one meaning, in order.

    Sealed values are ciphertext. An environment's name is its file's, and a volume's name in a list that
    layers merge chooses what is merged: another name is another volume beside the first.
    """
    found = [
        Subject(specs, "documents", position, path, scalar)
        for position, document in enumerate(sources(specs).documents)
        for path, scalar in scalars(document.root)
    ]
    for name, documents in sources(specs).environments.items():
        found += [
            Subject(specs, name, position, path, scalar)
            for position, document in enumerate(documents)
            for path, scalar in scalars(document.root)
        ]
    return [one for one in found if not _has_other_meaning(one)]


def _has_other_meaning(subject: Subject) -> bool:
    if subject.group != "documents" and subject.path == ("metadata", "name"):
        return True
    return subject.path[-1] == "name" and "volumes" in subject.path


def candidates(value: object) -> Iterator[object]:
    """Other values that are probably valid where this one is."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, str) and value in ALTERNATIVES:
        yield from ALTERNATIVES[value]
    elif isinstance(value, str) and (match := re.fullmatch(r"(\d+)(\w*)\.\.(\d+)(\w*)", value)):
        low, unit, high, other = match.groups()
        yield f"{int(low) - 1}{unit}..{high}{other}"
        yield f"{low}{unit}..{int(high) + 1}{other}"
    elif isinstance(value, str) and (match := re.fullmatch(r"(.*?)(\d+)(\D*)", value, re.DOTALL)):
        before, number, after = match.groups()
        yield f"{before}{str(int(number) + 1).zfill(len(number))}{after}"
        yield f"{value}x"
    elif isinstance(value, str):
        yield f"{value}x"
        yield f"x{value}"


def _replaced(node: Node, path: KeyPath, value: Any) -> Node:
    if isinstance(node, Scalar):
        return replace(node, value=value)
    step = path[0]
    if isinstance(node, Mapping):
        return replace(node, entries={**node.entries, str(step): _replaced(node.entries[str(step)], path[1:], value)})
    items = list(node.items)
    items[int(step)] = _replaced(items[int(step)], path[1:], value)
    return Sequence(tuple(items), node.span, node.replaced)


def _renamed(document: Document, before: str, after: str) -> Document:
    if document.id.application != before:
        return document
    return Document(replace(document.id, application=after), document.root, document.damaged)


def mutated(subject: Subject, value: object) -> Sources:
    """The specs with one scalar changed."""
    base = sources(subject.specs)
    group = base.documents if subject.group == "documents" else base.environments[subject.group]
    document = group[subject.position]
    root = _replaced(document.root, subject.path, value)
    assert isinstance(root, Mapping)
    name = at(root, ("metadata", "name"))
    assert isinstance(name, Scalar)
    changed = Document(replace(document.id, name=str(name.value)), root, document.damaged)
    documents = tuple(changed if one is document else one for one in group)
    if document.id.kind == "Application" and changed.id.name != document.id.name:
        # Loading gives every document of the folder the application's name.
        documents = tuple(_renamed(one, document.id.name, changed.id.name) for one in documents)
    if subject.group == "documents":
        return replace(base, documents=documents)
    return replace(base, environments={**base.environments, subject.group: documents})


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Leaves with their paths; an item of a list is known by its name, so that others keep their places."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, (*path, unmarked(key)))
    elif isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield from _leaves(item, (*path, _item_name(item, position)))
    else:
        yield path, value


def _item_name(item: Any, position: int) -> str | int:
    if not isinstance(item, dict):
        return position
    for names in (("name",), ("group", "kind"), ("namespace",), ("cidr",), ("mountPath",)):
        if all(isinstance(item.get(name), str) for name in names):
            return "/".join(unmarked(item[name]) for name in names)
    # A NetworkPolicy's rules have no names: egress is known by whom it leads to, ingress by its ports (whose peers
    # are many), a peer or port by all it says.
    if "to" in item or "ports" in item:
        return json.dumps(unmarked(item["to"] if "to" in item else item["ports"]))
    is_of_a_rule = item.keys() <= {"podSelector", "namespaceSelector", "ipBlock", "protocol", "port"}
    return json.dumps(unmarked(item)) if is_of_a_rule else position


def _unnamed(changed: set[Leaf], after: dict[Leaf, Any], named: set[Leaf]) -> list[Leaf]:
    """Changed leaves that do not name the scalar; of a part that is gone as a whole, one leaf must.

    What Argo CD's projects allow is derived from all objects together, which is their convention.
    """
    survivors = {(environment, file, path[:depth]) for environment, file, path in after for depth in range(len(path))}
    gone: dict[Leaf, list[Leaf]] = {}
    wrong = []
    for leaf in changed:
        environment, file, path = leaf
        if leaf in after:
            if leaf not in named:
                wrong.append(leaf)
            continue
        depth = next(
            (size for size in range(len(path)) if (environment, file, path[:size]) not in survivors), len(path)
        )
        gone.setdefault((environment, file, path[:depth]), []).append(leaf)
    wrong += [part for part, leaves in gone.items() if not any(leaf in named for leaf in leaves)]
    return sorted((leaf for leaf in wrong if "/appproject-" not in leaf[1]), key=str)


def _is_given_twice(leaf: Leaf) -> bool:
    """Whether several scalars may give the leaf, so that one alone cannot change it.

    DynamoDB's attributes are declared once, however many keys and indexes use them.
    """
    _, file, path = leaf
    return "/table-" in file and path[:2] == ("spec", "attribute")


def compiled(of: Sources, *, with_origins: bool, environments: tuple[str, ...] = ()) -> dict[Leaf, Any] | None:
    """Every leaf of the environments, of all by default; None where the specs have an error."""
    found: dict[Leaf, Any] = {}
    for name in environments or of.environments:
        try:
            platform = resolve(of, name)
        except FindingsError:
            return None
        program = link(marked(platform) if with_origins else platform)
        manifests, findings = lower(program)
        if any(one.severity is Severity.ERROR for one in (*platform.findings, *program.findings, *findings)):
            return None
        files = arrange([(unmarked(manifest.application), manifest.id) for manifest in manifests])
        for file, manifest in zip(files, manifests, strict=True):
            for path, value in _leaves(manifest.object, ()):
                found[name, file, path] = value
    return found


@cache
def baseline(specs: Path) -> dict[Leaf, Any]:
    """The leaves of the specs with their origins."""
    found = compiled(sources(specs), with_origins=True)
    assert found is not None
    return found


def _inside(inner: Span, outer: Span) -> bool:
    """Whether one place lies within another; short forms give parts of a scalar places of their own."""
    starts = (outer.line, outer.column) <= (inner.line, inner.column)
    return (
        inner.path == outer.path and starts and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _names(origin: Scalar, span: Span) -> bool:
    return _inside(origin.span, span) or any(_names(constant, span) for constant in origin.sources)


@cache
def _by_line(specs: Path) -> dict[tuple[str, int], list[tuple[Leaf, Scalar]]]:
    found: dict[tuple[str, int], list[tuple[Leaf, Scalar]]] = {}

    def note(leaf: Leaf, origin: Scalar, top: Scalar) -> None:
        for line in range(origin.span.line, origin.span.end_line + 1):
            found.setdefault((origin.span.path, line), []).append((leaf, top))
        for constant in origin.sources:
            note(leaf, constant, top)

    for leaf, value in baseline(specs).items():
        for origin in origins_of(value):
            note(leaf, origin, origin)
    return found


def naming(specs: Path, span: Span, *, parts_only: bool) -> set[Leaf]:
    """The leaves that name a place; with `parts_only`, not those that it merely caused."""
    near = [pair for line in range(span.line, span.end_line + 1) for pair in _by_line(specs).get((span.path, line), ())]
    return {leaf for leaf, origin in near if _names(origin, span) and not (parts_only and isinstance(origin, Cause))}


def judge(subject: Subject) -> Verdict:
    """Change the scalar to every candidate that is valid, and hold what changed against what is named."""
    verdict = Verdict(subject)
    span = subject.scalar.span
    named = naming(subject.specs, span, parts_only=False)
    still = naming(subject.specs, span, parts_only=True)
    wrong: set[Leaf] = set()
    affected = () if subject.group == "documents" else (subject.group,)
    environments = affected or sources(subject.specs).environments
    before = {leaf: one for leaf, one in baseline(subject.specs).items() if leaf[0] in environments}
    for value in candidates(subject.scalar.value):
        other = compiled(mutated(subject, value), with_origins=False, environments=affected)
        if other is None:
            continue
        verdict.valid = True
        changed = {leaf for leaf, one in before.items() if leaf not in other or other[leaf] != one}
        verdict.changed += len(changed)
        wrong |= set(_unnamed(changed, other, named))
        still -= changed
        if not still:
            break
    if verdict.valid:
        verdict.unnamed = sorted(wrong, key=str)
        verdict.unchanged = sorted((leaf for leaf in still if not _is_given_twice(leaf)), key=str)
    return verdict
