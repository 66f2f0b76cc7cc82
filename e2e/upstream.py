"""upstream: the pinned upstream definitions as files, for machines that have no folder of them.

In      schemas.lock.json; the network.
Out     `FOLDER/<repository>-<tag>/<file>`, the layout that CRDS wants.
Never   keeps a file whose bytes are not the pinned ones.

`python -m e2e.upstream FOLDER [BASE]` gets them, from BASE instead of GitHub where it is given.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from compiler.check.download import download
from compiler.check.schema_lock import LIMIT, UPSTREAM, locked_files

SECONDS = 60


def main(arguments: Sequence[str]) -> int:
    """Get all that is pinned and not there yet."""
    folder, base = Path(arguments[0]), arguments[1] if len(arguments) > 1 else UPSTREAM
    for file in locked_files():
        path = folder / f"{file.repository.rpartition('/')[2]}-{file.tag}" / Path(file.path).name
        if path.is_file():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(download(file.address(base), sha256=file.sha256, limit=LIMIT, timeout=SECONDS))
        print(path)  # noqa: T201 - the result of a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
