from __future__ import annotations

from pathlib import Path

import pytest
from linked import application, document, errors, program, workload
from platformc.link.scope import Absent, Scope, Target

ENVIRONMENT_WITHOUT = """\
apiVersion: platformc.dev/v1alpha1
kind: Environment
metadata: {name: production}
spec:
  destination: {name: production}
  applications: [one, two]
  overrides:
    - {kind: Workload, metadata: {name: silent}, disabled: true}
"""


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    """Two applications that share some names; a third one, and a workload, that are left out."""
    queue = document("Queue", "jobs", "deadLetterQueue: {name: dead, maxReceiveCount: 3}")
    return program(
        tmp_path,
        {
            "one": application("one") + workload("api") + workload("redis") + queue,
            "two": application("two") + workload("api") + workload("mail") + workload("silent"),
            "three": application("three") + workload("gone") + workload("api"),
        },
        ENVIRONMENT_WITHOUT,
    ).scope


def _found(scope: Scope, word: str, name: str, application_name: str) -> str:
    found = scope.find(word, name, application_name)
    assert isinstance(found, Target)
    return str(found.resource.id)


def test_the_own_application_comes_first(scope: Scope) -> None:
    """A name that several applications have means the nearest."""
    assert _found(scope, "workload", "api", "one") == "Workload one/api"
    assert _found(scope, "workload", "api", "two") == "Workload two/api"


def test_a_name_that_is_unique_needs_no_application(scope: Scope) -> None:
    """Wherever it is used."""
    assert _found(scope, "workload", "redis", "two") == "Workload one/redis"
    assert _found(scope, "workload", "redis", "platform") == "Workload one/redis"


def test_a_name_can_say_its_application(scope: Scope) -> None:
    """Also the own one, and against the own one."""
    assert _found(scope, "workload", "two/api", "one") == "Workload two/api"
    assert _found(scope, "workload", "one/api", "one") == "Workload one/api"


def test_a_name_of_several_others_is_no_choice(scope: Scope) -> None:
    """The hint names all of them."""
    found = scope.find("workload", "api", "platform")
    assert isinstance(found, Absent)
    assert (found.message, found.hint) == ("several applications have a workload api", "write one/api or two/api")


def test_words_have_names_of_their_own(scope: Scope) -> None:
    """A queue is no workload."""
    assert isinstance(scope.find("queue", "api", "one"), Absent)
    assert isinstance(scope.find("nothing", "api", "one"), Absent)


def test_a_queue_has_its_dead_letter_queue_s_name_too(scope: Scope) -> None:
    """Both names lead to one document."""
    found = scope.find("queue", "dead", "two")
    assert isinstance(found, Target)
    assert (str(found.resource.id), found.name) == ("Queue one/jobs", "dead")


@pytest.mark.parametrize("name", ["", "/", "a/", "/api", "one/two/api", "API", "ap", "x" * 10_000])
def test_what_is_not_there_is_told(scope: Scope, name: str) -> None:
    """Never an exception, whatever the name."""
    found = scope.find("workload", name, "one")
    assert isinstance(found, Target if name == "/api" else Absent)


def test_what_is_left_out_says_where(scope: Scope) -> None:
    """By an override, or with its application."""
    for name, line in (("silent", 8), ("gone", 6)):
        found = scope.find("workload", name, "two")
        assert isinstance(found, Absent)
        assert found.disabled
        assert [(span.path, span.line) for span, _ in found.related] == [("specs/environments/production.yaml", line)]


def test_a_wrong_application_is_told(tmp_path: Path) -> None:
    """The document exists, and another application has it."""
    spec = "ports: {main: 80}, env: {A: '${workload.two/redis.host}'}"
    linked = program(
        tmp_path,
        {"one": application("one") + workload("redis") + workload("user", spec), "two": application("two")},
    )
    (finding,) = errors(linked)
    assert finding.rule == "unknown-reference"
    assert "redis" in finding.message
