"""A round trip through the real kubeseal: many values in one SealedSecret, opened in one call.

`kubeseal --recovery-unseal` runs what the controller runs, templates included (SealedSecret.Unseal).
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from platformc.lower.secret import SCOPE_ANNOTATIONS
from platformc.seal.envelope import Sealer
from platformc.sealed_secrets.certificate import Certificate, read_certificate
from platformc.sealed_secrets.ciphertext import key_bits, value_size
from platformc.sealed_secrets.scope import SealingScope
from sealing_platform import certificate, controller_key, private_pem

from e2e.binaries import build

LARGEST = 256 * 1024
SCOPES = ("strict", "namespace-wide", "cluster-wide")
LABELS = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
VALUES = st.lists(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.integers(0, LARGEST).map(lambda size: bytes(range(256)) * (size // 256) + bytes(size % 256)),
    ),
    min_size=1,
    max_size=40,
)


@dataclass(frozen=True)
class Kubeseal:
    """The real kubeseal with the controller's key, as somebody has them who recovers from a lost cluster."""

    program: Path
    key_file: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Kubeseal:
        """Build it, and put the key into a folder."""
        path = folder / "key.pem"
        path.touch(mode=0o600)
        path.write_bytes(private_pem(controller_key()))
        return cls(build("kubeseal"), path)

    @cached_property
    def own(self) -> Certificate:
        """The controller's certificate."""
        return read_certificate(certificate(controller_key()))

    def run(self, text: str) -> subprocess.CompletedProcess[bytes]:
        """Let it open a SealedSecret."""
        command: list[str | Path] = [
            self.program,
            "--recovery-unseal",
            "--recovery-private-key",
            self.key_file,
            "--format",
            "json",
        ]
        return subprocess.run(command, input=text.encode(), capture_output=True, check=False)

    def recovered(
        self, scope: SealingScope, values: Mapping[str, bytes], files: Mapping[str, str] | None = None
    ) -> dict[str, bytes]:
        """The values that it finds where we sealed these, and the files that it makes; Go writes no bytes as null."""
        sealer = Sealer(self.own)
        encrypted = {key: sealer.seal(value, scope) for key, value in values.items()}
        assert {key: value_size(text) for key, text in encrypted.items()} == {
            key: len(value) for key, value in values.items()
        }
        assert {key_bits(text) for text in encrypted.values()} <= {self.own.bits}
        ran = self.run(sealed_secret(scope, encrypted, files))
        assert ran.returncode == 0, ran.stderr.decode()
        return {key: base64.b64decode(value or "") for key, value in (json.loads(ran.stdout).get("data") or {}).items()}

    def assert_round_trip(self, values: Sequence[bytes], scope: SealingScope) -> None:
        """Every value comes back byte for byte."""
        wanted = {f"k{number}": value for number, value in enumerate(values)}
        assert self.recovered(scope, wanted) == wanted


def sealed_secret(scope: SealingScope, encrypted: Mapping[str, str], files: Mapping[str, str] | None = None) -> str:
    """An object as it is rendered, with files as templates."""
    metadata = {
        "name": scope.name,
        "namespace": scope.namespace,
        "annotations": SCOPE_ANNOTATIONS[scope.scope],
    }
    template = {"metadata": metadata, "data": dict(files or {})}
    spec: dict[str, Any] = {"encryptedData": encrypted, "template": template}
    return json.dumps(
        {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": metadata, "spec": spec}
    )
