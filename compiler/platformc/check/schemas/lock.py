"""lock: the upstream CRDs that are known to work, pinned by URL and checksum.

In      lock.json beside this module; the network, only to fetch.
Out     the pinned files in a SchemaStore.
Never   stores a file whose bytes are not the pinned ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from platformc.check.schemas.download import download
from platformc.check.schemas.store import Added, SchemaStore, add_file, known_definitions

LOCK = Path(__file__).with_name("lock.json")
UPSTREAM = "https://raw.githubusercontent.com"
LIMIT = 4 * 1024 * 1024
"""Bytes; the largest pinned file has 1.5 MB."""

AT_ONCE = 6
"""Parallel downloads; the files are small, most of the time is waiting."""


@dataclass(frozen=True, slots=True, order=True)
class LockedFile:
    """One pinned file of an upstream repository."""

    repository: str
    tag: str
    path: str
    sha256: str
    defines: tuple[str, ...]
    """`group/Kind`, sorted."""

    def address(self, base: str) -> str:
        """Its path below a base URL."""
        return f"{base.rstrip('/')}/{self.repository}/{self.tag}/{self.path}"


def locked_files(lock: Path = LOCK) -> tuple[LockedFile, ...]:
    """All pinned files, in the order of the lock file."""
    return tuple(
        LockedFile(source["repository"], source["tag"], file["path"], file["sha256"], tuple(file["defines"]))
        for source in json.loads(lock.read_bytes())["sources"]
        for file in source["files"]
    )


def fetch(
    store: SchemaStore,
    *,
    files: Sequence[LockedFile],
    base: str = UPSTREAM,
    report: Callable[[str], None],
    timeout: float = 30.0,
) -> Added:
    """Fetch the pinned files that the store does not have yet, and convert them.

    `report` gets one line per file. `timeout` is in seconds for each wait on the network. Raises
    ToolError at the first file that cannot be fetched or is not the pinned one; the files before
    it stay, and the next call continues from there.
    """
    have = {entry.sha256: entry.name for entry in known_definitions(store)}
    wanted = [file for file in files if file.sha256 not in have]
    result = Added(unchanged=tuple(have[file.sha256] for file in files if file.sha256 in have))

    def get(file: LockedFile) -> bytes:
        return download(file.address(base), sha256=file.sha256, limit=LIMIT, timeout=timeout)

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for number, (file, content) in enumerate(zip(wanted, pool.map(get, wanted), strict=True), start=1):
            result += add_file(store, content, file.address(base))
            report(f"[{number}/{len(wanted)}] {file.repository} {file.tag} {', '.join(file.defines)}")
    finally:
        pool.shutdown(cancel_futures=True)
    return result
