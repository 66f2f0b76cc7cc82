"""platform_copy: this repository's platform in another folder, where tests may change it.

In      specs/, crossplane/ and argocd/ of this repository; values for its Secrets.
Out     a folder that the real command line works on.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from platformc.seal.generators import vapid_pair

from e2e.definitions import ROOT

FOLDERS = ("specs", "crossplane", "argocd")

ODD = "\"'\\{}%$ +/@:"
PAIR = vapid_pair()
VALUES_GIVEN = {
    "aws-provider": {"AWS_ACCESS_KEY_ID": "AKIA0123456789ABCDEF", "AWS_SECRET_ACCESS_KEY": "Aa0/+" * 8},
    "discord-bot-secrets": {
        "DISCORD_TOKEN": f"{'MTMzMTQ3NDM5ODI5NjcyNzU4Mg'}.GabcDe.{'Zx9-cV8_bN7mQ6wE5rT4yU3iO2p'}",
        "LITELLM_API_KEY": "sk-Zx9cV8bN7mQ6wE5rT4y",
    },
    "redis": {"password": f"{ODD}{{{{ .x }}}} redis is read through a variable"},
    "stoat-secrets": {
        "MONGO_INITDB_ROOT_USERNAME": "stoat@home:1",
        "MONGO_INITDB_ROOT_PASSWORD": f"{ODD}#?&=[] päßwörd 日本 🔑 %s %20 {ODD}",
        "RABBITMQ_DEFAULT_USER": "stoat",
        "RABBITMQ_DEFAULT_PASS": f"{ODD}\t\u2028 </script> ''' \"\"\" {ODD}{ODD}",
        "MINIO_ROOT_USER": "stoat",
        "MINIO_ROOT_PASSWORD": "Zx9cV8bN7mQ6wE5rT4yU3iO2pA1sD0fG",
        "STOAT_ENCRYPTION_KEY": base64.b64encode(bytes(range(32))).decode(),
        "STOAT_VAPID_PRIVATE_KEY": PAIR.private.decode(),
    },
}
INTENDED: Mapping[str, Mapping[str, str]] = {
    **VALUES_GIVEN,
    "stoat-secrets": {
        **VALUES_GIVEN["stoat-secrets"],
        "REDIS_PASSWORD": VALUES_GIVEN["redis"]["password"],
        "STOAT_VAPID_PUBLIC_KEY": PAIR.public.decode(),
    },
}
"""Secret -> the value of each key: what is given, its copies, and the public half."""


def copy_platform(root: Path) -> None:
    """Copy what people write: no rendered/, as each test renders its own."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name)


def seal_everything(root: Path, environment: str, certificate: str) -> None:
    """Seal VALUES_GIVEN for the holder of a certificate, whose address or file is given."""
    platformc(root, "seal", "-e", environment, "--fetch-certificate", certificate)
    for secret, values in VALUES_GIVEN.items():
        seal(root, environment, secret, values)
    assert "no sealed value is missing" in platformc(root, "seal", "-e", environment)


def seal(root: Path, environment: str, secret: str, values: Mapping[str, str]) -> None:
    """Seal some keys of a Secret."""
    with tempfile.TemporaryDirectory() as folder:
        words = []
        for key, value in values.items():
            path = Path(folder) / key
            path.write_bytes(value.encode())
            words += ["--from-file", f"{key}={path}"]
        platformc(root, "seal", "-e", environment, secret, *words)


def platformc(root: Path, *words: str) -> str:
    """Run a command that must end well; what it said."""
    ran = try_platformc(root, *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def try_platformc(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command, however it ends."""
    return subprocess.run(  # noqa: S603 - an argument list
        [sys.executable, "-m", "platformc", "--specs", str(root / "specs"), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
