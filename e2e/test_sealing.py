"""Sealed here, opened there: the real controller makes every Secret of the platform, with the intended values."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.seal.envelope import Sealer
from platformc.seal.sealed_secret import parse, request_to_rotate, rotated
from platformc.seal.sealing import LARGEST_SECRET
from platformc.sealed_secrets.certificate import read_certificate
from platformc.sealed_secrets.scope import SealingScope

from e2e.control_plane import ControlPlane
from e2e.definitions import ROOT
from e2e.kubernetes_api import KubernetesAPI, RefusedError, eventually
from e2e.opened_secrets import assert_all_opened, assert_files_are_right, data_of
from e2e.platform_copy import copy_platform, platformc, seal_everything
from e2e.processes import LOOPBACK, Processes
from e2e.relay import own_address, relayed
from e2e.rendered import of_kind, rendered_objects
from e2e.sealed_secrets import NAME, NAMESPACE, SealedSecrets, start_sealed_secrets

sys.path.append(str(ROOT / "tests" / "seal"))
from kubeseal_round_trip import LABELS, SCOPES, VALUES, Kubeseal, sealed_secret
from sealing_platform import API, Case


@pytest.fixture(scope="module")
def controller(
    control_plane: ControlPlane, programs: Processes, workspace: Path, definitions: list[str]
) -> SealedSecrets:
    """The real controller, with a key of its own."""
    assert "sealedsecrets.bitnami.com" in definitions
    return start_sealed_secrets(control_plane, workspace / "sealed-secrets", programs)


@pytest.fixture(scope="module")
def repository(workspace: Path, controller: SealedSecrets) -> Path:
    """A copy of the platform, with all values sealed for that controller."""
    root = workspace / "repository"
    copy_platform(root)
    shutil.rmtree(root / "specs" / "sealed" / "production")
    seal_everything(root, "production", f"{controller.url}/v1/cert.pem")
    platformc(root, "render", "--no-validate")
    return root


def apply_all(api: KubernetesAPI, root: Path) -> list[Any]:
    """Apply every SealedSecret of production, and its namespace."""
    objects = rendered_objects("production", root / "rendered")
    sealed = of_kind(objects, "SealedSecret")
    for namespace in {each["metadata"]["namespace"] for each in sealed}:
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    for each in sealed:
        api.apply(each)
    return sealed


def test_the_controller_opens_every_secret(api: KubernetesAPI, repository: Path) -> None:
    """All keys of all Secrets, each with its intended value, whatever is in it."""
    assert_all_opened(api, apply_all(api, repository))


def test_files_hold_the_intended_values(api: KubernetesAPI, repository: Path) -> None:
    """Read as TOML and as addresses, as the programs read them."""
    assert_files_are_right(api, apply_all(api, repository))


def test_the_fingerprint_is_the_controllers_own(controller: SealedSecrets, repository: Path) -> None:
    """What was stored is what the controller shows."""
    shown = read_certificate(httpx.get(f"{controller.url}/v1/cert.pem", trust_env=False).content)
    stored = read_certificate((repository / "specs" / "sealing" / "production.pem").read_bytes())
    assert stored == shown
    assert platformc(repository, "seal", "-e", "production", "--stale").startswith("0 values are")


def test_the_controller_seals_anew(api: KubernetesAPI, controller: SealedSecrets, repository: Path) -> None:
    """Other ciphertext, the same values; nothing of its answer is taken but the keys that were asked for."""
    (sealed,) = [one for one in apply_all(api, repository) if one["metadata"]["name"] == "stoat-secrets"]
    before = data_of(api, sealed)
    found = parse("rendered", sealed)
    answer = httpx.post(
        f"{controller.url}/v1/rotate",
        content=request_to_rotate(found.scope, found.encrypted),
        headers={"Content-Type": "application/json"},
        trust_env=False,
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    renewed = rotated(answer.content, found.scope, found.encrypted)
    assert renewed.keys() == found.encrypted.keys()
    assert not set(renewed.values()) & set(found.encrypted.values())
    api.apply({**sealed, "spec": {**sealed["spec"], "encryptedData": dict(renewed)}})

    def synced() -> bool:
        one = api.get(sealed["apiVersion"], "SealedSecret", "stoat-secrets", "discord-bot") or {}
        status = one.get("status") or {}
        return bool(status.get("observedGeneration") == one["metadata"]["generation"])

    eventually("the controller has seen the new ciphertext", synced)
    assert data_of(api, sealed) == before


@pytest.mark.parametrize(
    ("keys", "size", "fits"),
    [
        pytest.param(1, LARGEST_SECRET, True, id="one-value"),
        pytest.param(4, LARGEST_SECRET // 4, True, id="four-of-256-KiB"),
        pytest.param(180, 5400, True, id="many-keys"),
        pytest.param(300, 3495, False, id="too-many-keys"),
    ],
)
def test_what_seal_takes_is_what_kubernetes_takes(
    api: KubernetesAPI, controller: SealedSecrets, tmp_path: Path, keys: int, size: int, *, fits: bool
) -> None:
    """The largest Secrets that are sealed here are opened there; what is refused here is refused there."""
    pem = httpx.get(f"{controller.url}/v1/cert.pem", trust_env=False).text
    values = {f"k{number}": Random(number).randbytes(size) for number in range(keys)}  # noqa: S311 - any bytes will do
    name = f"large-{keys}"
    declared = f"{API}\nkind: Secret\nmetadata: {{name: {name}}}\nspec:\n  keys: {{{': {}, '.join(values)}: {{}}}}\n"
    case = Case(tmp_path, {"app/secrets.yaml": declared, "sealing/production.pem": pem})
    words = [word for key, value in values.items() for word in ("--from-file", f"{key}={case.file(key, value)}")]
    assert (case.seal(name, *words).exit == 0) == fits
    scope = SealingScope("strict", "app", name)
    sealer = Sealer(read_certificate(pem.encode()))
    encrypted = {key: entry["ciphertext"] for key, entry in case.stored(name).items()}
    encrypted = encrypted or {key: sealer.seal(value, scope) for key, value in values.items()}
    sealed = json.loads(sealed_secret(scope, encrypted))
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "app"}})
    if fits:
        api.apply(sealed)
        assert data_of(api, sealed) == values
    else:
        with pytest.raises(RefusedError, match="too large"):
            api.apply(sealed)


def test_the_api_server_leads_to_the_controller(
    api: KubernetesAPI, control_plane: ControlPlane, controller: SealedSecrets, tmp_path: Path
) -> None:
    """Through its proxy the certificate is fetched, and values are sealed anew."""
    service = {"name": NAME, "namespace": NAMESPACE}
    ports = [{"name": "http", "port": controller.port, "protocol": "TCP"}]
    api.apply({"apiVersion": "v1", "kind": "Service", "metadata": service, "spec": {"ports": ports}})
    with pytest.raises(RefusedError, match="may not be in the loopback range"):
        api.apply(endpoints(LOOPBACK, controller.port))
    address = own_address()
    if not address:
        pytest.skip("this machine has only loopback addresses, which Kubernetes takes for no endpoint")
    case = Case(tmp_path)
    cluster = ("--kubeconfig", str(control_plane.kubeconfig))
    containers = [{"name": NAME, "image": "example.com/controller"}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": service, "spec": {"containers": containers}}
    api.apply(pod)
    api.set_status(pod, {"podIP": address, "podIPs": [{"ip": address}]})
    with relayed(controller.port, address) as port:
        api.apply(endpoints(address, port))
        fetched = case.seal("--fetch-certificate", *cluster)
        assert fetched.exit == 0, fetched.output
        pem = httpx.get(f"{controller.url}/v1/cert.pem", trust_env=False).content
        assert read_certificate(pem).fingerprint in fetched.output
        assert (case.specs / "sealing" / "production.pem").read_bytes() == pem
        case.seal_all()
        assert "everything is sealed for the newest" in case.seal("--reseal", *cluster).output
        for path in case.specs.glob("sealed/*/*.yaml"):  # as if it had been sealed for an older key
            path.write_text(path.read_text(encoding="utf-8").replace("SHA256:", "SHA256:old"), encoding="utf-8")
        before = {secret: case.stored(secret) for secret in ("db", "web")}
        renewed = case.seal("--reseal", *cluster)
        assert renewed.exit == 0, renewed.output
    after = {secret: case.stored(secret) for secret in ("db", "web")}
    assert {key: entry["revision"] for key, entry in after["db"].items()} == dict.fromkeys(before["db"], 1)
    assert all(after[one][key]["ciphertext"] != before[one][key]["ciphertext"] for one in after for key in after[one])


def endpoints(address: str, port: int) -> Any:
    """Where the controller's Service leads to: the proxy goes to pods alone, and asks whether they have the address."""
    ports = [{"name": "http", "port": port, "protocol": "TCP"}]
    metadata = {"name": NAME, "namespace": NAMESPACE}
    pod = {"kind": "Pod", "name": NAME, "namespace": NAMESPACE}
    subsets = [{"addresses": [{"ip": address, "targetRef": pod}], "ports": ports}]
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": subsets}


