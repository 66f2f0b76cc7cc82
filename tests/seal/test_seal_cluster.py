"""`platformc seal` and a cluster: the certificate, and the controller that seals anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from controller_stand_in import Controller, stand_in
from platformc.sealed_secrets.certificate import read_certificate
from sealing_platform import Case, another_key, controller_key, opened


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A platform with everything sealed for the controller's first key."""
    case = Case(tmp_path)
    case.seal_all()
    return case


@pytest.fixture
def controller() -> Iterator[Controller]:
    """A controller that has made a second key since."""
    with stand_in(controller_key(), another_key()) as known:
        yield known


def test_the_certificate_comes_through_the_api_server(case: Case, controller: Controller) -> None:
    """By the name of the Service's first port, as kubeseal asks."""
    access = ("--kubeconfig", controller.kubeconfig(case.root))
    result = case.seal("--fetch-certificate", *access)
    assert result.exit == 0, result.output
    newest = read_certificate(controller.pem).fingerprint
    assert f"fingerprint  {newest}" in result.output
    assert "7 values are sealed for another certificate" in result.output
    stored = read_certificate((case.specs / "sealing" / "production.pem").read_bytes())
    assert stored.fingerprint == newest


def test_a_controller_that_is_not_there(case: Case, controller: Controller) -> None:
    """The Service is named, and the option for another one."""
    access = ("--kubeconfig", controller.kubeconfig(case.root), "--controller", "kube-system/sealed-secrets")
    result = case.seal("--fetch-certificate", *access)
    assert result.exit == 69
    assert "there is no Service sealed-secrets in the namespace kube-system" in result.output
    assert "--controller NAMESPACE/NAME" in result.output


def test_sealing_anew_changes_ciphertext_alone(case: Case, controller: Controller) -> None:
    """Values and revisions stay, so no pod restarts; what the controller adds is not taken."""
    access = ("--kubeconfig", controller.kubeconfig(case.root))
    before = {name: case.stored(name) for name in ("db", "web")}
    values = {name: {key: case.value(name, key) for key in keys} for name, keys in before.items()}
    assert case.seal("--fetch-certificate", *access).exit == 0
    result = case.seal("--reseal", *access)
    assert result.exit == 0, result.output
    for name, keys in before.items():
        after = case.stored(name)
        assert after.keys() == keys.keys()
        for key, entry in after.items():
            assert entry["revision"] == keys[key]["revision"]
            assert entry["ciphertext"] != keys[key]["ciphertext"]
            assert entry.get("public") == keys[key].get("public")
            assert opened(entry["ciphertext"], f"app/{name}", another_key()) == values[name][key]
    assert case.seal("--stale").output.startswith("0 values are")
    assert "everything is sealed for the newest" in case.seal("--reseal", *access).output


def test_one_secret_alone(case: Case, controller: Controller) -> None:
    """The others wait."""
    access = ("--kubeconfig", controller.kubeconfig(case.root))
    assert case.seal("--fetch-certificate", *access).exit == 0
    assert case.seal("--reseal", "db", *access).exit == 0
    assert {line.split()[0] for line in case.seal("--stale").output.splitlines() if "app/" in line} == {"app/web"}


def test_the_environments_certificate_must_be_the_newest(case: Case, controller: Controller) -> None:
    """Else the fingerprint that is stored would be wrong."""
    result = case.seal("--reseal", "--kubeconfig", controller.kubeconfig(case.root))
    assert result.exit == 69
    assert "first run: platformc seal -e production --fetch-certificate" in result.output


def test_an_answer_that_lacks_a_key_is_not_taken(case: Case, controller: Controller) -> None:
    """Nothing is written."""
    access = ("--kubeconfig", controller.kubeconfig(case.root))
    assert case.seal("--fetch-certificate", *access).exit == 0
    before = case.path("web").read_bytes()
    controller.broken = True
    result = case.seal("--reseal", *access)
    assert result.exit == 69
    assert "the controller's response is not for app/" in result.output
    assert case.path("web").read_bytes() == before
