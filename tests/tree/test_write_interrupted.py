"""What a write promises when it is stopped, hindered or raced: the folder is wholly old or wholly new."""

import errno
import json
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from interrupted_writes import EDIT, EDITED
from platformc.diagnostics import ToolError
from platformc.disk import Disk, FileSystem
from platformc.tree import Outcome, Tree, Waiting, WriteReport, recover, write
from tree_samples import JOURNAL_FOLDER, NEW_TREES, OLD_TREES, Watched, path_of, snapshot

pytestmark = pytest.mark.slow  # a process for each step at which one can die

PROGRAM = Path(__file__).with_name("interrupted_writes.py")


def render(output: Path, trees: tuple[Tree, ...], filesystem: FileSystem | None = None, **rest: Any) -> WriteReport:
    """Render all environments."""
    options: dict[str, Any] = {"unsealed": frozenset(), "discard_edits": False, "all_environments": True, **rest}
    return write(output, trees, filesystem=filesystem, **options)


def run(mode: str, folder: Path) -> list[dict[str, Any]]:
    """Run the killing program and read what it says."""
    command: list[str | Path] = [sys.executable, PROGRAM, mode, folder]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the old trees in `old` and the new ones in `new`, as they should be."""
    render(tmp_path / "old", OLD_TREES)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    render(tmp_path / "new", NEW_TREES)
    return tmp_path


class TestKilled:
    """A process that dies."""

    @pytest.mark.parametrize("mode", ["kill", "recover"])
    def test_wholly_old_or_wholly_new(self, folder: Path, mode: str) -> None:
        """Whatever the step, recovery leaves one of the two trees and nothing of its own work."""
        old, new = snapshot(folder / "old"), snapshot(folder / "new")
        runs = run(mode, folder)
        assert len(runs) > 25
        assert [entry["killed"] for entry in runs] == [True] * (len(runs) - 1) + [False]
        assert [entry["step"] for entry in runs if entry["files"] not in (old, new)] == []
        assert [entry["findings"] for entry in runs if entry["findings"]] == []
        turned = [entry["files"] == new for entry in runs]
        assert turned == sorted(turned), "once a run is committed, it is finished"
        assert turned[0] is False
        assert turned[-1] is True

    def test_files_that_come_back(self, folder: Path) -> None:
        """The same where the index stays as it is, since only what a person deleted is put back."""
        shutil.rmtree(folder / "old")
        shutil.copytree(folder / "new", folder / "old")
        for name in ("same", "changed"):
            (folder / "old" / path_of("production", name)).unlink()
        old, new = snapshot(folder / "old"), snapshot(folder / "new")
        runs = run("kill", folder)
        assert [entry["step"] for entry in runs if entry["files"] not in (old, new)] == []
        turned = [entry["files"] == new for entry in runs]
        assert turned == sorted(turned)
        assert (turned[0], turned[-1]) == (False, True)

    def test_an_edit_in_the_middle_survives(self, folder: Path) -> None:
        """A person's bytes are there after every kill, and the rest is wholly old or wholly new."""
        old, new = snapshot(folder / "old"), snapshot(folder / "new")
        edited = {**old, EDITED: EDIT}
        edited_new = {**new, EDITED: EDIT}
        runs = run("edit", folder)
        assert [entry["step"] for entry in runs if entry["files"] not in (old, new, edited, edited_new)] == []
        assert runs[-1]["files"] == edited
        first = next(number for number, entry in enumerate(runs) if EDIT in entry["files"].values())
        assert all(entry["files"].get(EDITED) == EDIT for entry in runs[first:])

    def test_order_on_the_disk(self, folder: Path) -> None:
        """New bytes and record are synced before the first file moves, all files before the index, the index before the end."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)
        seen: list[tuple[str, str]] = []
        render(output, NEW_TREES, Watched(lambda operation, path: seen.append((operation, Path(path).name))))
        milestones = [
            ("create", "0.new"),
            ("flush", "0.new"),
            ("move", "journal.json"),
            ("flush", JOURNAL_FOLDER),
            ("place", Path(path_of("development", "same")).name),
            ("flush", "rendered"),
            ("move", "index.json"),
            ("flush", JOURNAL_FOLDER),
            ("remove", "journal.json"),
            ("flush", JOURNAL_FOLDER),
            ("remove", "0.new"),
        ]
        rest = iter(seen)
        assert [milestone for milestone in milestones if milestone not in rest] == []

    def test_the_next_write_recovers_by_itself(self, folder: Path) -> None:
        """Nobody needs to know about recovery: rendering does it first, and says so."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)

        def stop(operation: str, path: str) -> None:
            if operation == "place" and path.endswith(path_of("production", "changed")):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            render(output, NEW_TREES, Watched(stop))
        assert (output / JOURNAL_FOLDER / "journal.json").exists()
        report = render(output, NEW_TREES)
        assert (report.recovered, report.written, report.deleted) == (Outcome.FINISHED, (), ())
        assert snapshot(output) == snapshot(folder / "new")


