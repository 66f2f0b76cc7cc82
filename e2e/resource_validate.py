"""resource_validate: Crossplane's own offline validator, `crossplane resource validate`, over objects in memory.

In      definitions (XRDs, CRDs), objects to hold against them.
Out     what it says of each object: valid, or its errors.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.binaries import build

JSON = Any

SECONDS = 300


@dataclass(frozen=True, slots=True)
class Judgement:
    """What it says of one object."""

    status: str
    """valid, invalid or missingSchema."""
    errors: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether a schema was found, and nothing is wrong."""
        return self.status == "valid"


def judge(folder: Path, definitions: Iterable[JSON], objects: Sequence[JSON]) -> list[Judgement]:
    """Hold each object against the definitions, in this order. They get names of their own, to be told apart.

    It would pull packages and Crossplane's image; with definitions as files and no image it needs no network.
    Raises AssertionError where its results are not one for each object.
    """
    extensions, resources = folder / "extensions", folder / "resources"
    _write(extensions, definitions)
    named = [
        {**each, "metadata": {**each.get("metadata", {}), "name": f"object-{position}"}}
        for position, each in enumerate(objects)
    ]
    _write(resources, named)
    command = [str(build("crossplane-cli")), "resource", "validate", str(extensions), str(resources)]
    command += ["--crossplane-image=", "--cache-dir", str(folder / "cache"), "--output", "json"]
    ran = subprocess.run(  # noqa: S603 - an argument list
        command,
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.stdout.startswith("{"), ran.stderr
    found = {each["name"]: each for each in json.loads(ran.stdout)["resources"]}
    assert {each["metadata"]["name"] for each in named} <= set(found), ran.stderr
    judged = [found[each["metadata"]["name"]] for each in named]
    return [Judgement(each["status"], tuple(error["message"] for error in each.get("errors", ()))) for each in judged]


def _write(folder: Path, objects: Iterable[JSON]) -> None:
    """A file for each object: JSON is YAML."""
    folder.mkdir(parents=True)
    for position, each in enumerate(objects):
        (folder / f"{position}.yaml").write_text(json.dumps(each), encoding="utf-8")
