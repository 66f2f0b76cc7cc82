"""What writing promises: the folder holds the trees, and nobody's work is lost."""

import os
from pathlib import Path
from typing import Any

import pytest
from platformc.diagnostics import BugReport, Finding, Severity, ToolError
from platformc.rendered_folder import INDEX, folder_digest
from platformc.tree import (
    Difference,
    DifferenceKind,
    Outcome,
    Tree,
    Waiting,
    WriteReport,
    build,
    parse_index,
    stale,
    write,
)
from tree_samples import JOURNAL_FOLDER, NEW_TREES, OLD_TREES, Watched, config, path_of, snapshot, tree

OURS = path_of("production", "same")
CHANGED = path_of("production", "changed")
REMOVED = path_of("production", "removed")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A folder `rendered` with the old trees."""
    render(tmp_path / "rendered", OLD_TREES)
    return tmp_path / "rendered"


def render(output: Path, trees: tuple[Tree, ...], **rest: Any) -> WriteReport:
    """Render all environments."""
    options: dict[str, Any] = {"unsealed": frozenset(), "discard_edits": False, "all_environments": True, **rest}
    return write(output, trees, **options)


def differences(output: Path, trees: tuple[Tree, ...], *, all_environments: bool = True) -> dict[str, str]:
    """What `render --check` would say: kind by path."""
    found = stale(output, trees, unsealed=frozenset(), all_environments=all_environments).differences
    assert list(found) == sorted(found)
    return {difference.path: difference.kind.value for difference in found}


def rules(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    """What was found, where, how bad."""
    return [(finding.rule, finding.at.path, finding.severity.value) for finding in findings]


class TestWriting:
    """The ordinary run."""

    def test_folder_holds_the_trees(self, output: Path) -> None:
        """Every file of every tree is there, the index names them, and nothing else is left."""
        expected = {
            f"{t.environment}/{path}": file.content.decode() for t in OLD_TREES for path, file in t.files.items()
        }
        found = snapshot(output)
        index, findings = parse_index(found.pop(INDEX).encode(), INDEX)
        assert found == expected
        assert findings == ()
        assert {f"{name}/{path}" for name, owned in index.environments.items() for path in owned.files} == set(expected)
        assert index.environments["staging"].files["stoat/stoat/configmap-same.yaml"].owner == "Config stoat/same"

    def test_report(self, output: Path) -> None:
        """The report names what was written and deleted; environments that are no more go, folders included."""
        report = render(output, NEW_TREES)
        assert report == WriteReport(
            written=tuple(
                f"rendered/{path}"
                for path in (
                    path_of("development", "same"),
                    path_of("production", "more", "edge"),
                    path_of("production", "added"),
                    CHANGED,
                )
            ),
            deleted=tuple(
                f"rendered/{path}"
                for path in (
                    path_of("production", "left", "gone"),
                    REMOVED,
                    path_of("staging", "removed"),
                    path_of("staging", "same"),
                )
            ),
            unchanged=1,
            inventory=folder_digest(output) or "",
        )
        assert sorted(path.name for path in output.iterdir()) == [JOURNAL_FOLDER, "development", "production"]
        assert not (output / "production" / "gone").exists()

    def test_equal_bytes_are_not_rewritten(self, output: Path) -> None:
        """A second run changes nothing; a changed tree rewrites only what differs."""
        before = {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}
        inodes = {path: path.stat().st_ino for path in before}
        assert render(output, OLD_TREES) == WriteReport(unchanged=6, inventory=folder_digest(output) or "")
        assert {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()} == before
        render(output, NEW_TREES)
        assert (output / OURS).stat().st_ino == inodes[output / OURS]
        assert (output / OURS).stat().st_mtime_ns == before[output / OURS]

    def test_quiet_run_changes_nothing_on_disk(self, output: Path) -> None:
        """When nothing differs, only the two folders are made sure of."""
        seen: list[str] = []
        render(output, OLD_TREES, filesystem=Watched(lambda operation, _path: seen.append(operation)))
        assert seen == ["make_folder", "make_folder"]

    def test_one_environment_leaves_the_others_alone(self, output: Path) -> None:
        """Rendering one environment neither deletes nor forgets the others, edited or not."""
        (output / path_of("staging", "same")).write_text("edited")
        report = render(output, NEW_TREES[:1], all_environments=False)
        assert report.findings == ()
        assert (output / path_of("staging", "same")).read_text() == "edited"
        assert not (output / REMOVED).exists()
        index, _ = parse_index((output / INDEX).read_bytes(), INDEX)
        assert sorted(index.environments) == ["production", "staging"]

    def test_unsealed_is_remembered(self, output: Path) -> None:
        """The index marks an environment that lacks secrets, until it is rendered with them."""
        render(output, OLD_TREES, unsealed=frozenset({"staging"}))
        index, _ = parse_index((output / INDEX).read_bytes(), INDEX)
        assert [(name, entry.unsealed) for name, entry in index.environments.items()] == [
            ("production", False),
            ("staging", True),
        ]
        found = stale(output, OLD_TREES, unsealed=frozenset(), all_environments=True)
        assert found.differences == (Difference(f"rendered/{INDEX}", DifferenceKind.CHANGED),)
        render(output, OLD_TREES)
        assert differences(output, OLD_TREES) == {}

    def test_prefix(self, tmp_path: Path) -> None:
        """Paths are relative to the repository, wherever the folder stands in it."""
        report = render(tmp_path / "x", (tree("production", a="1"),), prefix="deploy/rendered")
        assert report.written == ("deploy/rendered/production/stoat/stoat/configmap-a.yaml",)

    def test_nothing_at_all(self, output: Path) -> None:
        """Rendering no environment removes all files of ours and all folders but our own."""
        render(output, ())
        assert list(snapshot(output)) == [INDEX]
        assert [path.name for path in output.iterdir()] == [JOURNAL_FOLDER]

    def test_many_files(self, tmp_path: Path) -> None:
        """A tree with more files than are synced one by one is written and removed as a small one is."""
        big = build("production", [config(f"c{number}", "x") for number in range(100)])
        assert len(render(tmp_path / "rendered", (big,)).written) == 100
        assert len(render(tmp_path / "rendered", ()).deleted) == 100

    def test_one_environment_twice(self, output: Path) -> None:
        """Two trees of one environment are a mistake of the caller."""
        with pytest.raises(BugReport, match="two trees were given for one environment"):
            render(output, (*OLD_TREES, tree("staging")))

    def test_output_is_a_file(self, tmp_path: Path) -> None:
        """What cannot work is a plain sentence."""
        (tmp_path / "rendered").write_text("")
        with pytest.raises(ToolError, match="Not a directory"):
            render(tmp_path / "rendered", OLD_TREES)


class TestEdited:
    """A person changed a file of ours."""

    @pytest.mark.parametrize("path", [CHANGED, REMOVED, OURS, path_of("staging", "same")])
    def test_edit_is_an_error(self, output: Path, path: str) -> None:
        """Whether the file would be rewritten, deleted or left: nothing is written, and the finding says where."""
        (output / path).write_text("edited")
        before = snapshot(output)
        report = render(output, NEW_TREES)
        assert rules(report.findings) == [("rendered-file-edited", f"rendered/{path}", "error")]
        assert report.findings[0].environment == path.partition("/")[0]
        assert (report.written, report.deleted) == ((), ())
        assert snapshot(output) == before

    def test_all_edits_are_found_at_once(self, output: Path) -> None:
        """Two edited files are two findings."""
        for path in (CHANGED, REMOVED):
            (output / path).write_text("edited")
        assert [finding.at.path for finding in render(output, NEW_TREES).findings] == [
            f"rendered/{CHANGED}",
            f"rendered/{REMOVED}",
        ]

    def test_edits_can_be_discarded(self, output: Path) -> None:
        """With the person's consent they are overwritten or deleted."""
        for path in (CHANGED, REMOVED, OURS):
            (output / path).write_text("edited")
        report = render(output, NEW_TREES, discard_edits=True)
        assert report.findings == ()
        assert "edited" not in snapshot(output).values()
        assert differences(output, NEW_TREES) == {}

    def test_edit_that_says_what_rendering_says(self, output: Path) -> None:
        """A file that already holds the new bytes is no edit, however it came about."""
        (output / CHANGED).write_bytes(NEW_TREES[0].files["stoat/stoat/configmap-changed.yaml"].content)
        report = render(output, NEW_TREES)
        assert report.findings == ()
        assert f"rendered/{CHANGED}" not in report.written

    def test_deleted_file_comes_back(self, output: Path) -> None:
        """Deleting a rendered file loses nothing that rendering does not know."""
        (output / OURS).unlink()
        (output / REMOVED).unlink()
        report = render(output, NEW_TREES)
        assert f"rendered/{OURS}" in report.written
        assert f"rendered/{REMOVED}" not in report.deleted
        assert differences(output, NEW_TREES) == {}

    def test_only_what_a_person_did_is_undone(self, output: Path) -> None:
        """Files come back though the index stays as it is."""
        before = snapshot(output)
        (output / OURS).unlink()
        (output / CHANGED).write_text("edited")
        report = render(output, OLD_TREES, discard_edits=True)
        assert report.written == (f"rendered/{CHANGED}", f"rendered/{OURS}")
        assert snapshot(output) == before


