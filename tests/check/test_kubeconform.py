from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from platformc.check.kubeconform.documents import MissingSchema, SchemaProblem, Verdict, begin, finish
from platformc.check.kubeconform.process import Document
from platformc.check.schemas.store import SchemaStore, add_folder
from platformc.diagnostics import ToolError

pytestmark = pytest.mark.slow  # starts kubeconform for each mistake

Validate = Callable[..., Verdict]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bot
  annotations:
    example.org/owner: team
spec:
  replicas: 1
  selector:
    matchLabels:
      app: bot
  template:
    metadata:
      labels:
        app: bot
    spec:
      containers:
        - name: bot
          image: example.org/bot:1
          ports:
            - containerPort: 3000
          resources:
            limits:
              memory: 1Gi
          livenessProbe:
            httpGet:
              path: /health
              port: 3000
"""

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  key: {value}
"""

XRD: dict[str, Any] = {
    "apiVersion": "apiextensions.crossplane.io/v2",
    "kind": "CompositeResourceDefinition",
    "metadata": {"name": "queues.platform.example.org"},
    "spec": {
        "scope": "Namespaced",
        "group": "platform.example.org",
        "names": {"kind": "Queue", "plural": "queues"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "referenceable": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["region"],
                                "properties": {
                                    "region": {"type": "string"},
                                    "seconds": {"type": "integer", "maximum": 43200},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}


def document(text: str, label: str = "here") -> Document:
    """A document that says itself what it is."""
    head = yaml.safe_load(text)
    return Document("production", label, head["apiVersion"], head["kind"], head["metadata"]["name"], text.encode())


def config(name: str = "a", value: str = "text", label: str = "here") -> Document:
    """A ConfigMap; anything but a text as its value is a mistake."""
    return Document("production", label, "v1", "ConfigMap", name, CONFIG.format(name=name, value=value).encode())


def queue(label: str = "here", **spec: Any) -> Document:
    """A claim of our own kind."""
    head = {"apiVersion": "platform.example.org/v1alpha1", "kind": "Queue", "metadata": {"name": "events"}}
    return document(yaml.safe_dump({**head, "spec": spec}, sort_keys=False), label)


@pytest.fixture
def check(kubeconform: Path, shared_cache: Path) -> Validate:
    """Validation by the real kubeconform, with our XRD and an empty store unless the test says otherwise."""

    def run(
        documents: Sequence[Document],
        own: Sequence[Any] = (XRD,),
        store: Path | None = None,
        cache: Path = shared_cache,
        binary: Path = kubeconform,
    ) -> Verdict:
        return finish(
            begin(
                documents,
                kubernetes_version="1.34",
                own_definitions=own,
                store=SchemaStore(store or shared_cache / "empty"),
                cache=cache,
                binary=binary,
                paranoid=True,  # always asks the program, which is what these tests are about
            )
        )

    return run


def found(verdict: Verdict) -> list[tuple[str, tuple[str | int, ...], str]]:
    """Label, path and message of each problem."""
    return [(problem.file, problem.path, problem.message) for problem in verdict.problems]


class TestKubernetesKinds:
    """Against Kubernetes' own schemas."""

    def test_a_valid_document(self, check: Validate) -> None:
        """Nothing to say."""
        assert check([document(DEPLOYMENT)]) == Verdict(1)

    def test_no_documents(self, check: Validate) -> None:
        """Nothing to do, nothing to say."""
        assert check([]) == Verdict(0)

    CONTAINER = ("spec", "template", "spec", "containers", 0)

    @pytest.mark.parametrize(
        ("old", "new", "path", "message"),
        [
            ("image:", "imag:", (*CONTAINER, "imag"), "unknown field imag"),
            ("- name: bot", "- image: x", CONTAINER, "missing field name"),
            ("replicas: 1", "replicas: one", ("spec", "replicas"), "must be a whole number, not text"),
            (": team", ": 5", ("metadata", "annotations", "example.org/owner"), "must be text, not a number"),
            (
                "memory: 1Gi",
                "memory: true",
                (*CONTAINER, "resources", "limits", "memory"),
                "must be a number or text, not true or false",
            ),
            (
                "port: 3000",
                "port: [1]",
                (*CONTAINER, "livenessProbe", "httpGet", "port"),
                "must be a whole number or text, not a list",
            ),
        ],
    )
    def test_one_mistake(self, check: Validate, old: str, new: str, path: tuple[str | int, ...], message: str) -> None:
        """It is told in plain words, at its exact place."""
        text = DEPLOYMENT.replace(old, new, 1)
        verdict = check(
            [document(text.replace("          image: example.org/bot:1\n", "") if "- image" in new else text)]
        )
        assert found(verdict) == [("here", path, message)]
        assert verdict.valid == 0

    def test_all_mistakes_of_a_document(self, check: Validate) -> None:
        """Not only the first one, also when they share a branch; kubeconform's words are kept."""
        text = DEPLOYMENT.replace("replicas: 1", "replicas: one\n  revision: 2").replace("image:", "imag:")
        problems = check([document(text)]).problems
        assert [problem.message for problem in problems] == [
            "must be a whole number, not text",
            "unknown field revision",
            "unknown field imag",
        ]
        assert problems[0].raw == "got string, want null or integer"

    def test_numeric_keys_of_maps_are_no_indexes(self, check: Validate) -> None:
        """Only in a list a number is a place."""
        text = CONFIG.format(name="a", value="x").replace("  key:", '  "0": 5\n  key:')
        assert found(check([document(text)])) == [("here", ("data", "0"), "must be text, not a number")]

    def test_a_boolean_that_only_go_sees(self, check: Validate) -> None:
        """A plain `y` is a text for PyYAML and true for Go; kubeconform reads as the API server does."""
        assert found(check([config(value="y")])) == [("here", ("data", "key"), "must be text, not true or false")]

    @pytest.mark.parametrize("api_version", ["apps/v1beta1", "networking.k8s.io/v1"])
    def test_a_kind_that_kubernetes_does_not_have(self, check: Validate, api_version: str) -> None:
        """No schema is missing: nobody could add one."""
        verdict = check([document(DEPLOYMENT.replace("apps/v1", api_version))])
        message = f"there is no kind Deployment in {api_version} of Kubernetes 1.34"
        assert verdict == Verdict(0, (SchemaProblem("production", "here", ("apiVersion",), message),))


class TestOwnKinds:
    """Against the XRDs of the repository."""

    def test_a_claim(self, check: Validate) -> None:
        """It validates against the definition that was handed in."""
        assert check([queue(region="ca-central-1", seconds=30)]) == Verdict(1)

    def test_a_wrong_claim(self, check: Validate) -> None:
        """Unknown, missing and out of range."""
        assert found(check([queue(regoin="x", seconds=50000)])) == [
            ("here", ("spec",), "missing field region"),
            ("here", ("spec", "regoin"), "unknown field regoin"),
            ("here", ("spec", "seconds"), "is 50000; the maximum is 43200"),
        ]

    def test_a_version_that_is_not_served(self, check: Validate) -> None:
        """The kind is known, so no schema is missing."""
        text = queue(region="x").content.decode().replace("v1alpha1", "v1")
        message = "Queue is not served as platform.example.org/v1, only as platform.example.org/v1alpha1"
        assert found(check([document(text)])) == [("here", ("apiVersion",), message)]

    def test_an_unusable_definition(self, check: Validate) -> None:
        """The caller hears why."""
        with pytest.raises(ValueError, match="spec is not a map"):
            check([], own=[{**XRD, "spec": None}])


@pytest.fixture(scope="module")
def store(upstream_crds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of all upstream CRDs."""
    folder = tmp_path_factory.mktemp("store")
    add_folder(SchemaStore(folder), upstream_crds)
    return folder


class TestUpstreamKinds:
    """Against CRDs that were added to the store."""

    APPLICATION = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
        "spec:\n  project: default\n  destination: {namespace: x}\n  source: {repoURL: https://example.org/specs, path: rendered}\n"
    )

    def test_a_valid_application(self, check: Validate, store: Path) -> None:
        """Argo CD's own definition accepts it."""
        assert check([document(self.APPLICATION)], store=store) == Verdict(1)

    def test_a_misspelt_field(self, check: Validate, store: Path) -> None:
        """CRDs are strict, too."""
        verdict = check([document(self.APPLICATION.replace("repoURL", "repoUrl"))], store=store)
        assert found(verdict) == [
            ("here", ("spec", "source"), "missing field repoURL"),
            ("here", ("spec", "source", "repoUrl"), "unknown field repoUrl"),
        ]

    def test_without_their_schemas_they_are_missing_not_wrong(self, check: Validate) -> None:
        """Told per kind with all documents, and the rest is validated all the same."""
        verdict = check([document(self.APPLICATION, "b"), config(label="c"), document(self.APPLICATION, "a")])
        assert verdict == Verdict(
            1, (), (MissingSchema("argoproj.io/v1alpha1", "Application", ("production/a", "production/b")),)
        )

    def test_our_own_definitions_pass_crossplanes(self, check: Validate, store: Path) -> None:
        """An XRD is a document, too."""
        assert check([document(yaml.safe_dump(XRD))], store=store) == Verdict(1)


class TestUnreadableDocuments:
    """What no schema is ever asked about."""

    def test_a_key_twice(self, check: Validate) -> None:
        """Strict reading refuses it, with the line."""
        text = CONFIG.format(name="a", value="x") + "  key: y\n"
        assert found(check([document(text)])) == [("here", (), "line 7: duplicate field key")]

    def test_broken_documents_among_others(self, check: Validate) -> None:
        """They have no name in kubeconform's answer, and still find their labels."""
        broken = [config(str(n), "[", f"broken {n}") for n in range(3)]
        verdict = check([*broken, config("fine", label="fine"), config("wrong", "1", "wrong")])
        assert verdict.valid == 1
        assert [(label, message.partition(":")[0]) for label, _, message in found(verdict)] == [
            ("broken 0", "is not valid YAML"),
            ("broken 1", "is not valid YAML"),
            ("broken 2", "is not valid YAML"),
            ("wrong", "must be text, not a number"),
        ]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"# nothing\n", "is empty"),
            (b"a: 1\n---\nb: 2\n", "contains more than one YAML document"),
            (b"apiVersion: v1\n", "missing field kind"),
        ],
    )
    def test_content_that_is_no_object(self, check: Validate, content: bytes, message: str) -> None:
        """Each is a problem of its own label; none passes."""
        odd = Document("production", "odd", "v1", "ConfigMap", "a", content)
        assert found(check([odd, config("fine", label="fine")])) == [("odd", (), message)]

    @pytest.mark.parametrize(
        ("api_version", "kind", "message"),
        [
            ("../../x/v1", "A", "'../../x/v1' is not an apiVersion"),
            ("v1", "../A", "'../A' is not a kind"),
            ("v1", "List", "is a List; write its items as documents"),
        ],
    )
    def test_names_that_kubeconform_would_take_another_way(
        self, check: Validate, api_version: str, kind: str, message: str
    ) -> None:
        """Paths out of the schemas, and lists nobody looks into."""
        assert check([Document("production", "odd", api_version, kind, "a", b"a: 1\n")]).problems[0].message == message

    def test_a_document_that_is_not_what_its_label_says(self, check: Validate) -> None:
        """The name given beside the content only helps to find it again; the content counts."""
        odd = Document("production", "odd", "v1", "ConfigMap", "another", CONFIG.format(name="a", value="5").encode())
        assert found(check([odd])) == [("odd", ("data", "key"), "must be text, not a number")]

    def test_content_with_another_documents_name(self, check: Validate) -> None:
        """Two contents of one name in a file: neither gets the other's result."""
        odd = Document("production", "odd", "v1", "ConfigMap", "b", CONFIG.format(name="a", value="5").encode())
        verdict = check([config("a", label="fine"), odd])
        assert (verdict.valid, [label for label, _, _ in found(verdict)]) == (1, ["odd"])


class TestManyDocuments:
    """Labels come back right."""

    def test_the_same_names_in_many_environments(self, check: Validate) -> None:
        """Kind and name repeat; only the environment tells them apart."""
        documents = [
            config(
                f"c{number}", "1" if (environment, number) in {("b", 1), ("c", 3)} else "x", f"{environment}/{number}"
            )
            for environment in "abcd"
            for number in range(5)
        ]
        verdict = check(documents)
        assert verdict.valid == 18
        assert [label for label, _, _ in found(verdict)] == ["b/1", "c/3"]

    def test_two_thousand(self, check: Validate) -> None:
        """All are accounted for."""
        documents = [config(f"c{number}", "1" if number % 500 == 7 else "x", f"l{number:04}") for number in range(2000)]
        verdict = check(documents)
        assert verdict.valid == 1996
        assert [label for label, _, _ in found(verdict)] == ["l0007", "l0507", "l1007", "l1507"]

    def test_a_label_twice_is_refused(self, check: Validate) -> None:
        """It could not come back right."""
        with pytest.raises(ValueError, match="label"):
            check([config("a"), config("b")])


class TestKubeconformItself:
    """What is not about documents."""

    def test_odd_folder_names(self, check: Validate, tmp_path: Path) -> None:
        """Kubeconform reads paths as addresses; a home may have any name."""
        assert check([document(DEPLOYMENT), queue("q", region="x")], cache=tmp_path / "a b#c%20 é{{d}}") == Verdict(2)

    def test_a_relative_cache(self, check: Validate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is found from wherever kubeconform runs."""
        monkeypatch.chdir(tmp_path)
        assert check([config()], cache=Path("cache"), store=tmp_path / "store") == Verdict(1)

    def test_a_broken_schema_is_not_a_missing_one(self, check: Validate, tmp_path: Path) -> None:
        """It is told as a failure, with what to do; no document passes without a schema."""
        folder = SchemaStore(tmp_path).kinds / "other.example.org"
        folder.mkdir(parents=True)
        (folder / "thing_v1.json").write_text("{", encoding="utf-8")
        odd = document("apiVersion: other.example.org/v1\nkind: Thing\nmetadata: {name: a}\n")
        with pytest.raises(ToolError, match="cannot load a schema"):
            check([odd], store=tmp_path)
        (folder / "thing_v1.json").write_text('{"type": 5}', encoding="utf-8")
        with pytest.raises(ToolError, match="cannot load a schema: could not find schema for Thing") as caught:
            check([odd], store=tmp_path)
        assert (caught.value.status, caught.value.exit_code) == (1, 69)

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ("echo oh >&2; exit 2", "reports no results"),
            ("echo '{}'", "reports no results"),
            ("echo '{\"resources\": []}'; exit 1", "failed"),
            ("echo '{\"resources\": []}'", "reports 0 results for production/here"),
        ],
    )
    def test_a_program_that_behaves_otherwise(self, check: Validate, tmp_path: Path, body: str, message: str) -> None:
        """An answer that does not account for the documents is never taken for a good one."""
        program = tmp_path / "kubeconform"
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
        with pytest.raises(ToolError, match=message):
            check([config()], binary=program)

    def test_a_program_that_is_not_there(self, check: Validate, tmp_path: Path) -> None:
        """The command is named."""
        with pytest.raises(ToolError, match="cannot be run") as caught:
            check([config()], binary=tmp_path / "none")
        assert caught.value.command[0] == str(tmp_path / "none")

    def test_no_temporary_file_stays(self, check: Validate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Documents leave no copy behind."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        check([config(), config("b", "1", "b")])
        assert list(tmp_path.iterdir()) == []
