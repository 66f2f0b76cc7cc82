"""artifact: the one file in a zip that nobody vouches for.

In      bytes that say they are a zip, the name of the file that must be alone in it.
Out     its bytes.
Never   writes a file, uses a name or a size that the zip tells, unpacks more than a limit.
"""

from __future__ import annotations

import io
import zipfile
import zlib


class ArtifactError(Exception):
    """The zip is not what the report's job makes."""


def only_file(content: bytes, name: str, limit: int) -> bytes:
    """The bytes of the only file in a zip. Raises ArtifactError where it is not `name`, or has more than `limit` bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            held = archive.infolist()
            if [entry.filename for entry in held] != [name]:
                raise ArtifactError(f"the artifact does not hold {name} alone")
            with archive.open(held[0]) as file:
                unpacked = file.read(limit + 1)  # never what the zip's own directory says it is
    # NotImplementedError: a compression that Python does not have; RuntimeError: a password.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise ArtifactError(f"the artifact is not a readable zip: {type(error).__name__}") from error
    if len(unpacked) > limit:
        raise ArtifactError(f"{name} has more than {limit} bytes")
    return unpacked
