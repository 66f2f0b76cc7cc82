"""Stoat's files: Revolt.toml and its secret half, and the Caddyfile."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from go_template import fill
from rendered_platform import ENVIRONMENTS, Rendered, rendered

DOMAINS = {"production": "stoat.example.com", "staging": "stoat.staging.example.com"}
AWKWARD = 'a+b c%d"e\\f/ü@:?#[]&<>=$'
"""A password that breaks whatever quotes carelessly."""
WITH_CREDENTIALS = {"api", "events", "autumn", "gifbox", "crond", "pushd"}


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


def domain(platform: Rendered) -> str:
    """Stoat's public host name."""
    return DOMAINS[platform.program.platform.environment]


def settings(platform: Rendered) -> dict[str, Any]:
    """What /Revolt.toml says."""
    return tomllib.loads(platform.one("ConfigMap", "stoat-config")["data"]["Revolt.toml"])


def overrides(platform: Rendered, values: dict[str, str]) -> dict[str, Any]:
    """What Revolt.overrides.toml says, with these values for the Secret's keys."""
    template = platform.one("SealedSecret", "stoat-secrets")["spec"]["template"]["data"]
    return tomllib.loads(fill(template["Revolt.overrides.toml"], values))


def secret_values(platform: Rendered, text: str) -> dict[str, str]:
    """A value for each sealed key."""
    keys = platform.one("SealedSecret", "stoat-secrets")["spec"]["encryptedData"]
    return {key: f"{key}{text}" for key in keys}


