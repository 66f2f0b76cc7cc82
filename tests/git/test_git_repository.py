"""Questions to git: answered from objects, in whatever state a clone is; nothing is run, fetched or written."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from platformc.diagnostics import ToolError, UsageError
from platformc.git import EntryType, Repository, open_repository
from platformc.language import CommittedFolder

LARGE = 1 << 20


def git(folder: Path, *words: str) -> str:
    """Run git as its user would, without the settings of this machine."""
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    settings += ["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path, message: str, **files: str) -> str:
    """Commit files, whose names have `__` for `/`, and return the commit's id."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A repository with three commits on main."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init")
    for number in range(3):
        commit(folder, f"{number}", specs__a=f"{number}\n")
    return folder


@pytest.fixture
def clone(upstream: Path, tmp_path: Path) -> Path:
    """A clone with a commit of its own on a branch."""
    git(tmp_path, "clone", str(upstream), "clone")
    folder = tmp_path / "clone"
    git(folder, "switch", "-c", "change")
    commit(folder, "change", specs__b="b\n")
    return folder


class TestCommits:
    """Refs, parents and merge bases."""

    def test_a_ref_is_a_commit(self, upstream: Path) -> None:
        """Branches, ids and expressions."""
        repository = open_repository(upstream)
        head = git(upstream, "rev-parse", "HEAD")
        assert repository.commit("main") == repository.commit(head[:12]) == repository.commit("HEAD") == head
        assert repository.parents(head) == (repository.commit("HEAD^1"),)

    @pytest.mark.parametrize("ref", ["nowhere", "--upload-pack=touch x", "", "HEAD:specs", "HEAD^7"])
    def test_what_is_no_commit_is_an_error(self, upstream: Path, ref: str) -> None:
        """Also where it looks like an option."""
        with pytest.raises(UsageError):
            open_repository(upstream).commit(ref)

    def test_the_merge_base_is_where_a_branch_began(self, upstream: Path, clone: Path) -> None:
        """Not the tip of a branch that moved on."""
        began = git(upstream, "rev-parse", "HEAD")
        commit(upstream, "later", specs__a="later\n")
        git(clone, "fetch")
        repository = open_repository(clone)
        assert repository.default_branch() == "origin/main"
        assert repository.merge_base("HEAD", "origin/main") == began

    def test_without_a_remote_the_base_must_be_named(self, upstream: Path) -> None:
        """A guess would compare with something else."""
        with pytest.raises(UsageError, match="default branch"):
            open_repository(upstream).default_branch()

    def test_branches_without_a_common_commit(self, upstream: Path) -> None:
        """Two histories."""
        git(upstream, "switch", "--orphan", "other")
        commit(upstream, "other", specs__c="c")
        with pytest.raises(UsageError, match="no commit in common"):
            open_repository(upstream).merge_base("main", "other")

    def test_no_repository_is_an_error(self, tmp_path: Path) -> None:
        """With git's own words."""
        with pytest.raises(ToolError):
            open_repository(tmp_path)


class TestShallowClones:
    """A history that was cut is never mistaken for one that ends."""

    def shallow(self, upstream: Path, depth: int) -> Repository:
        """A clone of a branch that main has moved on from, with so many commits of each."""
        git(upstream, "switch", "-c", "change", "HEAD~1")
        commit(upstream, "change", specs__b="b")
        folder = upstream.parent / f"depth-{depth}"
        git(upstream.parent, "clone", "--depth", str(depth), "--no-single-branch", upstream.as_uri(), folder.name)
        return open_repository(folder)

    def test_before_the_merge_base(self, upstream: Path) -> None:
        """The message says what to fetch."""
        with pytest.raises(ToolError, match="shallow") as raised:
            self.shallow(upstream, 1).merge_base("origin/change", "origin/main")
        assert raised.value.hint.endswith("git fetch --unshallow")

    def test_after_the_merge_base(self, upstream: Path) -> None:
        """What is there is enough."""
        repository = self.shallow(upstream, 2)
        assert repository.merge_base("origin/change", "origin/main") == git(upstream, "rev-parse", "main~1")

    def test_a_parent_that_was_not_fetched(self, upstream: Path) -> None:
        """`HEAD^1` of CI's clone of depth 1."""
        repository = self.shallow(upstream, 1)
        with pytest.raises(ToolError, match="shallow"):
            repository.commit("HEAD^1")
        assert repository.parents(repository.commit("HEAD")) == (git(upstream, "rev-parse", "change~1"),)


