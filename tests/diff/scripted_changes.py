"""Scripted changes of this repository's own platform: what a reviewer is told of each.

A change is a list of edits of files. The base is the platform as it is; the head is a copy with the edits. What
`platformc diff` says of each, as markdown and as JSON, is in `scripted/`.

`make cases` writes them all again; their diff is to be read like code.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from platformc.check import Tools
from platformc.diff.difference import difference
from platformc.diff.formats.json_format import dump_report
from platformc.diff.formats.markdown import render_markdown
from platformc.diff.report import Report
from platformc.diff.run import keys_of
from platformc.request import Request
from platformc.snapshot import Snapshot, snapshot_of_folder
from scripted_dangers import DANGERS
from scripted_edits import Edit, ScriptedChange, appended, everywhere, removed, replaced, without_document

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "scripted"
FOLDERS = ("specs", "crossplane", "argocd", "rendered")
VERSION = "1.0.0"

BOT = "specs/discord-bot/bot.yaml"
TABLES = "specs/discord-bot/tables.yaml"
QUEUES = "specs/discord-bot/queues.yaml"
PLATFORM = "specs/platform.yaml"
STORES = "specs/stoat/stores.yaml"
SERVICES = "specs/stoat/services.yaml"
STAGING = "specs/environments/staging.yaml"
PRODUCTION = "specs/environments/production.yaml"
TABLE_COMPOSITION = "crossplane/table/composition.yaml"
SEALED_BOT = "specs/sealed/production/discord-bot.discord-bot-secrets.yaml"

QUEUE = """\
---
apiVersion: platformc.dev/v1alpha1
kind: Queue
metadata: {name: reminders}
spec:
  messageRetentionPeriod: 4d
  visibilityTimeout: 30s
  encryption: SSE-SQS
