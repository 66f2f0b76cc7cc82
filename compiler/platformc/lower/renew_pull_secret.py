"""Asks ECR for a token, and writes it to a pull secret in each of some namespaces.

In      variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, ECR_URL, REGISTRY; KUBERNETES_URL,
        PULL_SECRET, NAMESPACES (with spaces between); the service account's token and certificate.
Out     a line for each namespace; exit code 1 where any of them failed.
Never   prints a token; asks for more than to apply this one Secret; needs anything but Python, from 3.11 on.

This module runs inside the cluster, from a ConfigMap. The compiler copies it and never imports it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
MANAGER = "pull-secret-renewal"
SECONDS = 30
TARGET = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"


def signed_headers(variables: Mapping[str, str], body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a request to ECR, signed with the identity's key.

    Source: AWS, "Create a signed AWS API request" (Signature Version 4).
    """
    host = variables["ECR_URL"].partition("://")[2].rstrip("/")
    time, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": time,
        "x-amz-target": TARGET,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/{variables['AWS_REGION']}/ecr/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{variables['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    parts = (
        ("Credential", f"{variables['AWS_ACCESS_KEY_ID']}/{scope}"),
        ("SignedHeaders", names),
        ("Signature", signature),
    )
    headers["authorization"] = f"AWS4-HMAC-SHA256 {', '.join('='.join(part) for part in parts)}"
    return headers


def docker_config(registry: str, token: str) -> str:
    """What kubelet reads. ECR's token is user and password, encoded as `auth` is in such a file."""
    return json.dumps({"auths": {registry: {"auth": token}}})


def applied_secret(name: str, namespace: str, config: str) -> dict[str, object]:
    """The pull secret as it is applied; everything else that the object may have stays as it is."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/managed-by": MANAGER}},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode()},
    }


def authorization_token(variables: Mapping[str, str]) -> str:
    """ECR's token. Raises URLError, and its HTTPError with AWS' reason as text."""
    body = b"{}"
    headers = signed_headers(variables, body, datetime.now(UTC))
    answer = _asked(variables["ECR_URL"], "POST", body, headers, ssl.create_default_context())
    return str(answer["authorizationData"][0]["authorizationToken"])


def apply(variables: Mapping[str, str], namespace: str, config: str, account: Path) -> None:
    """Write the Secret of one namespace by server-side apply, which creates or updates. Raises URLError."""
    name = variables["PULL_SECRET"]
    address = (
        f"{variables['KUBERNETES_URL']}/api/v1/namespaces/{namespace}/secrets/{name}?fieldManager={MANAGER}&force=true"
    )
    headers = {
        "authorization": f"Bearer {(account / 'token').read_text(encoding='utf-8').strip()}",
        "content-type": "application/apply-patch+yaml",
    }
    context = ssl.create_default_context(cafile=str(account / "ca.crt"))
    _asked(address, "PATCH", json.dumps(applied_secret(name, namespace, config)).encode(), headers, context)


def _asked(address: str, method: str, body: bytes, headers: Mapping[str, str], context: ssl.SSLContext) -> Any:
    request = urllib.request.Request(address, body, dict(headers), method=method)  # noqa: S310 - addresses are the compiler's
    with urllib.request.urlopen(request, timeout=SECONDS, context=context) as answer:  # noqa: S310 - the same
        return json.load(answer)


def main(variables: Mapping[str, str], account: Path = ACCOUNT) -> int:
    """Renew the Secret of every namespace, also where one before it failed."""
    try:
        config = docker_config(variables["REGISTRY"], authorization_token(variables))
    except urllib.error.URLError as error:
        print(f"ECR gave no token: {reason(error)}", file=sys.stderr)
        return 1
    failed = 0
    for namespace in variables["NAMESPACES"].split():
        try:
            apply(variables, namespace, config, account)
            print(f"renewed {namespace}/{variables['PULL_SECRET']}")
        except urllib.error.URLError as error:
            failed = 1
            print(f"cannot write {namespace}/{variables['PULL_SECRET']}: {reason(error)}", file=sys.stderr)
    return failed


def reason(error: urllib.error.URLError) -> str:
    """What went wrong, with the words of whoever refused; neither answer holds a token."""
    if isinstance(error, urllib.error.HTTPError):
        return f"{error} {error.read(2000).decode(errors='replace')}".strip()
    return str(error.reason)


if __name__ == "__main__":
    sys.exit(main(os.environ))
