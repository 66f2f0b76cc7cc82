"""files: the files of an environment that need not be compiled, because an earlier run rendered them.

In      the output folder, the digests of the files that belong there.
Out     the Tree that compiling would make; None if a file is missing or differs.
Never   returns a byte that does not belong to the digest; looks at files that do not belong there.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from platformc.compiled.environment import CompiledEnvironment
from platformc.disk import Disk
from platformc.language import LARGEST_FILE
from platformc.tree import RenderedFile, Tree, digest, folder_name


def read_tree(output: Path, environment: CompiledEnvironment) -> Tree | None:
    """Read the files of an environment below the output folder."""
    if environment.files is None:
        return None
    disk, folder = Disk(), f"{output}/{folder_name(environment.name)}"
    files: dict[str, RenderedFile] = {}
    for path, file in environment.files.items():
        try:
            content = disk.beginning(f"{folder}/{path}", LARGEST_FILE + 1)
        except OSError:  # whoever writes there reports that
            return None
        if content is None or digest(content) != file.sha256:
            return None
        files[path] = RenderedFile(content, file.owner, file.id, file.api_version)
    return Tree(environment.name, MappingProxyType(files))
