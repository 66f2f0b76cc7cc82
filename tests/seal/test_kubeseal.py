"""What we seal, the real kubeseal opens; what it seals, we take over."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from kubeseal_round_trip import LABELS, LARGEST, SCOPES, VALUES, Kubeseal, sealed_secret
from platformc.seal.envelope import Sealer
from platformc.sealed_secrets.scope import SealingScope
from sealing_platform import ANY_VALUE, Case, controller_key, opened

BATCHES = 8
"""Of many values each; e2e/ runs hundreds."""


@pytest.fixture(scope="module")
def kubeseal(tmp_path_factory: pytest.TempPathFactory) -> Kubeseal:
    """The real one."""
    return Kubeseal.in_folder(tmp_path_factory.mktemp("key"))


@settings(max_examples=BATCHES)
@given(
    values=VALUES,
    scope=st.builds(SealingScope, scope=st.sampled_from(SCOPES), namespace=LABELS, name=LABELS),
)
def test_kubeseal_opens_what_we_seal(kubeseal: Kubeseal, values: list[bytes], scope: SealingScope) -> None:
    """Every byte of every value, in all scopes."""
    kubeseal.assert_round_trip(values, scope)


def test_the_limits_are_among_them(kubeseal: Kubeseal) -> None:
    """No byte at all, every byte, and 256 KiB: no chance decides about these."""
    values = [b"", bytes(range(256)), os.urandom(LARGEST), bytes(LARGEST)]
    for scope in SCOPES:
        kubeseal.assert_round_trip(values, SealingScope(scope, "app", "db"))


@pytest.mark.parametrize("scope", SCOPES)
def test_nobody_else_can_open_it(kubeseal: Kubeseal, scope: str) -> None:
    """What the scope is bound to is bound, what it leaves open is open: a check that always says yes would be seen."""
    sealed_for = SealingScope(scope, "app", "db")
    text = Sealer(kubeseal.own).seal(b"value", sealed_for)
    for namespace, name in (("app", "db"), ("app", "other"), ("other", "db")):
        asked = SealingScope(scope, namespace, name)
        ran = kubeseal.run(sealed_secret(asked, {"key": text}))
        assert (ran.returncode == 0) == asked.opens(sealed_for), (namespace, name)


def test_the_fingerprint_is_the_one_that_ssh_prints(kubeseal: Kubeseal) -> None:
    """As the controller counts it."""
    public = controller_key().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    digest = hashlib.sha256(base64.b64decode(public.split()[1])).digest()
    assert kubeseal.own.fingerprint == f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize("scope", SCOPES)
def test_what_kubeseal_seals_is_imported(kubeseal: Kubeseal, tmp_path: Path, scope: str) -> None:
    """Its own output, YAML as it writes it, and the values behind it."""
    case = Case(tmp_path, {"app/secrets.yaml": ANY_VALUE.replace("SCOPE", scope)})
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: app}\n"
        f"data: {{token: {base64.b64encode(bytes(range(256))).decode()}, user: YXBw}}\n"
    )
    ran = subprocess.run(
        [kubeseal.program, "--cert", case.specs / "sealing/production.pem", "--scope", scope, "--format", "yaml"],
        input=secret.encode(),
        capture_output=True,
        check=True,
    )
    result = case.seal("--import", case.file("sealed.yaml", ran.stdout))
    assert result.exit == 0, result.output
    label = {"strict": "app/db", "namespace-wide": "app", "cluster-wide": ""}[scope]
    values = {key: opened(entry["ciphertext"], label) for key, entry in case.stored("db").items()}
    assert values == {"token": bytes(range(256)), "user": b"app"}
    assert case.check().rules == {"secret-key-unused", "sealed-for-another-certificate"}
