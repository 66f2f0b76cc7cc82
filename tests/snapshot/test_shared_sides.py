"""What two sides have alike is read and compiled once, and never taken from a side that has something else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from platformc.snapshot import Snapshot, compare
from platformc.snapshot.list_keys import ListKeys
from snapshots import of_folder

BASE = Path(__file__).parents[1] / "cases/base"
STAGING = "specs/environments/staging.yaml"


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """The small platform, which has two environments."""
    root = tmp_path / "platform"
    shutil.copytree(BASE, root)
    return root


def edited(platform: Path, file: str, old: str, new: str) -> Path:
    """A copy with another text where it stands first."""
    root = platform.with_name("edited")
    shutil.copytree(platform, root)
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return root


def changes(base: Snapshot, head: Snapshot) -> list[tuple[str, str, list[str]]]:
    """Every object that differs, with the values that do."""
    found = compare(base, head, ListKeys()).changes
    return [(one.environment, str(one.key), [field.shown for field in one.fields]) for one in found]


def test_the_same_files_are_one_environment(platform: Path) -> None:
    """Nothing is compiled for the second side."""
    head = of_folder(platform)
    base = of_folder(platform, like=head)
    assert dict(base.environments) == dict(head.environments), "compared by identity"
    assert changes(base, head) == []


def test_a_change_of_one_environment_leaves_the_others_shared(platform: Path) -> None:
    """The other environment is the same object on both sides, and its own files are read once."""
    base = of_folder(platform)
    root = edited(platform, STAGING, "metadata:", "metadata: # a comment\n ")
    head = of_folder(root, like=base)
    assert head.environments["production"] is base.environments["production"]
    assert head.environments["staging"] is not base.environments["staging"]
    assert base.sources is not None
    assert head.sources is not None
    other = [path for path, file in head.sources.files.items() if file is not base.sources.files[path]]
    assert other == [STAGING]


@pytest.mark.parametrize("file", ["specs/bot/bot.yaml", "specs/platform.yaml"])
def test_a_change_that_any_environment_sees_shares_none(platform: Path, file: str) -> None:
    """The same objects differ as where nothing is shared."""
    old, new = (":1.0.0@", ":1.1.0@") if "bot" in file else ("metadata:", "metadata: # a comment\n ")
    base = of_folder(platform)
    root = edited(platform, file, old, new)
    head = of_folder(root, like=base)
    assert not {one for one in head.environments.values() if one in base.environments.values()}
    assert changes(base, head) == changes(of_folder(platform), of_folder(root))
    assert bool(changes(base, head)) == ("bot" in file)


def test_a_side_with_errors_shares_nothing(platform: Path) -> None:
    """What is found in one environment's file can have to do with the others."""
    base = of_folder(platform)
    root = edited(platform, STAGING, "kind: Environment", "kind: Environmental")
    head = of_folder(root, like=base)
    assert head.findings
    assert not {one for one in head.environments.values() if one in base.environments.values()}
