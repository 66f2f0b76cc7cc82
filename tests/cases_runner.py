"""Cases: spec files, a command, and what a user then sees.

A case is one file, `tests/cases/<family>/<name>.txtar` (see txtar), or a folder without that ending where
it has bytes that no such file holds. Its files are laid over a copy of `tests/cases/base/`; a file
`X.delete` removes X instead. Three files are no part of the copy: `command` (one line, without the
program's name; `check --no-validate` where there is none), `output` (stdout and stderr as a person sees
them) and `exit` (the code; 1 where there is none).

`make cases` writes `output` and `exit` of all cases, `make cases CASES="WORD..."` of those whose names
hold one of the words; all else stays as it is. Its diff is to be read like code.
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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import txtar

CASES = Path(__file__).parent / "cases"
BASE = CASES / "base"
ENDING = ".txtar"
COMMAND, OUTPUT, EXIT = "command", "output", "exit"
EXPECTATIONS = {COMMAND, OUTPUT, EXIT}
USUAL_COMMAND = "check --no-validate"
USUAL_EXIT = 1
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


def all_cases() -> tuple[Path, ...]:
    """Every case, sorted by family and name: all that lies in a family's folder is one."""
    return tuple(sorted(path for path in CASES.glob("*/*") if path.parent != BASE))


def name_of(case: Path) -> str:
    """Family and name of a case: `references/unknown-reference`."""
    return f"{case.parent.name}/{case.name.removesuffix(ENDING)}"


def expected(case: Path) -> Result:
    """What the case says; KeyError where it does not say yet."""
    files = _files(case)
    return Result(_text(files[OUTPUT]), int(_text(files[EXIT]) if EXIT in files else USUAL_EXIT))


def run_case(case: Path, folder: Path) -> Result:
    """Run the case's command on the base with the case laid over it, copied into `folder`."""
    repository = folder / "repository"
    shutil.copytree(BASE, repository)
    files = _files(case)
    for name, content in files.items():
        if name not in EXPECTATIONS:
            _lay(content, repository / name)
    words = shlex.split(_text(files[COMMAND]) if COMMAND in files else USUAL_COMMAND)
    return run(["--specs", str(repository / "specs"), "--no-color", *words], folder)


def _files(case: Path) -> dict[str, str | Path]:
    """All files of a case by their paths in it: as text, or as the file that is to be copied."""
    if case.is_dir():
        paths = (path for path in sorted(case.rglob("*")) if path.is_symlink() or not path.is_dir())
        return {path.relative_to(case).as_posix(): path for path in paths}
    return dict(_archive(case).files)


def _archive(case: Path) -> txtar.Archive:
    return txtar.parse(case.read_bytes().decode())


def _text(content: str | Path) -> str:
    return content.read_bytes().decode() if isinstance(content, Path) else content


def _lay(content: str | Path, target: Path) -> None:
    if target.suffix == REMOVES:
        target.with_suffix("").unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, target, follow_symlinks=False)
    else:
        target.write_bytes(content.encode())


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


def rewrite(case: Path) -> bool:
    """Write what a case expects, and nothing else of it; returns whether that was another thing before."""
    with tempfile.TemporaryDirectory() as folder:
        result = run_case(case, Path(folder))
    texts = {OUTPUT: result.output} | ({} if result.exit == USUAL_EXIT else {EXIT: f"{result.exit}\n"})
    before = {name: _text(content) for name, content in _files(case).items() if name in {OUTPUT, EXIT}}
    if texts != before:
        (_rewrite_folder if case.is_dir() else _rewrite_archive)(case, texts)
    return texts != before


def _rewrite_folder(case: Path, texts: Mapping[str, str]) -> None:
    (case / EXIT).unlink(missing_ok=True)
    for name, text in texts.items():
        (case / name).write_bytes(text.encode())


def _rewrite_archive(case: Path, texts: Mapping[str, str]) -> None:
    archive = _archive(case)
    kept = {name: text for name, text in archive.files.items() if name != EXIT or EXIT in texts}
    try:
        written = txtar.unparse(txtar.Archive(archive.comment, {**kept, **texts}))
    except txtar.NotHeldError as error:
        raise SystemExit(f"{name_of(case)}: {error}; write this case as a folder") from None
    case.write_bytes(written.encode())


def main(words: list[str]) -> None:
    """Write the expectations of all cases, or of those whose names hold one of the words."""
    cases = [case for case in all_cases() if not words or any(word in name_of(case) for word in words)]
    sys.stdout.write(f"{sum(map(rewrite, cases))} of {len(cases)} cases changed\n")


if __name__ == "__main__":
    main(sys.argv[1:])