class TestFiles:
    """What a commit holds."""

    def test_files_are_read_as_they_were_committed(self, upstream: Path) -> None:
        """Neither filters nor export-ignore change a byte, and nothing of the working tree is looked at."""
        identity = commit(
            upstream,
            "all",
            **{".gitattributes": "* text eol=crlf filter=evil export-ignore ident\n", "specs__x.yaml": "$Id$\n"},
        )
        git(upstream, "config", "filter.evil.smudge", "touch smudged")
        (upstream / "specs/x.yaml").write_text("changed\n", encoding="utf-8")
        found = open_repository(upstream).files(identity, "specs", LARGE)
        assert found["x.yaml"].content == b"$Id$\n"
        assert not (upstream / "smudged").exists()

    def test_a_folder_below_the_top_is_its_own_root(self, tmp_path: Path) -> None:
        """A platform in a monorepo."""
        git(tmp_path, "init")
        identity = commit(tmp_path, "all", team__platform__specs__a="a", specs__b="b")
        assert list(open_repository(tmp_path / "team/platform").files(identity, "specs", LARGE)) == ["a"]

    def test_no_such_folder_is_empty(self, upstream: Path) -> None:
        """A file in its place is no folder either."""
        repository = open_repository(upstream)
        assert repository.files(repository.commit("HEAD"), "nowhere", LARGE) == {}
        assert repository.files(repository.commit("HEAD"), "specs/a", LARGE) == {}

    def test_large_files_are_not_read(self, upstream: Path) -> None:
        """Only their size is known."""
        identity = commit(upstream, "large", specs__large="x" * 5000)
        entry = open_repository(upstream).files(identity, "specs", 4999)["large"]
        assert (entry.size, entry.content) == (5000, b"")

    def test_links_are_told_from_files(self, upstream: Path) -> None:
        """They are not followed."""
        (upstream / "specs/link.yaml").symlink_to("/etc/passwd")
        (upstream / "specs/run").write_text("x", encoding="utf-8")
        (upstream / "specs/run").chmod(stat.S_IRWXU)
        found = open_repository(upstream).files(commit(upstream, "link"), "specs", LARGE)
        assert found["link.yaml"].type is EntryType.LINK
        assert found["link.yaml"].content == b"/etc/passwd"
        assert found["run"].type is EntryType.FILE

    def test_a_partial_clone_fetches_nothing(self, upstream: Path) -> None:
        """What is missing is an error that says so."""
        git(upstream, "config", "uploadpack.allowFilter", "true")
        folder = upstream.parent / "partial"
        git(upstream.parent, "clone", "--filter=blob:none", "--no-checkout", upstream.as_uri(), folder.name)
        repository = open_repository(folder)
        with pytest.raises(ToolError):
            repository.files(repository.commit("HEAD"), "specs", LARGE)

    def test_strange_names_are_kept(self, upstream: Path) -> None:
        """Quotes, tabs, and bytes that are no UTF-8."""
        (upstream / "specs/\udcff").mkdir()
        for name in (b'a"b\t.yaml', b"\xff/c.yaml"):
            with open(os.fsencode(upstream / "specs") + b"/" + name, "wb") as file:  # noqa: PTH123 - bytes
                file.write(b"a: 1\n")
        found = open_repository(upstream).files(commit(upstream, "strange"), "specs", LARGE)
        assert {'a"b\t.yaml', "\udcff/c.yaml"} < set(found)
        folder = CommittedFolder(found)
        assert folder.source("\udcff/c.yaml", "specs/\udcff/c.yaml")[1][0].rule == "file-unreadable"


class TestCommittedFolders:
    """A folder of a commit is read as one on the disk is."""

    def test_hidden_files_and_other_endings_are_skipped(self, upstream: Path) -> None:
        """As in the working tree."""
        identity = commit(
            upstream,
            "all",
            **{"specs__b__x.yaml": "x", "specs__.hidden.yaml": "x", "specs__.git-x__y.yaml": "x", "specs__z.txt": "x"},
        )
        folder = CommittedFolder(open_repository(upstream).files(identity, "specs", LARGE))
        assert folder.files("specs") == (("b/x.yaml",), ())

    def test_links_are_findings(self, upstream: Path) -> None:
        """In the place of a file, and in the place of a folder; a link to a file beside it is nobody's business."""
        (upstream / "specs/note").symlink_to("a")
        (upstream / "specs/folder").symlink_to("../elsewhere")
        (upstream / "specs/x.yaml").symlink_to("a")
        folder = CommittedFolder(open_repository(upstream).files(commit(upstream, "links"), "specs", LARGE))
        files, findings = folder.files("specs")
        assert files == ("x.yaml",)
        assert [(found.rule, found.at.path) for found in findings] == [("symlink-refused", "specs/folder")]
        assert folder.source("x.yaml", "specs/x.yaml")[1][0].rule == "symlink-refused"
        assert folder.beginning("folder/cert.pem", 10) == "is or goes through a symbolic link, which is not followed"
        assert folder.beginning("nothing", 10) == "does not exist"

    def test_a_file_that_is_too_large(self, upstream: Path) -> None:
        """The same finding as on the disk."""
        identity = commit(upstream, "large", **{"specs__x.yaml": "a" * (4 * 1024 * 1024 + 1)})
        folder = CommittedFolder(open_repository(upstream).files(identity, "specs", LARGE))
        assert folder.source("x.yaml", "specs/x.yaml")[1][0].rule == "file-too-large"
