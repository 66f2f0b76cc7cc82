"""A program that kills writes: run by test_write_interrupted.py, which reads the JSON lines it prints.

interrupted_writes.py kill FOLDER     for each N: a process that dies at its Nth operation, then recovery
interrupted_writes.py edit FOLDER     the same, while a person edits a file in the middle of the write
interrupted_writes.py recover FOLDER  for each N: killed at N; recovery killed as well; recovery
interrupted_writes.py hold FOLDER     one write that stops in the middle until its stdin ends
interrupted_writes.py small FOLDER    one write that may not make files of more than a few bytes
interrupted_writes.py race FOLDER old|new  ten writes of these trees
interrupted_writes.py nobody FOLDER   one write into a folder that may be read only
"""

import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from platformc.diagnostics import ToolError
from platformc.disk import Disk, FileSystem
from platformc.tree import WriteReport, recover, write
from tree_samples import NEW_TREES, OLD_TREES, Watched, path_of, snapshot

KILLED = 9
EDITED = path_of("production", "removed")
EDIT = "edited by a person\n"


def render(output: Path, filesystem: FileSystem) -> WriteReport:
    """One render of the new trees."""
    return write(
        output, NEW_TREES, unsealed=frozenset(), discard_edits=False, all_environments=True, filesystem=filesystem
    )


def dying_at(step: int, also: Callable[[str, str], None] = lambda _operation, _path: None) -> FileSystem:
    """A file system whose process dies before its operation number `step`; a file being made is left torn."""
    steps = count(1)

    def before(operation: str, path: str) -> None:
        also(operation, path)
        if next(steps) == step:
            if operation == "create":
                Path(path).write_text("torn")
            os._exit(KILLED)

    return Watched(before)


def in_child(action: Callable[..., object], *arguments: object) -> bool:
    """Run in a process of its own; whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            action(*arguments)
        except BaseException as error:  # noqa: BLE001 - a child must never go on as its parent
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in {0, KILLED}:
        raise SystemExit(f"a child ended with {code}")
    return code == KILLED


def say(**fields: object) -> None:
    """One line for the test."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def fresh(folder: Path) -> Path:
    """A folder with the old trees."""
    output = folder / "rendered"
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(folder / "old", output)
    return output


def kill(folder: Path, *, edit: bool) -> None:
    """Die at every step in turn, until a run needs no more steps."""
    for step in count(1):
        output = fresh(folder)

        def edits(operation: str, path: str, output: Path = output) -> None:
            if edit and operation == "place" and path.endswith(path_of("production", "added")):
                (output / EDITED).write_text(EDIT)

        killed = in_child(render, output, dying_at(step, edits))
        outcome, findings = recover(output)
        say(step=step, killed=killed, outcome=outcome, findings=len(findings), files=snapshot(output))
        if not killed:
            return


def kill_recovery(folder: Path) -> None:
    """Die at every step, die again while recovering, then recover."""
    for step in count(1):
        output = fresh(folder)
        killed = in_child(render, output, dying_at(step))
        for again in (1, 2 + step % 5, 1 + step % 3):
            in_child(partial(recover, output, filesystem=dying_at(again)))
        outcome, findings = recover(output)
        say(step=step, killed=killed, outcome=outcome, findings=len(findings), files=snapshot(output))
        if not killed:
            return


def hold(folder: Path) -> None:
    """Stop in the middle of a write until told to go on."""

    def before(operation: str, path: str) -> None:
        if operation == "place" and path.endswith(path_of("production", "added")):
            say(pid=os.getpid())
            sys.stdin.read()

    report = render(folder / "rendered", Watched(before))
    say(written=report.written)


def race(output: Path, which: str) -> None:
    """Render the same trees again and again, against others that render theirs."""
    trees = OLD_TREES if which == "old" else NEW_TREES
    for _ in range(10):
        write(output, trees, unsealed=frozenset(), discard_edits=False, all_environments=True)


def refused() -> None:
    """A write that the file system refuses; say why, and what is left."""
    try:
        render(Path("rendered"), Disk())
    except ToolError as error:
        say(message=error.message, hint=error.hint)
    else:
        say(message="", hint="")


def main(mode: str, folder: Path) -> None:
    """Do what the first lines of this file say."""
    os.chdir(folder)
    if mode == "race":
        race(folder / "rendered", sys.argv[3])
        return
    if not (folder / "old").exists():
        write(folder / "old", OLD_TREES, unsealed=frozenset(), discard_edits=False, all_environments=True)
    output = fresh(folder)
    if mode == "small":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
        refused()
    elif mode == "nobody":
        for path in (output, *output.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        folder.chmod(0o755)
        if os.geteuid() == 0:
            os.setuid(65534)
        refused()
    elif mode == "hold":
        hold(folder)
    elif mode == "recover":
        kill_recovery(folder)
    else:
        kill(folder, edit=mode == "edit")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
