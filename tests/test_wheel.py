"""What is installed is all that the compiler reads of itself: its pages, pins, schemas and programs."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from platformc.check.policies import all_rules
from platformc.check.schemas.lock import locked_files

ROOT = Path(__file__).parents[1]
PROGRAM = """
import json, platformc
from platformc.check.policies import all_rules
from platformc.check.schemas.lock import locked_files
pages = {rule.id: rule.page for rule in all_rules()}
print(json.dumps([platformc.__file__, pages, [file.sha256 for file in locked_files()]]))
"""


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "compiler"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of what git tracks, made aside: setuptools would take up what an older build left here."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in (*_tracked(), "pyproject.toml", "README.md", "LICENSE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    words = [
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        "built",
        ".",
    ]
    subprocess.run([sys.executable, "-m", "pip", *words], cwd=folder, check=True)
    (built,) = (folder / "built").iterdir()
    return built


def test_a_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """A page, a pin or a program that is left out is missed only where it is installed."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {name.removeprefix("compiler/"): (ROOT / name).read_bytes() for name in _tracked()}
    named = ("check/schemas/lock.json", "diagnostics/findings.schema.json", "py.typed", "lower/renew_pull_secret.py")
    assert {f"platformc/{name}" for name in named} <= held.keys()


def test_what_is_installed_finds_its_own_files(wheel: Path, tmp_path: Path) -> None:
    """Beside no repository it has the same pages and pins."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, check=True, text=True
    )
    file, pages, pins = json.loads(ran.stdout)
    assert Path(file) == tmp_path / "platformc" / "__init__.py"
    assert pages == {rule.id: rule.page for rule in all_rules()}
    assert pins == [file.sha256 for file in locked_files()]
