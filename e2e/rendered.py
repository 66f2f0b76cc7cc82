"""rendered: what the repository has for Argo CD to sync, as objects.

In      rendered/, or another folder of the same layout.
Out     environments, applications, objects with the file that each stands in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.definitions import ROOT, documents

JSON = Any

RENDERED = ROOT / "rendered"
CLAIM_GROUP = "aws.platformc.dev/"


@dataclass(frozen=True, slots=True)
class RenderedObject:
    """An object, and its file's path below its environment: `<application>/<namespace or _cluster>/<file>`."""

    path: Path
    object: JSON

    @property
    def application(self) -> str:
        """The Argo CD Application that syncs it, by its folder."""
        return self.path.parts[0]

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.object["kind"])


def environments(rendered: Path = RENDERED) -> list[str]:
    """The names of all environments."""
    return sorted(each.name for each in rendered.iterdir() if each.is_dir() and not each.name.startswith("."))


def rendered_objects(environment: str, rendered: Path = RENDERED) -> list[RenderedObject]:
    """All objects of an environment, by path."""
    folder = rendered / environment
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        (content,) = documents([path])
        found.append(RenderedObject(path.relative_to(folder), content))
    return found


def of_kind(objects: Iterable[RenderedObject], *kinds: str) -> list[JSON]:
    """The objects of some kinds, without their files."""
    return [each.object for each in objects if each.kind in kinds]


def claims(objects: Iterable[RenderedObject]) -> list[JSON]:
    """The claims, which are all objects of our own API group."""
    return [each.object for each in objects if each.object["apiVersion"].startswith(CLAIM_GROUP)]
