"""A small repository with streams, in a folder of its own, to be changed, compiled and asked about by every verb.

Two environments, an application with an Identity, a Workload and two streams, the claim API of streams, and the
CustomResourceDefinition of what it composes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from platformc import cli
from platformc.check.schemas.store import SchemaStore, add_folder
from platformc.diagnostics import Finding
from platformc.kinds import KINDS
from platformc.language.kind import Kind, Kinds
from platformc.link import Program
from platformc.pipeline import Outcome, Request, Tools, compile_platform
from platformc.programs import program_of, sound_sources
from platformc.rendering import unsafe
from platformc.safety import against_rendered
from platformc.tree import write
from toy_stream import STREAM

REPOSITORY = Path(__file__).parent / "toy"
CLAIM_API = "aws.platformc.dev/v1alpha1"


@dataclass
class ToyRepository:
    """A copy of tests/kinds/toy, with a record of its own for streams."""

    root: Path
    kind: Kind = field(default=STREAM)

    def __post_init__(self) -> None:
        shutil.copytree(REPOSITORY, self.root, dirs_exist_ok=True)

    @property
    def kinds(self) -> Kinds:
        """The compiler's own, and the toy."""
        return {**KINDS, self.kind.name: self.kind}

    @property
    def request(self) -> Request:
        """For everything, without kubeconform."""
        return Request(self.root, self.root / "specs", self.root / "rendered", validate=False, kinds=self.kinds)

    @cached_property
    def tools(self) -> Tools:
        """A cache that knows what a provider of toys installs."""
        cache = self.root / "cache"
        add_folder(SchemaStore(cache / "schemas"), self.root / "crds")
        return Tools(cache, "")

    def edit(self, file: str, before: str, after: str) -> None:
        """Change one text of one file below the root."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def remove(self, file: str) -> None:
        """Remove one file below the root."""
        (self.root / file).unlink()

    def add(self, name: str, spec: str, kind: str = "Stream") -> None:
        """Another document of the application `post`; `spec` is what is between the braces."""
        text = f"apiVersion: platformc.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"
        (self.root / "specs" / "post" / f"{name}-{kind}.yaml".lower()).write_text(text, encoding="utf-8")

    def leave_streams_alone(self) -> None:
        """Nothing but streams, so that each can go: no program, no output, no override."""
        self.remove("specs/post/sorter.yaml")
        self.edit("specs/post/streams.yaml", "  needs: [{stream: archive, access: [write]}]\n", "")
        for file, end in (("platform.yaml", "  outputs:"), ("environments/staging.yaml", "  overrides:")):
            path = self.root / "specs" / file
            path.write_text(path.read_text(encoding="utf-8").partition(end)[0], encoding="utf-8")

    def compile(self) -> Outcome:
        """Compile all environments, without kubeconform."""
        return compile_platform(self.request, self.tools, lambda _stage: None)

    def found(self, rule: str = "") -> list[Finding]:
        """What compiling finds; of one rule, if one is named."""
        return [one for one in self.compile().findings if rule in ("", one.rule)]

    def objects(self, environment: str = "production") -> Mapping[tuple[str, str], dict[str, Any]]:
        """Kind and name -> object, of a sound spec; claims and the objects of their names share no kind here."""
        outcome = self.compile()
        assert [str(one) for one in outcome.findings] == []
        (tree,) = [tree for tree in outcome.trees if tree.environment == environment]
        return {(file.id.kind, file.id.name): yaml.safe_load(file.content) for file in tree.files.values()}

    def claim(self, name: str, environment: str = "production") -> dict[str, Any]:
        """The spec of a Stream claim."""
        found = self.objects(environment)["Stream", name]
        assert found["apiVersion"] == CLAIM_API
        return dict(found["spec"])

    def program(self, environment: str = "production") -> Program:
        """The graph of one environment."""
        return program_of(sound_sources(self.request), environment)

    def render(self) -> None:
        """Write what the specs say now, whatever stands there."""
        trees = self.compile().trees
        assert len(trees) == 2
        write(self.root / "rendered", trees, unsealed=frozenset(), discard_edits=False, all_environments=True)

    def replaced(self) -> list[Finding]:
        """What replacing the rendered files by what the specs say now would break."""
        outcome = self.compile()
        compared = against_rendered(
            outcome.sources, outcome.places, self.root / "rendered", outcome.trees, all_environments=True
        )
        return list(unsafe(self.request, compared))

    def run(self, *arguments: str) -> int:
        """Run a verb with the toy's kinds."""
        return cli.main(["--specs", str(self.root / "specs"), "--color", "never", *arguments], kinds=self.kinds)
