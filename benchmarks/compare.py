"""compare: do tools write the same objects?

In      the number of components, and the output of a tool: a folder or one file, YAML or JSON.
Out     how many objects it has, and how many of their values are the wanted ones.
Finds   Unequal: an object too few, too many, twice, or with too many other values.
Never   runs a tool. It is a process of its own, so that what it reads does not count as memory of a tool.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.components import CHECKSUM, components, objects

JSON = Any

Identity = tuple[str, str, str]
"""Kind, namespace and name."""

LEAST_AGREEMENT = 0.95
"""platformc may gain a label or a field and still do about the same work; an object may never be missing."""

OURS_ALONE = frozenset({"Application", "AppProject", "Namespace"})
"""Kinds that platformc writes on top, for Argo CD; the other tools are not asked for them."""
DEFAULT_DENY = "default-deny"
"""The name of one more NetworkPolicy for each namespace, that platformc writes on top."""


class UnequalError(Exception):
    """The output of a tool is not what was wanted, so that its time could not be compared."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a tool wrote."""

    objects: int
    on_top: int
    """Objects of platformc that nobody else writes."""
    agreement: float
    """The share of leaves, wanted and written, that are equal; 1 for the same objects."""


def compare(output: Path, count: int, *, may_add: bool = False) -> Agreement:
    """Hold an output against the objects of `count` components. Raises UnequalError.

    `may_add` allows what platformc writes on top.
    """
    written = _by_identity(_read(output))
    wanted = _by_identity(manifest for component in components(count) for manifest in objects(component))
    on_top = {identity for identity in written if identity not in wanted and may_add and _is_on_top(identity)}
    odd = sorted((wanted.keys() ^ written.keys()) - on_top)
    if odd:
        kind, namespace, name = odd[0]
        what = "misses" if odd[0] in wanted else "should not hold"
        raise UnequalError(f"{output} {what} {kind} {name} in {namespace}, and {len(odd) - 1} more are wrong")
    same = every = 0
    for identity, manifest in wanted.items():
        left, right = Counter(_leaves(manifest)), Counter(_leaves(written[identity]))
        same += (left & right).total()
        every += (left | right).total()
    if same < LEAST_AGREEMENT * every:
        raise UnequalError(f"{output} agrees in only {same} of {every} values with what was wanted")
    return Agreement(len(written), len(on_top), same / every)


def _is_on_top(identity: Identity) -> bool:
    kind, _, name = identity
    return kind in OURS_ALONE or (kind == "NetworkPolicy" and name == DEFAULT_DENY)


def _by_identity(manifests: Iterator[JSON]) -> Mapping[Identity, JSON]:
    found: dict[Identity, JSON] = {}
    for manifest in manifests:
        metadata = manifest["metadata"]
        identity = (manifest["kind"], metadata.get("namespace", ""), metadata["name"])
        if identity in found:
            raise UnequalError(f"{' '.join(identity)} comes twice")
        found[identity] = manifest
    return found


def _read(output: Path) -> Iterator[JSON]:
    paths = sorted(path for path in output.rglob("*") if path.is_file()) if output.is_dir() else [output]
    for path in paths:
        if path.suffix == ".json" and not any(part.startswith(".") for part in path.relative_to(output).parts):
            yield json.loads(path.read_bytes())
        elif path.suffix == ".yaml":
            documents = yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader)
            yield from (document for document in documents if document is not None)


def _leaves(value: JSON, path: tuple[str, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Every leaf with its path. Places in lists do not count: tools order them differently."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _leaves(member, (*path, key))
    elif isinstance(value, list) and value:
        for member in value:
            yield from _leaves(member, (*path, "[]"))
    elif path[-1:] == (CHECKSUM,) and re.fullmatch("[0-9a-f]{16}", str(value)):
        yield (*path, "sixteen digits")  # how a checksum is made is each tool's own affair
    else:
        yield (*path, json.dumps(value))


def main() -> int:
    """Compare one output; print the Agreement as JSON. 1 and a line on stderr when it is unequal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=main.__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--components", type=int, required=True, metavar="N")
    parser.add_argument("--may-add", action="store_true", help="allow what platformc writes on top")
    arguments = parser.parse_args()
    try:
        found = compare(arguments.output, arguments.components, may_add=arguments.may_add)
    except UnequalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps({"objects": found.objects, "onTop": found.on_top, "agreement": found.agreement}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
