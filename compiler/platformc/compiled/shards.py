"""shards: a part of the environments, compiled on another machine, as one file in a folder.

In      what is kept of the environments of a shard; a folder with one file for each shard, of any origin.
Out     the file; the environments of all shards, in the order of their names.
Finds   DamagedError if a shard is missing, of other inputs, of another split, damaged, or not alone.
Never   follows a link, or takes less than all: what is not wholly as `write_shard` made it is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from platformc.atomic_file import write_atomically
from platformc.cache import with_digest, without_digest
from platformc.compiled import reading
from platformc.compiled.encoding import environment_data, environment_of_data, parse_json
from platformc.compiled.environment import CompiledEnvironment
from platformc.compiled.reading import DamagedError
from platformc.disk import Disk, EntryKind

VERSION = 1
"""Version of the file format."""
LARGEST = 1 << 30
"""Bytes of a shard; one of a hundred environments of a thousand components has a seventh of it."""
MOST_SHARDS = 1000
"""Shards; more runners than anybody has."""

_FIELDS = ("version", "inputs", "shard", "of", "environments")
_NAME = re.compile(r"shard-([1-9][0-9]{0,3})-of-([1-9][0-9]{0,3})\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of the environments: `number` counts from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def is_possible(self) -> bool:
        """Whether there can be such a part."""
        return 1 <= self.number <= self.of <= MOST_SHARDS

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"shard-{self.number}-of-{self.of}.json"

    def part(self, names: Sequence[str]) -> tuple[str, ...]:
        """Its environments: every `of`th, so that neighbours, which are often alike, are spread."""
        return tuple(names[self.number - 1 :: self.of])


def write_shard(folder: Path, shard: Shard, inputs: str, environments: Sequence[CompiledEnvironment]) -> None:
    """Write the file of a shard. `inputs` is the digest of all that the run depends on. Raises OSError."""
    data = {
        "version": VERSION,
        "inputs": inputs,
        "shard": shard.number,
        "of": shard.of,
        "environments": [environment_data(one) for one in environments],
    }
    write_atomically(folder / shard.file, with_digest(json.dumps(data, separators=(",", ":")).encode()))


def read_shards(folder: Path, inputs: str, names: Sequence[str]) -> tuple[CompiledEnvironment, ...]:
    """Read all shards of a run with these inputs and environments. Raises DamagedError, or OSError."""
    shards = list(_shards(folder))
    of = shards[0].of
    if other := next((shard for shard in shards if shard.of != of), None):
        raise DamagedError(f"{shards[0].file} and {other.file} are of different splits")
    known = {shard.number for shard in shards}
    missing = [str(Shard(number, of)) for number in range(1, of + 1) if number not in known]
    if missing:
        raise DamagedError(f"{'shard' if len(missing) == 1 else 'shards'} {', '.join(missing)} missing")
    found: dict[str, CompiledEnvironment] = {}
    for shard in shards:
        try:
            found |= {one.name: one for one in _read(folder, shard, inputs, shard.part(names))}
        except DamagedError as error:
            raise DamagedError(f"{shard.file}: {error}") from error
    return tuple(found[name] for name in names)


def _shards(folder: Path) -> Iterator[Shard]:
    """The shards that have a file, sorted; anything else in the folder is not ours to judge."""
    disk = Disk()
    if disk.kind(str(folder)) is not EntryKind.FOLDER:
        raise DamagedError("it is not a folder")
    shards = []
    for name, kind in disk.entries(str(folder)):
        match = _NAME.fullmatch(name)
        shard = Shard(int(match[1]), int(match[2])) if match else None
        if shard is None or kind is not EntryKind.FILE or not shard.is_possible:
            raise DamagedError(f"{name!a} is not the file of a shard")
        shards.append(shard)
    if not shards:
        raise DamagedError("it is empty")
    yield from sorted(shards, key=lambda shard: shard.number)


def _read(folder: Path, shard: Shard, inputs: str, names: Sequence[str]) -> Sequence[CompiledEnvironment]:
    content = Disk().beginning(f"{folder}/{shard.file}", LARGEST + 1)
    body = without_digest(content) if content is not None and len(content) <= LARGEST else None
    if body is None:
        raise DamagedError("it is damaged")
    version, made_of, number, of, environments = reading.fields(parse_json(body), "a shard", _FIELDS)
    if reading.whole(version, "the version") != VERSION:
        raise DamagedError("another version of platformc wrote it")
    if (number, of) != (shard.number, shard.of):
        raise DamagedError("it is the file of another shard")
    if reading.text(made_of, "the digest of the inputs") != inputs:
        raise DamagedError("it was made from other inputs: of another commit, or with other options or tools")
    found = [environment_of_data(one) for one in reading.items(environments, "the environments")]
    if [one.name for one in found] != list(names):
        raise DamagedError("it has other environments")
    return found
