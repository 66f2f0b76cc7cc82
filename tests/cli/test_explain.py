"""The verb `explain`: why a value is as it is, and what a line of the spec reaches."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from platformc.cli import main
from platformc.origins.explain import Explainer
from platformc.pipeline import Request, load_sources

ROOT = Path(__file__).parents[2]

PLATFORM = """\
apiVersion: platformc.dev/v1alpha1
kind: Platform
metadata: {name: example}
spec:
  git: {repoURL: https://github.com/example/platform.git}
  kubernetes: {version: "1.34"}
  aws: {region: eu-central-1, accountID: "123456789012"}
  valuesSchema:
    colour: {type: string}
"""

SHOP = """\
apiVersion: platformc.dev/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  namespace: {name: shop, create: true}
---
apiVersion: platformc.dev/v1alpha1
kind: Profile
metadata: {name: small}
spec:
  replicas: 1
  resources: {cpu: 100m, memory: 128Mi}
---
apiVersion: platformc.dev/v1alpha1
kind: Workload
metadata: {name: web}
spec:
  extends: [small]
  image: public.ecr.aws/example/web:1.0.0
  replicas: 2
  securityContext: {runAsUser: 1000}
  mounts:
    /etc/web: {config: settings}
  env:
    COLOUR: very ${values.colour}

    STORE: ${workload.store.host}
---
apiVersion: platformc.dev/v1alpha1
kind: Workload
metadata: {name: store}
spec:
  extends: [small]
  image: public.ecr.aws/example/store:1.0.0
  ports: {redis: 6379}
  securityContext: {runAsUser: 1000}
---
apiVersion: platformc.dev/v1alpha1
kind: Config
metadata: {name: settings}
spec:
  files:
    settings.txt:
      text: |
        one
        two
"""

ENVIRONMENT = """\
apiVersion: platformc.dev/v1alpha1
kind: Environment
metadata: {name: NAME}
spec:
  destination: {name: NAME}
  argocd: {namePrefix: NAME-}
  values: {colour: COLOUR}
"""

OVERRIDES = """\
  overrides:
    - kind: Workload
      metadata: {name: web}
      spec:
        replicas: 3
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small platform with two environments, rendered."""
    root = tmp_path_factory.mktemp("explained")
    files = {
        "platform.yaml": PLATFORM,
        "shop/shop.yaml": SHOP,
        "environments/production.yaml": ENVIRONMENT.replace("NAME", "production").replace("COLOUR", "green")
        + OVERRIDES,
        "environments/staging.yaml": ENVIRONMENT.replace("NAME", "staging").replace("COLOUR", "red"),
    }
    for name, text in files.items():
        (root / "specs" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "specs" / name).write_text(text)
    assert main(["--specs", str(root / "specs"), "-q", "render", "--no-validate"]) == 0
    return root


class Explained:
    """Runs the verb on a platform."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        """Give exit code, stdout and stderr."""
        self.capsys.readouterr()
        code = main(["--specs", str(self.root / "specs"), "--no-color", "explain", *words])
        return code, *self.capsys.readouterr()

    def data(self, *words: str) -> list[dict[str, Any]]:
        """Give the explanations as data."""
        code, out, err = self.run("--format", "json", *words)
        assert (code, err) == (0, "")
        told = json.loads(out)
        assert told["schemaVersion"] == 1
        explanations: list[dict[str, Any]] = told["explanations"]
        return explanations

    def one(self, *words: str) -> dict[str, Any]:
        """Give the only explanation."""
        (found,) = self.data(*words)
        return found


@pytest.fixture
def explained(platform: Path, capsys: pytest.CaptureFixture[str]) -> Explained:
    """The verb, on the small platform."""
    return Explained(platform, capsys)


def line_of(path: Path, text: str) -> int:
    """The number of the only line that holds a text."""
    (found,) = [number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line]
    return found


def places(origins: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Where origins are: file, the line's text, the document."""
    return [(origin["file"], origin["text"], origin["document"]) for origin in origins]


WEB = "production/shop/shop/deployment-web.yaml"
REPLICAS = "deployment/web.spec.replicas"


class TestChains:
    """What set a value, and what it replaced."""

    def test_overlay(self, explained: Explained) -> None:
        """The environment's override replaced the workload's own value, which replaced the profile's."""
        found = explained.one("-e", "production", REPLICAS)
        assert (found["value"], found["convention"]) == (3, None)
        assert places(found["origins"]) == [
            ("specs/environments/production.yaml", "replicas: 3", "Environment production")
        ]
        assert places(found["origins"][0]["replaced"]) == [
            ("specs/shop/shop.yaml", "replicas: 2", "Workload web"),
            ("specs/shop/shop.yaml", "replicas: 1", "Profile small"),
        ]

    def test_without_overlay(self, explained: Explained) -> None:
        """Where no environment overrides it, the chain starts at the workload."""
        found = explained.one("-e", "staging", REPLICAS)
        assert found["value"] == 2
        assert places(found["origins"]) == [("specs/shop/shop.yaml", "replicas: 2", "Workload web")]

    def test_profile(self, explained: Explained) -> None:
        """A value that only the profile has comes from there."""
        found = explained.one("-e", "staging", "deployment/store.spec.replicas")
        assert places(found["origins"]) == [("specs/shop/shop.yaml", "replicas: 1", "Profile small")]

    def test_constant(self, explained: Explained) -> None:
        """A text with a constant names both: where it is used, and where it is set."""
        found = explained.one("-e", "production", "deployment/web.spec.template.spec.containers[0].env[0].value")
        assert found["value"] == "very green"
        (origin,) = [each for each in found["origins"] if each["text"].startswith("COLOUR")]
        assert places(origin["constants"]) == [
            ("specs/environments/production.yaml", "values: {colour: green}", "Environment production")
        ]

    def test_edge_as_cause(self, explained: Explained) -> None:
        """A rule of a policy exists because of a reference, and its port is the target's."""
        ports = "networkpolicy/store.spec.ingress[0].ports[0].port"
        found = explained.one("-e", "production", ports)
        part, cause = found["origins"]
        assert (found["value"], part["isCause"], cause["isCause"]) == (6379, False, True)
        assert places([part]) == [("specs/shop/shop.yaml", "ports: {redis: 6379}", "Workload store")]
        assert places([cause]) == [("specs/shop/shop.yaml", "STORE: ${workload.store.host}", "Workload web")]

    def test_checksum(self, explained: Explained) -> None:
        """A checksum is made from the file, because of the mount."""
        key = 'deployment/web.spec.template.metadata.annotations["platformc.dev/config-checksum"]'
        found = explained.one("-e", "production", key)
        assert found["path"][-1] == "platformc.dev/config-checksum"
        assert [
            (origin["isCause"], origin["text"]) for origin in found["origins"] if origin["document"] == "Workload web"
        ] == [(True, "/etc/web: {config: settings}")]
        assert "Config settings" in {origin["document"] for origin in found["origins"]}

    def test_convention(self, explained: Explained) -> None:
        """What no scalar sets belongs to a convention, with its page."""
        path = "deployment/web.spec.template.spec.enableServiceLinks"
        found = explained.one("-e", "production", path)
        assert (found["value"], found["origins"], found["convention"]["id"]) == (False, [], "no-service-links")
        _, out, _ = explained.run("-e", "production", path)
        assert "  by convention no-service-links: Services set no environment variables\n" in out
        assert "docs/conventions.md#no-service-links" in out

    def test_many_lines(self, explained: Explained, monkeypatch: pytest.MonkeyPatch) -> None:
        """A value from many lines names documents with their lines, each line once; json has all of them."""
        monkeypatch.setattr("platformc.origins.text.MOST_LINES", 1)
        key = 'deployment/web.spec.template.metadata.annotations["platformc.dev/config-checksum"]'
        _, out, _ = explained.run("-e", "production", key)
        assert re.search(r"^  from specs/shop/shop\.yaml:\d+-\d+  Config settings$", out, re.MULTILINE)
        assert re.search(r"^  because of specs/shop/shop\.yaml:\d+  Workload web$", out, re.MULTILINE)
        assert re.search(r"^       the origins of \d+ lines; `--format json` lists each value$", out, re.MULTILINE)


class TestPlaces:
    """How something is named."""

    def test_object_in_all_environments(self, explained: Explained) -> None:
        """Without an environment, all of them answer, each with its own file."""
        assert [(one["environment"], one["file"]) for one in explained.data(REPLICAS)] == [
            ("production", WEB),
            ("staging", WEB.replace("production", "staging")),
        ]

    def test_part_of_an_object(self, explained: Explained) -> None:
        """A path that ends at a map means all leaves below it; no path, all leaves."""
        below = explained.data("-e", "staging", "deployment/web.spec.selector")
        assert {tuple(one["path"][:2]) for one in below} == {("spec", "selector")}
        everything = explained.data("-e", "staging", "Deployment/web")
        assert len(everything) > len(below) > 0

    @pytest.mark.parametrize("key", ['["app.kubernetes.io/name"]', '.["app.kubernetes.io/name"]'])
    def test_key_with_dots(self, explained: Explained, key: str) -> None:
        """It stands in brackets and quotes, and is printed so that it can be pasted."""
        found = explained.one("-e", "staging", f"deployment/web.metadata.labels{key}")
        assert found["path"] == ["metadata", "labels", "app.kubernetes.io/name"]
        _, out, _ = explained.run("-e", "staging", f"deployment/web.metadata.labels{key}")
        assert out.startswith('Deployment/web metadata.labels["app.kubernetes.io/name"] = web\n')

    def test_line_of_the_output(self, explained: Explained) -> None:
        """A line means the value on it; the file tells the environment."""
        file = explained.root / "rendered" / WEB
        found = explained.one(f"{file}:{line_of(file, 'replicas:')}")
        assert (found["environment"], found["path"], found["value"]) == ("production", ["spec", "replicas"], 3)
        assert explained.one(f"{file}:{line_of(file, 'replicas:')}:3") == found

    def test_every_line_of_a_file(self, explained: Explained) -> None:
        """Each line that holds a value answers with a leaf that stands there; the file as a whole, with all."""
        file = explained.root / "rendered" / WEB
        every = {json.dumps(one["path"]) for one in explained.data(str(file))}
        reached = set()
        for number, line in enumerate(file.read_text().splitlines(), 1):
            value = re.fullmatch(r"[ -]*(?:\"?[\w./-]+\"?: )?([^:|\[{]+)", line)
            answers = explained.data(f"{file}:{number}")
            reached |= {json.dumps(one["path"]) for one in answers}
            if value and not line.rstrip().endswith(":"):
                (answer,) = answers
                assert str(answer["value"]).lower() == value[1].strip("\"'").lower(), line
        assert reached == every

    def test_inside_of_a_text(self, explained: Explained) -> None:
        """The line where a text begins means the text, a line of it that line alone."""
        file = explained.root / "rendered/production/shop/shop/configmap-settings.yaml"
        number = line_of(file, "two")
        first, last = explained.one(f"{file}:{number - 2}"), explained.one(f"{file}:{number}")
        assert (first["value"], first["line"]) == ("one\ntwo\n", None)
        assert (last["value"], last["line"]) == ("two", 2)
        assert [origin["text"] for origin in last["origins"]] == ["two"]

    def test_line_of_the_spec(self, explained: Explained) -> None:
        """A line of the spec answers with every value that it reaches, in every environment that it reaches."""
        file = explained.root / "specs/environments/production.yaml"
        found = explained.data(f"{file}:{line_of(file, 'colour')}")
        assert {one["environment"] for one in found} == {"production"}
        assert [one["value"] for one in found if one["path"][-1] == "value"] == ["very green"]
        shop = explained.root / "specs/shop/shop.yaml"
        reference = explained.data("-e", "staging", f"{shop}:{line_of(shop, 'STORE: ')}")
        assert {"Deployment/web", "NetworkPolicy/store", "NetworkPolicy/web"} <= {one["object"] for one in reference}

    def test_line_inside_of_a_text_of_the_spec(self, explained: Explained) -> None:
        """Each line of a text of several lines reaches what the whole text does."""
        shop = explained.root / "specs/shop/shop.yaml"
        number = line_of(shop, "        two")
        found = explained.data("-e", "staging", f"{shop}:{number}")
        assert found == explained.data("-e", "staging", f"{shop}:{number - 1}")
        assert {"ConfigMap/settings", "Deployment/web"} == {one["object"] for one in found}

    def test_column_of_the_spec(self, explained: Explained) -> None:
        """A column chooses one of several scalars on a line; where none stands, the line counts."""
        shop = explained.root / "specs/shop/shop.yaml"
        number = line_of(shop, "  resources: ")
        line = shop.read_text().splitlines()[number - 1]
        whole = explained.data("-e", "staging", f"{shop}:{number}")
        memory = explained.data("-e", "staging", f"{shop}:{number}:{line.index('128Mi') + 1}")
        assert {one["path"][-1] for one in whole} == {"cpu", "memory"}
        assert {one["path"][-1] for one in memory} == {"memory"}
        assert explained.data("-e", "staging", f"{shop}:{number}:1") == whole

    def test_both_directions_agree(self, explained: Explained) -> None:
        """What a line of the spec reaches names that line among its origins."""
        shop = explained.root / "specs/shop/shop.yaml"
        number = line_of(shop, "image: public.ecr.aws/example/web")
        found = explained.data("-e", "staging", f"{shop}:{number}")
        assert found
        for one in found:
            assert ("specs/shop/shop.yaml", number) in {(origin["file"], origin["line"]) for origin in one["origins"]}


class TestRefusals:
    """What cannot be explained is told, with a way on."""

    @pytest.mark.parametrize(
        ("place", "message", "hint"),
        [
            ("rendered/production/shop/shop/deployment-wbe.yaml:3", "the spec does not render", "deployment-web.yaml"),
            ("rendered/prodution/shop/shop/deployment-web.yaml:3", "no environment prodution", "`production`"),
            ("specs/shop/shob.yaml:3", "specs/shop/shob.yaml is not a file of the spec", "`specs/shop/shop.yaml`"),
            ("deployment/wep", "there is no object `deployment/wep`", "`Deployment/web`"),
            ("deployment/web.spec.replcas", "there is nothing at", "remove the path to explain the whole object"),
            ("deployment/web[", "`[` is not a path", "for a key with dots"),
            ("deployment/web.spec..replicas", "`.spec..replicas` is not a path", "for a key with dots"),
            ("deployment/website", "there is no object `deployment/website`", "`Deployment/web`"),
            ("zzzzzz", "there is no object `zzzzzz`", "render --stdout"),
            ("rendered/production/shop/shop/deployment-web.yaml:9999", "nothing to explain", "a line with a value"),
            (
                "specs/shop/shop.yaml:6",
                "no value of the output comes from specs/shop/shop.yaml:6",
                "choose a line with a value",
            ),
            (
                "specs/shop/shop.yaml:26",
                "no value of the output comes from specs/shop/shop.yaml:26",
                "choose a line with a value",
            ),
            (
                "specs/shop/shop.yaml:9999",
                "no value of the output comes from specs/shop/shop.yaml:9999",
                "choose a line with a value",
            ),
        ],
    )
    def test_unknown(
        self, explained: Explained, monkeypatch: pytest.MonkeyPatch, place: str, message: str, hint: str
    ) -> None:
        """Unknown files, objects, paths and lines, and lines that hold nothing."""
        monkeypatch.chdir(explained.root)
        code, out, err = explained.run(place)
        assert (code, out) == (64, "")
        assert message in err
        assert hint in err

    def test_elsewhere(self, explained: Explained, tmp_path: Path) -> None:
        """A file of somewhere else is neither."""
        code, _, err = explained.run(f"{tmp_path}/other.yaml:1")
        assert code == 64
        assert "is neither a file of the spec nor a rendered file of this repository" in err

    def test_environment(self, explained: Explained) -> None:
        """An environment that is not there."""
        code, _, err = explained.run("-e", "stagin", REPLICAS)
        assert code == 64
        assert "there is no environment stagin" in err
        assert "did you mean `staging`?" in err

    def test_format(self, explained: Explained) -> None:
        """Explanations are no findings."""
        assert explained.run("--format", "sarif", REPLICAS)[0] == 64


def test_text(explained: Explained) -> None:
    """The whole answer, as a person reads it."""
    code, out, err = explained.run("-e", "production", REPLICAS)
    assert (code, err) == (0, "")
    assert out == (
        "Deployment/web spec.replicas = 3\n"
        f"  in rendered/{WEB}\n"
        "  from specs/environments/production.yaml:12:19  replicas: 3\n"
        "       Environment production: spec.overrides[0].spec.replicas\n"
        "       replaces specs/shop/shop.yaml:20:13  replicas: 2  (Workload web)\n"
        "       replaces specs/shop/shop.yaml:11:13  replicas: 1  (Profile small)\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_every_leaf_has_an_answer(environment: str) -> None:
    """In the platform of this repository, each leaf was made from the spec, or belongs to a named convention."""
    explainer = Explainer(load_sources(Request(ROOT, ROOT / "specs", ROOT / "rendered")), environment)
    answers = [answer for file in explainer.files for answer in explainer.explain(file, ())]
    assert len(answers) > 4000
    silent = [f"{one.file}: {one.path}" for one in answers if not one.origins and one.convention is None]
    assert silent == []
    assert {one.object for one in answers if one.origins} == {one.object for one in answers}
