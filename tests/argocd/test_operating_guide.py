"""docs/operating.md and docs/aws.md: every command names things that there are, with ports that they have."""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore import xform_name  # type: ignore[import-untyped] # it has no types
from botocore.model import OperationModel  # type: ignore[import-untyped] # it has no types
from botocore.session import Session  # type: ignore[import-untyped] # it has no types
from platformc.cli import platformc

ROOT = Path(__file__).parents[2]
GUIDES = {
    "operating": {"kubectl", "platformc", "argocd", "aws", "date"},
    "aws": {"kubectl", "platformc", "aws", "terraform"},
}
"""Guide -> the programs that it calls."""
FENCE = re.compile(r"^ *```(\w*)$")
NESTED = re.compile(r"\$\(([^()]*)\)")
CLAIMS = ".aws.platformc.dev"
SHORT = {
    "application": "Application",
    "appproject": "AppProject",
    "externalsecrets.external-secrets.io": "ExternalSecret",
    "clustersecretstores.external-secrets.io": "ClusterSecretStore",
    "clusterexternalsecrets.external-secrets.io": "ClusterExternalSecret",
}
NAMED_ELSEWHERE = {
    (
        "discord-bot",
        "externalsecrets.external-secrets.io/ecr-registry",
    ): "the ClusterExternalSecret's externalSecretName",
    ("argocd", "statefulset/argocd-application-controller"): "Argo CD's release",
    ("kube-system", "deployment/sealed-secrets-controller"): "fullnameOverride in specs/addons.yaml",
    ("discord-bot", "persistentvolumeclaim/data-redis-0"): "the StatefulSet makes it of its template",
    ("", "persistentvolume/pvc-1234"): "the disk of a claim, which the storage class names",
    ("external-secrets", "deployment/external-secrets"): "the chart's name for a release of this name",
}
"""What charts and releases bring -> where its name comes from."""
FOLDER = "argocd/install"
SECRETS = {"stoat-secrets", "ecr-registry"}


@dataclass(frozen=True, slots=True)
class SourceObject:
    """A command, and where it stands."""

    guide: str
    line: int
    text: str

    @property
    def program(self) -> str:
        """What it calls."""
        return self.text.split()[0]


def commands(guide: str) -> list[SourceObject]:
    """Every line of a `sh` block, indented ones too, and every command in backquotes."""
    found: list[tuple[int, str]] = []
    language = ""
    for number, line in enumerate(text_of(guide).splitlines(), 1):
        match = FENCE.match(line)
        if match:
            language = match[1] if not language else ""
        elif language == "sh":
            found.append((number, line.strip()))
        else:
            inline = re.findall(r"`((?:kubectl|platformc|argocd|aws) [^`]*)`", line)
            found += [
                (number, command) for command in inline if "…" not in command and command != "argocd app terminate-op"
            ]
    return [SourceObject(guide, number, inner) for number, line in found for inner in unfolded(line)]


