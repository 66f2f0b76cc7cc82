"""repository: what people have: a platform in a clone, and a bare repository that Argo CD reads.

In      a folder; where charts are served; the certificate that secrets are sealed for.
Out     Repository: an environment `e2e` that is production's but for where it goes, compiled and pushed.
Never   pushes what does not compile.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from e2e.definitions import documents
from e2e.platform_copy import copy_platform, seal_everything, try_platformc
from e2e.rendered import RenderedObject, rendered_objects

ENVIRONMENT = "e2e"
BRANCH = "rendered"
"""The revision that the specs tell Argo CD to follow."""


class NotCompiledError(Exception):
    """The spec is wrong, so nothing was committed; the text is what the compiler said."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone that people work in, and where they push to."""

    root: Path
    bare: Path

    @property
    def rendered(self) -> list[RenderedObject]:
        """All objects as they are rendered now."""
        return rendered_objects(ENVIRONMENT, self.root / "rendered")

    def publish(self, message: str) -> str:
        """Compile, commit and push; the commit. Raises NotCompiledError before it commits anything."""
        ran = try_platformc(self.root, "render")
        if ran.returncode != 0:
            raise NotCompiledError(ran.stdout + ran.stderr)
        return self.push(message)

    @property
    def is_published(self) -> bool:
        """Whether there is a commit to compare with."""
        return (self.root / ".git/refs/heads" / BRANCH).exists()

    def push(self, message: str) -> str:
        """Commit all that is there, and push; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", BRANCH)
        return self.head

    @property
    def head(self) -> str:
        """The commit that the bare repository has."""
        return _git(self.bare, "rev-parse", BRANCH)

    def git(self, *words: str) -> str:
        """Run git in the clone; what it printed."""
        return _git(self.root, *words)

    def change(self, path: str, before: str, after: str, *, times: int = 1) -> None:
        """Put a text in the place of one that is there so many times."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == times, f"{path} has it {text.count(before)} times: {before}"
        file.write_text(text.replace(before, after), encoding="utf-8")

    def remove(self, path: str, kind: str, name: str) -> None:
        """Take one document out of a file."""
        file = self.root / path
        texts = file.read_text(encoding="utf-8").split("\n---\n")
        kept = [text for text in texts if not _is(yaml.safe_load(text), kind, name)]
        assert len(kept) == len(texts) - 1, f"{path} has no {kind} {name}, or two"
        file.write_text("\n---\n".join(kept), encoding="utf-8")

    def discard(self) -> None:
        """Forget what was changed since the last commit."""
        self.git("checkout", "--quiet", "--", ".")


def make_repository(folder: Path, charts: str, certificate: Path) -> Repository:
    """Make both; nothing is compiled yet, so the first `publish` is the first commit."""
    made = Repository(folder / "clone", folder / "platform.git")
    made.bare.mkdir(parents=True)
    _git(made.bare, "init", "--quiet", "--bare", f"--initial-branch={BRANCH}")
    copy_platform(made.root)
    _make_environment(made, charts)
    seal_everything(made.root, ENVIRONMENT, str(certificate))
    made.git("init", "--quiet", f"--initial-branch={BRANCH}")
    made.git("remote", "add", "origin", made.bare.as_uri())
    return made


def _make_environment(repository: Repository, charts: str) -> None:
    """Production under another name: in Argo CD's own cluster, from our repository and our charts."""
    specs = repository.root / "specs"
    (environment,) = documents([specs / "environments" / "production.yaml"])
    environment["metadata"]["name"] = ENVIRONMENT
    environment["spec"] |= {
        "destination": {"name": "in-cluster"},
        "sealing": {"certificate": f"sealing/{ENVIRONMENT}.pem", "scope": "strict"},
        "overrides": [
            *environment["spec"].get("overrides", ()),
            {"kind": "Platform", "spec": {"git": {"repoURL": repository.bare.as_uri()}}},
            *(
                {"kind": "Addon", "metadata": {"name": each["metadata"]["name"]}, "spec": {"repoURL": charts}}
                for each in addons(repository.root)
            ),
        ],
    }
    for folder in ("environments", "sealing"):
        for path in (specs / folder).iterdir():
            path.unlink()
    for each in (specs / "sealed").iterdir():
        for path in each.iterdir():
            path.unlink()
        each.rmdir()
    (specs / "environments" / f"{ENVIRONMENT}.yaml").write_text(
        yaml.safe_dump(environment, sort_keys=False), encoding="utf-8"
    )


def _is(document: dict[str, Any], kind: str, name: str) -> bool:
    return bool(document["kind"] == kind and document["metadata"]["name"] == name)


def addons(root: Path) -> list[dict[str, dict[str, str]]]:
    """The Addons of a platform."""
    return [each for each in documents([root / "specs" / "addons.yaml"]) if each["kind"] == "Addon"]


def _git(folder: Path, *words: str) -> str:
    """Without the settings of whoever runs the tests."""
    person = {f"GIT_{who}_{what[0]}": what[1] for who in ("AUTHOR", "COMMITTER") for what in PERSON}
    ran = subprocess.run(  # noqa: S603 - an argument list
        ["git", *words],  # noqa: S607 - whichever git there is
        cwd=folder,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **person},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.strip()


PERSON = (("NAME", "end-to-end tests"), ("EMAIL", "tests@example.com"))
