"""The pull secret `ecr-registry`: who gets it, who may read what, and the same without an operator."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from platformc.lower import renew_pull_secret
from platformc.lower.pull_secret_cronjob import schedule
from rendered_platform import ENVIRONMENTS, ROOT, Rendered, containers, render, rendered, sources_of

NAME, SOURCE = "ecr-registry", "registry"
LABEL = f"pull-secret.platformc.dev/{NAME}"
REGISTRY = "123456789012.dkr.ecr.ca-central-1.amazonaws.com"
KEY = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


@cache
def cronjob(folder: Path, environment: str) -> Rendered:
    """An environment whose pull secret is renewed by a CronJob."""
    root = folder / environment
    for name in ("specs", "crossplane"):
        shutil.copytree(ROOT / name, root / name)
    path = root / "specs" / "platform.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("provider: external-secrets") == 1
    path.write_text(text.replace("provider: external-secrets", "provider: cronjob"), encoding="utf-8")
    made = render(sources_of(root), environment)
    assert made.findings == ()
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where changed copies of the repository's specs go."""
    return tmp_path_factory.mktemp("cronjob")


@pytest.fixture(params=ENVIRONMENTS)
def without_operator(request: pytest.FixtureRequest, folder: Path) -> Rendered:
    """Each environment, renewed by a CronJob."""
    return cronjob(folder, request.param)


def ours(platform: Rendered) -> list[dict[str, Any]]:
    """The objects of the Application `pull-secrets`."""
    return [one.object for one in platform.manifests if one.application == "pull-secrets"]


def pulling(platform: Rendered) -> set[str]:
    """The namespaces with pods that name the pull secret."""
    return {
        one["metadata"]["namespace"]
        for one, template in platform.pods()
        if {"name": NAME} in template["spec"].get("imagePullSecrets", [])
    }


def selected(platform: Rendered, selector: dict[str, Any]) -> set[str]:
    """The namespaces that a label selector finds, as Kubernetes reads it."""
    found = set()
    for name, namespace in platform.of_kind("Namespace").items():
        labels = {**namespace["metadata"]["labels"], "kubernetes.io/metadata.name": name}
        fits = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
        for expression in selector.get("matchExpressions", []):
            assert expression["operator"] == "NotIn"
            fits = fits and labels.get(expression["key"]) not in expression["values"]
        if fits:
            found.add(name)
    return found


class TestCopies:
    """With External Secrets."""

    def test_exactly_the_namespaces_that_pull_get_one(self, platform: Rendered) -> None:
        """By label; the source has the Secret already."""
        (selector,) = platform.one("ClusterExternalSecret", f"{SOURCE}-{NAME}")["spec"]["namespaceSelectors"]
        assert selected(platform, selector) == pulling(platform) == {"discord-bot"}
        (condition,) = platform.one("ClusterSecretStore", f"{SOURCE}-{NAME}")["spec"]["conditions"]
        assert selected(platform, condition["namespaceSelector"]) == pulling(platform)

    def test_the_key_never_leaves_its_namespace(self, platform: Rendered) -> None:
        """One object names it, where the claim writes it."""
        naming = [one for one in platform.objects if "ecr-pull-credentials" in json.dumps(one)]
        assert {(one["kind"], one["metadata"]["namespace"]) for one in naming} == {
            ("ECRAuthorizationToken", SOURCE),
            ("Identity", SOURCE),
        }
        generator = platform.one("ECRAuthorizationToken", NAME)["spec"]
        assert generator["region"] == "ca-central-1"
        assert {one["key"] for one in generator["auth"]["secretRef"].values()} == KEY

    def test_the_store_can_get_one_secret(self, platform: Rendered) -> None:
        """As the account that the role names, which nothing runs as."""
        auth = platform.one("ClusterSecretStore", f"{SOURCE}-{NAME}")["spec"]["provider"]["kubernetes"]["auth"]
        account = auth["serviceAccount"]
        binding, role = (platform.one(kind, f"{NAME}-reader") for kind in ("RoleBinding", "Role"))
        assert binding["subjects"] == [{"kind": "ServiceAccount", **account}]
        assert binding["roleRef"]["name"] == role["metadata"]["name"]
        assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == SOURCE
        assert role["rules"] == [
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [NAME], "verbs": ["get"]}
        ]
        used = {template["spec"]["serviceAccountName"] for _, template in platform.pods()}
        assert account["name"] not in used

    def test_copies_are_of_the_source(self, platform: Rendered) -> None:
        """The same key of the same Secret, under the name that pods use, as the type that kubelet reads."""
        source = platform.one("ExternalSecret", NAME)["spec"]
        copies = platform.one("ClusterExternalSecret", f"{SOURCE}-{NAME}")["spec"]
        copied = copies["externalSecretSpec"]
        assert copied["secretStoreRef"]["name"] == f"{SOURCE}-{NAME}"
        assert copied["data"] == [
            {
                "secretKey": ".dockerconfigjson",
                "remoteRef": {"key": source["target"]["name"], "property": ".dockerconfigjson"},
            }
        ]
        assert source["target"]["name"] == copied["target"]["name"] == copies["externalSecretName"] == NAME
        types = {spec["target"]["template"]["type"] for spec in (source, copied)}
        assert types == {"kubernetes.io/dockerconfigjson"}
        assert {source["refreshInterval"], copied["refreshInterval"]} == {"1h"}

    def test_the_login(self, platform: Rendered) -> None:
        """For this account's registry, with what the generator gives; the rest is no template."""
        text = platform.one("ExternalSecret", NAME)["spec"]["target"]["template"]["data"][".dockerconfigjson"]
        auth = '{{ printf "%s:%s" .username .password | b64enc }}'
        assert re.findall(r"\{\{.*?\}\}", text) == ["{{ .username }}", "{{ .password }}", auth]
        filled = text.replace(auth, "QVdTOnA=").replace("{{ .username }}", "AWS").replace("{{ .password }}", "p")
        assert json.loads(filled) == {"auths": {REGISTRY: {"username": "AWS", "password": "p", "auth": "QVdTOnA="}}}


