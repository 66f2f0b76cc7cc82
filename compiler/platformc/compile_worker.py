"""compile_worker: a process that compiles environments for another one.

In      Sources, or how to read them; names, one after the other.
Out     what compiling each made, as bytes, and the same as values again.
Never   writes, or shows anything.
"""

from __future__ import annotations

import gc
import hashlib
import pickle
from functools import partial
from multiprocessing.connection import Connection
from types import MappingProxyType

from platformc.compiled import dump_environment, parse_environment
from platformc.language import Sources
from platformc.lower import ObjectId
from platformc.processes import answer_each
from platformc.tree import RenderedFile, Tree
from platformc.work import Load, Made, Work, compile_one


def serve(work: Work, sources: Sources | None, load: Load, digest: bytes, connection: Connection) -> None:
    """Compile environments in a process of their own, from the sources that its parent read or from the same ones."""
    gc.disable()  # as the whole command does
    if sources is None:
        sources = load(work.request)
        if digest_of(sources) != digest:
            return  # they have just changed
    answer_each(connection, partial(_packed, work, sources))


def _packed(work: Work, sources: Sources, name: str) -> bytes:
    """Compile one environment, as bytes: text and tuples are faster than thousands of pickled objects."""
    to_validate: list[tuple[Tree, str]] = []
    made = compile_one(sources, name, work, lambda tree, version: to_validate.append((tree, version)))
    tree, version = to_validate[0] if to_validate else (None, "")
    if tree is None and name in work.with_files:
        tree = made.tree
    files = None if tree is None else [_plain(path, file) for path, file in tree.files.items()]
    return pickle.dumps((dump_environment(made.kept), files, version, made.valid_claims, made.certificate))


def unpacked(answer: bytes) -> tuple[Made, Tree | None, str]:
    """What was made, and the files to be validated with their version of Kubernetes."""
    record, files, version, claims, certificate = pickle.loads(answer)  # noqa: S301 - from a process of our own
    kept = parse_environment(record)
    tree = None if files is None else Tree(kept.name, MappingProxyType(dict(map(_file, files))))
    return Made(kept, None if kept.files is None else tree, claims, certificate), tree if version else None, version


_Plain = tuple[str, bytes, str, tuple[str, str, str, str], str]


def _plain(path: str, file: RenderedFile) -> _Plain:
    identity = file.id
    parts = (identity.group, identity.kind, identity.namespace, identity.name)
    return path, file.content, file.owner, parts, file.api_version


def _file(plain: _Plain) -> tuple[str, RenderedFile]:
    path, content, owner, identity, api_version = plain
    return path, RenderedFile(content, owner, ObjectId(*identity), api_version)


def digest_of(sources: Sources) -> bytes:
    """One digest of every text that was read."""
    made = hashlib.sha256()
    for path, text in sorted(sources.texts.items()):
        made.update(f"{len(path)} {len(text)} {path}{text}".encode(errors="surrogatepass"))
    return made.digest()
