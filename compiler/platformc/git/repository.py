"""repository: read-only questions to git, answered from objects that are already here.

In      a folder in a repository that may be hostile.
Out     ids of commits, merge bases, the files of a commit.
Never   checks out, runs a hook or a filter, fetches, takes a lock, or writes. Never parses git's messages.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformc.diagnostics import ToolError, UsageError
from platformc.git.objects import Entry, EntryType, parse_listing

READ_ONLY = (
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    "--no-pager",
    "-c",
    "protocol.allow=never",  # a partial clone would fetch what is missing
    "-c",
    "core.fsmonitor=false",  # it can name a program
)
SHORT = 10
"""Digits of an id for people."""


def short(commit: str) -> str:
    """A commit's id for people."""
    return commit[:SHORT]


def label(ref: str, commit: str) -> str:
    """A commit for people, by the name that it was asked for.

    >>> label("main", "1a2b3c4d5e6f"), label("1a2b3c4", "1a2b3c4d5e6f")
    ('main at 1a2b3c4d5e', '1a2b3c4')
    """
    return ref if commit.startswith(ref) else f"{ref} at {short(commit)}"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and the folder of it that holds the platform."""

    folder: Path
    """Where git runs: the platform's root."""
    prefix: str
    """The path of that folder in the repository, with a `/` at its end; empty for the top."""
    is_shallow: bool

    def commit(self, ref: str) -> str:
        """The full id of the commit that a name stands for. Raises UsageError if there is none."""
        found = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if found is None:
            if self.is_shallow:
                message = f"{ref} is not in this clone, which is shallow"
                raise ToolError(message, hint="fetch what is missing: git fetch --unshallow")
            raise UsageError(f"there is no commit {ref}", "name a branch, a tag or the id of a commit; fetch it first")
        return found

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit as they are written in it, even if a shallow clone does not have them."""
        body = self._output("cat-file", "commit", commit)
        head = body.partition(b"\n\n")[0].decode(errors="replace").split("\n")
        return tuple(line.removeprefix("parent ") for line in head if line.startswith("parent "))

    def is_detached(self) -> bool:
        """Whether HEAD is a commit and not a branch, as CI checks it out."""
        return self._ask("symbolic-ref", "--quiet", "HEAD") is None

    def default_branch(self) -> str:
        """The remote's default branch, `origin/main`. Raises UsageError if nobody knows it."""
        found = self._ask("rev-parse", "--abbrev-ref", "--verify", "--quiet", "origin/HEAD")
        if found is None or found == "origin/HEAD":
            hint = "name it with --base REF, or run: git remote set-head origin --auto"
            raise UsageError("the default branch of the remote origin is not known", hint)
        return found

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit that both descend from.

        Raises ToolError if a shallow clone ends before it, and UsageError if there is none.
        """
        found = self._ask("merge-base", one, other)
        if found is None and not self.is_shallow:
            raise UsageError(f"{one} and {other} have no commit in common", "name the base with --base REF")
        if found is None or self._ends_before(found, one, other):
            message = f"this clone is shallow: it ends before the merge base of {short(one)} and {short(other)}"
            raise ToolError(message, hint="fetch the history: git fetch --unshallow")
        return found

    def _ends_before(self, base: str, *tips: str) -> bool:
        """Whether the history between the tips and a base has a commit whose parents were not fetched."""
        if not self.is_shallow:
            return False
        path = Path(self._text("rev-parse", "--git-path", "shallow"))
        cut = frozenset((self.folder / path).read_text("ascii").split())
        between = self._text("rev-list", *tips, f"^{base}").split()
        return not cut.isdisjoint(between)

    def files(self, commit: str, folder: str, most: int) -> Mapping[str, Entry]:
        """Everything below a folder of a commit, by path below it; nothing if there is no such folder.

        The content of a file larger than `most` bytes is left out. Raises ToolError if objects are missing.
        """
        tree = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{self.prefix}{folder}")
        if tree is None or self._text("cat-file", "-t", tree) != "tree":
            return {}
        try:
            listed = tuple(parse_listing(self._output("ls-tree", "-r", "-l", "-z", "--full-tree", tree)))
        except ValueError as error:
            raise ToolError(f"git lists what it should not know: {error}") from error
        wanted = [one for one in listed if one.type is not EntryType.SUBMODULE and one.size <= most]
        contents = self._contents({one.id for one in wanted})
        return {one.path: Entry(one.type, one.size, contents.get(one.id, b"")) for one in listed}

    def _contents(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of blobs (git-cat-file(1), --batch: `<id> SP blob SP <size> LF <bytes> LF`)."""
        asked = sorted(ids)
        if not asked:
            return {}
        output = self._output("cat-file", "--batch", given="".join(f"{one}\n" for one in asked).encode())
        contents: dict[str, bytes] = {}
        position = 0
        for one in asked:
            end = output.index(b"\n", position)
            head = output[position:end].decode("ascii").split()
            if head[1:2] != ["blob"]:
                raise ToolError(f"the object {one} is not in this clone", hint="fetch it: git fetch --refetch")
            size = int(head[2])
            contents[one] = output[end + 1 : end + 1 + size]
            position = end + size + 2
        return contents

    def _ask(self, *words: str) -> str | None:
        """One line of git's; None if it says no. Raises ToolError if git cannot answer."""
        done = _run(self.folder, words)
        if done.returncode not in {0, 1, 128}:  # 128: a bad revision, which `--quiet` does not always make a 1
            raise _failed(words, done)
        return done.stdout.decode(errors="surrogateescape").rstrip("\n") if done.returncode == 0 else None

    def _text(self, *words: str) -> str:
        return self._output(*words).decode(errors="surrogateescape").rstrip("\n")

    def _output(self, *words: str, given: bytes = b"") -> bytes:
        done = _run(self.folder, words, given)
        if done.returncode:
            raise _failed(words, done)
        return done.stdout


def open_repository(folder: Path) -> Repository:
    """The repository that a folder is in. Raises ToolError if there is none, or no git."""
    words = ("rev-parse", "--show-prefix", "--is-shallow-repository")
    done = _run(folder, words)
    if done.returncode:
        raise _failed(words, done, "run it in a clone of the repository")
    prefix, shallow = done.stdout.decode(errors="surrogateescape").split("\n")[:2]
    return Repository(folder, prefix, shallow == "true")


def _run(folder: Path, words: Iterable[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["git", *READ_ONLY, *words]
    try:
        return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False)  # noqa: S603 - no shell; names of refs follow --end-of-options
    except OSError as error:
        raise ToolError(f"cannot run git: {error.strerror}", hint="install git") from error


def _failed(words: Iterable[str], done: subprocess.CompletedProcess[bytes], hint: str = "") -> ToolError:
    said = done.stderr.decode(errors="replace").strip()
    return ToolError(f"git {next(iter(words))} failed", output=said, hint=hint)
