"""Rules about AWS, and about Stoat's configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rule_case import Case, assert_clean, assert_found_once
from small_platform import DIGEST, HERE, document, job, line, secret, workload

DEAD = "name: dead\n  maxReceiveCount: 3"
CONFIG = "/Revolt.toml: {config: settings, key: Revolt.toml}"
OVERRIDES = "/home/nonroot/Revolt.overrides.toml: {secret: stoat, key: Revolt.overrides.toml}"
STORE = workload("store", ports="{api: 9000}")
KEYS = secret(
    "stoat",
    "{key: {}}",
    "{Revolt.overrides.toml: {format: toml, data: {files: {encryption_key: '${secret.stoat.key}'}}}}",
)


def identity(statement: str) -> str:
    """An Identity with one statement."""
    return document("Identity", "bot", f"statements: [{statement}]")


def settings(data: str) -> str:
    """Stoat's Revolt.toml as a Config."""
    return line("Config", "settings", f"{{files: {{Revolt.toml: {{format: toml, data: {data}}}}}}}")


def stoat(image: str, mounts: str, mark: str = "") -> str:
    """A program of Stoat."""
    return workload(image=f"ghcr.io/revoltchat/{image}:20250930-2{DIGEST}{mark}", mounts=f"{{{mounts}}}")


def storage(endpoint: str, rest: str = "") -> str:
    """Stoat's Revolt.toml with an S3 server."""
    return settings(f'{{files: {{s3: {{endpoint: "{endpoint}"{rest}}}}}}}')


def receiver(kind: Callable[..., str], **fields: str) -> str:
    """A Workload or Job that receives from the queue `letters`."""
    return kind(identity="puller", needs="[{queue: letters, access: [receive]}]", **fields)


def letters(spec: str, mark: str = "") -> str:
    """The queue `letters`."""
    return document("Queue", "letters", f"{spec}{mark}")


def table(spec: str, name: str = "things") -> str:
    """A table with one key."""
    return document("Table", name, f"hashKey: {{name: id, type: S}}\n{spec}")


INSIDE = "http://${workload.store.host}:9000"

CASES = (
    Case(
        "iam-wildcard",
        (line("Identity", "bot", '{statements: [{actions: ["s3:*"], resources: ["arn:aws:s3:::artifacts"]}]}'),),
        (identity('{actions: ["s3:Get*"], resources: ["arn:aws:s3:::artifacts/*"]}'),),
    ),
    Case(
        "iam-wildcard",
        (line("Identity", "bot", '{statements: [{actions: ["s3:GetObject"], resources: ["*"]}]}'),),
        (identity('{effect: Deny, actions: ["s3:*"], resources: ["*"]}'),),
        name="resources",
    ),
    Case(
        "repository-tags-mutable",
        (document("Repository", "bot", f"imageTagMutability: MUTABLE  {HERE}"),),
        (document("Repository", "bot", "imageTagMutability: IMMUTABLE"),),
        at="MUTABLE",
    ),
    Case(
        "repository-unscanned",
        (document("Repository", "bot", f"scanOnPush: false  {HERE}"),),
        (document("Repository", "bot", "scanOnPush: true"),),
        at="false",
    ),
    Case(
        "protection-blocks-deletion",
        (table(f"deletionPolicy: Delete\ndeletionProtection: true  {HERE}"),),
        (table("deletionPolicy: Delete"), table("deletionProtection: true", "kept")),
        at="true",
    ),
    Case(
        "queue-unencrypted",
        (line("Queue", "bot", "{encryption: None, deadLetterQueue: {name: dead, maxReceiveCount: 3}}"),),
        (document("Queue", "bot", "encryption: SSE-SQS"),),
    ),
    Case(
        "dead-letters-expire-early",
        (letters(f"deadLetterQueue:\n  name: dead\n  maxReceiveCount: 3\n  messageRetentionPeriod: 1d  {HERE}"),),
        (letters("deadLetterQueue: {name: dead, maxReceiveCount: 3, messageRetentionPeriod: 4d}"),),
        at="1d",
    ),
    Case(
        "dead-letters-expire-early",
        (letters(f"messageRetentionPeriod: 14d\ndeadLetterQueue:\n  {DEAD}\n  messageRetentionPeriod: 13d  {HERE}"),),
        # A fifo queue counts a message's age anew when it moves it.
        (
            letters(
                "fifo: true\nqueueName: letters.fifo\nmessageRetentionPeriod: 14d\n"
                "deadLetterQueue: {name: dead.fifo, maxReceiveCount: 3, messageRetentionPeriod: 1d}"
            ),
        ),
        name="fifo",
    ),
    Case(
        "visibility-timeout-short",
        (receiver(job, activeDeadlineSeconds="600"), letters("visibilityTimeout: 5m  ", HERE)),
        (receiver(job, activeDeadlineSeconds="600"), letters("visibilityTimeout: 10m")),
        at="5m",
    ),
    Case(
        "visibility-timeout-short",
        (receiver(workload, terminationGracePeriodSeconds="120"), letters("visibilityTimeout: 1m  ", HERE)),
        (receiver(workload), letters("visibilityTimeout: 1m")),
        name="workload",
    ),
    Case(
        "visibility-timeout-short",
        (receiver(job, activeDeadlineSeconds="86400"), letters("visibilityTimeout: 12h  ", HERE)),
        # One that only sends has no message that could be handed out again.
        (
            job(identity="puller", needs="[{queue: letters, access: [send]}]", activeDeadlineSeconds="600"),
            letters("visibilityTimeout: 1m"),
        ),
        name="longest",
    ),
    Case(
        "minio-virtual-host-buckets", (STORE, storage(INSIDE)), (STORE, storage(INSIDE, ", path_style_buckets: true"))
    ),
    Case(
        "minio-virtual-host-buckets",
        (storage("http://minio.other.svc:9000", ", path_style_buckets: false"),),
        (storage("https://s3.example.com"),),
        name="false",
    ),
    Case(
        "stoat-default-keys",
        (settings("{files: {s3: {region: minio}}}").replace(HERE, ""), stoat("autumn", CONFIG, f"  {HERE}")),
        (settings("{files: {s3: {region: minio}}}"), KEYS, stoat("autumn", f"{CONFIG}, {OVERRIDES}")),
    ),
    Case(
        "stoat-default-keys",
        (settings("{pushd: {vapid: {public_key: B}}}").replace(HERE, ""), stoat("pushd", CONFIG, f"  {HERE}")),
        (settings("{files: {s3: {region: minio}}}"), stoat("january", CONFIG)),
        name="pushd",
    ),
    Case(
        "stoat-default-keys",
        (settings("{pushd: {vapid: {public_key: ''}}}").replace(HERE, ""), stoat("server", CONFIG, f"  {HERE}")),
        (settings("{pushd: {vapid: {public_key: B}}}"), stoat("server", CONFIG)),
        name="empty",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_found_once(case: Case, tmp_path: Path) -> None:
    """What is wrong is found once, where it is wrong."""
    assert_found_once(case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_clean(case: Case, tmp_path: Path) -> None:
    """What is right is let through."""
    assert_clean(case, tmp_path)
