"""Argo CD's settings: what is made of argocd/, and that it is what is committed and installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from kustomize_binary import kustomize
from platformc.bootstrap.settings import HEALTH, settings
from platformc.cli import main
from platformc.diagnostics import FindingsError
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from recorded_statuses import recorded

ROOT = Path(__file__).parents[2]
ARGOCD = ROOT / "argocd"
LEGACY = {
    "kind": "CompositeResourceDefinition",
    "spec": {
        "group": "aws.platformc.dev",
        "names": {"kind": "XTable", "plural": "xtables"},
        "claimNames": {"kind": "Table", "plural": "tables"},
    },
}


@pytest.fixture(scope="module")
def maps() -> dict[str, dict[str, str]]:
    """The data of each ConfigMap."""
    claim_api = load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane").objects
    made = settings(ARGOCD, "argocd", claim_api, "argocd")
    return {one["metadata"]["name"]: one["data"] for one in made}


class TestSettings:
    """What they say."""

    def test_each_kind_with_statuses_has_a_check(self, maps: dict[str, dict[str, str]]) -> None:
        """And no other has one: a check that nobody tries is one that nobody knows."""
        prefix = f"{HEALTH}."
        found = {key.removeprefix(prefix) for key in maps["argocd-cm"] if key.startswith(prefix)}
        assert found == {one.key for one in recorded()}

    def test_claims_of_the_older_form_are_covered_alike(self) -> None:
        """There the definition's own kind is that of the composite resource; Argo CD syncs the claim."""
        made = settings(ARGOCD, "argocd", [LEGACY], "argocd")[0]["data"]
        assert f"{HEALTH}.aws.platformc.dev_Table" in made
        assert f"{HEALTH}.aws.platformc.dev_XTable" not in made

    def test_exclusions_are_added_to_argo_cds_own(self, maps: dict[str, dict[str, str]]) -> None:
        """A value takes the place of the default, so the default must be in it."""
        found = yaml.safe_load(maps["argocd-cm"]["resource.exclusions"])
        kinds = {kind for one in found for kind in one["kinds"]}
        assert {"Endpoints", "EndpointSlice", "Lease", "CiliumEndpoint", "PolicyReport"} <= kinds
        assert {"apiGroups": ["*"], "kinds": ["ProviderConfigUsage"]} in found

    def test_nothing_rendered_is_excluded(self, maps: dict[str, dict[str, str]]) -> None:
        """Argo CD would neither sync nor show it."""
        rendered = {path.name.partition("-")[0] for path in (ROOT / "rendered").glob("*/*/*/*.yaml")}
        excluded = yaml.safe_load(maps["argocd-cm"]["resource.exclusions"])
        assert not {kind.lower() for one in excluded for kind in one["kinds"]} & rendered

    def test_parameters(self, maps: dict[str, dict[str, str]]) -> None:
        """A sync ends some time; tracking is by annotation; health can be read without Argo CD's own API."""
        assert int(maps["argocd-cmd-params-cm"]["controller.sync.timeout.seconds"]) >= 600
        assert maps["argocd-cmd-params-cm"]["controller.resource.health.persist"] == "true"
        assert maps["argocd-cm"]["application.resourceTrackingMethod"] == "annotation"

    def test_links_are_what_argo_cd_reads(self, maps: dict[str, dict[str, str]]) -> None:
        """A list with a title and an address for each, for kinds that there are."""
        kinds = {one.object["kind"] for one in recorded()}
        for key in ("resource.links", "application.links"):
            for link in yaml.safe_load(maps["argocd-cm"][key]):
                assert set(link) <= {"title", "url", "description", "icon.class", "if"}
                assert {"title", "url", "if"} <= set(link)
                assert set(re.findall(r'resource\.kind == "(\w+)"', link["if"])) <= kinds

    @pytest.mark.parametrize(
        ("file", "text", "message"),
        [
            ("argocd-cm", "data: {a: 1}\n", "`data` is not a map of text values"),
            ("argocd-cm", "other: 1\n", "`data` is not a map of text values"),
            ("exclusions", "exclusions: {}\n", "`exclusions` is not a list"),
            ("exclusions", "- 1\n", "not a single document with a map"),
            ("exclusions", "", "not a single document with a map"),
            ("argocd-cm", "data: {a: b, a: c}\n", "a"),
        ],
    )
    def test_what_cannot_be_read(self, file: str, text: str, message: str, tmp_path: Path) -> None:
        """Each is a finding in its file, never a traceback, nor a setting less."""
        folder = tmp_path / "argocd"
        shutil.copytree(ARGOCD, folder)
        (folder / "settings" / f"{file}.yaml").write_text(text)
        with pytest.raises(FindingsError) as caught:
            settings(folder, "argocd", [], "argocd")
        assert caught.value.findings[0].at.path == f"argocd/settings/{file}.yaml"
        assert message in caught.value.message

    def test_a_missing_check(self, tmp_path: Path) -> None:
        """Without the file there is no check, and that is not silent."""
        folder = tmp_path / "argocd"
        shutil.copytree(ARGOCD, folder)
        (folder / "health" / "claim.lua").unlink()
        with pytest.raises(FindingsError) as caught:
            settings(folder, "argocd", [], "argocd")
        assert caught.value.findings[0].at.path == "argocd/health/claim.lua"


