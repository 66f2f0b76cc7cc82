"""Nothing that is recalled is stale: whatever changes, a run with a memory does what a run without one does.

A small platform with every kind of input is rendered once. Then one input changes, and `render` runs twice: with what
the first run left in the cache, and with schemas alone. What is said and what is written must be the same.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platformc.check.schemas.store import SchemaStore, add_file
from repository import CRD, Repository, small_platform

sys.path.append(str(Path(__file__).parents[1] / "seal"))
from cases_runner import Result
from sealing_platform import another_key, certificate, controller_key

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

ROOT = Path(__file__).parents[2]
RENDER = ("render", "--no-validate", "--format", "json")
CERTIFICATE = "  sealing: {certificate: sealing/NAME.pem}\n"
THIRD = """\
apiVersion: platformc.dev/v1alpha1
kind: Environment
metadata: {name: testing}
spec:
  destination: {name: testing}
  argocd: {namePrefix: testing-}
  aws: {namePrefix: testing-}
  values: {domain: testing.example.com}
  overrides:
    - kind: Repository
      metadata: {name: bot}
      spec: {managementPolicy: Observe}
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run said, and all that it left in the output folder."""

    said: Result
    rendered: dict[str, bytes]


@cache
def rendered_once() -> tuple[Path, TemporaryDirectory[str]]:
    """A platform with three environments that was rendered; its folder lives as long as the second value."""
    folder = TemporaryDirectory()
    made = small_platform(Path(folder.name))
    # One kind of claims is enough for a definition, its Composition and the older form.
    shutil.copytree(ROOT / "crossplane" / "queue", made.root / "crossplane" / "queue")
    made.edit("specs/environments/testing.yaml", THIRD)
    for path in (made.root / "specs/sealed/production").iterdir():
        made.edit(f"specs/sealed/testing/{path.name}", path.read_text("utf-8").replace("production", "testing"))
    for name, key in (("production", controller_key()), ("staging", another_key())):
        made.edit(f"specs/environments/{name}.yaml", CERTIFICATE.replace("NAME", name))
        made.edit(f"specs/sealing/{name}.pem", certificate(key).decode())
    add_file(SchemaStore(made.folder / "cache" / "schemas"), CRD.encode(), "toys.yaml")
    shutil.copytree(made.folder / "cache" / "schemas", made.folder / "schemas")
    said = made.say(*RENDER)
    assert said.exit == 0, said.output
    assert len(made.records()) == 3
    return made.folder, folder


def places() -> tuple[str, ...]:
    """Every file that is an input, below the platform's folder."""
    folder, _ = rendered_once()
    wanted = ("repository/specs", "repository/crossplane", "schemas")
    return tuple(
        sorted(
            path.relative_to(folder).as_posix()
            for name in wanted
            for path in (folder / name).rglob("*")
            if path.is_file()
        )
    )


def told(change: Callable[[Path], object], *, recalling: bool) -> Told:
    """Render after a change of the platform in a copy of it."""
    folder, _ = rendered_once()
    with TemporaryDirectory() as copied:
        copy = Repository(Path(copied))
        shutil.copytree(folder / "repository", copy.root)
        if recalling:
            shutil.copytree(folder / "cache", copy.folder / "cache")
            shutil.rmtree(copy.folder / "cache" / "answers")
            shutil.rmtree(copy.folder / "cache" / "schemas")
        shutil.copytree(folder / "schemas", copy.folder / "schemas")
        change(copy.folder)
        (copy.folder / "cache").mkdir(exist_ok=True)
        if (copy.folder / "schemas").exists():
            shutil.move(copy.folder / "schemas", copy.folder / "cache" / "schemas")
        said = copy.say(*RENDER)
        rendered = copy.root / "rendered"
        files = {
            path.relative_to(rendered).as_posix(): path.read_bytes() for path in rendered.rglob("*") if path.is_file()
        }
        return Told(Result(said.output.replace(copied, ""), said.exit), files)


def assert_nothing_stale(change: Callable[[Path], object]) -> None:
    """Both runs do the same."""
    assert told(change, recalling=True) == told(change, recalling=False)