class TestCronJob:
    """With `provider: cronjob`."""

    def test_nothing_of_the_operator_is_left(self, without_operator: Rendered) -> None:
        """It works on a cluster without it."""
        assert not [one for one in ours(without_operator) if "external-secrets.io" in one["apiVersion"]]

    def test_rights_are_for_one_name_in_each_namespace(self, without_operator: Rendered) -> None:
        """To apply it, and to read nothing."""
        roles = [one for one in ours(without_operator) if one["kind"] == "Role"]
        assert {role["metadata"]["namespace"] for role in roles} == pulling(without_operator)
        rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [NAME], "verbs": ["create", "patch"]}
        assert [role["rules"] for role in roles] == [[rule]] * len(roles)
        for binding in (one for one in ours(without_operator) if one["kind"] == "RoleBinding"):
            account = {"kind": "ServiceAccount", "name": f"{NAME}-renewal", "namespace": SOURCE}
            assert binding["subjects"] == [account]
        assert not [one for one in ours(without_operator) if one["kind"].startswith("ClusterRole")]

    def test_the_program_is_the_tested_one(self, without_operator: Rendered) -> None:
        """Byte for byte, run alone, on what it needs."""
        program = without_operator.one("ConfigMap", f"{NAME}-renewal")["data"]["renew_pull_secret.py"]
        assert program == Path(renew_pull_secret.__file__).read_text(encoding="utf-8")
        first, later = _templates(without_operator)
        assert first == later
        (container,) = containers(first)
        assert container["command"] == ["python3", "-I", "-B", "/program/renew_pull_secret.py"]
        read = set(re.findall(r'variables\[["\'](\w+)["\']\]', program))
        assert read == {variable["name"] for variable in container["env"]}
        values = {variable["name"]: variable.get("value") for variable in container["env"]}
        assert values["REGISTRY"] == REGISTRY
        assert values["ECR_URL"] == "https://api.ecr.ca-central-1.amazonaws.com"
        assert set(values["NAMESPACES"].split()) == pulling(without_operator)
        assert {name for name, value in values.items() if value is None} == KEY

    def test_pods_are_restricted(self, without_operator: Rendered) -> None:
        """As the namespace demands, and where the platform's pods run."""
        template, _ = _templates(without_operator)
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = containers(template)
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        (other, *_) = [other for one, other in without_operator.pods() if one["metadata"]["name"] == "discord-bot"]
        assert spec.get("nodeSelector") == other["spec"].get("nodeSelector")
        assert spec.get("tolerations") == other["spec"].get("tolerations")

    def test_its_network(self, without_operator: Rendered) -> None:
        """Names, and HTTPS to addresses outside of the cluster; nobody connects to it."""
        (policy,) = [one for one in ours(without_operator) if one["kind"] == "NetworkPolicy"]
        labels = _templates(without_operator)[0]["metadata"]["labels"]
        assert policy["metadata"]["namespace"] == SOURCE
        assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        assert "ingress" not in policy["spec"]
        ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
        assert ports == {53, 443}

    def test_the_first_run_is_at_once(self, without_operator: Rendered) -> None:
        """After the CronJob and its rights, with every sync; it waits for the key as long as that takes."""
        job = without_operator.one("Job", f"{NAME}-renewal")
        assert job["metadata"]["annotations"] == {
            "argocd.argoproj.io/hook": "Sync",
            "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
            "argocd.argoproj.io/sync-wave": "1",
        }
        assert "activeDeadlineSeconds" not in job["spec"]

    @pytest.mark.parametrize(
        ("refresh", "expected"),
        [
            ("1m", "*/1 * * * *"),
            ("30m", "*/30 * * * *"),
            ("1h", "0 * * * *"),
            ("60m", "0 * * * *"),
            ("6h", "0 */6 * * *"),
        ],
    )
    def test_how_often(self, refresh: str, expected: str) -> None:
        """As cron says it."""
        assert schedule(refresh) == expected


def _templates(platform: Rendered) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pods of the first run, and of the later ones."""
    job, cron_job = (platform.one(kind, f"{NAME}-renewal") for kind in ("Job", "CronJob"))
    return job["spec"]["template"], cron_job["spec"]["jobTemplate"]["spec"]["template"]
