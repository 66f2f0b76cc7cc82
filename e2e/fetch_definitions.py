"""fetch_definitions: get upstream's CRDs, each pinned by its checksum, for machines that have no folder of them.

In      the compiler's lock file; the network.
Out     the folder that CRDS names: one folder a repository and tag, as `definitions` reads it.
Never   writes a file whose bytes are not the pinned ones.

`python -m e2e.fetch_definitions FOLDER` fetches what is not there yet.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from platformc.check.schemas.download import download
from platformc.check.schemas.lock import LIMIT, UPSTREAM, LockedFile, locked_files

TIMEOUT = 30.0
"""Seconds for each wait on the network."""


def fetch_definitions(folder: Path, base: str = UPSTREAM) -> list[Path]:
    """Fetch all pinned files that are not there; the paths of all. Raises ToolError at the first that does not come."""
    return [_fetch(each, folder, base) for each in locked_files()]


def _fetch(file: LockedFile, folder: Path, base: str) -> Path:
    name = PurePosixPath(file.repository).name
    path = folder / f"{name}-{file.tag}" / PurePosixPath(file.path).name
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(download(file.address(base), sha256=file.sha256, limit=LIMIT, timeout=TIMEOUT))
    return path


def main(words: Sequence[str]) -> int:
    """Fetch into the one folder that is named."""
    (folder,) = words
    for path in fetch_definitions(Path(folder)):
        print(path)  # noqa: T201 - the result of a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