def _flipped(path: Path, position: int, byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= byte
    path.write_bytes(content)


def _replaced(path: Path, old: str, new: str) -> None:
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")


def _linked(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.symlink_to("real")


OF_EACH_FILE: dict[str, Callable[[Path], object]] = {
    "more": lambda path: path.write_bytes(path.read_bytes() + b"\n# more\n"),
    "less": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "gone": Path.unlink,
    "elsewhere": lambda path: path.rename(path.with_name(f"a-{path.name}")),
    "twice": lambda path: shutil.copyfile(path, path.with_name(f"a-{path.name}")),
    "link": _linked,
}
"""What can happen to a file, whatever is in it."""

SPECS = "repository/specs"
MORE = """\
apiVersion: platformc.dev/v1alpha1
kind: Environment
metadata: {name: staging}
spec: {applications: [bot, store]}
"""
OTHERS: dict[str, Callable[[Path], object]] = {
    "an image": lambda folder: _replaced(folder / SPECS / "bot/bot.yaml", "image: ", "image: other."),
    "a name in AWS that production has": lambda folder: _replaced(
        folder / SPECS / "environments/staging.yaml", "aws: {namePrefix: staging-}", 'aws: {namePrefix: ""}'
    ),
    "production's objects": lambda folder: _replaced(
        folder / SPECS / "environments/staging.yaml", "destination: {name: staging}", "destination: {name: production}"
    ),
    "an environment with another name": lambda folder: _renamed(folder / SPECS / "environments", "later"),
    "an environment in a folder": lambda folder: _moved(folder / SPECS / "environments", "staging/first.yaml"),
    "an environment in two files": lambda folder: _written(folder / SPECS / "environments/staging/more.yaml", MORE),
    "two environments exchanged": lambda folder: _exchanged(
        folder / SPECS / "environments/staging.yaml", folder / SPECS / "environments/testing.yaml"
    ),
    "sealed values exchanged": lambda folder: _exchanged(
        folder / SPECS / "sealed/staging/bot.bot.yaml", folder / SPECS / "sealed/production/bot.bot.yaml"
    ),
    "certificates exchanged": lambda folder: _exchanged(
        folder / SPECS / "sealing/staging.pem", folder / SPECS / "sealing/production.pem"
    ),
    "the certificate of another environment": lambda folder: _replaced(
        folder / SPECS / "environments/production.yaml", "sealing/production.pem", "sealing/staging.pem"
    ),
    "no schemas": lambda folder: shutil.rmtree(folder / "schemas"),
    "no crossplane": lambda folder: shutil.rmtree(folder / "repository/crossplane"),
    "a file that was rendered": lambda folder: next((folder / "repository/rendered/testing").rglob("*.yaml")).unlink(),
    "all that was rendered": lambda folder: shutil.rmtree(folder / "repository/rendered"),
    "an index": lambda folder: (folder / "repository/rendered/.platformc/index.json").write_text("{}"),
    "nothing": lambda _: None,
}


def _moved(environments: Path, name: str) -> None:
    (environments / name).parent.mkdir(exist_ok=True)
    (environments / "staging.yaml").rename(environments / name)


def _renamed(environments: Path, name: str) -> None:
    _moved(environments, f"{name}.yaml")
    _replaced(environments / f"{name}.yaml", "{name: staging}\nspec", f"{{name: {name}}}\nspec")


def _written(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")


def _exchanged(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


@pytest.mark.parametrize("name", OTHERS)
def test_changes_that_mean_something(name: str) -> None:
    """Also those that production must not notice, and those that only both environments together show."""
    assert_nothing_stale(OTHERS[name])


@pytest.mark.slow
@pytest.mark.parametrize("change", OF_EACH_FILE)
def test_every_file(change: str) -> None:
    """Whatever happens to any of the inputs."""
    for place in places():
        assert_nothing_stale(partial(_happens, OF_EACH_FILE[change], place))


def _happens(change: Callable[[Path], object], place: str, folder: Path) -> None:
    change(folder / place)


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_byte(data: st.DataObject) -> None:
    """Whichever byte of any input is another one."""
    place = data.draw(st.sampled_from(places()))
    position, byte = data.draw(st.integers(min_value=0)), data.draw(st.integers(1, 255))
    assert_nothing_stale(lambda folder: _flipped(folder / place, position, byte))


def test_a_memory_that_is_wrong_is_noticed() -> None:
    """The comparison fails for a run that recalls what it must not."""

    def change(folder: Path) -> None:
        """Give each environment the record of its new inputs, with the outcome of the old ones."""
        records = folder / "cache" / "environments"
        if records.exists():
            _replaced(folder / SPECS / "bot/bot.yaml", "image: ", "image: other.")
            repository = Repository(folder)
            from platformc.cache.inputs import inputs_of  # noqa: PLC0415 - only here the key is looked into
            from platformc.compiled import parse_environment  # noqa: PLC0415 - as above

            shutil.copytree(folder / "schemas", folder / "cache" / "schemas")
            new = inputs_of(repository.request, folder / "cache" / "schemas")
            shutil.rmtree(folder / "cache" / "schemas")
            assert new is not None
            for path in list(records.iterdir()):
                name = parse_environment(path.read_bytes().partition(b"\n")[2]).name
                path.rename(records / new.environments[name])
        else:
            _replaced(folder / SPECS / "bot/bot.yaml", "image: ", "image: other.")

    with pytest.raises(AssertionError):
        assert_nothing_stale(change)
