"""The pull secret without an operator, on a real API server: the program that is rendered, with the rights that are."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from e2e.changed_platform import render_changed
from e2e.control_plane import ControlPlane
from e2e.kubernetes_api import KubernetesAPI
from e2e.rendered import RenderedObject, of_kind, rendered_objects

SOURCE = "registry"
NAME = "ecr-registry"
TOKEN = base64.b64encode(b"AWS:twelve-hours").decode()
APPLIED = ("ServiceAccount", "Role", "RoleBinding", "ConfigMap")
STARTER = (
    "import os, pathlib, runpy, sys; "
    "sys.exit(runpy.run_path(sys.argv[1])['main'](os.environ, pathlib.Path(sys.argv[2])))"
)
"""The program takes the folder of its account as an argument, since no pod mounts one here."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What was rendered, a folder as Kubernetes mounts it, and the account's own connection."""

    objects: list[RenderedObject]
    namespaces: tuple[str, ...]
    program: Path
    account: Path
    client: httpx.Client


@pytest.fixture(scope="module")
def renewal(control_plane: ControlPlane, workspace: Path) -> Iterator[Renewal]:
    """Production with `provider: cronjob`: its accounts and roles are applied, its program is written to a file."""
    api = control_plane.api
    folder = workspace / "cronjob"
    rendered = render_changed(folder, {"provider: external-secrets": "provider: cronjob"})
    objects = rendered_objects("production", rendered)
    ours = [each for each in objects if each.application == "pull-secrets"]
    for namespace in of_kind(objects, "Namespace"):
        api.apply(namespace)
    for each in of_kind(ours, *APPLIED):
        api.apply(each)
    (config_map,) = of_kind(ours, "ConfigMap")
    program = folder / "program.py"
    program.write_text(config_map["data"]["renew_pull_secret.py"], encoding="utf-8")
    (account,) = of_kind(ours, "ServiceAccount")
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = api.create(f"{api.path_of(account)}/token", request)["status"]["token"]
    mounted = folder / "account"
    mounted.mkdir()
    (mounted / "token").write_text(token, encoding="utf-8")
    (mounted / "ca.crt").write_bytes(control_plane.certificate.read_bytes())
    namespaces = tuple(variables(ours, "")["NAMESPACES"].split())
    headers = {"authorization": f"Bearer {token}"}
    trusted = ssl.create_default_context(cafile=str(control_plane.certificate))
    with httpx.Client(base_url=control_plane.url, headers=headers, verify=trusted, trust_env=False) as client:
        yield Renewal(ours, namespaces, program, mounted, client)


@pytest.fixture(scope="module")
def ecr() -> Iterator[str]:
    """An ECR that gives everybody a token; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"authorizationData": [{"authorizationToken": TOKEN}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not into the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def variables(objects: list[RenderedObject], ecr: str) -> dict[str, str]:
    """The variables of the rendered CronJob, with a key and with an ECR that is here."""
    (cron_job,) = of_kind(objects, "CronJob")
    (container,) = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    given = {each["name"]: each.get("value", "a-key") for each in container["env"]}
    return {**given, "ECR_URL": ecr}


def run(renewal: Renewal, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the program as the pod would."""
    command = [sys.executable, "-I", "-B", "-c", STARTER]
    return subprocess.run(  # noqa: S603 - an argument list
        [*command, str(renewal.program), str(renewal.account)],
        env={**given, "no_proxy": "*", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_namespace_gets_a_login(
    renewal: Renewal, control_plane: ControlPlane, api: KubernetesAPI, ecr: str
) -> None:
    """At first it is made, later it is renewed: with `create` and `patch` for this one name, and nothing else."""
    given = {**variables(renewal.objects, ecr), "KUBERNETES_URL": control_plane.url}
    for _ in range(2):
        ran = run(renewal, given)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout == "".join(f"renewed {each}/{NAME}\n" for each in renewal.namespaces)
    assert renewal.namespaces == ("discord-bot",)
    for namespace in renewal.namespaces:
        found = api.get("v1", "Secret", NAME, namespace)
        assert found is not None
        assert found["type"] == "kubernetes.io/dockerconfigjson"
        config = json.loads(base64.b64decode(found["data"][".dockerconfigjson"]))
        assert config == {"auths": {given["REGISTRY"]: {"auth": TOKEN}}}


@pytest.mark.parametrize("other", [{"PULL_SECRET": "another"}, {"NAMESPACES": "default"}, {"NAMESPACES": SOURCE}])
def test_nothing_else_can_be_written(
    renewal: Renewal, control_plane: ControlPlane, ecr: str, other: dict[str, str]
) -> None:
    """Neither another Secret beside it nor one of its name elsewhere, where there is none yet."""
    ran = run(renewal, {**variables(renewal.objects, ecr), "KUBERNETES_URL": control_plane.url, **other})
    assert ran.returncode == 1
    assert "is forbidden" in ran.stderr
    assert TOKEN not in ran.stderr + ran.stdout


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/v1/namespaces/discord-bot/secrets/{NAME}"),
        ("GET", "/api/v1/namespaces/discord-bot/secrets"),
        ("DELETE", f"/api/v1/namespaces/discord-bot/secrets/{NAME}"),
        ("GET", f"/api/v1/namespaces/{SOURCE}/secrets/ecr-pull-credentials"),
        ("GET", "/api/v1/secrets"),
        ("GET", "/api/v1/namespaces/discord-bot/pods"),
    ],
)
def test_the_account_can_do_nothing_else(renewal: Renewal, method: str, path: str) -> None:
    """Not even read what it writes."""
    assert renewal.client.request(method, path).status_code == httpx.codes.FORBIDDEN
