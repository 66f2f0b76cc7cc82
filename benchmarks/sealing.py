"""sealing: a thousand keys sealed by `platformc`'s own code and by kubeseal, for the same certificate, in one run.

In      kubeseal, built from its pinned module; a certificate made here.
Out     milliseconds of each round; as a table or, with --json, as data for the page.
Never   compares different work: both get all keys of one Secret in memory and give ciphertext of each as text.

`python -m benchmarks.sealing [--keys N] [--json]`. kubeseal is started once for all keys, as that is its fastest way: what it
takes to start is measured with a Secret of one key, and shown beside it.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from platformc.seal.envelope import Sealer
from platformc.sealed_secrets.certificate import read_certificate
from platformc.sealed_secrets.ciphertext import value_size
from platformc.sealed_secrets.scope import SealingScope

from e2e.binaries import build

KEYS = 1000
ROUNDS = 7
VALUE_BYTES = 40
BITS = 4096
"""What the controller makes by default."""


def main() -> None:
    """Measure, check that both sealed everything, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sealing", description=main.__doc__)
    parser.add_argument("--keys", type=int, default=KEYS, metavar="N")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    table = sealed(given.keys)
    if given.json:
        sys.stdout.write(f"{json.dumps(table)}\n")
        return
    for name, times in table.items():
        rounds = " ".join(f"{time:7.1f}" for time in times)
        sys.stdout.write(f"{name:32}  median {statistics.median(times):7.1f} ms   rounds {rounds}\n")
    first, _, last = (statistics.median(times) for times in table.values())
    sys.stdout.write(f"ratio platformc : kubeseal = {last / first:.2f}\n")


def sealed(count: int) -> dict[str, list[float]]:
    """Milliseconds of each round by what was done: kubeseal, its start, and platformc. Raises where not all was sealed."""
    values = {f"key-{number:04d}": os.urandom(VALUE_BYTES) for number in range(count)}
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "cert.pem"
        pem.write_bytes(_certificate())
        kubeseal = build("kubeseal")

        def theirs(chosen: dict[str, bytes]) -> dict[str, str]:
            secret = {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "bench", "namespace": "bench"},
                "data": {key: base64.b64encode(value).decode() for key, value in chosen.items()},
            }
            ran = subprocess.run(  # noqa: S603 - an argument list
                [kubeseal, "--cert", pem, "--format", "json"],
                input=json.dumps(secret).encode(),
                capture_output=True,
                check=True,
            )
            found: dict[str, str] = json.loads(ran.stdout)["spec"]["encryptedData"]
            return found

        def ours(chosen: dict[str, bytes]) -> dict[str, str]:
            sealer = Sealer(read_certificate(pem.read_bytes()))
            scope = SealingScope("strict", "bench", "bench")
            return {key: sealer.seal(value, scope) for key, value in chosen.items()}

        one = dict(list(values.items())[:1])
        return {
            f"kubeseal, {count} keys in one call": _measured(lambda: theirs(values), values),
            "kubeseal, 1 key (its start)": _measured(lambda: theirs(one), one),
            f"platformc, {count} keys": _measured(lambda: ours(values), values),
        }


def _measured(work: Callable[[], dict[str, str]], values: dict[str, bytes]) -> list[float]:
    """Milliseconds of each round; the first, which warms caches, is left out."""
    times = []
    for number in range(ROUNDS + 1):
        started = perf_counter()
        made = work()
        if number:
            times.append((perf_counter() - started) * 1000)
        if {key: value_size(text) for key, text in made.items()} != {key: len(one) for key, one in values.items()}:
            raise AssertionError("not everything was sealed")
    return times


def _certificate() -> bytes:
    key = rsa.generate_private_key(65537, BITS)
    now = datetime.now(UTC)
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


if __name__ == "__main__":
    main()
