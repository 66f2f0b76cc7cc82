"""Who can reach whom, and who may do what, in this repository's own platform."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformc.diff.effect import Effect
from platformc.diff.effects.argocd import argocd_effects
from platformc.diff.effects.charts import chart_effects
from platformc.diff.effects.exposure import exposure_effects
from platformc.diff.effects.permissions import permission_effects
from platformc.diff.effects.secrets import secret_effects
from platformc.snapshot import Comparison, Snapshot
from snapshots import between, of_folder, told

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

ROOT = Path(__file__).parents[2]
BOT = "specs/discord-bot/bot.yaml"
PLATFORM = "specs/platform.yaml"


@pytest.fixture(scope="module")
def base() -> Snapshot:
    """The platform as it is."""
    return of_folder(ROOT)


def effects(comparison: Comparison) -> Iterator[Effect]:
    """What the judges of access tell."""
    for judge in (exposure_effects, permission_effects, secret_effects, argocd_effects, chart_effects):
        yield from judge(comparison)


def lines(base: Snapshot, root: Path, file: str, old: str, new: str) -> list[str]:
    """What is told of production after one edit; of staging the same, which may have other names."""
    for folder in ("specs", "crossplane", "argocd"):
        shutil.copytree(ROOT / folder, root / folder)
    text = (root / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (root / file).write_text(text.replace(old, new), encoding="utf-8")
    found = [one for one in effects(between(base, of_folder(root))) if one.environment == "production"]
    assert all(one.basis for one in found)
    return [line.removeprefix("production ") for line in told(found)]


def test_no_change_has_no_effect(base: Snapshot) -> None:
    """Of anything."""
    assert list(effects(between(base, of_folder(ROOT)))) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told_lines"),
    [
        (
            BOT,
            "    - {workload: dev-sandbox, port: shell",
            "    # - {workload: dev-sandbox, port: shell",
            ["routine: Deployment discord-bot/discord-bot: can no longer reach discord-bot/dev-sandbox on 8779/TCP"],
        ),
        (
            BOT,
            "    - {queue: agentic-events, access: [send, receive]}\n",
            "    - {queue: agentic-events, access: [send]}\n",
            [
                (
                    "routine: Identity discord-bot/discord-bot: may no longer use sqs:ChangeMessageVisibility, sqs:DeleteMessage and"
                    " sqs:ReceiveMessage on agentic-events"
                )
            ],
        ),
        (
            BOT,
            "resources: [pods/log], verbs: [get]",
            "resources: [pods/log, secrets], verbs: [get]",
            [
                (
                    "permissions: Role discord-bot/discord-bot-pod-exec: lets the service account discord-bot/discord-bot get secrets"
                    " in discord-bot, an escalation"
                ),
                "  escalation: it can read every Secret in discord-bot",
                "  used by Deployment discord-bot/discord-bot",
            ],
        ),
        (
            "specs/addons.yaml",
            "version: 2.9.0",
            "version: 2.8.0",
            [
                (
                    "restart: Application argocd/external-secrets: DOWNGRADES the chart external-secrets from 2.9.0 to 2.8.0; what that"
                    " changes on the cluster is not known here"
                )
            ],
        ),
        (
            PLATFORM,
            "      - 192.168.0.0/16\n",
            "",
            [
                "exposure: Deployment discord-bot/dev-sandbox: can now reach 192.168.0.0/16 on 80/TCP",
                "exposure: Deployment discord-bot/stoat-api: can now reach 192.168.0.0/16 on 443/TCP",
                "exposure: Deployment discord-bot/stoat-caddy: can now reach 192.168.0.0/16 on 443/TCP",
                "exposure: Deployment discord-bot/stoat-gifbox: can now reach 192.168.0.0/16 on 443/TCP",
                "exposure: Deployment discord-bot/stoat-january: can now reach 192.168.0.0/16 on 80/TCP and 443/TCP",
                "exposure: Deployment discord-bot/stoat-pushd: can now reach 192.168.0.0/16 on 443/TCP",
            ],
        ),
    ],
    ids=["need-removed", "access-removed", "secrets-read", "chart-downgraded", "private-range-dropped"],
)
def test_one_edit(  # noqa: PLR0917 - two fixtures and a case
    base: Snapshot, tmp_path: Path, file: str, old: str, new: str, told_lines: list[str]
) -> None:
    """Of the spec, as its author would make it. The API server's 443 was open to the bot before, so it is not told."""
    assert lines(base, tmp_path, file, old, new) == told_lines
