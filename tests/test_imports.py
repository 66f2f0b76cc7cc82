"""Who may import whom: directions of import, the faces of packages, and what only some may import at all."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module

import pytest
from repository_modules import module_name, modules

LAYERS = (
    (
        "diagnostics",
        "atomic_file",
        "canonical_yaml",
        "console",
        "cores",
        "disk",
        "git",
        "http_fetch",
        "lazy_face",
        "processes",
        "rendered_folder",
        "request",
    ),
    ("rules",),
    ("language",),
    ("cache",),  # what an answer is remembered under; imports no stage
    ("link",),
    ("lower",),
    ("kinds",),  # the records of all kinds: what link and lower have for each
    ("sealed_secrets",),
    ("origins",),  # runs link and lower a second time
    ("check",),
    ("composing",),  # what Crossplane makes of claims
    ("graph",),
    ("tree",),
    ("origins.explain", "origins.named", "origins.text", "origins.json_format"),  # reads what was written
    ("compiled",),  # what is kept of one environment
    ("compiling",),  # one environment
    ("work",),  # the same, as a run asks for it
    ("compile_worker",),  # in a process of its own
    ("parallel",),  # several at once
    ("judging",),  # all of them together
    ("pipeline",),
    ("sharding",),  # a run that several machines share
    ("snapshot",),  # whole platforms in one state
    ("safety",),  # what two of them mean for data
    ("rendering",),  # what came of it, and the output folder
    ("diff",),
    ("programs",),  # graphs alone, for verbs that compile nothing
    ("bootstrap",),  # Argo CD's settings, and what is applied first
    ("seal",),
    ("live",),
    ("cli",),
    ("__main__",),
)
"""Who may import whom: what stands in the same line or above."""

AGAINST_THE_FLOW = {
    ("platformc.language.aws_facts", "platformc.link"): "the same, of what is in AWS",
    ("platformc.language.aws_facts", "platformc.lower"): "the same",
    ("platformc.language.kind", "platformc.link"): "a type alone: the signatures in the record of a kind",
    ("platformc.language.kind", "platformc.lower"): "a type alone: the signatures in the record of a kind",
    ("platformc.request", "platformc.language"): "a type alone: a run that is remembered imports no model",
    (
        "platformc.check.kubeconform.validation",
        "platformc.tree",
    ): "kubeconform reads the very bytes that will be written",
}
"""Imports that go the other way, each with its reason."""

DOORS = {
    "check.claim_api": "how Compositions are written, and what is known of what they make",
    "check.aws_resources": "what an object makes in AWS",
    "check.kubeconform.install": "the verb `setup`",
    "check.policies.aws": "which permissions are too broad, for whoever compares them",
    "check.policies.credentials": "words that are no secret, for whoever judges one",
    "check.policies.kubernetes_access": "which permissions are dangerous, for whoever compares them",
    "check.policies.object_fields": "parts of objects that may have any shape",
    "check.policies.policy": "where objects have their pods",
    "check.policies.privileges": "the rules about what a pod may do to its node",
    "check.policies.secret_words": "words that call something a secret",
    "check.schemas.conversion": "the schemas of definitions that no store has",
    "check.schemas.kubernetes": "which versions of Kubernetes are known",
    "check.schemas.kubernetes_fields": "what comparing knows of Kubernetes' own kinds",
    "check.schemas.lock": "the verb `schemas`",
    "check.schemas.store": "the same",
    "check.schemas.structural_defaults": "what an API server fills in",
    "check.schemas.yaml_documents": "files of YAML that nobody vouches for",
    "check.sealing_certificate": "the certificate of an environment",
    "diagnostics.github": "a format of findings is loaded when it is asked for",
    "diagnostics.json_format": "the same",
    "diagnostics.sarif": "the same",
    "diagnostics.text": "the same",
    "diagnostics.text_cells": "what a terminal shows of a text, whatever the text is about",
    "graph.dot": "a format of graphs is loaded when it is asked for",
    "graph.json_format": "the same",
    "graph.mermaid": "the same",
    "graph.text": "the same",
    "kinds.identity": "a model that a rule is about",
    "kinds.queue": "the same",
    "language.aws_facts": "what records of kinds are made of",
    "language.kind": "the same",
    "language.models.*": "one module for each kind of document",
    "language.nodes": "documents before they are models: the words of whoever points into the spec",
    "language.origin": "the marks that lowering hands on",
    "language.references": "how references are written, for who binds them",
    "language.scalars": "how a value is written into a text",
    "language.validate": "how models call their fields, for who marks them",
    "link.attributes": "what references stand for, one function for each kind",
    "link.aws_names": "what something is called in AWS",
    "link.services": "which ports and containers a workload has",
    "lower.argocd": "what Argo CD's objects are called",
    "lower.argocd_projects": "the same",
    "lower.checksums": "which keys are behind a file",
    "lower.claim": "the form of claims",
    "lower.claim_api": "the claim API as it is rendered",
    "lower.composed": "the same",
    "lower.config": "the lowering of one kind, for its record",
    "lower.job": "the same",
    "lower.legacy_claim_api": "the claim API in its older form",
    "lower.metadata": "labels and annotations that others look for",
    "lower.patches": "which objects a patch is about",
    "lower.raw_manifest": "the lowering of one kind, for its record",
    "lower.secret": "the same",
    "lower.secret_files": "how the files of a Secret use its keys",
    "lower.values": "what stands in the place of a reference",
    "lower.workload": "the lowering of one kind, for its record",
    "origins.documents": "which document a place belongs to",
    "origins.json_format": "explanations, which load what was written",
    "origins.named": "the same",
    "origins.text": "the same",
    "rules.*": "the rules of one family",
    "safety.immutable": "what the API server refuses, for whoever says that a sync fails",
    "safety.sizes": "which of two sizes is less",
}
"""Modules that other stages may import though their package's face does not give what is in them, with the reason."""