class TestInstall:
    """argocd/install: the release of upstream's, and the settings."""

    def test_the_settings_are_up_to_date(self, capsys: pytest.CaptureFixture[str]) -> None:
        """`make settings` writes them."""
        specs = str(ROOT / "specs")
        assert main(["bootstrap", "--settings", "--quiet", "--specs", specs]) == 0
        assert (ARGOCD / "install" / "settings.yaml").read_text(encoding="utf-8") == capsys.readouterr().out

    def test_the_release_is_the_one_that_output_is_validated_against(self) -> None:
        """One version of Argo CD: in the kustomization, in the lock of the schemas, in the spec."""
        text = (ARGOCD / "install" / "upstream" / "kustomization.yaml").read_text(encoding="utf-8")
        (version,) = re.findall(r"ref=v(\S+)", text)
        lock = json.loads(
            (ROOT / "compiler" / "platformc" / "check" / "schemas" / "lock.json").read_text(encoding="utf-8")
        )
        assert f"v{version}" in json.dumps(
            [one for one in every_map(lock) if one.get("repository") == "argoproj/argo-cd"]
        )
        settings_of_platform = yaml.safe_load((ROOT / "specs" / "platform.yaml").read_text().partition("\n---")[0])
        assert version.startswith(f"{settings_of_platform['spec']['argocd']['version']}.")

    def test_kustomize_builds_it(self, tmp_path: Path, maps: dict[str, dict[str, str]]) -> None:
        """With the real kustomize; in place of the release, ConfigMaps as it has them."""
        folder = tmp_path / "install"
        shutil.copytree(ARGOCD / "install", folder)
        (folder / "release").mkdir()
        names = list(maps)
        (folder / "release" / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["maps.yaml"]}))
        described = [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"upstream": name}}
            for name in names
        ]
        (folder / "release" / "maps.yaml").write_text(yaml.safe_dump_all(described))
        upstream = folder / "upstream" / "kustomization.yaml"
        text, count = re.subn(r"- https://\S+", "- ../release", upstream.read_text(encoding="utf-8"))
        assert count == 1
        upstream.write_text(text)
        ran = subprocess.run([str(kustomize()), "build", str(folder)], capture_output=True, text=True, check=True)
        built = {one["metadata"]["name"]: one for one in yaml.safe_load_all(ran.stdout)}
        assert set(built) == set(names)
        for name, one in built.items():
            assert one["metadata"]["namespace"] == "argocd"
            assert one["data"] == {"upstream": name, **maps[name]}


def every_map(value: Any) -> list[dict[str, Any]]:
    """Every map inside of a JSON value."""
    if isinstance(value, dict):
        return [value, *(found for each in value.values() for found in every_map(each))]
    return [found for each in value for found in every_map(each)] if isinstance(value, list) else []
