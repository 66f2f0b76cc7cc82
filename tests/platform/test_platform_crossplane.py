"""What Crossplane gets besides claims: packages, the kinds that are switched on, a way into AWS; in both scopes."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_kinds import MANAGED
from platformc.lower.crossplane_packages import definition_name
from rendered_platform import ENVIRONMENTS, ROOT, Rendered, render, rendered, sources_of

PINNED = re.compile(r"xpkg\.crossplane\.io/crossplane-contrib/([a-z0-9-]+):v\d+\.\d+\.\d+")
"""Crossplane 2 has no default registry, and a tag that moves would change what runs without a commit."""
PROVIDER_CONFIG = {
    "credentials": {
        "source": "Secret",
        "secretRef": {"namespace": "crossplane-system", "name": "aws-provider", "key": "credentials"},
    }
}


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where changed copies of the repository's specs go."""
    return tmp_path_factory.mktemp("copies")


@cache
def changed(folder: Path, old: str, new: str) -> Rendered:
    """Production, with one text of the Platform replaced."""
    root = folder / re.sub(r"\W+", "-", new)
    for name in ("specs", "crossplane"):
        shutil.copytree(ROOT / name, root / name)
    path = root / "specs" / "platform.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    made = render(sources_of(root), "production")
    assert made.findings == ()
    return made


def legacy(folder: Path) -> Rendered:
    """Production with claims in the older form."""
    return changed(folder, "scope: Namespaced", "scope: LegacyCluster")


def bases(platform: Rendered) -> list[dict[str, Any]]:
    """What all Compositions make."""
    return [
        resource["base"]
        for composition in platform.of_kind("Composition").values()
        for step in composition["spec"]["pipeline"]
        for resource in step["input"]["resources"]
    ]


