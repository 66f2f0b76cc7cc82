"""Cases: a folder with spec files, a command, and what a user then sees.

A case is `tests/cases/<family>/<name>/`. Its files are laid over a copy of `tests/cases/base/`; a
file `X.delete` removes X instead. Three files are no part of the copy: `command` (one line, without
the program's name), `output` (stdout and stderr as a person sees them) and `exit` (the code).

`python -m tests.cases_runner [WORD...]` writes `output` and `exit` of all cases, or of those whose
names hold one of the words; its diff is to be read like code.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases"
BASE = CASES / "base"
EXPECTATIONS = ("command", "output", "exit")
REMOVES = ".delete"
FINDING = re.compile(r"^(?:error|warning|note)\[([a-z-]+)\]: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did: all that it wrote, and its exit code."""

    output: str
    exit: int

    @property
    def rules(self) -> frozenset[str]:
        """The rules of the findings that it wrote."""
        return frozenset(FINDING.findall(self.output))


def case_folders() -> tuple[Path, ...]:
    """Every case, sorted by family and name."""
    return tuple(sorted(path.parent for path in CASES.glob("*/*/command")))


def expected(case: Path) -> Result:
    """What the case's own files say."""
    return Result((case / "output").read_text(encoding="utf-8"), int((case / "exit").read_text(encoding="utf-8")))


def run_case(case: Path, folder: Path) -> Result:
    """Run the case's command on the base with the case laid over it, copied into `folder`."""
    repository = folder / "repository"
    shutil.copytree(BASE, repository)
    for path in sorted(case.rglob("*")):
        name = path.relative_to(case)
        if path.is_dir() or str(name) in EXPECTATIONS:
            continue
        if name.suffix == REMOVES:
            (repository / name.with_suffix("")).unlink()
        else:
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, repository / name, follow_symlinks=False)
    words = shlex.split((case / "command").read_text(encoding="utf-8"))
    return run(["--specs", str(repository / "specs"), "--no-color", *words], folder)


def run(words: list[str], folder: Path) -> Result:
    """Run a command line in this process, as on a pipe of 120 columns; caches go below `folder`."""
    from platformc.cli import main  # noqa: PLC0415 - a fresh import shows its errors inside of the case

    written = io.StringIO()
    variables = {"PATH": os.environ.get("PATH", ""), "COLUMNS": "120", "PLATFORMC_CACHE": str(folder / "cache")}
    try:
        with _environment(variables), contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            code = main(words)
    finally:
        gc.enable()  # the command switches it off, as a process of its own would end now
    return Result(written.getvalue(), code)


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def rewrite(words: list[str]) -> int:
    """Write the expectations of the cases whose names hold one of the words; returns how many changed."""
    changed = 0
    for case in case_folders():
        name = case.relative_to(CASES).as_posix()
        if words and not any(word in name for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            result = run_case(case, Path(folder))
        for file, text in (("output", result.output), ("exit", f"{result.exit}\n")):
            path = case / file
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                changed += 1
    return changed


if __name__ == "__main__":
    sys.stdout.write(f"{rewrite(sys.argv[1:])} files changed\n")
