"""A copy of the real specs and of what they render to, to change and compile again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml
from platformc.diagnostics import Finding, Severity
from platformc.pipeline import Outcome, Request, Tools, compile_platform
from platformc.rendering import unsafe
from platformc.safety import against_rendered
from platformc.tree import write

ROOT = Path(__file__).parents[2]


class Repository:
    """A copy of the real specs and of what they render to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def rendered(cls, root: Path) -> Repository:
        """Copy the real specs, and render them."""
        made = cls(root)
        for folder in ("specs", "crossplane"):
            shutil.copytree(ROOT / folder, root / folder)
        made.write()
        return made

    def copy(self, root: Path) -> Repository:
        """One of its own, to change."""
        shutil.copytree(self.root, root)
        return Repository(root)

    def write(self) -> None:
        """Render what the specs say now."""
        trees = self.compile().trees
        write(self.root / "rendered", trees, unsealed=frozenset(), discard_edits=False, all_environments=True)

    def compile(self) -> Outcome:
        """Compile what the specs say now."""
        outcome = compile_platform(self.request, Tools(self.root / "cache", ""), lambda _stage: None)
        errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
        assert not errors
        return outcome

    @property
    def request(self) -> Request:
        """For everything, without kubeconform."""
        return Request(self.root, self.root / "specs", self.root / "rendered", validate=False)

    def edit(self, file: str, before: str, after: str) -> None:
        """Change one text of one file; every place where it stands."""
        path = self.root / "specs" / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def paths(self, environment: str, application: str) -> dict[str, str]:
        """The files of an application's claims by their path, compiled from what the specs say now."""
        (tree,) = [tree for tree in self.compile().trees if tree.environment == environment]
        return {path: file.content.decode() for path, file in tree.files.items() if path.startswith(f"{application}/")}

    def claims(self, environment: str, kind: str, name: str) -> list[dict[str, Any]]:
        """The claims of a kind and a name: one, or none."""
        (tree,) = [tree for tree in self.compile().trees if tree.environment == environment]
        return [
            yaml.safe_load(file.content)
            for file in tree.files.values()
            if (file.id.group, file.id.kind, file.id.name) == ("aws.platformc.dev", kind, name)
        ]

    def findings(self) -> list[Finding]:
        """What replacing the rendered files by what the specs say now would break."""
        outcome = self.compile()
        compared = against_rendered(
            outcome.sources, outcome.places, self.root / "rendered", outcome.trees, all_environments=True
        )
        return list(unsafe(self.request, compared))
