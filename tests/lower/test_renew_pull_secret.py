"""The program that renews a pull secret: signed as AWS asks for, and one namespace's failure is not another's."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth  # type: ignore[import-untyped] # boto3's own part has no types
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped] # the same
from botocore.credentials import Credentials  # type: ignore[import-untyped] # the same
from platformc.lower import renew_pull_secret
from platformc.lower.renew_pull_secret import docker_config, signed_headers

REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
TOKEN = base64.b64encode(b"AWS:token-of-twelve-hours").decode()
KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS' own example
NOW = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)


def variables(ecr: str = "https://api.ecr.eu-central-1.amazonaws.com", kubernetes: str = "") -> dict[str, str]:
    """What the pod has."""
    return {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": "eu-central-1",
        "ECR_URL": ecr,
        "REGISTRY": REGISTRY,
        "KUBERNETES_URL": kubernetes,
        "PULL_SECRET": "ecr",
        "NAMESPACES": "one two three",
    }


def test_the_signature_is_what_aws_own_client_makes() -> None:
    """Of the same request at the same time."""
    headers = signed_headers(variables(), b"{}", NOW)
    signer = SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", KEY), "ecr", "eu-central-1")
    given = {name: value for name, value in headers.items() if name != "authorization"}
    request = AWSRequest("POST", "https://api.ecr.eu-central-1.amazonaws.com/", headers=given, data=b"{}")
    request.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert headers["authorization"].endswith(f"Signature={signer.signature(text, request)}")
    assert f"Credential={signer.scope(request)}, " in headers["authorization"]
    assert f"SignedHeaders={signer.signed_headers(signer.headers_to_sign(request))}, " in headers["authorization"]


def test_kubelet_finds_user_and_password() -> None:
    """Decoded as Kubernetes does (pkg/credentialprovider, decodeDockerConfigFieldAuth)."""
    found = json.loads(docker_config(REGISTRY, TOKEN))
    assert base64.b64decode(found["auths"][REGISTRY]["auth"]) == b"AWS:token-of-twelve-hours"


def test_it_runs_as_the_pod_runs_it(tmp_path: Path) -> None:
    """Alone and isolated: nothing of the compiler is there, and a missing ECR is one line and exit code 1."""
    program = tmp_path / "renew_pull_secret.py"
    program.write_bytes(Path(renew_pull_secret.__file__).read_bytes())
    ran = subprocess.run(
        [sys.executable, "-I", "-B", str(program)],
        env=variables("http://127.0.0.1:9"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("ECR gave no token: ")
    assert ran.stderr.count("\n") == 1


@dataclass(slots=True)
class Servers:
    """ECR and Kubernetes' API in one; what was asked of them."""

    address: str
    refuse_token: bool = False
    asked: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def servers() -> Iterator[Servers]:
    """A loopback server: a token for every POST, and two namespaces that may be written."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def remember(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.asked.append((self.command, self.path, body))
            found.headers.append({name.lower(): value for name, value in self.headers.items()})

        def do_POST(self) -> None:
            self.remember()
            if found.refuse_token:
                self.answer(400, {"__type": "UnrecognizedClientException", "message": "The security token is invalid."})
            else:
                self.answer(200, {"authorizationData": [{"authorizationToken": TOKEN}]})

        def do_PATCH(self) -> None:
            self.remember()
            if "/namespaces/two/" in self.path:
                self.answer(403, {"message": 'secrets "ecr" is forbidden'})
            else:
                self.answer(200, {})

        def log_message(self, *_: object) -> None:
            """Not into the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Servers(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Kubernetes mounts for a service account; the certificate is one that any machine has."""
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "token").write_text("the-account\n", encoding="utf-8")
    certificate = Path(__file__).parents[2] / "specs" / "sealing" / "staging.pem"
    (tmp_path / "ca.crt").write_bytes(certificate.read_bytes())
    return tmp_path


class TestMain:
    """A whole run."""

    def test_every_namespace_is_tried(
        self, servers: Servers, account: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The second fails, the third is renewed all the same, and the run counts as failed."""
        given = variables(servers.address, servers.address)
        assert renew_pull_secret.main(given, account) == 1
        (method, path, body), *written = servers.asked
        assert (method, path, body) == ("POST", "/", {})
        assert servers.headers[0]["x-amz-target"].endswith(".GetAuthorizationToken")
        assert [path for _, path, _ in written] == [
            f"/api/v1/namespaces/{name}/secrets/ecr?fieldManager=pull-secret-renewal&force=true"
            for name in ("one", "two", "three")
        ]
        assert {method for method, _, _ in written} == {"PATCH"}
        assert {headers["authorization"] for headers in servers.headers[1:]} == {"Bearer the-account"}
        assert {headers["content-type"] for headers in servers.headers[1:]} == {"application/apply-patch+yaml"}
        output, errors = capsys.readouterr()
        assert output == "renewed one/ecr\nrenewed three/ecr\n"
        assert (
            errors == 'cannot write two/ecr: HTTP Error 403: Forbidden {"message": "secrets \\"ecr\\" is forbidden"}\n'
        )

    def test_what_is_applied(self, servers: Servers, account: Path) -> None:
        """A login for kubelet, and nothing that other owners of the object might care for."""
        renew_pull_secret.main({**variables(servers.address, servers.address), "NAMESPACES": "one"}, account)
        applied = servers.asked[1][2]
        assert applied["metadata"] == {
            "name": "ecr",
            "namespace": "one",
            "labels": {"app.kubernetes.io/managed-by": "pull-secret-renewal"},
        }
        assert applied["type"] == "kubernetes.io/dockerconfigjson"
        data = applied["data"]
        assert isinstance(data, dict)
        assert list(data) == [".dockerconfigjson"]
        assert json.loads(base64.b64decode(data[".dockerconfigjson"])) == {"auths": {REGISTRY: {"auth": TOKEN}}}

    def test_aws_refuses(self, servers: Servers, account: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Its reason is told, and nothing is written."""
        servers.refuse_token = True
        assert renew_pull_secret.main(variables(servers.address, servers.address), account) == 1
        assert [method for method, _, _ in servers.asked] == ["POST"]
        assert "UnrecognizedClientException" in capsys.readouterr().err

    def test_no_secret_is_printed(self, servers: Servers, account: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Logs are read by more people than Secrets."""
        renew_pull_secret.main(variables(servers.address, servers.address), account)
        servers.refuse_token = True
        renew_pull_secret.main(variables(servers.address, servers.address), account)
        printed = "".join(capsys.readouterr())
        assert printed
        assert not [one for one in (TOKEN, "token-of-twelve-hours", KEY, "the-account") if one in printed]
