from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from loopback import WebServer
from platformc.check.kubeconform.install import (
    ARCHIVES,
    VERSION,
    find_kubeconform,
    install_kubeconform,
    platform_name,
)
from platformc.diagnostics import ToolError


@pytest.fixture
def system(tmp_path: Path) -> str:
    """A folder for PATH with what stub programs need, on any machine without Go and kubeconform."""
    folder = tmp_path / "system"
    folder.mkdir()
    (folder / "chmod").symlink_to(shutil.which("chmod") or "/bin/chmod")
    return str(folder)


def script(path: Path, body: str) -> Path:
    """A shell script that stands in for a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def archive(program: bytes, name: str = "kubeconform") -> bytes:
    """A release archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        info = tarfile.TarInfo(name)
        info.size = len(program)
        tar.addfile(info, io.BytesIO(program))
    return packed.getvalue()


def release(server: WebServer, content: bytes) -> dict[str, str]:
    """Put an archive where the release for this machine would be; the pins that go with it."""
    server.files[f"/{VERSION}/kubeconform-{platform_name()}.tar.gz"] = content
    return {platform_name(): hashlib.sha256(content).hexdigest()}


class TestFind:
    """Without installing anything."""

    def test_the_pinned_version_on_path(self, tmp_path: Path) -> None:
        """A program that says so is taken."""
        program = script(tmp_path / "bin" / "kubeconform", f"echo {VERSION}")
        assert find_kubeconform(f"/nowhere{os.pathsep}{program.parent}", tmp_path / "cache") == program

    def test_another_version_is_passed_over(self, tmp_path: Path) -> None:
        """The search goes on behind it."""
        script(tmp_path / "old" / "kubeconform", "echo v0.6.7")
        right = script(tmp_path / "new" / "kubeconform", f"echo {VERSION}")
        path = os.pathsep.join(str(tmp_path / name) for name in ("old", "new"))
        assert find_kubeconform(path, tmp_path / "cache") == right
        assert find_kubeconform(str(tmp_path / "old"), tmp_path / "cache") is None

    @pytest.mark.parametrize("body", ["exit 1", "echo development", "printf 'v0.7.0\\nmore'"])
    def test_what_does_not_say_exactly_that_is_not_it(self, tmp_path: Path, body: str) -> None:
        """Neither a broken program nor one built from who knows what."""
        program = script(tmp_path / "bin" / "kubeconform", body)
        assert find_kubeconform(str(program.parent), tmp_path / "cache") is None

    def test_a_plain_go_install_is_known_by_its_build_information(self, tmp_path: Path) -> None:
        """It calls itself `development`; Go wrote the module's version into it."""
        information = f"\n# path\nmod\tgithub.com/yannh/kubeconform\t{VERSION}\th1:x"
        program = script(tmp_path / "bin" / "kubeconform", f"echo development; exit 0{information}")
        assert find_kubeconform(str(program.parent), tmp_path / "cache") == program

    def test_it_is_asked_once(self, tmp_path: Path) -> None:
        """The answer is remembered until the file changes."""
        program = script(tmp_path / "bin" / "kubeconform", f"echo x >> {tmp_path}/asked; echo {VERSION}")
        for _ in range(3):
            assert find_kubeconform(str(program.parent), tmp_path / "cache") == program
        assert (tmp_path / "asked").read_text() == "x\n"
        script(program, "echo v0.8.0 # longer now than the other one was before")
        assert find_kubeconform(str(program.parent), tmp_path / "cache") is None

    def test_another_one_that_looks_the_same(self, tmp_path: Path) -> None:
        """As long and as old as the one before, but another version."""
        program = script(tmp_path / "bin" / "kubeconform", f"echo {VERSION}")
        assert find_kubeconform(str(program.parent), tmp_path / "cache") == program
        status = program.stat()
        script(program, "echo v0.6.7")
        os.utime(program, ns=(status.st_atime_ns, status.st_mtime_ns))
        while program.stat().st_ctime_ns == status.st_ctime_ns:  # the clock of a file system goes in ticks
            os.utime(program, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert program.stat().st_size == status.st_size
        assert find_kubeconform(str(program.parent), tmp_path / "cache") is None

    def test_one_that_did_not_answer_is_asked_again(self, tmp_path: Path) -> None:
        """A program that failed once, on a machine too busy for it, is not given up for ever."""
        program = script(tmp_path / "bin" / "kubeconform", f"test -e {tmp_path}/calm && echo {VERSION}")
        assert find_kubeconform(str(program.parent), tmp_path / "cache") is None
        (tmp_path / "calm").touch()
        assert find_kubeconform(str(program.parent), tmp_path / "cache") == program

    def test_relative_and_empty_parts_of_path_do_not_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A repository must not bring its own kubeconform."""
        script(tmp_path / "kubeconform", f"echo {VERSION}")
        monkeypatch.chdir(tmp_path)
        assert find_kubeconform(f".{os.pathsep}", tmp_path / "cache") is None


class TestInstall:
    """On a machine that does not have it."""

    def test_the_real_one_is_the_pinned_one(self, kubeconform: Path, tmp_path: Path) -> None:
        """Whatever way it came here."""
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "kubeconform").symlink_to(kubeconform)
        assert find_kubeconform(str(tmp_path / "bin"), tmp_path / "cache") == tmp_path / "bin" / "kubeconform"

    def test_go_builds_it_into_the_cache(self, system: str, tmp_path: Path) -> None:
        """One line is said; afterwards it is found, and Go is not asked again."""
        go = (
            f'echo "$@" >> {tmp_path}/asked; test -z "$GOOS" || exit 3\n'
            f'printf \'#!/bin/sh\\necho {VERSION}\\n\' > "$GOBIN/kubeconform"; chmod +x "$GOBIN/kubeconform"'
        )
        script(tmp_path / "go" / "go", go)
        environ = {"PATH": f"{tmp_path / 'go'}{os.pathsep}{system}", "GOOS": "plan9"}
        said: list[str] = []
        made = install_kubeconform(environ, tmp_path / "cache", said.append)
        assert said == [f"building kubeconform {VERSION} with Go"]
        assert install_kubeconform(environ, tmp_path / "cache", said.append) == made
        assert find_kubeconform("", tmp_path / "cache") == made
        (asked,) = (tmp_path / "asked").read_text().splitlines()
        assert asked.endswith(f"github.com/yannh/kubeconform/cmd/kubeconform@{VERSION}")
        assert sorted(path.name for path in made.parent.iterdir()) == [".lock", made.name]

    def test_the_release_where_there_is_no_go(
        self, system: str, tmp_path: Path, kubeconform: Path, web_server: WebServer
    ) -> None:
        """The real program, unpacked from an archive with the pinned checksum."""
        archives = release(web_server, archive(kubeconform.read_bytes()))
        made = install_kubeconform(
            {"PATH": system}, tmp_path, list[str]().append, base=web_server.address, archives=archives
        )
        assert find_kubeconform("", tmp_path) == made

    def test_the_release_where_go_fails(self, system: str, tmp_path: Path, web_server: WebServer) -> None:
        """Why Go failed is said on the way."""
        script(tmp_path / "go" / "go", "echo no module proxy >&2; exit 1")
        archives = release(web_server, archive(f"#!/bin/sh\necho {VERSION}\n".encode()))
        said: list[str] = []
        environ = {"PATH": f"{tmp_path / 'go'}{os.pathsep}{system}"}
        install_kubeconform(environ, tmp_path / "cache", said.append, base=web_server.address, archives=archives)
        assert said[1] == "the build with Go failed: no module proxy"

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (archive(b"#!/bin/sh\necho v9\n"), "contains another tool: it reports the version v9"),
            (archive(b"x", "other"), "does not contain an executable kubeconform"),
            (b"not an archive", "does not contain an executable kubeconform"),
        ],
    )
    def test_an_archive_of_something_else(
        self, system: str, tmp_path: Path, web_server: WebServer, content: bytes, reason: str
    ) -> None:
        """Nothing is left in the cache."""
        archives = release(web_server, content)
        with pytest.raises(ToolError, match=reason):
            install_kubeconform(
                {"PATH": system}, tmp_path, list[str]().append, base=web_server.address, archives=archives
            )
        assert [path.name for path in (tmp_path / "bin").iterdir()] == [".lock"]

    def test_another_checksum(self, system: str, tmp_path: Path, web_server: WebServer) -> None:
        """It is not even unpacked, and the error says what to do."""
        release(web_server, archive(b"#!/bin/sh\necho v0.7.0\n"))
        with pytest.raises(ToolError, match="has the checksum") as caught:
            install_kubeconform(
                {"PATH": system},
                tmp_path,
                list[str]().append,
                base=web_server.address,
                archives={platform_name(): "0" * 64},
            )
        assert "install Go" in caught.value.hint
        assert find_kubeconform("", tmp_path) is None

    def test_a_machine_without_a_pinned_release(self, system: str, tmp_path: Path) -> None:
        """What Go said is shown, as it was the only way."""
        script(tmp_path / "go" / "go", "echo broken compiler >&2; exit 1")
        environ = {"PATH": f"{tmp_path / 'go'}{os.pathsep}{system}"}
        with pytest.raises(ToolError, match=f"no release for {platform_name()} is pinned") as caught:
            install_kubeconform(environ, tmp_path / "cache", list[str]().append, archives={})
        assert caught.value.output == "broken compiler"


def test_pins_are_checksums_of_different_files() -> None:
    """A pin copied to another platform would refuse every download there."""
    assert set(map(len, ARCHIVES.values())) == {64}
    assert len(set(ARCHIVES.values())) == len(ARCHIVES)