class TestForeign:
    """Something that is not ours."""

    @pytest.mark.parametrize(
        ("path", "where"),
        [
            ("README.md", "README.md"),
            ("production/notes.txt", "production/notes.txt"),
            ("production/stoat/stoat/by-hand.yaml", "production/stoat/stoat/by-hand.yaml"),
            ("production/mine/deep/down.yaml", "production/mine/"),
            ("preview/x.yaml", "preview/"),
        ],
    )
    def test_present(self, output: Path, path: str, where: str) -> None:
        """A foreign file is a warning and stays, also when everything around it goes."""
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text("mine")
        report = render(output, NEW_TREES)
        assert rules(report.findings) == [("rendered-file-foreign", f"rendered/{where}", "warning")]
        assert report.written
        render(output, ())
        assert snapshot(output)[path] == "mine"

    @pytest.mark.parametrize("discard_edits", [False, True])
    @pytest.mark.parametrize(
        "path",
        [
            path_of("production", "added"),
            path_of("production", "added") + "/folder",
            "production/edge",
            "development",
            path_of("production", "Added"),
            "Development/x",
        ],
    )
    def test_in_the_way(self, output: Path, path: str, *, discard_edits: bool) -> None:
        """A file or folder where ours must go is an error, also when names differ in case alone; it stays."""
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text("mine")
        before = snapshot(output)
        report = render(output, NEW_TREES, discard_edits=discard_edits)
        assert {(finding.rule, finding.severity) for finding in report.findings} == {
            ("rendered-file-foreign", Severity.ERROR)
        }
        assert snapshot(output) == before

    def test_lost_index(self, output: Path) -> None:
        """Without an index, files that are right already are taken over, and others are not ours to touch."""
        (output / INDEX).unlink()
        assert render(output, OLD_TREES) == WriteReport(unchanged=6, inventory=folder_digest(output) or "")
        assert differences(output, OLD_TREES) == {}
        (output / INDEX).unlink()
        assert ("rendered-file-foreign", f"rendered/{CHANGED}", "error") in rules(render(output, NEW_TREES).findings)

    def test_broken_index(self, output: Path) -> None:
        """A broken index is one finding; nothing is written, since nothing is known to be ours."""
        (output / INDEX).write_text("<<<<<<< HEAD")
        before = snapshot(output)
        assert rules(render(output, NEW_TREES).findings) == [("ownership-index-broken", f"rendered/{INDEX}", "error")]
        assert snapshot(output) == before

    def test_index_that_claims_other_files(self, output: Path, tmp_path: Path) -> None:
        """An index cannot make us delete what lies elsewhere."""
        (tmp_path / "precious.yaml").write_text("precious")
        text = (output / INDEX).read_text()
        (output / INDEX).write_text(text.replace("stoat/stoat/configmap-removed.yaml", "../../precious.yaml", 1))
        assert [finding.rule for finding in render(output, ()).findings] == ["ownership-index-broken"]
        assert (tmp_path / "precious.yaml").read_text() == "precious"

    def test_name_that_is_no_text(self, output: Path) -> None:
        """A file name that is not UTF-8 can be reported, and printed."""
        with open(os.fsencode(output / "production") + b"/\xff.yaml", "w", encoding="utf-8") as file:  # noqa: PTH123 - bytes
            file.write("mine")
        (finding,) = render(output, NEW_TREES).findings
        assert finding.at.path.encode() == "rendered/production/\ufffd.yaml".encode()

    def test_pipe(self, output: Path) -> None:
        """A named pipe in the place of a file blocks nobody."""
        (output / CHANGED).unlink()
        os.mkfifo(output / CHANGED)
        assert rules(render(output, NEW_TREES).findings) == [("rendered-file-foreign", f"rendered/{CHANGED}", "error")]


