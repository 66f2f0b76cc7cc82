"""The schema for editors takes what the compiler takes, and refuses what an editor can see to be wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from platformc.kinds import KINDS
from platformc.language.nodes import plain
from platformc.language.reader import read_documents
from platformc.language.source import read_source
from platformc.language.sources import API_VERSION

from tools.docs.schema import document_schema

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
VALIDATOR = jsonschema_rs.validator_for(document_schema())


def _document(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": "one"}, "spec": spec}


def _errors(document: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document)]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for below in node.values():
            yield from _references(below)
    elif isinstance(node, list):
        for below in node:
            yield from _references(below)


def test_specs_are_found() -> None:
    """A moved folder must not turn the suite green."""
    assert {"platform.yaml", "production.yaml", "bot.yaml"} <= {path.name for path in SPECS}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_document_of_the_specs_fits(path: Path) -> None:
    """No editor marks anything in the platform of this repository."""
    source, _ = read_source(path, path.name)
    assert source is not None
    documents = [plain(document.root) for document in read_documents(source)[0]]
    assert [message for document in documents if document is not None for message in _errors(document)] == []


def test_every_part_is_used_and_defined() -> None:
    """No reference leads nowhere, and nothing is defined that nothing refers to."""
    schema = document_schema()
    assert {name.removeprefix("#/definitions/") for name in _references(schema)} == set(schema["definitions"])


def test_every_kind_is_known() -> None:
    """A new kind is offered by editors at once."""
    assert document_schema()["properties"]["kind"]["enum"] == list(KINDS)


def test_it_is_a_valid_schema_of_its_draft() -> None:
    """Editors can load it."""
    jsonschema_rs.meta.validate(json.loads(json.dumps(document_schema())))


IMAGE = {"image": "ghcr.io/example/bot:1.4.2"}
GOOD = {
    "short ports": _document("Workload", {**IMAGE, "ports": {"http": 3000}}),
    "long ports": _document("Workload", {**IMAGE, "ports": {"http": {"containerPort": 3000, "servicePort": None}}}),
    "short probes": _document("Workload", {**IMAGE, "probes": {"liveness": "/health", "startup": "none"}}),
    "no probes": _document("Workload", {**IMAGE, "probes": "none"}),
    "probes between": _document(
        "Workload", {**IMAGE, "probes": {"liveness": {"tcpSocket": 80}, "readiness": {"exec": ["true"]}}}
    ),
    "short resources": _document("Workload", {**IMAGE, "resources": {"cpu": "100m..500m", "memory": "256Mi"}}),
    "long resources": _document("Workload", {**IMAGE, "resources": {"requests": {"cpu": 1}}}),
    "short scratch": _document("Workload", {**IMAGE, "scratch": ["/tmp"]}),  # noqa: S108 - a path in a container
    "short strategy": _document("Workload", {**IMAGE, "strategy": "Recreate"}),
    "a constant for a number": _document("Workload", {**IMAGE, "replicas": "${values.replicas}"}),
    "a constant for a list": _document("Workload", {**IMAGE, "args": "${values.arguments}"}),
    "a constant in a name": _document("Workload", {**IMAGE, "hostname": "bot-${environment.name}"}),
    "a template": _document("Workload", {**IMAGE, "env": {"URL": "${workload.redis.url}", "ON": True, "PORT": 1}}),
    "a step of the deployment": _document("Job", {**IMAGE, "run": "OnSync"}),
    "a schedule": _document("Job", {**IMAGE, "run": {"schedule": "0 3 * * *"}}),
    "part of a profile": _document("Profile", {"volumes": [{"name": "data"}], "run": "OnSync", "replicas": 2}),
    "the rest of a profile": _document(
        "Workload", {"extends": ["small"], "volumes": [{"name": "data", "persistentVolumeClaim": {}}], "ports": None}
    ),
    "part of an environment": _document("Environment", {"values": {"domain": "chat.example.com"}}),
    "an override that removes": _document(
        "Environment",
        {
            "destination": {"name": "chat"},
            "overrides": [
                {
                    "kind": "Workload",
                    "metadata": {"name": "bot"},
                    "spec": {
                        "env": {"DEBUG": None},
                        "needs": [{"workload": "redis", "$patch": "delete"}],
                        "securityContext": None,
                    },
                },
                {"kind": "Platform", "spec": {"defaults": {"tolerations": None}}},
            ],
        },
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_the_language_allows_fits(name: str) -> None:
    """Short forms, constants, templates and layers are no errors."""
    assert _errors(GOOD[name]) == []


BAD = {
    "an unknown kind": _document("Workloads", IMAGE),
    "another apiVersion": {**_document("Workload", IMAGE), "apiVersion": "v1"},
    "no metadata": {"apiVersion": API_VERSION, "kind": "Workload", "spec": IMAGE},
    "an unknown field at the top": {**_document("Workload", IMAGE), "status": {}},
    "an unknown field": _document("Workload", {**IMAGE, "replica": 2}),
    "an unknown field further down": _document("Workload", {**IMAGE, "service": {"kind": "NodePort"}}),
    "text for a number": _document("Workload", {**IMAGE, "replicas": "2"}),
    "a number above its maximum": _document("Workload", {**IMAGE, "replicas": 1001}),
    "a reference for a number": _document("Workload", {**IMAGE, "replicas": "${workload.bot.replicas}"}),
    "a word that is none of them": _document("Workload", {**IMAGE, "controller": "deployment"}),
    "one value for a list": _document("Workload", {**IMAGE, "args": "--verbose"}),
    "a port above all ports": _document("Workload", {**IMAGE, "ports": {"http": 70000}}),
    "a port's name in capitals": _document("Workload", {**IMAGE, "ports": {"HTTP": 3000}}),
    "a wrong unit": _document("Workload", {**IMAGE, "scratch": [{"mountPath": "/a", "sizeLimit": "256mb"}]}),
    "a relative scratch folder": _document("Workload", {**IMAGE, "scratch": ["tmp"]}),
    "a probe that is no path": _document("Workload", {**IMAGE, "probes": {"liveness": "health"}}),
    "a missing key of a table": _document("Table", {}),
    "a table without a spec": {"apiVersion": API_VERSION, "kind": "Table", "metadata": {"name": "one"}},
    "a wrong type of a table's key": _document("Table", {"hashKey": {"name": "id", "type": "string"}}),
    "a duration in words": _document("Queue", {"delay": "5 minutes"}),
    "an account id with dashes": _document("Environment", {"aws": {"accountID": "1234-5678-9012"}}),
    "an unknown field in a profile": _document("Profile", {"replica": 2}),
    "an unknown field in an override": _document(
        "Environment", {"overrides": [{"kind": "Workload", "metadata": {"name": "bot"}, "spec": {"replica": 2}}]}
    ),
    "null where nothing is removed": _document("Workload", {**IMAGE, "replicas": None}),
}


@pytest.mark.parametrize("name", BAD)
def test_what_an_editor_can_see_is_refused(name: str) -> None:
    """Mistakes are marked while they are made."""
    assert _errors(BAD[name]) != []
