"""The verbs that need no platform: completion, setup, schemas."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from platformc.cli import main

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: toys.example.com}
spec:
  group: example.com
  names: {kind: Toy, plural: toys}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a cache folder that is empty and not the user's."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("PLATFORMC_CACHE", str(folder))
    return folder


class TestCompletion:
    """Scripts for shells, and the answers to them."""

    @pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
    def test_script(self, shell: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A script asks through our variable, says how to install it, and the shell can read it."""
        assert main(["completion", shell]) == 0
        script = capsys.readouterr().out
        assert f"_PLATFORMC_COMPLETE={shell}_complete" in script
        assert f"# To install:\n#   platformc completion {shell} >" in script
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=script, text=True, check=True)

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("platformc re", {"render"}),
            ("platformc schemas ", {"add", "fetch", "list"}),
            ("platformc render --all", {"--allow-unsealed"}),
            ("platformc render -e st", {"staging"}),
            ("platformc render -e ", {"production", "staging"}),
        ],
    )
    def test_answers(self, words: str, expected: set[str], tmp_path: Path) -> None:
        """A shell that asks gets verbs, options, and the environments of the spec at hand."""
        folder = tmp_path / "specs" / "environments"
        (folder / "production").mkdir(parents=True)
        (folder / "staging.yaml").touch()
        ran = subprocess.run(
            [sys.executable, "-m", "platformc"],
            cwd=tmp_path,
            env={
                "_PLATFORMC_COMPLETE": "bash_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(words.split(" ")) - 1),
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert {line.partition(",")[2] for line in ran.stdout.splitlines()} == expected


class TestSetup:
    """Finding tools."""

    def test_pinned_version_on_path(
        self, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A kubeconform of the pinned version on PATH is used as it is; its place is the result."""
        stub = tmp_path / "bin" / "kubeconform"
        stub.parent.mkdir()
        stub.write_text("#!/bin/sh\necho v0.7.0\n")
        stub.chmod(0o755)
        monkeypatch.setenv("PATH", str(stub.parent))
        assert main(["setup"]) == 0
        assert capsys.readouterr().out == f"kubeconform v0.7.0 {stub}\n"
        assert not (cache / "bin").exists()


class TestSchemas:
    """The store of schemas."""

    def test_add_and_list(self, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What a folder defines is listed afterwards, with the file it came from."""
        crd = tmp_path / "crds" / "toys.yaml"
        crd.parent.mkdir()
        crd.write_text(CRD)
        (crd.parent / "other.yaml").write_text("a: 1\n")
        assert main(["schemas", "list"]) == 0
        assert capsys.readouterr() == ("", "the store is empty; `platformc schemas fetch` fills it\n")
        assert main(["schemas", "add", str(crd.parent)]) == 0
        assert capsys.readouterr() == ("", "schemas: 1 added, 1 ignored\n")
        assert main(["schemas", "add", str(crd.parent), "-q"]) == 0
        assert main(["schemas", "list"]) == 0
        assert capsys.readouterr() == (f"example.com/v1/Toy  {crd}\n", "")
        assert main(["schemas", "list", "--format", "json"]) == 0
        (definition,) = json.loads(capsys.readouterr().out)["definitions"]
        assert (definition["name"], definition["kinds"]) == (
            "toys.example.com",
            [{"apiVersion": "example.com/v1", "kind": "Toy"}],
        )
        assert (cache / "schemas").is_dir()

    @pytest.mark.usefixtures("cache")
    def test_add_what_is_no_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A folder that is not there is wrong usage."""
        assert main(["schemas", "add", str(tmp_path / "nowhere")]) == 64
        assert "nowhere is not a folder" in capsys.readouterr().err

    @pytest.mark.usefixtures("cache")
    def test_fetch_from_nowhere(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A server that cannot be reached is named, with 69; nothing claims to be fetched."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
            mirror = f"http://127.0.0.1:{taken.getsockname()[1]}"
            assert main(["schemas", "fetch", "--mirror", mirror]) == 69
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"error: {mirror}/")
