"""docs/operating.md: every command names things that there are, with ports that they have."""

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

from compiler.cli import platformc

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "operating.md"
FENCE = re.compile(r"^```(\w*)$")
NESTED = re.compile(r"\$\(([^()]*)\)")
SHORT = {"application": "Application", "appproject": "AppProject", "identity.aws.platformc.dev": "Identity"}
NAMED_ELSEWHERE = {
    ("argocd", "statefulset/argocd-application-controller"): "Argo CD's release",
    ("kube-system", "deployment/sealed-secrets-controller"): "fullnameOverride in specs/addons.yaml",
    ("external-secrets", "deployment/external-secrets"): "the chart's name for a release of this name",
}
"""What charts and releases bring -> where its name comes from."""
FOLDER = "argocd/install"
SECRETS = {"stoat-secrets", "ecr-registry"}


def commands() -> list[tuple[int, str]]:
    """Every line of a `sh` block, and every command in backquotes, with its line."""
    found: list[tuple[int, str]] = []
    language = ""
    for number, line in enumerate(GUIDE.read_text(encoding="utf-8").splitlines(), 1):
        match = FENCE.match(line)
        if match:
            language = match[1] if not language else ""
        elif language == "sh":
            found.append((number, line))
        else:
            inline = re.findall(r"`((?:kubectl|platformc|argocd|aws) [^`]*)`", line)
            found += [
                (number, command) for command in inline if "…" not in command and command != "argocd app terminate-op"
            ]
    return [(number, inner) for number, line in found for inner in unfolded(line)]


def unfolded(line: str) -> list[str]:
    """A command, and those whose output it takes, from the inside out."""
    found = []
    while match := NESTED.search(line):
        found.append(match[1])
        line = f"{line[: match.start()]}OUTPUT{line[match.end() :]}"
    return [*found, line]


COMMANDS = commands()


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
        word for word in words if word not in selectors and re.fullmatch(r"[a-z.]+/[a-z0-9-]+", word) and word != FOLDER
    ]
    if "secret" in words and "get" in words:
        objects += [f"secret/{word}" for word in words[words.index("secret") + 1 :][:1] if not word.startswith("-")]
    ports = [word for word in words if re.fullmatch(r"\d+:\d+", word)]
    return Kubectl(namespace, tuple(objects), tuple(ports))


@cache
def rendered() -> dict[tuple[str, str, str], dict[str, Any]]:
    """Production's objects by kind in lower case, namespace and name."""
    objects = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "rendered/production").rglob("*.yaml")
    ]
    return {
        (one["kind"].lower(), one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in objects
    }


def of_program(program: str) -> list[Any]:
    """The commands of one program, for a parametrised test."""
    found = [(number, command) for number, command in COMMANDS if command.split()[0] == program]
    return [pytest.param(command, id=f"line-{number}") for number, command in found]


def test_there_are_commands() -> None:
    """Of each program; and none of a program that nothing here checks."""
    programs = {command.split()[0] for _, command in COMMANDS}
    assert programs == {"kubectl", "platformc", "argocd", "aws", "date"}
    assert len(COMMANDS) > 50


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
        kind = SHORT.get(kind, kind).lower()
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
    if given.get("name"):
        platform = yaml.safe_load((ROOT / "specs/platform.yaml").read_text(encoding="utf-8").partition("\n---")[0])
        assert given["name"] in platform["spec"]["outputs"]


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
    """Names come from outputs; an index and the keys of a condition are those of a table."""
    assert "OUTPUT" in command
    tables = [one["spec"] for (kind, _, _), one in rendered().items() if kind == "table"]
    indexes = {index["name"] for table in tables for index in table.get("globalSecondaryIndex", ())}
    keys = {one["name"] for table in tables for one in table["attribute"]}
    assert set(re.findall(r"--index-name (\S+)", command)) <= indexes
    assert set(re.findall(r"--key-condition-expression '#?(\w+) =", command)) <= keys


def test_everything_is_taken_down() -> None:
    """Every Application and every project, each after what needs it."""
    text = GUIDE.read_text(encoding="utf-8").partition("## Take an environment down")[2]
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
