"""layout: the path of an object below rendered/<environment>/.

In      the application and identity of every object of one environment.
Out     `<application>/<namespace or _cluster>/<kind>-<name>.yaml`, one path for each object, all lower case.
Never   gives two objects one path, nor two paths that differ only in case or only on some file systems.

The API group follows the kind (`<kind>.<group>-<name>`) only if two objects would have one path, and
then both get it. Characters that are unsafe in a file name are percent-encoded (`system:node` becomes
`system%3anode`, `Reader` becomes `%52eader`), so any URL tool reads the name back.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence

from platformc.lower import ObjectId

CLUSTER = "_cluster"
"""The folder of objects without a namespace; no encoded namespace can have this name."""

_UNSAFE = re.compile(r"[^a-z0-9.-]|^\.")
_LONGEST = 200
"""Bytes of a file or folder name. File systems allow 255; a Kubernetes name alone can take 253 of them."""

_PART = r"[a-z0-9_%~-][a-z0-9._%~-]*"
_RENDERED = re.compile(rf"{_PART}(?:/{_PART}){{2}}/{_PART}\.yaml")


def folder_name(text: str) -> str:
    """One safe part of a path: lower case, never hidden, empty or `..`; different texts give different parts.

    Raises ValueError for empty text and for a lone surrogate.

    >>> folder_name("stoat"), folder_name("..")
    ('stoat', '%2e.')
    """
    if not text:
        raise ValueError("an empty name cannot become a folder")
    return _shortened(_encoded(text), text)


def arrange(objects: Sequence[tuple[str, ObjectId]]) -> tuple[str, ...]:
    """Give each (application, identity) its path, in the order given. Equal identities get equal paths.

    Raises ValueError for an empty application, kind or name, and for a lone surrogate.
    """
    paths = [_path(application, identity, _short_kind) for application, identity in objects]
    for kind in (_grouped_kind, _exact_kind):
        taken = Counter(paths)
        if len(taken) == len(paths):
            break
        paths = [
            path if taken[path] == 1 else _path(application, identity, kind)
            for path, (application, identity) in zip(paths, objects, strict=True)
        ]
    return tuple(paths)


def is_rendered_path(path: str) -> bool:
    """Whether a path below rendered/ is one that this module can have made, environment included.

    Only then is an index or a journal trusted: such a path cannot leave rendered/.
    """
    return _RENDERED.fullmatch(path) is not None and all(len(part) <= _LONGEST for part in path.split("/"))


def _path(application: str, identity: ObjectId, kind: Callable[[ObjectId], str]) -> str:
    namespace = folder_name(identity.namespace) if identity.namespace else CLUSTER
    if not identity.kind or not identity.name:
        raise ValueError("an object without a kind or a name cannot become a file")
    stem = _shortened(
        f"{kind(identity)}-{_encoded(identity.name)}", f"{identity.group}\n{identity.kind}\n{identity.name}"
    )
    return f"{folder_name(application)}/{namespace}/{stem}.yaml"


def _short_kind(identity: ObjectId) -> str:
    return _without_separators(identity.kind.lower())


def _grouped_kind(identity: ObjectId) -> str:
    return _with_group(_short_kind(identity), identity)


def _exact_kind(identity: ObjectId) -> str:
    """For two kinds of one group that differ only in case, which a raw manifest can contain."""
    return _with_group(_without_separators(identity.kind), identity)


def _with_group(kind: str, identity: ObjectId) -> str:
    """The core group has no name to append; its kind stays alone and still differs from all others."""
    return f"{kind}.{_without_dashes(identity.group)}" if identity.group else kind


def _without_separators(kind: str) -> str:
    """A kind without the two characters that end it in a file name."""
    return _without_dashes(kind).replace(".", "%2e")


def _without_dashes(text: str) -> str:
    """Encoded text without the dash that separates it from the name."""
    return _encoded(text).replace("-", "%2d")


def _encoded(text: str) -> str:
    return _UNSAFE.sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02x}" for byte in match[0].encode())


def _shortened(encoded: str, whole: str) -> str:
    """Keep the start of a name that is too long; the digest of `whole` after `%~`, never an escape, makes it unique."""
    if len(encoded) <= _LONGEST - len(".yaml"):
        return encoded
    digest = hashlib.sha256(whole.encode()).hexdigest()[:20]
    return f"{encoded[: _LONGEST - len('.yaml%~') - len(digest)]}%~{digest}"