class TestRefused:
    """A file system that does not want to."""

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
    @pytest.mark.parametrize("lasting", [False, True], ids=["once", "from-then-on"])
    def test_every_step_may_fail(self, folder: Path, code: int, *, lasting: bool) -> None:
        """An error at any step is said, and the tree is wholly old or wholly new, at once or after recovery."""
        old, new = snapshot(folder / "old"), snapshot(folder / "new")
        output = folder / "rendered"
        for step in count(1):
            shutil.rmtree(output, ignore_errors=True)
            shutil.copytree(folder / "old", output)
            steps = count(1)

            def fail(_operation: str, path: str, step: int = step, steps: "count[int]" = steps) -> None:
                number = next(steps)
                if number == step or (lasting and number > step):
                    raise OSError(code, os.strerror(code), path)

            try:
                render(output, NEW_TREES, Watched(fail))
            except ToolError as error:
                assert os.strerror(code) in error.message  # noqa: PT017 - most steps raise, the last does not
                if error.hint == "nothing was written":
                    assert snapshot(output) == old
            else:
                assert snapshot(output) == new
                break
            recover(output)
            assert snapshot(output) in (old, new), f"step {step}"
        assert step > 25

    def test_files_that_cannot_grow(self, folder: Path) -> None:
        """A real refusal by the kernel while new bytes are staged changes nothing."""
        (answer,) = run("small", folder)
        assert "File too large" in answer["message"]
        assert answer["hint"] == "nothing was written"
        assert snapshot(folder / "rendered") == snapshot(folder / "old")

    def test_folder_that_may_only_be_read(self, folder: Path) -> None:
        """Missing permission is a plain sentence, and changes nothing."""
        (answer,) = run("nobody", folder)
        assert "Permission denied" in answer["message"]
        assert snapshot(folder / "rendered") == snapshot(folder / "old")

    def test_file_system_without_hard_links(self, folder: Path) -> None:
        """Where the kernel refuses links, renames do the work and the result is the same."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)

        def refuse(*_arguments: object, **_options: object) -> None:
            raise OSError(errno.EPERM, "links are not to be had")

        render(output, NEW_TREES, Disk(link=refuse))
        assert snapshot(output) == snapshot(folder / "new")


class TestRaced:
    """Somebody else is at work."""

    def test_second_render_waits_and_then_gives_up(self, folder: Path) -> None:
        """It says whom it waits for; in vain, it names the process, and it goes on as soon as it may."""
        command: list[str | Path] = [sys.executable, PROGRAM, "hold", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            pid = json.loads(holder.stdout.readline())["pid"]
            output = folder / "rendered"
            with pytest.raises(ToolError, match=rf"process {pid} on .+, since 20\d\d-"):
                render(output, NEW_TREES, waiting=Waiting(0.0))

            told: list[str] = []
            release = holder.stdin.close

            def tell(message: str) -> None:
                told.append(message)
                release()

            report = render(output, NEW_TREES, waiting=Waiting(60.0, tell))
            assert len(told) == 1
            assert f"process {pid} " in told[0]
            assert (report.written, report.findings) == ((), ())
            assert json.loads(holder.stdout.readline())["written"]
        assert snapshot(output) == snapshot(folder / "new")

    def test_many_renders_at_once(self, folder: Path) -> None:
        """Processes that render different trees into one folder leave the whole of one of them."""
        command: list[str | Path] = [sys.executable, PROGRAM, "race", folder]
        shutil.copytree(folder / "old", folder / "rendered")
        racers = [subprocess.Popen([*command, which], text=True) for which in ("old", "new") * 2]
        assert [racer.wait(timeout=60) for racer in racers] == [0, 0, 0, 0]
        assert snapshot(folder / "rendered") in (snapshot(folder / "old"), snapshot(folder / "new"))

    @pytest.mark.parametrize("name", ["changed", "removed"])
    def test_edit_after_the_look(self, folder: Path, name: str) -> None:
        """An edit between the check and the rename makes the whole run undo itself, and becomes a finding."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)
        path = path_of("production", name)

        def edit(operation: str, target: str) -> None:
            if operation == "move" and target.endswith("journal.json"):
                (output / path).write_text(EDIT)

        report = render(output, NEW_TREES, Watched(edit))
        assert [(finding.rule, finding.at.path) for finding in report.findings] == [
            ("rendered-file-edited", f"rendered/{path}")
        ]
        assert snapshot(output) == {**snapshot(folder / "old"), path: EDIT}

    def test_edit_at_the_last_moment(self, folder: Path) -> None:
        """Even an edit between the last look and the move is taken along and put back."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)
        path = path_of("production", "changed")

        def edit(operation: str, target: str) -> None:
            if operation == "take" and target.endswith(path):
                (output / path).write_text(EDIT)

        report = render(output, NEW_TREES, Watched(edit))
        assert {finding.rule for finding in report.findings} == {"rendered-file-edited"}
        assert snapshot(output) == {**snapshot(folder / "old"), path: EDIT}

    def test_edit_while_undoing(self, folder: Path) -> None:
        """A new file that is edited just before it is taken back stays as the person wrote it."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)
        conflict, path = path_of("production", "removed"), path_of("production", "changed")

        def edit(operation: str, target: str) -> None:
            if operation == "move" and target.endswith("journal.json"):
                (output / conflict).write_text(EDIT)
            if operation == "take" and target.endswith(path) and (output / JOURNAL_FOLDER / "undo.json").exists():
                (output / path).write_text("edited too\n")

        report = render(output, NEW_TREES, Watched(edit))
        assert {finding.at.path for finding in report.findings} == {f"rendered/{path}", f"rendered/{conflict}"}
        assert snapshot(output) == {**snapshot(folder / "old"), conflict: EDIT, path: "edited too\n"}

    def test_file_created_at_the_last_moment(self, folder: Path) -> None:
        """A file that appears where a new one must go is never overwritten."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)
        path = path_of("production", "added")

        def plant(operation: str, target: str) -> None:
            if operation == "place" and target.endswith(path):
                (output / path).write_text(EDIT)

        report = render(output, NEW_TREES, Watched(plant))
        assert [(finding.rule, finding.at.path) for finding in report.findings] == [
            ("rendered-file-foreign", f"rendered/{path}")
        ]
        assert snapshot(output) == {**snapshot(folder / "old"), path: EDIT}

    def test_symlink_planted_meanwhile(self, folder: Path) -> None:
        """A folder that turns into a symlink during the write leads no byte elsewhere."""
        output, elsewhere = folder / "rendered", folder / "elsewhere"
        shutil.copytree(folder / "old", output)
        elsewhere.mkdir()

        def plant(operation: str, target: str) -> None:
            if operation == "move" and target.endswith("journal.json"):
                (output / "development").symlink_to(elsewhere)

        report = render(output, NEW_TREES, Watched(plant))
        assert {finding.rule for finding in report.findings} == {"rendered-symlink"}
        assert list(elsewhere.iterdir()) == []
        (output / "development").unlink()
        assert snapshot(output) == snapshot(folder / "old")

    def test_edit_that_comes_and_goes(self, folder: Path) -> None:
        """A conflict that is gone when we look again is still said, and nothing was written."""
        output = folder / "rendered"
        shutil.copytree(folder / "old", output)
        path = output / path_of("production", "changed")
        original = path.read_text()

        def flicker(operation: str, target: str) -> None:
            if operation == "move" and target.endswith("journal.json"):
                path.write_text(EDIT)
            if operation == "move" and target.endswith("undo.json"):
                path.write_text(original)

        with pytest.raises(ToolError, match="keep changing; nothing was written"):
            render(output, NEW_TREES, Watched(flicker))
        assert snapshot(output) == snapshot(folder / "old")


class TestHostileJournal:
    """What stands in rendered/.platformc/ may come out of anybody's commit."""

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "[" * 100_000,
            '{"version": 1}',
            '{"version": 2, "index": "%(digest)s", "changes": []}',
            '{"version": 1, "index": "x", "changes": []}',
            '{"version": 1, "index": "%(digest)s", "changes": [["../outside.yaml", null, null]]}',
            '{"version": 1, "index": "%(digest)s", "changes": [["a/../../outside.yaml", null, null]]}',
            '{"version": 1, "index": "%(digest)s", "changes": [["production/stoat/stoat/x.yaml", "no", null]]}',
            '{"version": 1, "index": "%(digest)s", "changes": [["production/stoat/stoat/x.yaml", 1, null]]}',
            '{"version": 1, "version": 1, "index": "%(digest)s", "changes": []}',
        ],
    )
    @pytest.mark.parametrize("name", ["journal.json", "undo.json"])
    def test_broken_journal(self, folder: Path, text: str, name: str) -> None:
        """A journal that we cannot have written is a finding, and nothing is touched."""
        output = folder / "old"
        (output / JOURNAL_FOLDER / name).write_text(text.replace("%(digest)s", "0" * 64))
        before = snapshot(output)
        report = render(output, NEW_TREES)
        assert [finding.rule for finding in report.findings] == ["render-journal-broken"]
        assert recover(output) == (Outcome.NOTHING, report.findings)
        assert snapshot(output) == before

    def test_journal_without_its_bytes(self, folder: Path) -> None:
        """A commit record whose staged files are missing or others is undone, not believed."""
        output = folder / "old"
        before = snapshot(output)
        path = path_of("production", "same")
        record = {"version": 1, "index": "0" * 64, "changes": [[path, None, "1" * 64]]}
        (output / JOURNAL_FOLDER / "journal.json").write_text(json.dumps(record))
        (output / JOURNAL_FOLDER / "staging").mkdir()
        (output / JOURNAL_FOLDER / "staging" / "0.new").write_text("planted")
        assert recover(output) == (Outcome.UNDONE, ())
        assert snapshot(output) == before

    def test_nothing_to_recover(self, tmp_path: Path) -> None:
        """Without a folder, or after a clean run, recovery does nothing and makes nothing."""
        assert recover(tmp_path / "rendered") == (Outcome.NOTHING, ())
        assert list(tmp_path.iterdir()) == []