"""


def _rotated(root: Path) -> None:
    """A new token: another revision and another ciphertext, as `platformc seal` would write them."""
    path = root / SEALED_BOT
    lines = path.read_text(encoding="utf-8").split("\n")
    start = next(position for position, line in enumerate(lines) if line.strip() == "DISCORD_TOKEN:")
    for position in range(start, len(lines)):
        if lines[position].strip().startswith("revision:"):
            indent, revision = lines[position].split("revision:")
            lines[position] = f"{indent}revision: {int(revision) + 1}"
        if lines[position].strip().startswith("ciphertext:"):
            head, text = lines[position].split("ciphertext: ")
            sealed = bytearray(base64.b64decode(text))
            sealed[-1] ^= 1
            lines[position] = f"{head}ciphertext: {base64.b64encode(bytes(sealed)).decode()}"
            break
    path.write_text("\n".join(lines), encoding="utf-8")


def _swapped_certificate(root: Path) -> None:
    """Production's secrets would be sealed for staging's key."""
    shutil.copyfile(root / "specs/sealing/staging.pem", root / "specs/sealing/production.pem")


def _unprotected_tables(root: Path) -> None:
    path = root / TABLES
    text = path.read_text(encoding="utf-8")
    lowered = "  deletionPolicy: Delete\n  deletionProtection: false\n  pointInTimeRecovery: false\n"
    path.write_text(text.replace("  tableName:", f"{lowered}  tableName:"), encoding="utf-8")
    path = root / STAGING  # which has them lowered already: its overrides would change nothing
    start, *documents = path.read_text(encoding="utf-8").split("    - kind: ")
    kept = [one for one in documents if "pointInTimeRecovery: false" not in one or not one.startswith("Table")]
    path.write_text("    - kind: ".join([start, *kept]), encoding="utf-8")


def _without_stoat(root: Path) -> None:
    """The chat goes; the bot stays."""
    shutil.rmtree(root / "specs/stoat")
    for place in sorted((root / "specs/sealed").glob("*/discord-bot.stoat-secrets.yaml")):
        place.unlink()
    replaced(PLATFORM, "    stoat_url: https://${values.domain}\n", "")(root)
    path = root / STAGING
    documents = path.read_text(encoding="utf-8").split("    - kind: ")
    kept = [one for one in documents if "{name: stoat-" not in one]
    path.write_text("    - kind: ".join(kept), encoding="utf-8")


def _renamed_environment(root: Path) -> None:
    """Staging becomes `test`, with all that is called after it."""
    replaced(STAGING, "metadata: {name: staging}", "metadata: {name: test}")(root)
    (root / STAGING).rename(root / "specs/environments/test.yaml")
    (root / "specs/sealed/staging").rename(root / "specs/sealed/test")
    everywhere("specs/sealed/test", "environment: staging", "environment: test")(root)


def _rendered_by_another_compiler(root: Path) -> None:
    """What is committed was rendered by a compiler that wrote another label."""
    everywhere("rendered", "app.kubernetes.io/managed-by: platformc", "app.kubernetes.io/managed-by: compiler")(root)


CHANGES = (
    ScriptedChange("nothing", ()),
    ScriptedChange("new-image", (replaced(BOT, ":1.4.2", ":1.5.0"),)),
    ScriptedChange(
        "replicas",
        (
            replaced(
                SERVICES,
                "  resources: {cpu: 50m, memory: 128Mi..512Mi}\n  ports: {http: {containerPort: 14702",
                "  replicas: 3\n  resources: {cpu: 50m, memory: 128Mi..512Mi}\n  ports: {http: {containerPort: 14702",
            ),
        ),
    ),
    ScriptedChange("renamed-workload", (everywhere("specs/stoat", "stoat-gifbox", "stoat-gifs"),)),
    ScriptedChange(
        "renamed-workload-with-moved",
        (
            everywhere("specs/stoat", "stoat-gifbox", "stoat-gifs"),
            replaced(
                SERVICES,
                "metadata: {name: stoat-gifs}\nspec:\n",
                "metadata: {name: stoat-gifs}\nspec:\n  moved: [{from: workload.stoat-gifbox, to: workload.stoat-gifs}]\n",
            ),
        ),
    ),
    ScriptedChange("renamed-store", (everywhere("specs", "stoat-mongodb", "stoat-database"),)),
    ScriptedChange(
        "renamed-store-with-moved",
        (
            everywhere("specs", "stoat-mongodb", "stoat-database"),
            replaced(
                STORES,
                "metadata: {name: stoat-database}\nspec:\n",
                "metadata: {name: stoat-database}\nspec:\n  moved: [{from: workload.stoat-mongodb, to: workload.stoat-database}]\n",
            ),
        ),
    ),
    ScriptedChange("table-key", (replaced(TABLES, "hashKey: {name: date, type: S}", "hashKey: {name: day, type: S}"),)),
    ScriptedChange(
        "table-removed",
        (
            without_document(TABLES, "Table", "chat-history"),
            replaced(BOT, "    DYNAMODB_CHAT_HISTORY_TABLE: ${table.chat-history.name}\n", ""),
            replaced(BOT, "    - {table: chat-history, access: [read, write]}\n", ""),
            replaced(PLATFORM, "    chat_history_table_name: ${table.chat-history.name}\n", ""),
            replaced(
                STAGING,
                "    - kind: Table\n      metadata: {name: chat-history}\n      spec: {deletionPolicy: Delete, deletionProtection: false, pointInTimeRecovery: false}\n",
                "",
            ),
        ),
    ),
    ScriptedChange(
        "index-added",
        (
            replaced(
                TABLES,
                "  hashKey: {name: thread_id, type: S}\n---",
                "  hashKey: {name: thread_id, type: S}\n  globalSecondaryIndexes:\n    - {name: guild-index, hashKey: {name: guild_id, type: S}, projectionType: ALL}\n---",
            ),
        ),
    ),
    ScriptedChange("new-queue", (appended(QUEUES, QUEUE),)),
    ScriptedChange(
        "dead-letter-queue-dropped",
        (
            replaced(
                QUEUES,
                "  deadLetterQueue:\n    name: discord-messages-dlq\n    maxReceiveCount: 3\n    messageRetentionPeriod: 14d\n",
                "",
            ),
            replaced(PLATFORM, "    discord_messages_dlq_url: ${queue.discord-messages-dlq.url}\n", ""),
        ),
    ),
    ScriptedChange("secret-rotated", (_rotated,)),
    ScriptedChange("certificate-swapped", (_swapped_certificate,)),
    ScriptedChange(
        "port-exposed",
        (
            replaced(BOT, "  ports: {http: 3000}\n", "  ports: {http: 3000}\n  service: {type: LoadBalancer}\n"),
            replaced(
                BOT,
                "  allow:\n",
                '  allow:\n    - {rule: public-exposure-undeclared, reason: "webhooks of partners arrive here"}\n',
            ),
        ),
    ),
    ScriptedChange(
        "need-added",
        (
            replaced(
                SERVICES,
                "  needs:\n    - {internet: {ports: [80, 443], except: private}}\n",
                "  needs:\n    - {internet: {ports: [80, 443], except: private}}\n    - {workload: redis, port: redis}\n",
            ),
        ),
    ),
    ScriptedChange(
        "need-removed",
        (
            replaced(BOT, "    - {bucket: artifacts, access: [get, put]}\n", ""),
            replaced(BOT, "    S3_ARTIFACT_BUCKET: ${bucket.artifacts.name}\n", ""),
        ),
    ),
    ScriptedChange("private-ranges-widened", (replaced(PLATFORM, "      - 172.16.0.0/12\n", ""),)),
    ScriptedChange("volume-grown", (replaced("specs/discord-bot/redis.yaml", "size: 1Gi", "size: 5Gi"),)),
    ScriptedChange("claim-grown", (replaced(STORES, "size: 10Gi", "size: 20Gi"),)),
    ScriptedChange("volume-shrunk", (replaced(STORES, "size: 10Gi", "size: 5Gi"),)),
    ScriptedChange(
        "rolling-update-to-recreate",
        (
            replaced(
                SERVICES,
                "  restartOn: [workload.stoat-rabbitmq]  # this release never reconnects to RabbitMQ\n",
                "  strategy: Recreate\n  restartOn: [workload.stoat-rabbitmq]  # this release never reconnects to RabbitMQ\n",
            ),
        ),
    ),
    ScriptedChange(
        "namespace-changed",
        (
            replaced(
                "specs/registry/application.yaml", "{name: registry, create: true}", "{name: images, create: true}"
            ),
            replaced(PLATFORM, "sourceNamespace: registry", "sourceNamespace: images"),
        ),
    ),
    ScriptedChange(
        "environment-override",
        (
            replaced(
                STAGING,
                "    # Reached with `kubectl port-forward`",
                "    - kind: Workload\n      metadata: {name: stoat-api}\n      spec: {resources: {memory: 64Mi..256Mi}}\n\n    # Reached with `kubectl port-forward`",
            ),
        ),
    ),
    ScriptedChange(
        "config-value", (replaced("specs/stoat/config.yaml", "trust_cloudflare: true ", "trust_cloudflare: false "),)
    ),
    ScriptedChange(
        "application-renamed",
        (replaced("specs/stoat/application.yaml", "metadata: {name: stoat}", "metadata: {name: chat}"),),
    ),
    ScriptedChange("application-removed", (_without_stoat,)),
    ScriptedChange("environment-renamed", (_renamed_environment,)),
    ScriptedChange("protection-lowered", (_unprotected_tables,)),
    ScriptedChange(
        "composition-field",
        (
            replaced(
                TABLE_COMPOSITION,
                "              - {type: FromCompositeFieldPath, fromFieldPath: spec.deletionProtection, "
                "toFieldPath: spec.forProvider.deletionProtectionEnabled}\n",
                "",
            ),
        ),
    ),
    ScriptedChange(
        "composition-deletes",
        (
            replaced(
                TABLE_COMPOSITION, "Orphan: [Observe, Create, Update]", "Orphan: [Observe, Create, Update, Delete]"
            ),
        ),
    ),
    ScriptedChange("compiler-upgraded", (_rendered_by_another_compiler,), is_rendered_by_another_compiler=True),
    *DANGERS,
)


def report_of(change: ScriptedChange, folder: Path) -> Report:
    """What the change does, from copies of the platform in a folder that is empty."""
    # What is committed is only compared where that is the change; it is none of a base that is edited.
    known = (*change.before, removed("rendered")) if change.before else ()
    head = _edited(_copy(folder / "head"), (*known, *change.edits))
    if change.is_rendered_by_another_compiler:
        before = _snapshot(head, "main")
    elif change.before:
        before = _snapshot(_edited(_copy(folder / "base"), known), "main")
    else:
        before = base()
    # As in a run of the verb, the second side takes what it can from the first: no word may change by that.
    return difference(before, _snapshot(head, "the working tree", before), keys_of(_tools()), VERSION)


def _edited(root: Path, edits: Iterable[Edit]) -> Path:
    for edit in edits:
        edit(root)
    return root


@cache
def base() -> Snapshot:
    """The platform as it is."""
    return _snapshot(ROOT, "main")


def _snapshot(root: Path, label: str, like: Snapshot | None = None) -> Snapshot:
    request = Request(root, root / "specs", root / "rendered", validate=False)
    return snapshot_of_folder(request, label, _tools(), lambda _stage: None, like)


@cache
def _cache() -> tempfile.TemporaryDirectory[str]:
    """For all changes of a run: what is known of Kubernetes is prepared once."""
    return tempfile.TemporaryDirectory()


def _tools() -> Tools:
    return Tools(cache=Path(_cache().name), path="")


def _copy(target: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder)
    return target


def golden(change: ScriptedChange, folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a change, and what belongs into them."""
    report = report_of(change, folder)
    yield GOLDEN / f"{change.name}.md", render_markdown(report)
    yield GOLDEN / f"{change.name}.json", dump_report(report)


def main(words: list[str]) -> None:
    """Write the files of all changes, or of those whose names hold one of the words; remove those of none."""
    GOLDEN.mkdir(exist_ok=True)
    names = {change.name for change in CHANGES}
    for path in GOLDEN.iterdir():
        if path.stem not in names:
            path.unlink()
    for change in CHANGES:
        if not words or any(word in change.name for word in words):
            with tempfile.TemporaryDirectory() as folder:
                for path, text in golden(change, Path(folder)):
                    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