def text_of(guide: str) -> str:
    """A guide as it stands."""
    return (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")


def unfolded(line: str) -> list[str]:
    """A command, and those whose output it takes, from the inside out."""
    found = []
    while match := NESTED.search(line):
        found.append(match[1])
        line = f"{line[: match.start()]}OUTPUT{line[match.end() :]}"
    return [*found, line]


COMMANDS = [command for guide in GUIDES for command in commands(guide)]


@dataclass(frozen=True, slots=True)
class Kubectl:
    """What a kubectl command names."""

    namespace: str
    objects: tuple[str, ...]
    ports: tuple[str, ...]


def kubectl(command: str) -> Kubectl:
    """Take a kubectl command apart, as far as names go."""
    words = shlex.split(command)[1:]
    namespace = words[words.index("-n") + 1] if "-n" in words else ""
    selectors = {after for word, after in itertools.pairwise(words) if word == "-l"}
    objects = [
        word
        for word in words
        if word not in selectors and re.fullmatch(r"[a-z][a-z.-]*/[a-z0-9-]+", word) and word != FOLDER
    ]
    if "secret" in words and "get" in words:
        objects += [f"secret/{word}" for word in words[words.index("secret") + 1 :][:1] if not word.startswith("-")]
    ports = [word for word in words if re.fullmatch(r"\d+:\d+", word)]
    return Kubectl(namespace, tuple(objects), tuple(ports))


@cache
def rendered() -> dict[tuple[str, str, str], dict[str, Any]]:
    """Production's objects by kind in lower case, namespace and name."""
    objects = [
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in (ROOT / "rendered/production").rglob("*.yaml")
    ]
    return {
        (one["kind"].lower(), one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in objects
    }


def of_program(program: str) -> list[Any]:
    """The commands of one program, for a parametrised test."""
    found = [one for one in COMMANDS if one.program == program]
    return [pytest.param(one.text, id=f"{one.guide}-{one.line}") for one in found]


@pytest.mark.parametrize("guide", GUIDES)
def test_there_are_commands(guide: str) -> None:
    """Of each program; and none of a program that nothing here checks."""
    assert {one.program for one in COMMANDS if one.guide == guide} == GUIDES[guide]
    assert len([one for one in COMMANDS if one.guide == guide]) > 30


@pytest.mark.parametrize("command", of_program("kubectl"))
def test_kubectl(command: str) -> None:
    """Objects exist where they are looked for; ports are the Service's; secrets' keys are sealed."""
    found = kubectl(command)
    for named in found.objects:
        if (found.namespace, named) in NAMED_ELSEWHERE:
            continue
        kind, _, name = named.partition("/")
        if kind == "secret":
            assert name in SECRETS
            continue
        kind = SHORT.get(kind, kind).removesuffix(CLAIMS).lower()
        assert (kind, found.namespace, name) in rendered(), f"{named} is not rendered into {found.namespace}"
        for port in found.ports:
            service = rendered()[kind, found.namespace, name]
            assert int(port.partition(":")[2]) in {one["port"] for one in service["spec"]["ports"]}
    sealed = rendered()["sealedsecret", "discord-bot", "stoat-secrets"]["spec"]
    assert set(re.findall(r"\.data\.(\w+)", command)) <= set(sealed["encryptedData"])


@pytest.mark.parametrize("command", of_program("platformc"))
def test_platformc(command: str) -> None:
    """The verb and its options exist; environments, applications and outputs, too."""
    words = shlex.split(command)[1:]
    context = platformc.make_context("platformc", words)
    verb = platformc.get_command(context, words[0])
    assert verb is not None
    given = verb.make_context(words[0], words[1:], parent=context).params
    assert set(given["environments"]) <= {"production"}
    for name in given.get("applications", ()):
        assert ("application", "argocd", name) in rendered()
    for place in (given.get("place"), given.get("changed"), *given.get("objects", ())):
        assert place is None or len(named(place)) == 1, f"{place} is not rendered once"
    for secret in given.get("names", ())[:1]:
        assert len(named(f"sealedsecret/{secret}")) == 1
    if given.get("name"):
        platform = yaml.safe_load((ROOT / "specs/platform.yaml").read_text(encoding="utf-8").partition("\n---")[0])
        assert given["name"] in platform["spec"]["outputs"]


def named(place: str) -> list[tuple[str, str, str]]:
    """The objects that KIND/NAME.path means, of whichever namespace."""
    kind, _, rest = place.partition("/")
    return [one for one in rendered() if (one[0], one[2]) == (kind, rest.partition(".")[0])]


@pytest.mark.parametrize("command", of_program("argocd"))
def test_argocd(command: str) -> None:
    """`argocd app VERB NAME…`, with Applications that there are."""
    words = [word for word in shlex.split(command)[1:] if not word.startswith("--")]
    assert words[0] == "app"
    assert words[1] in {"confirm-deletion", "delete", "diff", "get", "sync", "terminate-op"}
    assert words[2:]
    assert [name for name in words[2:] if ("application", "argocd", name) not in rendered()] == []


@pytest.mark.parametrize("command", of_program("aws"))
def test_aws(command: str) -> None:
    """The call and its parameters are AWS'; names come from outputs; an index and keys are those of a table."""
    _, service, operation, *words = shlex.split(command)
    parameters = {xform_name(name, "-") for name in called(service, operation).input_shape.members}
    options = {word.removeprefix("--").removeprefix("no-") for word in words if word.startswith("--")}
    assert options - {"query", "output", "max-items"} <= parameters
    assert "OUTPUT" in command, "names come from outputs"
    tables = [one["spec"] for (kind, _, _), one in rendered().items() if kind == "table"]
    indexes = {index["name"] for table in tables for index in table.get("globalSecondaryIndex", ())}
    keys = {one["name"] for table in tables for one in table["attribute"]}
    assert set(re.findall(r"--index-name (\S+)", command)) <= indexes
    assert set(re.findall(r"--key-condition-expression '#?(\w+) =", command)) <= keys


def called(service: str, operation: str) -> OperationModel:
    """An API call of AWS by its name in the command line."""
    model = Session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    return model.operation_model(names[operation])


@pytest.mark.parametrize("command", of_program("terraform"))
def test_terraform(command: str) -> None:
    """Nothing but looking, and letting go of what has a kind of ours."""
    words = command.split()[1:]
    assert words == ["plan"] or words[:2] == ["state", "rm"]
    assert [one for one in words[2:] if not re.fullmatch(r"(aws_dynamodb_table|aws_sqs_queue)\.\w+", one)] == []


def test_everything_is_taken_down() -> None:
    """Every Application and every project, each after what needs it."""
    text = text_of("operating").partition("## Take an environment down")[2]
    deleted: list[str] = []
    for line in text.splitlines():
        if " delete " in line and line.startswith(("kubectl", "argocd")):
            deleted += re.findall(r"application/([a-z0-9-]+)", line)
            if line.startswith("argocd app delete "):
                deleted += [word for word in line.split()[3:] if not word.startswith("--")]
    found = [name for kind, _, name in rendered() if kind == "application"]
    assert sorted(deleted) == sorted(found)
    waves = {
        name: int(rendered()["application", "argocd", name]["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for name in found
    }
    order = [name for name in deleted if name not in {"root", "namespaces"}]
    steps = [waves[name] for name in order]
    assert min(steps[:3]) >= 10, "what runs goes first"
    assert max(steps[3:5]) == -5, "then claims"
    assert deleted[0] == "root"
    assert deleted[-1] == "namespaces"
    projects = {name for kind, _, name in rendered() if kind == "appproject"}
    assert set(re.findall(r"appproject/([a-z0-9-]+)", text)) == projects


def test_names_from_elsewhere() -> None:
    """The chart's values say what the guide calls its Deployment."""
    application = rendered()["application", "argocd", "sealed-secrets"]
    assert application["spec"]["source"]["helm"]["valuesObject"]["fullnameOverride"] == "sealed-secrets-controller"
    assert application["spec"]["destination"]["namespace"] == "kube-system"
