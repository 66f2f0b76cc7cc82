"""A kind that the compiler does not bring goes through every stage, verb and check, by its record alone."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import toy_stream
from platformc.cache import cache_folder
from platformc.check.claim_api.completeness import provider_facts
from platformc.check.kubeconform.install import install_kubeconform
from platformc.check.kubeconform.validation import Tools
from platformc.diagnostics import Finding
from platformc.kinds import ALL, KINDS
from platformc.language.kind import Kind
from platformc.link import EdgeKind, Outside, Target
from platformc.live.outputs import LiveField, known_outputs
from platformc.origins.explain import Explainer
from platformc.pipeline import Request, compile_platform
from platformc.programs import program_of, sound_sources
from toy_repository import REPOSITORY, ToyRepository
from toy_stream import STREAM

from tools.docs.docstrings import fields_of
from tools.docs.language import own_fields

sys.path.append(str(Path(__file__).parents[1] / "live"))
from fake_cluster import FakeCluster, fake_cluster
from healthy_platform import let_it_be_healthy

ROOT = Path(__file__).parents[2]
SORTER, STREAMS = "specs/post/sorter.yaml", "specs/post/streams.yaml"
NEED = "{stream: letters, access: [read]}"
CLAIMS = "/apis/aws.platformc.dev/v1alpha1/namespaces/post/streams"
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]


@pytest.fixture
def toy(tmp_path: Path) -> ToyRepository:
    """The repository, to be changed."""
    return ToyRepository(tmp_path)


@pytest.fixture
def command(toy: ToyRepository, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line at the root of the rendered repository, with its own cache."""
    toy.render()
    monkeypatch.setenv("PLATFORMC_CACHE", str(toy.tools.cache))
    monkeypatch.chdir(toy.root)
    return toy.run


class TestRecords:
    """All kinds together, the toy among them."""

    ALL = (*ALL, STREAM)

    def test_nothing_means_two_kinds(self) -> None:
        """Names, words, claims and managed resources: the later one would take the place of the other."""
        in_aws = [one.aws for one in self.ALL if one.aws is not None]
        claims = [claim for aws in in_aws for claim in aws.claims]
        managed = [(one.service, one.kind) for claim in claims for one in claim.managed]
        for several in (
            [one.name for one in self.ALL],
            [one.word for one in self.ALL if one.word],
            [claim.kind for claim in claims],
            managed,
        ):
            assert len(several) == len(set(several))
        assert set(managed) <= provider_facts({one.name: one for one in self.ALL}).keys()

    @pytest.mark.parametrize("kind", [one for one in ALL if one.aws is not None], ids=lambda one: one.name)
    def test_the_toy_is_written_as_kinds_are(self, kind: Kind) -> None:
        """Its file has what theirs have."""
        theirs = {name for name in vars(sys.modules[kind.model.__module__]) if name in {"_names", "_arn", "_lower"}}
        assert theirs == {"_names", "_arn", "_lower"}
        assert theirs <= vars(toy_stream).keys()

    @pytest.mark.parametrize("root", [ROOT, REPOSITORY], ids=["the platform", "the toys"])
    def test_an_arn_is_said_once(self, root: Path) -> None:
        """A reference gives the very ARN that rights are given on."""
        kinds = {**KINDS, STREAM.name: STREAM}
        request = Request(root, root / "specs", root / "rendered", kinds=kinds)
        program = program_of(sound_sources(request), "production")
        compared = set()
        for resource in program.platform.resources:
            aws, attribute = resource.kind.aws, resource.kind.attributes.get("arn")
            for name in (resource.name, *resource.kind.aliases(resource)) if aws is not None and attribute else ():
                target = Target(resource, name)
                assert aws is not None
                assert attribute is not None
                given = attribute.evaluate(program.platform, target, resource, ())
                assert given == aws.arn(program.platform, target)
                compared.add(resource.kind.name)
        assert compared >= ({"Bucket", "Queue", "Repository", "Table"} if root == ROOT else {"Stream"})

    def test_its_fields_are_described(self) -> None:
        """As the reference asks of every model."""
        said = fields_of(STREAM.model)
        assert all(said[one.attribute] for one in own_fields(STREAM.model))