class TestSymlinks:
    """Nothing is ever written or deleted through a symlink."""

    @pytest.mark.parametrize(
        "path",
        [CHANGED, REMOVED, path_of("production", "added"), "production/stoat/extra", "production/edge", "staging2"],
    )
    def test_planted(self, output: Path, tmp_path: Path, path: str) -> None:
        """A symlink to a file or folder, in our way or beside it, is an error, and what it points to stays."""
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "precious").write_text("precious")
        for target in (elsewhere, elsewhere / "precious", elsewhere / "missing"):
            (output / path).unlink(missing_ok=True)
            (output / path).symlink_to(target)
            for trees in (NEW_TREES, ()):
                report = render(output, trees, discard_edits=True)
                assert ("rendered-symlink", f"rendered/{path}", "error") in rules(report.findings)
            assert f"rendered/{path}" in differences(output, NEW_TREES)
            assert snapshot(elsewhere) == {"precious": "precious"}

    @pytest.mark.parametrize("folder", ["production", "production/stoat", "production/stoat/stoat"])
    def test_folder_replaced_by_a_symlink(self, output: Path, tmp_path: Path, folder: str) -> None:
        """A folder of ours that became a symlink to a copy of itself is not walked into."""
        (output / folder).rename(tmp_path / "moved")
        (output / folder).symlink_to(tmp_path / "moved")
        before = snapshot(tmp_path / "moved")
        assert ("rendered-symlink", f"rendered/{folder}", "error") in rules(render(output, ()).findings)
        assert snapshot(tmp_path / "moved") == before

    @pytest.mark.parametrize("name", ["", "index.json", "lock", "staging", "journal.json"])
    def test_our_own_folder(self, output: Path, tmp_path: Path, name: str) -> None:
        """Neither the index, nor lock or journal, nor the folder that holds them may lead elsewhere."""
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        path = output / JOURNAL_FOLDER / name
        if path.exists():
            path.rename(tmp_path / "moved")
        path.symlink_to(elsewhere / "missing" if name == "lock" else elsewhere)
        shown = f"rendered/{JOURNAL_FOLDER}/{name}".rstrip("/")
        assert rules(render(output, NEW_TREES).findings) == [("rendered-symlink", shown, "error")]
        assert differences(output, NEW_TREES) == {shown: "extra"}
        assert list(elsewhere.iterdir()) == []

    def test_the_folder_itself(self, output: Path, tmp_path: Path) -> None:
        """A folder `rendered` that is a symlink is refused."""
        link = tmp_path / "link"
        link.symlink_to(output)
        before = snapshot(output)
        assert rules(render(link, NEW_TREES).findings) == [("rendered-symlink", "link", "error")]
        assert snapshot(output) == before