def leaves(data: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every value that is no table."""
    for key, below in data.items():
        if isinstance(below, dict):
            yield from leaves(below, (*path, key))
        else:
            yield (*path, key)


class TestRevoltToml:
    """Its clear half."""

    def test_values(self, platform: Rendered) -> None:
        """All of it, with the types that the programs want."""
        host = domain(platform)
        found = settings(platform)
        public_key = found["pushd"]["vapid"].pop("public_key")
        assert re.fullmatch(r"B[A-Za-z0-9_-]{86}", public_key)
        assert found == {
            "production": False,
            "hosts": {
                "app": f"https://{host}",
                "api": f"https://{host}/api",
                "events": f"wss://{host}/ws",
                "autumn": f"https://{host}/autumn",
                "january": f"https://{host}/january",
            },
            "rabbit": {"host": "stoat-rabbitmq", "port": 5672},
            "api": {
                "registration": {"invite_only": True},
                "smtp": {"host": ""},
                "security": {"trust_cloudflare": True},
            },
            "pushd": {"production": True, "vapid": {}},
            "files": {
                "s3": {
                    "endpoint": "http://stoat-minio:9000",
                    "path_style_buckets": True,
                    "region": "minio",
                    "default_bucket": "revolt-uploads",
                }
            },
            "features": {"webhooks_enabled": False, "mass_mentions_send_notifications": False},
        }
        assert found["features"]["webhooks_enabled"] is False  # in Python 0 equals False, in TOML it does not
        assert type(found["rabbit"]["port"]) is int

    def test_it_holds_no_secret(self, platform: Rendered) -> None:
        """It wins over the overrides file, so even an empty credential here would replace the real one."""
        paths = {".".join(path) for path in leaves(settings(platform))}
        assert not paths & {
            "database.mongodb",
            "database.redis",
            "rabbit.username",
            "rabbit.password",
            "pushd.vapid.private_key",
            "files.encryption_key",
            "files.s3.access_key_id",
            "files.s3.secret_access_key",
            "api.smtp.password",
        }

    def test_no_key_is_in_both_halves(self, platform: Rendered) -> None:
        """One of the two would never be read."""
        clear, secret = set(leaves(settings(platform))), set(leaves(overrides(platform, secret_values(platform, ""))))
        assert clear
        assert secret
        assert not clear & secret


class TestOverrides:
    """Its secret half, filled in by the controller inside the cluster."""

    def test_values(self, platform: Rendered) -> None:
        """Exactly what the programs need; databases of its own on the shared Redis."""
        values = secret_values(platform, "")
        assert overrides(platform, values) == {
            "database": {
                "mongodb": "mongodb://MONGO_INITDB_ROOT_USERNAME:MONGO_INITDB_ROOT_PASSWORD"
                "@stoat-mongodb:27017/?authSource=admin",
                "redis": "redis://:REDIS_PASSWORD@redis:6379/1",
            },
            "rabbit": {"username": "RABBITMQ_DEFAULT_USER", "password": "RABBITMQ_DEFAULT_PASS"},
            "pushd": {"vapid": {"private_key": "STOAT_VAPID_PRIVATE_KEY"}},
            "files": {
                "encryption_key": "STOAT_ENCRYPTION_KEY",
                "s3": {"access_key_id": "MINIO_ROOT_USER", "secret_access_key": "MINIO_ROOT_PASSWORD"},
            },
        }

    def test_any_password_survives(self, platform: Rendered) -> None:
        """Quotes, backslashes and what means something in a URL arrive as they are."""
        values = secret_values(platform, AWKWARD)
        found = overrides(platform, values)
        assert found["rabbit"]["password"] == values["RABBITMQ_DEFAULT_PASS"]
        assert found["files"]["s3"]["secret_access_key"] == values["MINIO_ROOT_PASSWORD"]
        encoded = "a%2Bb%20c%25d%22e%5Cf%2F%C3%BC%40%3A%3F%23%5B%5D%26%3C%3E%3D%24"
        assert found["database"]["redis"] == f"redis://:REDIS_PASSWORD{encoded}@redis:6379/1"
        assert f":MONGO_INITDB_ROOT_PASSWORD{encoded}@" in found["database"]["mongodb"]

    def test_a_key_of_its_own_database(self, platform: Rendered) -> None:
        """The bot uses 0, Stoat 1."""
        bot = platform.one("Deployment", "discord-bot")["spec"]["template"]["spec"]["containers"][0]
        (url,) = [one["value"] for one in bot["env"] if one["name"] == "REDIS_URL"]
        assert url.endswith("/0")
        assert overrides(platform, secret_values(platform, ""))["database"]["redis"].endswith("/1")

    def test_where_they_are_mounted(self, platform: Rendered) -> None:
        """The clear half for all seven, the secret one for all but january, which opens foreign addresses."""
        clear, secret = set(), set()
        for name, deployment in platform.of_kind("Deployment").items():
            spec = deployment["spec"]["template"]["spec"]
            for mount in spec["containers"][0].get("volumeMounts", []):
                if mount["mountPath"] == "/Revolt.toml":
                    assert mount["subPath"] == "Revolt.toml"
                    clear.add(name)
                if mount["mountPath"] == "/home/nonroot/Revolt.overrides.toml":
                    assert mount["subPath"] == "Revolt.overrides.toml"
                    secret.add(name)
        assert secret == {f"stoat-{name}" for name in WITH_CREDENTIALS}
        assert clear == secret | {"stoat-january"}

    def test_nothing_sets_the_variables_that_replace_the_files(self, platform: Rendered) -> None:
        """REDIS_URL would switch the file's Redis off, TEST_DB its database."""
        for deployment in platform.of_kind("Deployment").values():
            if deployment["metadata"]["name"].removeprefix("stoat-") in WITH_CREDENTIALS:
                (container,) = deployment["spec"]["template"]["spec"]["containers"]
                assert {one["name"] for one in container["env"]} == {"RUST_LOG"}


class TestWebClient:
    """What browsers load."""

    def test_public_address(self, platform: Rendered) -> None:
        """It fills the API's address in at its start, into a folder that it may write to."""
        spec = platform.one("Deployment", "stoat-web")["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        variables = {one["name"]: one["value"] for one in container["env"]}
        assert variables == {"HOME": "/tmp", "REVOLT_PUBLIC_URL": f"https://{domain(platform)}/api"}  # noqa: S108 - a path inside of the container
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/tmp", "/usr/src/app/dist_injected"}  # noqa: S108 - as above


class TestCaddyfile:
    """What answers to the world."""

    def test_site_address(self, platform: Rendered) -> None:
        """Literal: in a pod, HOSTNAME is the pod's name."""
        text = caddyfile(platform)
        assert f"\nhttps://{domain(platform)} {{\n  import stoat\n}}\n" in text
        assert "HOSTNAME" not in text
        assert "{$" not in text
        assert "${" not in text

    def test_routes(self, platform: Rendered) -> None:
        """Six of them, to the Services' ports, each without its prefix; the web client last."""
        text = caddyfile(platform)
        found = re.findall(
            r"uri strip_prefix (\S+)\n\s+reverse_proxy (\S+) \{\n\s+header_down Location \"\^/\" \"(\S+)\"", text
        )
        assert found == [
            ("/api", "stoat-api:3000", "/api/"),
            ("/ws", "stoat-events:3000", "/ws/"),
            ("/autumn", "stoat-autumn:3000", "/autumn/"),
            ("/january", "stoat-january:3000", "/january/"),
            ("/gifbox", "stoat-gifbox:3000", "/gifbox/"),
        ]
        assert re.findall(r"reverse_proxy (\S+)", text)[-1] == "stoat-web:5000"
        assert len(re.findall(r"reverse_proxy ", text)) == 6

    def test_metrics_are_closed(self, platform: Rendered) -> None:
        """Before the prefix is cut and the request handed on, inside of the api's own route."""
        route = caddyfile(platform).partition("route @api {")[2].partition("reverse_proxy")[0]
        assert "@metrics path /api/metrics /api/metrics/*" in route
        assert route.index("respond @metrics 404") < route.index("uri strip_prefix /api")

    def test_the_callers_address_cannot_be_claimed(self, platform: Rendered) -> None:
        """Stoat counts requests by CF-Connecting-IP; Caddy writes it over, and only the balancer is believed."""
        text = caddyfile(platform)
        assert "request_header CF-Connecting-IP {remote_host}" in text
        assert settings(platform)["api"]["security"]["trust_cloudflare"] is True
        assert "allow 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16" in text

    def test_ports_are_those_of_the_pod(self, platform: Rendered) -> None:
        """Unprivileged ones; the probes have a port of their own, which no Service has."""
        text = caddyfile(platform)
        (container,) = platform.one("Deployment", "stoat-caddy")["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports == {"http": 8080, "https": 8443, "health": 8081}
        assert "http_port 8080" in text
        assert "https_port 8443" in text
        assert "http://:8081 {" in text
        assert container["livenessProbe"]["httpGet"]["port"] == "health"

    def test_braces_are_closed(self, platform: Rendered) -> None:
        """Nothing was cut off."""
        text = caddyfile(platform)
        assert text.count("{") == text.count("}") > 10
        assert text.endswith("}\n")

    def test_staging_asks_the_test_authority(self) -> None:
        """Its certificates count against no limit."""
        found = {name: re.findall(r"acme_ca (\S+)", caddyfile(rendered(name)))[0] for name in ENVIRONMENTS}
        assert found == {
            "production": "https://acme-v02.api.letsencrypt.org/directory",
            "staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
        }


def caddyfile(platform: Rendered) -> str:
    """Its text."""
    return str(platform.one("ConfigMap", "stoat-caddy")["data"]["Caddyfile"])
