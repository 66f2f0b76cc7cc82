"""The same spec gives the same bytes: whoever renders it, wherever, and however its files lie on the disk."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from platformc.pipeline import compile_environment
from rendered_platform import ENVIRONMENTS, ROOT, rendered, sources_of

pytestmark = pytest.mark.slow  # compiles in processes with other surroundings

SURROUNDINGS: dict[str, dict[str, str]] = {
    "ascii": {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "UTC"},
    "far-east": {"PYTHONHASHSEED": "4711", "LANG": "C.UTF-8", "TZ": "Pacific/Kiritimati"},
    "german": {"PYTHONHASHSEED": "random", "LC_ALL": "de_DE.UTF-8", "TZ": "Europe/Berlin", "COLUMNS": "20"},
}
"""Variables that change how programs sort, write, count and spread their sets. A locale that a machine lacks is C."""


def expected() -> dict[str, bytes]:
    """All files as this process renders them."""
    return {
        f"{environment}/{path}": file.content
        for environment in ENVIRONMENTS
        for path, file in rendered(environment).tree().files.items()
    }


def files_below(folder: Path) -> dict[str, bytes]:
    """The files of an output folder, without the index."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != ".platformc"
    }


def render_elsewhere(specs: Path, output: Path, variables: dict[str, str], cwd: Path) -> None:
    """Run the real command in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PLATFORMC_CACHE") if name in os.environ}
    command = [sys.executable, "-m", "platformc", "--specs", str(specs), "--output", str(output), "render"]
    run = subprocess.run(
        [*command, "--no-validate"],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr.decode(errors="replace")[-2000:]


def copied(root: Path, seed: int) -> Path:
    """A copy of the specs whose files were made in another order, with one of them moved inside its application."""
    shutil.copytree(ROOT / "crossplane", root / "crossplane")
    files = sorted(path for path in (ROOT / "specs").rglob("*") if path.is_file())
    random.Random(seed).shuffle(files)  # noqa: S311 - an order, not a secret
    for path in files:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    moved = root / "specs/stoat/of-the-edge/aaa.yaml"
    moved.parent.mkdir()
    (root / "specs/stoat/edge.yaml").rename(moved)
    return root


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_surroundings_do_not_matter(surroundings: str, tmp_path: Path) -> None:
    """Another hash seed, locale, time zone and working directory, other places and another order of files."""
    root = copied(tmp_path / "elsewhere", seed=len(surroundings))
    render_elsewhere(root / "specs", root / "rendered", SURROUNDINGS[surroundings], tmp_path)
    assert files_below(root / "rendered") == expected()


def test_documents_may_stand_in_any_order(tmp_path: Path) -> None:
    """Each file's documents the other way round."""
    root = copied(tmp_path, seed=1)
    changed = 0
    for path in (root / "specs").rglob("*.yaml"):
        documents = path.read_text(encoding="utf-8").split("\n---\n")
        path.write_text("\n---\n".join(one.rstrip("\n") for one in reversed(documents)) + "\n", encoding="utf-8")
        changed += len(documents) > 1
    assert changed > 5
    sources = sources_of(root)
    for environment in ENVIRONMENTS:
        tree = compile_environment(sources, environment).tree
        assert tree is not None
        assert dict(tree.files) == dict(rendered(environment).tree().files)


def test_twice_in_one_process() -> None:
    """Nothing is left over from the first time."""
    sources = sources_of(ROOT)
    for _ in range(2):
        for environment in reversed(ENVIRONMENTS):
            tree = compile_environment(sources, environment).tree
            assert tree is not None
            assert dict(tree.files) == dict(rendered(environment).tree().files)


def test_what_is_committed_is_what_is_rendered() -> None:
    """rendered/ holds these files with these bytes, and no others."""
    assert files_below(ROOT / "rendered") == expected()