class TestStale:
    """Comparing without writing."""

    def test_differences(self, output: Path) -> None:
        """Missing, changed and extra files are told apart, and nothing is touched."""
        before = snapshot(output)
        (output / "production" / "foreign.yaml").write_text("mine")
        assert differences(output, NEW_TREES) == {
            f"rendered/{INDEX}": "changed",
            f"rendered/{path_of('development', 'same')}": "missing",
            f"rendered/{path_of('production', 'more', 'edge')}": "missing",
            "rendered/production/foreign.yaml": "extra",
            f"rendered/{path_of('production', 'left', 'gone')}": "extra",
            f"rendered/{path_of('production', 'added')}": "missing",
            f"rendered/{CHANGED}": "changed",
            f"rendered/{REMOVED}": "extra",
            f"rendered/{path_of('staging', 'removed')}": "extra",
            f"rendered/{path_of('staging', 'same')}": "extra",
        }
        (output / "production" / "foreign.yaml").unlink()
        assert snapshot(output) == before

    def test_agrees_with_write(self, output: Path) -> None:
        """After a write there are none, for one environment or for all."""
        render(output, NEW_TREES)
        assert differences(output, NEW_TREES) == {}
        assert differences(output, NEW_TREES[:1], all_environments=False) == {}

    def test_no_folder_yet(self, tmp_path: Path) -> None:
        """Before the first render everything is missing, and looking makes nothing."""
        assert set(differences(tmp_path / "rendered", OLD_TREES).values()) == {"missing"}
        assert list(tmp_path.iterdir()) == []

    def test_edited_file_is_changed(self, output: Path) -> None:
        """An edit by hand counts, although the index knows nothing of it."""
        (output / OURS).write_text("edited")
        assert differences(output, OLD_TREES) == {f"rendered/{OURS}": "changed"}


class TestLock:
    """One writer at a time."""

    def test_left_by_a_dead_process(self, output: Path) -> None:
        """A lock file alone means nothing: the kernel knows who holds it. It is tidied away."""
        (output / JOURNAL_FOLDER / "lock").write_text('{"pid": 1, "host": "h", "start": "s"}')
        report = render(output, NEW_TREES, waiting=Waiting(0.0))
        assert report.recovered is Outcome.NOTHING
        assert sorted(path.name for path in (output / JOURNAL_FOLDER).iterdir()) == ["index.json"]
