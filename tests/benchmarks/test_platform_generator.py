"""The benchmark's platform: platformc accepts it without a word, and other tools are asked for the same objects."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow  # processes, as the benchmark starts them

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = 53  # more than one application, and the last one has a first, a middle and a last component
KINDS = ["ConfigMap", "Deployment", "NetworkPolicy", "Service", "ServiceAccount"]


def python(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a module of ours."""
    return subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The input of every tool."""
    folder = tmp_path_factory.mktemp("benchmark") / "inputs"
    made = python("benchmarks.platform_generator", str(folder), "--components", str(COMPONENTS))
    assert (made.returncode, made.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def rendered(inputs: Path) -> Path:
    """What platformc writes for it."""
    specs = inputs / "platformc/specs"
    ran = python("platformc", "--quiet", "render", "--no-validate", "--specs", str(specs))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ""), "a warning would be timed, too"
    return specs.parent / "rendered/production"


def compare(output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Hold an output against the wanted objects."""
    return python("benchmarks.compare", str(output), "--components", str(COMPONENTS), *more)


class TestEqualWork:
    """No tool is measured doing less than another."""

    def test_platformc_writes_the_wanted_objects(self, rendered: Path) -> None:
        """All objects of all components, and beside them only what Argo CD needs."""
        ran = compare(rendered, "--may-add")
        assert (ran.returncode, ran.stderr) == (0, "")
        found = json.loads(ran.stdout)
        assert found["objects"] - found["onTop"] == COMPONENTS * len(KINDS)
        assert found["agreement"] > 0.95

    def test_a_missing_object_is_noticed(self, rendered: Path, tmp_path: Path) -> None:
        """A tool that leaves out one object is not compared."""
        everything = [yaml.safe_load(path.read_text()) for path in sorted(rendered.rglob("*-c0*.yaml"))]
        (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(everything[1:]))
        ran = compare(tmp_path / "all.yaml")
        assert ran.returncode == 1
        assert f"misses {everything[0]['kind']} {everything[0]['metadata']['name']}" in ran.stderr

    def test_an_object_that_only_has_the_name_is_noticed(self, rendered: Path, tmp_path: Path) -> None:
        """Empty objects are not the same work."""
        everything = [yaml.safe_load(path.read_text()) for path in sorted(rendered.rglob("*-c0*.yaml"))]
        bare = [{key: value for key, value in each.items() if key != "spec"} for each in everything]
        (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(bare))
        ran = compare(tmp_path / "all.yaml")
        assert ran.returncode == 1
        assert "agrees in only" in ran.stderr


class TestInputs:
    """The other tools get the same components."""

    def test_programs_get_one_entry_for_each_component(self, inputs: Path) -> None:
        """helm, jsonnet and cdk8s read the same values."""
        helm = yaml.safe_load((inputs / "helm/values.yaml").read_text())["components"]
        jsonnet = json.loads((inputs / "jsonnet/components.json").read_text())
        cdk8s = json.loads((inputs / "cdk8s/components.json").read_text())
        assert helm == jsonnet == cdk8s
        assert [each["number"] for each in helm] == list(range(COMPONENTS))

    def test_kustomize_gets_a_base_and_an_overlay_for_each_component(self, inputs: Path) -> None:
        """Every file that a base names is there, and the ConfigMap is generated."""
        folders = sorted((inputs / "kustomize").iterdir())
        assert len(folders) == COMPONENTS
        for folder in folders:
            base = yaml.safe_load((folder / "base/kustomization.yaml").read_text())
            made = [yaml.safe_load((folder / "base" / name).read_text())["kind"] for name in base["resources"]]
            assert sorted([*made, *("ConfigMap" for _ in base["configMapGenerator"])]) == KINDS
            overlay = yaml.safe_load((folder / "overlays/production/kustomization.yaml").read_text())
            assert overlay["resources"] == ["../../base"]

    def test_environments_stand_side_by_side(self, tmp_path: Path) -> None:
        """Several environments share an Argo CD without sharing an object."""
        words = (str(tmp_path / "two"), "--components", "2", "--environments", "2")
        assert python("benchmarks.platform_generator", *words).returncode == 0
        specs = tmp_path / "two/platformc/specs"
        ran = python("platformc", "--quiet", "render", "--no-validate", "--specs", str(specs))
        assert (ran.returncode, ran.stderr) == (0, "")
        assert sorted(path.name for path in (specs.parent / "rendered").glob("[a-z]*")) == ["production", "region01"]
