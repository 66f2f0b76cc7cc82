"""opened_secrets: what the sealed-secrets controller made of the platform's SealedSecrets, held against what was sealed.

In      a connection to the API server; SealedSecrets of a platform that `platform_copy` sealed.
Out     assertions.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from e2e.kubernetes_api import KubernetesAPI, eventually
from e2e.platform_copy import INTENDED

JSON = Any


def data_of(api: KubernetesAPI, sealed: JSON) -> dict[str, bytes]:
    """The Secret that the controller makes of a SealedSecret."""
    metadata = sealed["metadata"]
    found = eventually(
        f"the controller makes the Secret {metadata['name']}",
        lambda: api.get("v1", "Secret", metadata["name"], metadata["namespace"]),
        seen=lambda: api.get(sealed["apiVersion"], "SealedSecret", metadata["name"], metadata["namespace"]),
    )
    assert found is not None
    return {key: base64.b64decode(value) for key, value in found["data"].items()}


def assert_all_opened(api: KubernetesAPI, sealed: Sequence[JSON]) -> None:
    """All keys of all Secrets are there, each with its intended value, and nothing else but files."""
    assert {each["metadata"]["name"] for each in sealed} == set(INTENDED)
    for each in sealed:
        name, found = each["metadata"]["name"], data_of(api, each)
        files = each["spec"]["template"].get("data", {})
        assert {key: value.decode() for key, value in found.items() if key not in files} == INTENDED[name]
        assert set(found) == {*INTENDED[name], *files}


def assert_files_are_right(api: KubernetesAPI, sealed: Sequence[JSON]) -> None:
    """Files that a controller fills in hold the intended values, read as the programs read them."""
    by_name = {each["metadata"]["name"]: each for each in sealed}
    wanted = INTENDED["stoat-secrets"]
    overrides = tomllib.loads(data_of(api, by_name["stoat-secrets"])["Revolt.overrides.toml"].decode())
    mongodb, redis = urlsplit(overrides["database"]["mongodb"]), urlsplit(overrides["database"]["redis"])
    assert unquote(mongodb.username or "") == wanted["MONGO_INITDB_ROOT_USERNAME"]
    assert unquote(mongodb.password or "") == wanted["MONGO_INITDB_ROOT_PASSWORD"]
    assert (mongodb.hostname, mongodb.port, mongodb.query) == ("stoat-mongodb", 27017, "authSource=admin")
    assert unquote(redis.password or "") == INTENDED["redis"]["password"]
    assert (redis.hostname, redis.port, redis.path) == ("redis", 6379, "/1")
    assert overrides["rabbit"] == {
        "username": wanted["RABBITMQ_DEFAULT_USER"],
        "password": wanted["RABBITMQ_DEFAULT_PASS"],
    }
    assert overrides["pushd"] == {"vapid": {"private_key": wanted["STOAT_VAPID_PRIVATE_KEY"]}}
    assert overrides["files"]["encryption_key"] == wanted["STOAT_ENCRYPTION_KEY"]
    assert overrides["files"]["s3"]["secret_access_key"] == wanted["MINIO_ROOT_PASSWORD"]
    credentials = data_of(api, by_name["aws-provider"])["credentials"].decode()
    assert credentials.splitlines() == [
        "[default]",
        f"aws_access_key_id = {INTENDED['aws-provider']['AWS_ACCESS_KEY_ID']}",
        f"aws_secret_access_key = {INTENDED['aws-provider']['AWS_SECRET_ACCESS_KEY']}",
    ]