LAZY = ("cache", "check", "diff", "composing", "language", "live")
"""Packages whose faces load nothing by themselves, as somebody waits for their start."""

ONLY_IN = {
    "boto3": ("platformc.live.*",),
    "botocore": ("platformc.live.*",),
    "celpy": ("platformc.check.claim_api.cel.*",),
    "click": ("platformc.cli", "platformc.cli.*", "tools.docs.*", "tools.pull_request.*"),
    "cryptography": ("platformc.seal.*",),
    "httpx": ("platformc.live.cluster",),
    "kr8s": ("platformc.live.cluster",),
    "pydantic": ("platformc.kinds.*", "platformc.language.*", "platformc.origins.marked", "tools.docs.*"),
    "pydantic_core": ("platformc.kinds.*", "platformc.language.*", "tools.docs.*"),
    "yaml": ("platformc.language.reader", "platformc.check.schemas.yaml_documents"),
}
"""What is heavy or reaches outside, and the only modules that may import it."""


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`module` imports `target` in this line, at its top or inside of a function."""

    module: str
    target: str
    line: int


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the compiler, wherever it stands in its module."""
    return tuple(_imports())


def _imports() -> Iterator[Import]:
    known = {module_name(path) for path, _ in modules("compiler")}
    for path, text in modules("compiler"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                yield from (Import(module_name(path), alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
                assert node.module is not None
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield Import(module_name(path), inner if inner in known else node.module, node.lineno)


def layer(module: str) -> int:
    """How late a module of ours is in the flow; the package's own top comes first."""
    rest = module.removeprefix("platformc").removeprefix(".")
    found = {name: index for index, names in enumerate(LAYERS) for name in names if f"{rest}.".startswith(f"{name}.")}
    assert found or not rest, f"{module} stands in no line of LAYERS"
    return found[max(found, key=len)] if found else -1


class TestImports:
    """Data flows one way, and so do imports."""

    def test_they_are_found(self) -> None:
        """A parser that sees nothing must not turn the suite green."""
        found = {(each.module, each.target) for each in imports()}
        assert ("platformc.pipeline", "platformc.language") in found
        assert ("platformc.cli.compile_options", "platformc.pipeline") in found, "inside of a function"

    def test_no_stage_imports_a_later_one(self) -> None:
        """A later stage may import an earlier one, never the reverse."""
        ours = {each for each in imports() if each.target.split(".")[0] == "platformc"}
        against = {each for each in ours if layer(each.target) > layer(each.module)}
        assert {(each.module, each.target) for each in against} == set(AGAINST_THE_FLOW), sorted(against)

    def test_what_reaches_outside_stays_where_it_belongs(self) -> None:
        """Clusters, AWS, the terminal, models and YAML events each have one place."""
        strayed = [
            each
            for each in imports()
            if (places := ONLY_IN.get(each.target.split(".")[0])) is not None
            and not any(fnmatchcase(each.module, place) for place in places)
        ]
        assert strayed == []

    def test_compiling_never_imports_what_only_some_verbs_need(self) -> None:
        """`live` and `seal` are imported by their own verbs alone."""
        assert [
            each
            for each in imports()
            if f"{each.target}.".startswith(("platformc.live.", "platformc.seal."))
            and not f"{each.module}.".startswith(("platformc.live.", "platformc.seal.", "platformc.cli."))
        ] == []


@dataclass(frozen=True, slots=True, order=True)
class Entered:
    """`module` takes something out of `door`, a package or a module of another stage."""

    module: str
    door: str


def entered() -> Iterator[Entered]:
    """Every way into another stage."""
    packages = {module_name(path) for path, _ in modules("compiler") if path.name == "__init__.py"}
    known = {module_name(path) for path, _ in modules("compiler")}
    for path, text in modules("compiler"):
        module = module_name(path)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                doors = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                doors = [
                    inner
                    if (inner := f"{node.module}.{name}") in known and not _gives(node.module, name)
                    else node.module
                    for name in (alias.name for alias in node.names)
                ]
            else:
                continue
            for door in doors:
                stage = ".".join(door.split(".")[:2])
                if stage in packages and stage != "platformc" and not f"{module}.".startswith(f"{stage}."):
                    yield Entered(module, door.removeprefix("platformc."))


@cache
def _face(package: str) -> tuple[str, ...]:
    return tuple(getattr(import_module(package), "__all__", ()))


def _gives(package: str, name: str) -> bool:
    """Whether a package's face gives a name, which may be that of a submodule as well."""
    return name in _face(package)


class TestFaces:
    """A stage is entered through its package, which says what of it is for others."""

    def test_stages_are_entered_through_them(self) -> None:
        """Or through a module that is listed with its reason; none is listed in vain."""
        inside = [each for each in entered() if "." in each.door]
        strayed = [each for each in inside if not any(fnmatchcase(each.door, door) for door in DOORS)]
        assert strayed == []
        assert [door for door in DOORS if not any(fnmatchcase(each.door, door) for each in inside)] == []
        assert Entered("platformc.pipeline", "language") in set(entered())

    @pytest.mark.parametrize("stage", sorted({name.split(".")[0] for names in LAYERS for name in names}))
    def test_they_give_what_they_promise(self, stage: str) -> None:
        """Each public name is there."""
        face = import_module(f"platformc.{stage}") if stage != "__main__" else None
        for name in getattr(face, "__all__", ()):
            assert getattr(face, name) is not None

    @pytest.mark.parametrize("stage", LAZY)
    def test_lazy_ones_say_the_same_three_times(self, stage: str) -> None:
        """To the type checker, to Python, and to people."""
        (text,) = [text for path, text in modules("compiler") if module_name(path) == f"platformc.{stage}"]
        (branch,) = [node for node in ast.parse(text).body if isinstance(node, ast.If)]
        checked = {
            (str(node.module).removeprefix(f"platformc.{stage}."), alias.name)
            for node in branch.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        (table,) = [node for node in ast.walk(branch.orelse[0]) if isinstance(node, ast.Dict)]
        given = {(module, name) for module, names in ast.literal_eval(table).items() for name in names}
        assert checked == given
        assert sorted(name for _, name in given) == sorted(_face(f"platformc.{stage}"))
        submodules = {module_name(path).rpartition(".")[2] for path, _ in modules(f"compiler/platformc/{stage}")}
        assert not submodules & set(_face(f"platformc.{stage}")), "Python puts the module in its place"

    def test_lazy_ones_load_nothing(self) -> None:
        """But themselves."""
        program = (
            f"import sys; before = set(sys.modules); import {', '.join(f'platformc.{stage}' for stage in LAZY)};"
            "print(*sorted(name for name in set(sys.modules) - before if name.startswith('platformc')))"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
        assert ran.stdout.split() == sorted(
            ["platformc", "platformc.lazy_face", *(f"platformc.{stage}" for stage in LAZY)]
        )