class TestPackages:
    """Providers and functions."""

    def test_each_is_pinned(self, platform: Rendered) -> None:
        """By its full address and version; all providers are of one version, as they share the family's kinds."""
        packages = {**platform.of_kind("Provider"), **platform.of_kind("Function")}
        services = {one.api_versions[0].partition(".")[0] for one in MANAGED.values()}
        assert len(packages) == len(services) + 2  # the family, the function
        assert all(PINNED.fullmatch(package["spec"]["package"]) for package in packages.values())
        versions = {one["spec"]["package"].rpartition(":")[2] for one in platform.of_kind("Provider").values()}
        assert versions == {"v2.6.0"}

    def test_there_is_one_for_every_composed_kind(self, platform: Rendered) -> None:
        """And none besides them, but for the family that they depend on."""
        services = {base["apiVersion"].partition(".")[0] for base in bases(platform)}
        providers = {PINNED.fullmatch(one["spec"]["package"]) for one in platform.of_kind("Provider").values()}
        assert {found[1] for found in providers if found} == {
            "provider-family-aws",
            *(f"provider-aws-{service}" for service in services),
        }

    def test_the_family_is_called_as_crossplane_would(self, platform: Rendered) -> None:
        """Crossplane would add it by itself under that name, and could not have it twice."""
        family = platform.one("Provider", "crossplane-contrib-provider-family-aws")
        assert "/crossplane-contrib/provider-family-aws:" in family["spec"]["package"]
        assert family["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == "-1"

    def test_pipelines_find_their_functions(self, platform: Rendered) -> None:
        """By name."""
        used = {
            step["functionRef"]["name"]
            for composition in platform.of_kind("Composition").values()
            for step in composition["spec"]["pipeline"]
        }
        assert used == set(platform.of_kind("Function"))

    def test_nothing_of_it_goes_unasked(self, platform: Rendered) -> None:
        """With a provider go its kinds, and with them every managed resource."""
        seen = 0
        for manifest in platform.manifests:
            if manifest.application not in {"crossplane-packages", "provider-config"}:
                continue
            options = manifest.object["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
            assert options == "Prune=confirm,Delete=confirm,SkipDryRunOnMissingResource=true"
            seen += 1
        packages = len(platform.of_kind("Provider")) + len(platform.of_kind("Function"))
        assert seen == packages + 2  # the activation policy, the provider's configuration


class TestActivation:
    """ManagedResourceActivationPolicy."""

    def test_exactly_what_is_composed_is_switched_on(self, platform: Rendered) -> None:
        """The names of definitions are plurals, which the tests know."""
        activated = platform.one("ManagedResourceActivationPolicy", "platformc")["spec"]["activate"]
        assert {"accesskeys.iam.aws.m.upbound.io", "policies.iam.aws.m.upbound.io"} <= set(activated)
        assert activated == sorted(f"{one.plural}.{one.api_versions[0].partition('/')[0]}" for one in MANAGED.values())
        assert len({(base["apiVersion"], base["kind"]) for base in bases(platform)}) == len(MANAGED)

    def test_the_cluster_wide_kinds_for_the_older_form(self, folder: Path) -> None:
        """The others would be definitions that nobody uses."""
        namespaced = rendered("production").one("ManagedResourceActivationPolicy", "platformc")["spec"]["activate"]
        activated = legacy(folder).one("ManagedResourceActivationPolicy", "platformc")["spec"]["activate"]
        assert activated == [name.replace(".aws.m.", ".aws.") for name in namespaced]

    def test_the_chart_switches_on_nothing_else(self, platform: Rendered) -> None:
        """By default it would switch on everything that a provider brings."""
        chart = platform.one("Application", f"{platform.program.platform.target.argocd.name_prefix}crossplane")
        assert chart["spec"]["source"]["helm"]["valuesObject"]["provider"] == {"defaultActivations": []}

    @pytest.mark.parametrize(
        ("kind", "plural"),
        [
            ("Policy", "policies"),
            ("GatewayKey", "gatewaykeys"),
            ("Address", "addresses"),
            ("Patch", "patches"),
            ("Alias", "aliases"),
            ("OwnershipControls", "ownershipcontrols"),
        ],
    )
    def test_plurals(self, kind: str, plural: str) -> None:
        """As Kubernetes makes them."""
        assert definition_name(("a.aws.m.upbound.io", kind)) == f"{plural}.a.aws.m.upbound.io"


class TestProviderConfig:
    """The way into AWS."""

    def test_it_reads_the_sealed_credentials(self, platform: Rendered) -> None:
        """The Secret's file; claims and Compositions name it."""
        config = platform.one("ClusterProviderConfig", "default")
        assert config["apiVersion"] == "aws.m.upbound.io/v1beta1"
        assert config["spec"] == PROVIDER_CONFIG
        assert "credentials" in platform.one("SealedSecret", "aws-provider")["spec"]["template"]["data"]
        assert {base["spec"]["providerConfigRef"]["kind"] for base in bases(platform)} == {"ClusterProviderConfig"}
        claims = [one for one in platform.objects if one["apiVersion"] == "aws.platformc.dev/v1alpha1"]
        assert {claim["spec"]["providerConfigName"] for claim in claims} == {"default"}

    def test_the_older_form(self, folder: Path) -> None:
        """Another kind of the same content."""
        config = legacy(folder).one("ProviderConfig", "default")
        assert (config["apiVersion"], config["spec"]) == ("aws.upbound.io/v1beta1", PROVIDER_CONFIG)
        assert legacy(folder).of_kind("ClusterProviderConfig") == {}

    def test_the_name_is_the_platforms(self, folder: Path) -> None:
        """One name for the configuration and for those who use it."""
        made = changed(folder, "providerConfig: {name: default}", "providerConfig: {name: ours}")
        assert set(made.of_kind("ClusterProviderConfig")) == {"ours"}
        assert made.one("Table", "chat-history")["spec"]["providerConfigName"] == "ours"


class TestOrder:
    """Applications and their waves."""

    def test_waves(self, platform: Rendered) -> None:
        """Each kind is there before what needs it."""
        prefix = platform.program.platform.target.argocd.name_prefix
        waves = {
            name.removeprefix(prefix): int(one["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
            for name, one in platform.of_kind("Application").items()
        }
        ordered = ["crossplane", "crossplane-packages", "provider-config", "claim-api", "registry-aws", "discord-bot"]
        assert sorted(ordered, key=lambda name: waves[name]) == ordered
        assert len({waves[name] for name in ordered}) == len(ordered)
        assert waves["platform"] < waves["provider-config"]  # the sealed credentials

    def test_none_of_it_where_another_environment_brings_it(self, folder: Path) -> None:
        """It is cluster-wide: two environments cannot both own it."""
        made = changed(folder, "scope: Namespaced", "scope: Namespaced, managementPolicy: Observe")
        applications = {manifest.application for manifest in made.manifests}
        assert applications & {"crossplane-packages", "provider-config", "claim-api"} == set()
        assert made.of_kind("Table")