class TestStages:
    """From the spec to the files."""

    def test_it_is_sound(self, toy: ToyRepository) -> None:
        """No stage finds anything, and each claim is rendered."""
        for environment in ("production", "staging"):
            streams = {name for kind, name in toy.objects(environment) if kind == "Stream"}
            assert streams == {"letters", "letters-mirror", "archive"}
        assert toy.compile().unchecked == (), "its Composition was held against the provider's schema"

    def test_the_older_form_of_claims(self, toy: ToyRepository) -> None:
        """Definition and Composition are made for it, and held against the cluster-scoped kind."""
        crd = (toy.root / "crds" / "streams.yaml").read_text(encoding="utf-8")
        legacy = crd.replace(".m.upbound.io", ".upbound.io").replace("scope: Namespaced", "scope: Cluster")
        legacy = legacy.replace("required: [kind, name]", "required: [name]")
        (toy.root / "crds" / "legacy.yaml").write_text(legacy, encoding="utf-8")
        toy.edit("specs/platform.yaml", "  aws:", "  crossplane: {scope: LegacyCluster}\n  aws:")
        made = toy.objects()
        assert toy.compile().unchecked == ()
        (step,) = made["Composition", "streams.aws.platformc.dev"]["spec"]["pipeline"]
        assert step["input"]["resources"][0]["base"]["apiVersion"] == "toys.aws.upbound.io/v1beta1"
        assert ("CompositeResourceDefinition", "xstreams.aws.platformc.dev") in made

    def test_what_is_switched_on_and_allowed(self, toy: ToyRepository) -> None:
        """Its managed resource for Crossplane; that and the claim for Argo CD."""
        made = toy.objects()
        assert made["ManagedResourceActivationPolicy", "platformc"]["spec"]["activate"] == [
            "streams.toys.aws.m.upbound.io"
        ]
        allowed = made["AppProject", "platform"]["spec"]["namespaceResourceWhitelist"]
        assert {"group": "aws.platformc.dev", "kind": "Stream"} in allowed
        assert {"group": "toys.aws.m.upbound.io", "kind": "Stream"} in allowed

    @pytest.mark.parametrize("environment", ["production", "staging"])
    def test_every_value_is_explained(self, environment: str, toy: ToyRepository) -> None:
        """Each leaf of a claim tells what made it, or which convention did."""
        explainer = Explainer(sound_sources(toy.request), environment)
        claims = [file for file, manifest in explainer.files.items() if manifest.id.kind == "Stream"]
        assert len(claims) == 3
        told = [one for file in claims for one in explainer.explain(file, ())]
        assert [one.path for one in told if not one.origins and one.convention is None] == []
        defaults = {one.path for one in told if one.convention is not None and one.convention.id == "language-defaults"}
        assert ("spec", "deletionPolicy") in defaults

    def test_what_another_environment_owns(self, toy: ToyRepository) -> None:
        """Is named and not made; a name that nobody owns is found."""
        toy.edit("specs/environments/staging.yaml", "shards: 2", "managementPolicy: Observe")
        assert {name for kind, name in toy.objects("staging") if kind == "Stream"} == {"archive"}
        toy.edit("specs/environments/staging.yaml", "ceiling: null", "streamName: mail")
        (found,) = toy.found("observed-elsewhere")
        assert "the Stream mail" in found.message

    def test_what_is_left_out_of_an_environment(self, toy: ToyRepository) -> None:
        """Its further names go with it."""
        staging = toy.root / "specs/environments/staging.yaml"
        document = staging.read_text(encoding="utf-8").partition("      spec:")[0]
        staging.write_text(f"{document}      disabled: true\n", encoding="utf-8")
        absent = {one.message.partition(" does not exist")[0] for one in toy.found("unknown-reference")}
        assert absent == {"the stream letters", "the stream copies"}


