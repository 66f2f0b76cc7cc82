"""The claim API for LegacyCluster: what follows mechanically from the namespaced form, and what crossplane/ says of it."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_kinds import CLAIMS
from platformc.canonical_yaml import emit
from platformc.language import DiskFolder
from platformc.language.crossplane import ClaimAPI, load_claim_api
from platformc.language.resolution import resolve
from platformc.link import link
from platformc.lower import lower
from platformc.lower.legacy_claim_api import legacy_form
from platformc.lower.manifest import Manifest
from platformc.pipeline import Request, load_sources

ROOT = Path(__file__).parents[2]
KINDS = {claim.kind: claim.plural for claim in CLAIMS.values()}
MADE_HERE = {"Identity", "Queue", "Repository", "RepositoryLifecycle", "Table"}
"""Of which production has claims."""


@cache
def claim_api() -> ClaimAPI:
    """This repository's."""
    return load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane")


def written(kind: str, plural: str) -> dict[str, Any]:
    """A definition or Composition as it is written."""
    (found,) = [
        one
        for one in claim_api().objects
        if (one["kind"], one["metadata"]["name"]) == (kind, f"{plural}.aws.platformc.dev")
    ]
    return found


def legacy(kind: str, plural: str) -> dict[str, Any]:
    """The same for LegacyCluster; `plural` is the claim's."""
    (found,) = [
        legacy_form(one)
        for one in claim_api().legacy_objects
        if (one["kind"], one["metadata"]["name"]) == (kind, f"{plural}.aws.platformc.dev")
    ]
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}")
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from leaves(below, f"{path}[{position}]")
    else:
        yield path, value


