"""A small platform with two warnings, in a folder of its own, and what is remembered about it."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from cases_runner import BASE, Result, run
from platformc.request import Request

WARNINGS = """\
apiVersion: platformc.dev/v1alpha1
kind: Profile
metadata: {name: small}
spec: {replicas: 1}
---
apiVersion: platformc.dev/v1alpha1
kind: Profile
metadata: {name: große}  # é, and a tab\t
spec: {replicas: 2}
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: toys.example.com}
spec:
  group: example.com
  names: {kind: Toy, plural: toys}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A small platform in a folder of its own, with a cache beside it."""

    folder: Path

    @property
    def root(self) -> Path:
        """Where specs/ and rendered/ stand."""
        return self.folder / "repository"

    @property
    def request(self) -> Request:
        """To compile all of it."""
        return Request(self.root, self.root / "specs", self.root / "rendered", validate=False)

    def say(self, *words: str) -> Result:
        """Run a verb; all that it writes."""
        return run(["--specs", str(self.root / "specs"), "--no-color", *words], self.folder)

    def compiles(self, *words: str) -> bool:
        """Whether a verb has to compile: -v tells the stages, or why there are none."""
        output = self.say(*words, "-v").output
        has_compiled = "s  reading the specs\n" in output
        assert has_compiled != ("nothing has changed since an earlier run" in output)
        return has_compiled

    def recalled(self, *words: str) -> frozenset[str]:
        """The environments that a verb does not compile, though it compiles others."""
        output = self.say(*words, "-v").output
        assert "s  reading the specs\n" in output
        return frozenset(re.findall(r"^ *[0-9.]+ s  recalling (\S+)$", output, re.MULTILINE))

    def forget(self) -> None:
        """Empty the cache."""
        shutil.rmtree(self.folder / "cache")

    def answers(self) -> list[Path]:
        """The files of the cache that hold answers."""
        return sorted((self.folder / "cache" / "answers").iterdir())

    def records(self) -> list[Path]:
        """The files of the cache that hold what is kept of one environment each."""
        return sorted((self.folder / "cache" / "environments").iterdir())

    def edit(self, name: str, text: str = "# more\n") -> None:
        """Append to a file, which need not exist."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)


def small_platform(folder: Path) -> Repository:
    """The base of the cases, with two warnings."""
    made = Repository(folder)
    shutil.copytree(BASE, made.root)
    made.edit("specs/bot/profiles.yaml", WARNINGS.replace("große", "large"))
    return made