def test_a_value_for_another_secret_is_not_opened(api: KubernetesAPI, repository: Path) -> None:
    """Why a rename is a finding here: there, the Secret would just be missing."""
    (sealed,) = [one for one in apply_all(api, repository) if one["metadata"]["name"] == "redis"]
    renamed = {**sealed, "metadata": {"name": "valkey", "namespace": "discord-bot"}}
    api.apply(renamed)

    def refused() -> bool:
        one = api.get(sealed["apiVersion"], "SealedSecret", "valkey", "discord-bot") or {}
        found = (one.get("status") or {}).get("conditions") or [{}]
        return bool(found[0].get("status") == "False")

    eventually("the controller refuses it", refused)
    assert api.get("v1", "Secret", "valkey", "discord-bot") is None


@pytest.fixture(scope="module")
def kubeseal_with_key(tmp_path_factory: pytest.TempPathFactory) -> Kubeseal:
    """The real kubeseal."""
    return Kubeseal.in_folder(tmp_path_factory.mktemp("key"))


@settings(max_examples=300)
@given(
    values=VALUES,
    scope=st.builds(SealingScope, scope=st.sampled_from(SCOPES), namespace=LABELS, name=LABELS),
)
def test_thousands_of_values(kubeseal_with_key: Kubeseal, values: list[bytes], scope: SealingScope) -> None:
    """The bulk of what `make test` samples."""
    kubeseal_with_key.assert_round_trip(values, scope)
