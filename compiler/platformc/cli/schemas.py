"""schemas: fill the store of schemas for kinds that are not Kubernetes' own, and list its contents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from platformc.cli.global_options import GLOBAL_OPTIONS, Options, only_formats
from platformc.cli.verbs import VerbGroup, examples, verb

if TYPE_CHECKING:
    from platformc.check import SchemaStore
    from platformc.check.schemas.store import Added

EXAMPLES = (
    "platformc schemas fetch",
    "platformc schemas add ../crds",
    "platformc schemas list --format json",
)

command = VerbGroup(
    name="schemas",
    help="Fetch, add or list the schemas of kinds that are not Kubernetes' own.\n\n"
    "The schemas of Kubernetes' kinds and of claims are built in. The kinds of Argo CD, Crossplane, sealed-secrets and "
    "External Secrets are validated once their CRDs are in the store, which is part of the cache folder.",
    params=list(GLOBAL_OPTIONS),
    add_help_option=False,
    epilog=examples(*EXAMPLES),
    subcommand_metavar="VERB [ARGS]...",
)


@verb("fetch", "platformc schemas fetch", "platformc schemas fetch --mirror https://mirror.example.com/github")
@click.option("--mirror", metavar="URL", help="Download the files from this address; the checksums stay the same.")
def fetch_command(options: Options, mirror: str | None) -> int:
    """Download the CRDs that this version is pinned to.

    Addresses and sha256 sums are in a lock file that is part of platformc. Files that are already there
    are not downloaded again, so that a call after an error continues where it stopped.
    """
    from platformc.check.schemas.lock import UPSTREAM, fetch, locked_files

    with options.progress() as progress:
        result = fetch(_store(options), files=locked_files(), base=mirror or UPSTREAM, report=progress)
    _report(options, result)
    return 0


@verb("add", "platformc schemas add ../crds")
@click.argument("folder", metavar="DIR", type=click.Path())
def add_command(options: Options, folder: str) -> int:
    """Add every CRD and XRD below a folder to the store.

    A definition that differs from the stored one replaces it. Files without definitions are counted;
    -v lists them.
    """
    from platformc.check.schemas.store import add_folder

    with options.progress() as progress:
        progress(f"reading {folder}")
        result = add_folder(_store(options), Path(folder))
    _report(options, result)
    return 0


@verb("list", "platformc schemas list", "platformc schemas list --format json")
def list_command(options: Options) -> int:
    """List the kinds that the store has schemas for, and where each schema came from."""
    from platformc.check.schemas.store import known_definitions

    only_formats(options, "text", "json")
    known = known_definitions(_store(options))
    if options.format == "json":
        definitions = [
            {
                "name": each.name,
                "kinds": [{"apiVersion": api_version, "kind": kind} for api_version, kind in each.kinds],
                "source": each.source,
                "sha256": each.sha256,
            }
            for each in known
        ]
        options.terminal.out.write(json.dumps({"schemaVersion": 1, "definitions": definitions}, indent=2) + "\n")
        return 0
    rows = sorted((f"{api_version}/{kind}", each.source) for each in known for api_version, kind in each.kinds)
    width = max((len(kind) for kind, _ in rows), default=0)
    options.terminal.out.write("".join(f"{kind:<{width}}  {source}\n" for kind, source in rows))
    if not rows:
        options.inform("the store is empty; `platformc schemas fetch` fills it")
    return 0


def _store(options: Options) -> SchemaStore:
    from platformc.check import SchemaStore

    return SchemaStore(options.environment.cache / "schemas")


def _report(options: Options, result: Added) -> None:
    if options.verbose:
        for source, reason in result.ignored:
            options.inform(f"{source} {reason}")
    counts = {
        "added": len(result.added),
        "replaced": len(result.replaced),
        "unchanged": len(result.unchanged),
        "ignored": len(result.ignored),
    }
    options.inform(
        "schemas: " + ", ".join(f"{count} {word}" for word, count in counts.items() if count or word == "added")
    )


for each in (fetch_command, add_command, list_command):
    command.add_command(each)