def differences(one: Any, other: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The leaves that only one has, and those that only the other has."""
    first, second = dict(leaves(one)), dict(leaves(other))
    return (
        {path: leaf for path, leaf in first.items() if second.get(path) != leaf},
        {path: leaf for path, leaf in second.items() if first.get(path) != leaf},
    )


class TestDefinitions:
    """CompositeResourceDefinitions."""

    @pytest.mark.parametrize(("kind", "plural"), KINDS.items())
    def test_claims_are_called_what_composites_were(self, kind: str, plural: str) -> None:
        """So one instance fits both; the composite behind it gets an X, and no short names."""
        before, after = written("CompositeResourceDefinition", plural), legacy("CompositeResourceDefinition", plural)
        assert after["apiVersion"] == "apiextensions.crossplane.io/v1"
        assert after["metadata"]["name"] == f"x{plural}.aws.platformc.dev"
        assert after["spec"]["scope"] == "LegacyCluster"
        assert after["spec"]["defaultCompositeDeletePolicy"] == "Foreground"
        assert after["spec"]["claimNames"] == before["spec"]["names"]
        assert before["spec"]["names"]["shortNames"]
        assert after["spec"]["names"] == {
            "kind": f"X{kind}",
            "plural": f"x{plural}",
            "singular": f"x{kind.lower()}",
            "listKind": f"X{kind}List",
        }

    @pytest.mark.parametrize("plural", [plural for kind, plural in KINDS.items() if kind != "Identity"])
    def test_the_rest_is_the_same(self, plural: str) -> None:
        """Schemas, rules, columns, the Composition's name."""
        before, after = written("CompositeResourceDefinition", plural), legacy("CompositeResourceDefinition", plural)
        changed = {"scope", "names", "claimNames", "defaultCompositeDeletePolicy"}
        assert {key: value for key, value in after["spec"].items() if key not in changed} == {
            key: value for key, value in before["spec"].items() if key not in changed
        }

    def test_an_identity_does_not_declare_what_claims_have_built_in(self) -> None:
        """Crossplane refuses a definition that declares writeConnectionSecretToRef for claims."""
        before, after = (
            form("CompositeResourceDefinition", "identities")["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
            for form in (written, legacy)
        )
        fields, fields_after = (schema["properties"]["spec"]["properties"] for schema in (before, after))
        assert fields.keys() - fields_after.keys() == {"writeConnectionSecretToRef"}
        required, required_after = (schema["properties"]["spec"]["required"] for schema in (before, after))
        assert required_after == [field for field in required if field != "writeConnectionSecretToRef"]
        assert before["properties"]["status"] == after["properties"]["status"]


class TestCompositions:
    """Compositions."""

    @pytest.mark.parametrize(("kind", "plural"), KINDS.items())
    def test_managed_resources_are_cluster_wide(self, kind: str, plural: str) -> None:
        """In the versions whose shape is the namespaced one's, with the provider's cluster-wide configuration."""
        composition = legacy("Composition", plural)
        assert composition["spec"]["compositeTypeRef"] == {
            "apiVersion": "aws.platformc.dev/v1alpha1",
            "kind": f"X{kind}",
        }
        bases = [one["base"] for one in composition["spec"]["pipeline"][0]["input"]["resources"]]
        assert [(base["apiVersion"], base["kind"]) for base in bases] == [
            (one.api_versions[1], one.kind) for one in CLAIMS[kind].managed.values()
        ]
        assert all(base["spec"]["providerConfigRef"] == {"name": "default"} for base in bases)

    def test_nothing_else_differs(self) -> None:
        """Every leaf of the table's Composition that is not the same."""
        base = ".spec.pipeline[0].input.resources[0].base"
        removed, added = differences(written("Composition", "tables"), legacy("Composition", "tables"))
        assert removed == {
            ".spec.compositeTypeRef.kind": "Table",
            f"{base}.apiVersion": "dynamodb.aws.m.upbound.io/v1beta1",
            f"{base}.spec.providerConfigRef.kind": "ClusterProviderConfig",
        }
        assert added == {
            ".spec.compositeTypeRef.kind": "XTable",
            f"{base}.apiVersion": "dynamodb.aws.upbound.io/v1beta2",
        }

    def test_an_access_key_is_handed_over_by_crossplane(self) -> None:
        """The provider's own Secret stands beside Crossplane's, under another name than the composite's uid."""
        composition = legacy("Composition", "identities")
        assert composition["spec"]["writeConnectionSecretsToNamespace"] == "crossplane-system"
        resources = {one["name"]: one for one in composition["spec"]["pipeline"][0]["input"]["resources"]}
        assert list(resources) == ["user", "policy", "attachment", "access-key"]
        key = resources["access-key"]
        assert key["base"]["spec"]["writeConnectionSecretToRef"] == {"namespace": "crossplane-system"}
        (patch,) = [one for one in key["patches"] if one["toFieldPath"] == "spec.writeConnectionSecretToRef.name"]
        assert patch == {
            "type": "FromCompositeFieldPath",
            "fromFieldPath": "metadata.uid",
            "toFieldPath": "spec.writeConnectionSecretToRef.name",
            "transforms": [{"type": "string", "string": {"type": "Format", "fmt": "%s-access-key"}}],
        }
        before = written("Composition", "identities")["spec"]["pipeline"][0]["input"]["resources"][3]
        assert key["connectionDetails"] == before["connectionDetails"]
        assert len(key["patches"]) == len(before["patches"])


class TestOtherShapes:
    """What is not ours to change."""

    @pytest.mark.parametrize(
        "definition",
        [
            {"kind": "Composition", "metadata": {"name": "x"}},
            {
                "kind": "Composition",
                "metadata": {"name": "x"},
                "spec": {"pipeline": [1, {"input": {"resources": [2]}}]},
            },
            {"kind": "CompositeResourceDefinition", "metadata": {"name": "x"}, "spec": []},
            {"kind": "CompositeResourceDefinition", "metadata": {"name": "x"}, "spec": {"scope": "Cluster"}},
            {"apiVersion": "pkg.crossplane.io/v1", "kind": "Provider", "metadata": {"name": "x"}},
        ],
    )
    def test_they_pass(self, definition: dict[str, Any]) -> None:
        """Whether they are valid is found elsewhere."""
        assert legacy_form(definition) == definition

    def test_resources_of_other_providers(self) -> None:
        """Only provider-upjet-aws' groups are known to come in both forms."""
        base = {"apiVersion": "v1", "kind": "Secret", "spec": {"providerConfigRef": {"kind": "X", "name": "y"}}}
        pipeline = [{"step": "a", "input": {"resources": [{"name": "b", "base": base}, {"name": "c"}]}}]
        composition = {"kind": "Composition", "metadata": {"name": "x"}, "spec": {"pipeline": pipeline}}
        assert legacy_form(composition) == composition

    def test_the_input_stays(self) -> None:
        """It is shared by all environments."""
        before = copy.deepcopy(claim_api().legacy_objects)
        assert [legacy_form(one) for one in before] != list(before)
        assert before == claim_api().legacy_objects


def overlays(tmp_path: Path, change: str) -> ClaimAPI:
    """This repository's claim API with another legacy.yaml for identities."""
    shutil.copytree(ROOT / "crossplane", tmp_path / "crossplane")
    (tmp_path / "crossplane/identity/legacy.yaml").write_text(change, encoding="utf-8")
    return load_claim_api(DiskFolder(tmp_path / "crossplane"), "crossplane")


class TestLegacyFile:
    """`legacy.yaml`."""

    HEAD = "apiVersion: apiextensions.crossplane.io/v1\nkind: Composition\n"

    def test_it_is_no_object_of_its_own(self) -> None:
        """It changes the form of LegacyCluster alone."""
        names = [(one["kind"], one["metadata"]["name"]) for one in claim_api().objects]
        assert names.count(("Composition", "identities.aws.platformc.dev")) == 1
        assert len(claim_api().legacy_objects) == len(names)
        assert "writeConnectionSecretsToNamespace" not in written("Composition", "identities")["spec"]

    def test_what_does_not_exist_cannot_be_changed(self, tmp_path: Path) -> None:
        """A misspelt name would change nothing without a word."""
        (finding,) = overlays(tmp_path, self.HEAD + "metadata: {name: identity}\n").findings
        assert (finding.rule, finding.at.path) == ("invalid-claim-api", "crossplane/identity/legacy.yaml")
        assert finding.message == "legacy.yaml changes the Composition identity, which does not exist"

    def test_what_is_removed_must_be_there(self, tmp_path: Path) -> None:
        """By the rules of overlays."""
        change = self.HEAD + "metadata: {name: identities.aws.platformc.dev}\nspec: {publish: null}\n"
        (finding,) = overlays(tmp_path, change).findings
        assert finding.rule == "overlay-removes-nothing"


@cache
def manifests(scope: str, folder: Path) -> tuple[Manifest, ...]:
    """Production's objects with a `crossplane.scope`."""
    root = folder / scope
    for name in ("specs", "crossplane"):
        shutil.copytree(ROOT / name, root / name)
    platform = root / "specs" / "platform.yaml"
    text = platform.read_text(encoding="utf-8")
    assert text.count("scope: Namespaced") == 1
    platform.write_text(text.replace("scope: Namespaced", f"scope: {scope}"), encoding="utf-8")
    sources = load_sources(Request(root, root / "specs", root / "rendered"))
    made, findings = lower(link(resolve(sources, "production")))
    assert findings == ()
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both forms are compiled."""
    return tmp_path_factory.mktemp("scopes")


class TestRendered:
    """The whole platform in both forms."""

    def test_claims_are_the_same_bytes(self, folder: Path) -> None:
        """Changing `crossplane.scope` changes no claim."""
        claims = [
            {one.id: emit(one.object) for one in manifests(scope, folder) if one.id.group == "aws.platformc.dev"}
            for scope in ("Namespaced", "LegacyCluster")
        ]
        assert claims[0] == claims[1]
        assert MADE_HERE <= {identity.kind for identity in claims[0]} <= set(KINDS)

    def test_definitions_are_of_the_form(self, folder: Path) -> None:
        """All of them, and they stay when their document goes."""
        found = [
            one.object for one in manifests("LegacyCluster", folder) if one.id.kind == "CompositeResourceDefinition"
        ]
        assert {one["spec"]["claimNames"]["kind"] for one in found} == set(KINDS)
        for one in found:
            options = one["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
            assert options == "Prune=false,Delete=false,SkipDryRunOnMissingResource=true"

    def test_nothing_cluster_wide_is_anybodys_child(self, folder: Path) -> None:
        """An owner in a namespace is not possible for it, so a project need not allow it; an access key's Secret is one."""
        (project,) = [
            one.object["spec"]
            for one in manifests("LegacyCluster", folder)
            if (one.id.kind, one.id.name) == ("AppProject", "platform")
        ]
        allowed = {
            (one["group"], one["kind"])
            for entries in ("clusterResourceWhitelist", "namespaceResourceWhitelist")
            for one in project[entries]
        }
        assert [group for group, _ in allowed if group.endswith(".aws.upbound.io")] == []
        assert [kind for _, kind in allowed if kind.startswith("X")] == []
        assert {("aws.platformc.dev", kind) for kind in MADE_HERE} <= allowed
        assert ("", "Secret") in allowed