class TestNeeds:
    """What a need of something in AWS opens, and what it does not."""

    def test_traffic(self, toy: ToyRepository) -> None:
        """HTTPS outside of private ranges, and nothing in the name of the Kubernetes API."""
        program = toy.program()
        (sorter,) = [one for one in program.resources if (one.kind, one.name) == ("Workload", "sorter")]
        (edge,) = program.edges_from(sorter, EdgeKind.TRAFFIC)
        assert isinstance(edge.target, Outside)
        assert (edge.target.name, edge.target.ports) == ("internet", (443,))

    def test_the_network_policy(self, toy: ToyRepository) -> None:
        """Opens that, and names; nothing else, and nothing comes in."""
        policy = toy.objects()["NetworkPolicy", "sorter"]["spec"]
        assert policy.get("ingress", []) == []
        (https,) = [one for one in policy["egress"] if {"port": 443, "protocol": "TCP"} in one["ports"]]
        (to,) = https["to"]
        assert (to["ipBlock"]["cidr"], set(to["ipBlock"]["except"])) == ("0.0.0.0/0", set(PRIVATE))
        rest = [one for one in policy["egress"] if one is not https]
        assert {port["port"] for one in rest for port in one["ports"]} == {53}
        assert all("ipBlock" not in to for one in rest for to in one["to"])

    def test_what_is_in_aws_needs_no_way_there(self, toy: ToyRepository) -> None:
        """A stream that writes to another one has no pods to open anything for."""
        program = toy.program()
        (letters,) = [one for one in program.resources if (one.kind, one.name) == ("Stream", "letters")]
        assert [edge.kind for edge in program.outgoing[letters]] == [EdgeKind.ACCESS]

    @pytest.mark.parametrize(
        ("need", "rule", "hint"),
        [
            ("{steam: letters, access: [read]}", "unknown-field", "did you mean stream?"),
            ("{kubernetesAPI: false}", "invalid-need", ""),
            ("{workload: null}", "invalid-need", ""),
            ("{stream: null}", "wrong-type", ""),
            ("{stream: 5, access: [read]}", "wrong-type", ""),
            ("{stream: letters, table: x, access: [read]}", "invalid-need", ""),
            ("{stream: letters, access: [paint]}", "unknown-access", ""),
            ("{stream: letters, access: [rea]}", "unknown-access", "did you mean read?"),
            ("{stream: letters}", "missing-access", "add access: [read, write]"),
            ("{stream: leters, access: [read]}", "unknown-reference", "did you mean letters?"),
            ("{stream: letters, access: [read], port: http}", "invalid-need", ""),
            ("{stream: letters, access: [read], wait: true}", "invalid-need", ""),
            ("{'<words of kinds>': {stream: letters}, access: [read]}", "unknown-field", ""),
        ],
    )
    def test_what_is_refused(self, need: str, rule: str, hint: str, toy: ToyRepository) -> None:
        """Nothing is opened for a need that means nothing."""
        toy.edit(SORTER, NEED, need)
        found = toy.found(rule)
        assert found
        assert all(one.at.path == SORTER for one in found)
        assert {one.hint for one in found if hint} <= {hint}
        assert toy.compile().trees == ()


class TestChecks:
    """What its claims are held against."""

    def test_rules_of_its_definition(self, toy: ToyRepository) -> None:
        """A CEL rule that a claim breaks is told where the spec says so."""
        toy.edit(STREAMS, "shards: 3", "shards: 7")
        found = toy.found("claim-refused")
        assert {(one.at.path, one.environment) for one in found} == {(STREAMS, "production")}
        assert "no more shards than its ceiling" in found[0].message

    def test_a_composition_that_leaves_a_field_out(self, toy: ToyRepository) -> None:
        """Each field of the claim reaches something."""
        line = "              - {type: FromCompositeFieldPath, fromFieldPath: spec.shards, toFieldPath: spec.forProvider.shards}\n"
        toy.edit("crossplane/stream/composition.yaml", line, "")
        assert [one.at.path for one in toy.found("claim-field-unused")] == ["crossplane/stream/definition.yaml"]

    def test_tags(self, toy: ToyRepository) -> None:
        """Count as they do for every kind."""
        toy.add("tagged", f"tags: {{{', '.join(f't{number}: x' for number in range(47))}}}")
        assert {one.at.path for one in toy.found("invalid-tag")} == {"specs/post/tagged-stream.yaml"}

    def test_kubeconform(self, toy: ToyRepository) -> None:
        """The real one holds claims against the schema of the definition; what it refuses is told in the spec."""
        assert {one.rule for one in validated(toy)} == set()
        toy.edit(STREAMS, "  ceiling: 5\n", "  ceiling: null\n")
        toy.edit(STREAMS, "shards: 3", "shards: 101")
        toy.edit(STREAMS, "  consumer: sorter\n", "")
        toy.edit(SORTER, "    OWN: ${stream.letters.consumer.sorter}\n", "")
        found = validated(toy)
        assert {(one.rule, one.at.path, one.at.line) for one in found} == {("schema-invalid", STREAMS, 5)}
        assert {one.environment for one in found} == {"production"}


def validated(toy: ToyRepository) -> list[Finding]:
    """What compiling finds with the real kubeconform; kinds that have no schema here are not counted."""
    binary = install_kubeconform(os.environ, cache_folder(os.environ), print)
    programs = toy.tools.cache / "bin"
    programs.mkdir(exist_ok=True)
    if not (programs / binary.name).exists():
        (programs / binary.name).symlink_to(binary)
    request = replace(toy.request, validate=True)
    outcome = compile_platform(request, Tools(toy.tools.cache, os.environ["PATH"]), lambda _stage: None)
    assert outcome.validated is not None
    missing = {(one.api_version, one.kind) for one in outcome.validated.missing}
    assert ("aws.platformc.dev/v1alpha1", "Stream") not in missing
    return list(outcome.findings)


