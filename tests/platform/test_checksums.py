"""What rolls which pods: exactly those that read what has changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rendered_platform import ROOT, render, rendered, sources_of

BACKEND = {f"stoat-{name}" for name in ("api", "events", "autumn", "january", "gifbox", "crond", "pushd")}
WITH_CREDENTIALS = BACKEND - {"stoat-january"}
AFTER_RABBITMQ = {"stoat-api", "stoat-pushd"}
AFTER_REDIS = {"stoat-events"}
Change = Callable[[str], str]


def rolled(tmp_path: Path, name: str, change: Change) -> set[str]:
    """The programs whose pod template is another one, after a file of the specs was changed."""
    for folder in ("specs", "crossplane"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    path = tmp_path / "specs" / name
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    old = {one["metadata"]["name"]: template for one, template in rendered("production").pods()}
    changed = render(sources_of(tmp_path), "production")
    new = {one["metadata"]["name"]: template for one, template in changed.pods()}
    assert old.keys() == new.keys()
    return {one for one in old if old[one] != new[one]}


def replacing(old: str, new: str) -> Change:
    """A change of one place."""

    def change(text: str) -> str:
        assert text.count(old) == 1
        return text.replace(old, new)

    return change


def next_revision(key: str) -> Change:
    """A new value for one key: the revision counts it."""

    def change(text: str) -> str:
        before, found, after = text.partition(f"    {key}:\n")
        assert found
        return before + found + after.replace("revision: 1\n", "revision: 2\n", 1)

    return change


class TestConfig:
    """A Config counts by the content of the file that is mounted."""

    def test_a_setting_rolls_its_readers(self, tmp_path: Path) -> None:
        """All programs that mount Revolt.toml, and nobody else."""
        found = rolled(tmp_path, "stoat/config.yaml", replacing("webhooks_enabled: false", "webhooks_enabled: true"))
        assert found == BACKEND

    def test_a_file_of_its_own_rolls_one(self, tmp_path: Path) -> None:
        """The Caddyfile is read by Caddy."""
        found = rolled(tmp_path, "stoat/config.yaml", replacing("respond /healthz 200", "respond /healthz 204"))
        assert found == {"stoat-caddy"}

    def test_a_file_that_nobody_mounts_rolls_nobody(self, tmp_path: Path) -> None:
        """Another file beside the one that is mounted."""
        extra = "  files:\n    unused.txt: {text: nobody reads this}\n    Caddyfile:\n"
        assert rolled(tmp_path, "stoat/config.yaml", replacing("  files:\n    Caddyfile:\n", extra)) == set()

    def test_a_comment_in_the_spec_rolls_nobody(self, tmp_path: Path) -> None:
        """It is no part of any file."""
        found = rolled(
            tmp_path, "stoat/config.yaml", replacing("        production: false  ", "        production: false   ")
        )
        assert found == set()


class TestSecrets:
    """A key counts by its revision, for all who read it."""

    @pytest.mark.parametrize(
        ("file", "key", "expected"),
        [
            ("discord-bot.discord-bot-secrets", "DISCORD_TOKEN", {"discord-bot"}),
            # redis is rolled by its own key, and events restarts with redis; the copy is another Secret's key
            ("discord-bot.redis", "password", {"discord-bot", "redis"} | AFTER_REDIS),
            ("discord-bot.stoat-secrets", "REDIS_PASSWORD", WITH_CREDENTIALS),
            ("discord-bot.stoat-secrets", "STOAT_ENCRYPTION_KEY", WITH_CREDENTIALS),
            ("discord-bot.stoat-secrets", "MONGO_INITDB_ROOT_PASSWORD", WITH_CREDENTIALS | {"stoat-mongodb"}),
            ("discord-bot.stoat-secrets", "RABBITMQ_DEFAULT_PASS", WITH_CREDENTIALS | {"stoat-rabbitmq"}),
            (
                "discord-bot.stoat-secrets",
                "MINIO_ROOT_PASSWORD",
                WITH_CREDENTIALS | {"stoat-minio", "stoat-minio-create-buckets"},
            ),
            ("crossplane-system.aws-provider", "AWS_ACCESS_KEY_ID", set()),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_new_value_rolls_its_readers(self, file: str, key: str, expected: set[str], tmp_path: Path) -> None:
        """Through a variable, through the overrides file, or both."""
        assert rolled(tmp_path, f"sealed/production/{file}.yaml", next_revision(key)) == expected

    def test_a_public_key_counts_where_its_value_stands(self, tmp_path: Path) -> None:
        """Revolt.toml holds it, so its readers are rolled by the value, not by the revision."""
        name = "sealed/production/discord-bot.stoat-secrets.yaml"
        assert rolled(tmp_path / "revision", name, next_revision("STOAT_VAPID_PUBLIC_KEY")) == set()

        def another(text: str) -> str:
            return re.sub(
                r"(\n      public: B)(\w)", lambda match: f"{match[1]}{'a' if match[2] != 'a' else 'b'}", text
            )

        assert rolled(tmp_path / "value", name, another) == BACKEND

    @pytest.mark.parametrize(
        "name", ["discord-bot.stoat-secrets", "discord-bot.redis", "discord-bot.discord-bot-secrets"]
    )
    def test_encrypting_again_rolls_nobody(self, name: str, tmp_path: Path) -> None:
        """Other ciphertext, another certificate, the same values."""

        def sealed_again(text: str) -> str:
            other = re.sub(r"(certificateFingerprint: SHA256:)\S+", r"\1" + "A" * 43, text)
            return re.sub(r"(ciphertext: Ag)\w{8}", r"\1AAAAAAAA", other)

        assert rolled(tmp_path, f"sealed/production/{name}.yaml", sealed_again) == set()

    def test_the_text_around_the_values_counts(self, tmp_path: Path) -> None:
        """The overrides file is read at the start, too."""
        found = rolled(tmp_path, "stoat/secrets.yaml", replacing("/?authSource=admin", "/?authSource=admin&tls=false"))
        assert found == WITH_CREDENTIALS


class TestRestarts:
    """A program that does not reconnect restarts with what it is connected to."""

    def test_after_rabbitmq(self, tmp_path: Path) -> None:
        """stoat-api and stoat-pushd, whatever of its pod changes; nobody else."""
        found = rolled(tmp_path, "stoat/stores.yaml", replacing("rabbitmq:4.1-management ", "rabbitmq:4.2-management "))
        assert found == {"stoat-rabbitmq"} | AFTER_RABBITMQ

    def test_after_redis(self, tmp_path: Path) -> None:
        """stoat-events; the others reconnect."""
        found = rolled(tmp_path, "discord-bot/redis.yaml", replacing("memory: 128Mi..256Mi", "memory: 128Mi..300Mi"))
        assert found == {"redis"} | AFTER_REDIS

    def test_mongodb_takes_nobody_along(self, tmp_path: Path) -> None:
        """Drivers reconnect to it."""
        found = rolled(tmp_path, "stoat/stores.yaml", replacing("memory: 512Mi..2Gi", "memory: 512Mi..3Gi"))
        assert found == {"stoat-mongodb"}


def test_a_change_of_the_job_alone_is_seen(tmp_path: Path) -> None:
    """Argo CD compares no hooks: the checksum on the service account starts the sync that runs it."""
    for folder in ("specs", "crossplane"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    path = tmp_path / "specs/stoat/stores.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("stoat/revolt-uploads]") == 1
    path.write_text(text.replace("stoat/revolt-uploads]", "stoat/revolt-uploads, --quiet]"), encoding="utf-8")
    name, note = "stoat-minio-create-buckets", "platformc.dev/job-checksum"
    old, new = (
        one.one("ServiceAccount", name) for one in (rendered("production"), render(sources_of(tmp_path), "production"))
    )
    assert old["metadata"]["annotations"][note] != new["metadata"]["annotations"][note]
