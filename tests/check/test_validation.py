"""Validation runs beside compiling: what it finds, and what goes wrong with it, is told in the right order."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from platformc.check.kubeconform.install import VERSION
from platformc.check.kubeconform.process import Document, Validator, ask, results, stop
from platformc.diagnostics import Severity, ToolError
from platformc.link.program import Program
from platformc.lower.manifest import Manifest
from platformc.pipeline import Outcome, Request, Tools, compile_environment, load_sources
from small_platform import API, CROSSPLANE, HERE, compiled_wholly, raw, workload

from e2e.kubernetes_api import eventually

FLOW_SCHEMA = f"""
apiVersion: flowcontrol.apiserver.k8s.io/v1beta3 {HERE}
kind: FlowSchema
metadata: {{name: raw}}
spec: {{priorityLevelConfiguration: {{name: exempt}}}}
"""
"""A kind that Kubernetes 1.32 no longer serves in this version."""

TOY = """
apiVersion: toys.example.com/v1
kind: Toy
metadata: {name: raw}
"""

OTHER = f"""\
    {API}
    kind: Environment
    metadata: {{name: other}}
    spec:
      destination: {{name: other}}
      argocd: {{namePrefix: other-}}
      aws: {{namePrefix: other-}}
      overrides:
        - {{kind: Platform, spec: {{kubernetes: {{version: "@version"}}}}}}
    """

IN_CLEAR = '{URL: "redis://:hunter2@redis:6379"}'
PATCH = "\n- {target: {kind: Deployment}, merge: {spec: {replicaz: 2}}}\n"


def other(version: str) -> dict[str, str]:
    """A second environment, on another Kubernetes."""
    return {"specs/environments/other.yaml": OTHER.replace("@version", version)}


def errors(outcome: Outcome) -> list[tuple[str, str]]:
    """Environment and rule of each error."""
    return [(one.environment, one.rule) for one in outcome.findings if one.severity is Severity.ERROR]


@pytest.mark.slow
class TestEnvironments:
    """Each is validated on its own."""

    def test_each_is_held_against_its_own_kubernetes(self, tmp_path: Path, tools: Tools) -> None:
        """What the older cluster serves is an error for the newer one alone."""
        outcome = compiled_wholly(tmp_path, tools, raw(FLOW_SCHEMA), other("1.31"))
        assert errors(outcome) == [("production", "schema-invalid")]
        finding = next(one for one in outcome.findings if one.rule == "schema-invalid")
        assert (
            "there is no kind FlowSchema in flowcontrol.apiserver.k8s.io/v1beta3 of Kubernetes 1.34" in finding.message
        )
        assert HERE in outcome.texts[finding.at.path].split("\n")[finding.at.line - 1]

    def test_a_mistake_of_both_is_told_once(self, tmp_path: Path, tools: Tools) -> None:
        """And as one of no environment: it is in a document that both have."""
        outcome = compiled_wholly(tmp_path, tools, workload(patches=PATCH), other("1.33"))
        assert errors(outcome) == [("", "schema-invalid")]

    def test_a_kind_that_nobody_knows_is_told_once(self, tmp_path: Path, tools: Tools) -> None:
        """With all objects of both that were not validated."""
        outcome = compiled_wholly(tmp_path, tools, raw(TOY), other("1.33"))
        (finding,) = (one for one in outcome.findings if one.rule == "schema-missing")
        assert "no schema for Toy (toys.example.com/v1), so 2 objects" in finding.message

    @pytest.mark.parametrize("patches", ["[]", PATCH])
    def test_a_version_without_schemas_is_told_where_it_stands(
        self, tmp_path: Path, tools: Tools, patches: str
    ) -> None:
        """Beside what is wrong with the other environment."""
        outcome = compiled_wholly(tmp_path, tools, workload(patches=patches), other("1.99"))
        wanted = [("other", "invalid-version"), *[("production", "schema-invalid")] * (patches == PATCH)]
        assert sorted(errors(outcome)) == wanted
        (finding,) = (one for one in outcome.findings if one.rule == "invalid-version")
        assert '"1.99"' in outcome.texts[finding.at.path].split("\n")[finding.at.line - 1]
        assert "no schemas of Kubernetes 1.99" in finding.message
        unasked = compiled_wholly(tmp_path / "again", tools, workload(), other("1.99"), validate=False)
        assert errors(unasked) == []


@pytest.mark.slow
class TestBesideOtherMistakes:
    """What validation says, and what other checks say."""

    def test_a_broken_policy_hides_no_schema_error(self, tmp_path: Path, tools: Tools) -> None:
        """Both are told in one run; nothing is rendered."""
        outcome = compiled_wholly(tmp_path, tools, workload(patches=PATCH, env=IN_CLEAR))
        assert sorted(errors(outcome)) == [("production", "schema-invalid"), ("production", "secret-literal-in-url")]
        assert outcome.trees == ()

    def test_what_is_wrong_in_the_spec_comes_before_a_missing_kubeconform(self, tmp_path: Path, tools: Tools) -> None:
        """A machine without it tells what it can; a spec without errors tells that it is missing."""
        cache = tmp_path / "cache"
        cache.mkdir()
        (cache / "schemas").symlink_to(tools.cache / "schemas")
        nothing = Tools(cache, "")
        outcome = compiled_wholly(tmp_path / "wrong", nothing, workload(env=IN_CLEAR))
        assert errors(outcome) == [("production", "secret-literal-in-url")]
        with pytest.raises(ToolError, match="is not installed"):
            compiled_wholly(tmp_path / "right", nothing, workload())

    @pytest.mark.parametrize(
        ("file", "before", "after"),
        [
            ("queue/definition.yaml", "versions:", "version:"),
            ("queue/definition.yaml", "name: v1alpha1", "name: first"),
            ("queue/composition.yaml", "kind: Queue", "kindd: Queue"),
        ],
    )
    def test_a_broken_claim_api_is_told_once(
        self, tmp_path: Path, tools: Tools, file: str, before: str, after: str
    ) -> None:
        """By the check that knows what it is for, not by schemas as well; and it is no bug of ours."""
        text = (CROSSPLANE / file).read_text(encoding="utf-8")
        assert before in text
        outcome = compiled_wholly(tmp_path, tools, workload(), {f"crossplane/{file}": text.replace(before, after, 1)})
        assert errors(outcome)
        assert {rule for _, rule in errors(outcome)}.isdisjoint({"schema-invalid", "schema-missing"})
        assert {one.at.path for one in outcome.findings if one.severity is Severity.ERROR} <= {
            f"crossplane/{file}",
            "crossplane/queue/composition.yaml",
        }


SLEEPS = f"""#!/bin/sh
if [ "$1" = -v ]; then echo {VERSION}; exit; fi
echo $$ > "$0.new"
mv "$0.new" "$0.pid"
exec sleep 60
"""
"""A kubeconform that does not come to an end."""

CONFIG = Document("production", "a", "v1", "ConfigMap", "a", b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n")


@pytest.fixture
def sleeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Such a program, in a folder; temporary files go to `temporary` beside it."""
    program = tmp_path / "bin/kubeconform"
    program.parent.mkdir()
    program.write_text(SLEEPS, encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return program


def is_over(program: Path) -> bool:
    """Whether nothing of it is left: no process, no file."""
    number = int((program.parent / f"{program.name}.pid").read_text(encoding="utf-8"))
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return list((program.parents[1] / "temporary").iterdir()) == []
    return False


def wait_until_it_runs(program: Path) -> None:
    """Give the process its time to begin."""
    eventually("kubeconform runs", (program.parent / f"{program.name}.pid").is_file)


class TestEnding:
    """Nothing of it outlives the run."""

    def test_it_takes_too_long(self, sleeping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is ended, and the command is named."""
        call = ask([CONFIG], Validator(sleeping, "1.34", ()))
        wait_until_it_runs(sleeping)
        monkeypatch.setattr("platformc.check.kubeconform.process.SECONDS", 0.01)
        with pytest.raises(ToolError, match="timed out") as caught:
            results(call)
        assert caught.value.command[0] == str(sleeping)
        assert is_over(sleeping)

    def test_nobody_wants_its_results(self, sleeping: Path) -> None:
        """It is ended, and a second time does no harm."""
        call = ask([CONFIG], Validator(sleeping, "1.34", ()))
        wait_until_it_runs(sleeping)
        stop(call)
        stop(call)
        assert is_over(sleeping)

    def test_a_run_that_is_broken_off(self, sleeping: Path, tmp_path: Path) -> None:
        """As by Ctrl-C while the second environment is compiled."""

        def progress(stage: str) -> None:
            if stage == "compiling production":  # `other` is on its way
                wait_until_it_runs(sleeping)
                raise KeyboardInterrupt

        tools = Tools(tmp_path / "cache", str(sleeping.parent))
        with pytest.raises(KeyboardInterrupt):
            compiled_wholly(tmp_path / "platform", tools, workload(), other("1.33"), progress=progress)
        assert is_over(sleeping)


def of_environments() -> int:
    """How many objects of environments there are, without those of other tests."""
    gc.collect()
    return sum(isinstance(each, Program | Manifest) for each in gc.get_objects())


@pytest.fixture
def without_older_objects() -> Iterator[None]:
    """The garbage collector, and what it lists, knows nothing of the objects that are there already."""
    gc.freeze()
    yield
    gc.unfreeze()


class TestMemory:
    """An environment's objects are gone before the next one is compiled."""

    @pytest.mark.usefixtures("without_older_objects")
    def test_while_compiling_the_next(self, tmp_path: Path) -> None:
        """No Program and no Manifest is alive whenever one begins."""
        alive: list[int] = []

        def progress(stage: str) -> None:
            if stage.startswith("compiling"):
                alive.append(of_environments())

        tools = Tools(tmp_path / "cache", "")
        compiled_wholly(tmp_path, tools, workload(), other("1.33"), validate=False, progress=progress)
        assert alive == [0, 0]

    def test_what_was_read_stays_as_it_is(self, tmp_path: Path) -> None:
        """Manifests share parts with it, and between environments."""
        compiled_wholly(tmp_path, Tools(tmp_path / "cache", ""), workload(), other("1.33"), validate=False)
        sources = load_sources(Request(tmp_path, tmp_path / "specs", tmp_path / "rendered"))
        read = deepcopy(sources.claim_api.objects)
        for environment in sources.environments:
            compile_environment(sources, environment)
        assert sources.claim_api.objects == read