class TestVerbs:
    """Each verb that reads the spec, with the records that a command line is given."""

    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            ("check --no-validate", ""),
            ("render --no-validate", ""),
            ("render --no-validate --check", ""),
            ("render --no-validate --stdout", "kind: Stream"),
            ("explain stream/letters -e production", "specs/post/streams.yaml"),
            ("explain stream/letters.spec.shards -e production", "shards: 3"),
            ("explain rendered/production/post-aws/post/stream-letters.yaml:2", "by convention object-kind"),
            ("explain specs/post/streams.yaml:5", "Stream/letters-mirror spec.shards = 3"),
            ("explain stream/archive.spec.deletionPolicy", "by convention language-defaults"),
            ("explain stream/letters.spec.policyDocument -e production --format json", '"access"'),
            ("graph -e production", "Stream post/letters (copies, write)"),
            ("graph -e production --as dot", 'shape="cds"'),
            ("graph -e production --as mermaid", '[["letters'),
            ("graph -e production --as json", '"Stream/post/letters"'),
            ("graph -e production --impact stream/letters", "its policy names it"),
            ("graph -e production --impact stream/copies", "a change of Stream post/letters"),
            ("graph -e production --impact stream/letters-mirror", "a change of Stream post/letters"),
            ("outputs -e production", "arn:aws:toys:eu-central-1:123456789012:stream/letters"),
            ("outputs -e staging --raw copies_name", "staging-copies"),
            ("schemas list", "toys.aws.m.upbound.io/v1beta1/Stream"),
        ],
    )
    def test_it_runs(
        self, words: str, shown: str, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And shows the stream."""
        code = command(*words.split())
        said = capsys.readouterr()
        assert (code, said.err if code else "") == (0, "")
        assert shown in said.out

    def test_without_its_record_no_verb_knows_it(
        self, toy: ToyRepository, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """So what runs above reads the record."""
        toy.kind = next(one for one in ALL if one.name == "Queue")
        for words in ("check --no-validate", "graph", "outputs -e production", "explain stream/letters", "seal"):
            assert command(*words.split(), *(["-e", "production"] if words == "seal" else [])) == 1
            said = capsys.readouterr()
            assert "unknown-kind" in said.out + said.err

    def test_sealing_reads_it(self, command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
        """There is nothing to seal in it, and no certificate to do it with."""
        assert command("seal", "-e", "production") == 64
        assert "certificate" in capsys.readouterr().err

    def test_bootstrap_reads_it(
        self, toy: ToyRepository, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is applied first comes of a spec with streams."""
        shutil.copytree(ROOT / "argocd", toy.root / "argocd")
        assert command("bootstrap", "-e", "production") == 0
        assert "kind: AppProject" in capsys.readouterr().out

    def test_render_holds_it_against_what_was(
        self, toy: ToyRepository, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What a stream cannot become is not written."""
        toy.edit(STREAMS, "shards: 3", "shards: 2")
        assert command("render", "--no-validate") == 1
        assert "error[immutable-field]" in capsys.readouterr().err


class TestClusters:
    """Verbs that look at clusters, on one that is played."""

    @pytest.fixture
    def cluster(
        self, toy: ToyRepository, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[FakeCluster]:
        """A cluster that has everything that is rendered for production."""
        assert command is not None
        with fake_cluster() as made:
            made.kinds["aws.platformc.dev/v1alpha1"]["Stream"] = "streams"
            let_it_be_healthy(made, "production", toy.root / "rendered")
            monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig(toy.root)))
            yield made

    def test_outputs_of_claims(
        self, cluster: FakeCluster, toy: ToyRepository, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Are read from the status of the stream's claim and of its mirror's."""
        parts = [part for one in known_outputs(toy.program()) for part in one.parts if isinstance(part, LiveField)]
        for part in parts:
            cluster.objects[f"{CLAIMS}/{part.claim.name}"]["status"] = {part.field: f"{part.claim.name} in AWS"}
        assert command("outputs", "-e", "production", "--live", "--format", "json") == 0
        found = json.loads(capsys.readouterr().out)["outputs"]
        assert found == {"letters": "letters in AWS", "copies_name": "letters-mirror in AWS"}

    def test_status(
        self, cluster: FakeCluster, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Looks at its claims; what a program uses is a cause, what a policy names is none."""
        words = ("status", "-e", "production", "--destination-context", "other")
        assert command(*words) == 0
        assert "Degraded" not in capsys.readouterr().out
        refused = {"type": "Synced", "status": "False", "reason": "ReconcileError", "message": "denied"}
        for name in ("letters", "archive"):
            cluster.objects[f"{CLAIMS}/{name}"]["status"] = {"conditions": [refused]}
        cluster.objects["/apis/apps/v1/namespaces/post/deployments/sorter"]["status"] = {}
        assert command(*words) == 0
        said = capsys.readouterr().out
        assert "        Stream post/letters: Synced Degraded, denied\n" in said
        assert "          waits for Stream letters (Degraded: denied)\n" in said
        assert "-> Stream archive" not in said
