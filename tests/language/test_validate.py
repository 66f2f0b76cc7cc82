from __future__ import annotations

import copy
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc import kinds
from platformc.canonical_yaml import emit
from platformc.diagnostics import Finding, Span
from platformc.kinds import KINDS
from platformc.language import DiskFolder, models
from platformc.language.constants import Constants, substitute
from platformc.language.crossplane import load_claim_api
from platformc.language.kind import Kind
from platformc.language.models.base import SpecModel
from platformc.language.models.job import cron
from platformc.language.nodes import Mapping, plain
from platformc.language.short_forms import expand_pod
from platformc.language.sources import load
from platformc.language.validate import LONGEST_MESSAGE, validate
from platformc.rules import Rule
from spec_samples import PATH, mapping, text_at

ROOT = Path(__file__).parents[2]
RULES = {"unknown-field", "missing-field", "wrong-type", "invalid-value"} | {
    value.id
    for package in (models, kinds)
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    for value in vars(import_module(module.name)).values()
    if isinstance(value, Rule)
}
"""Those that validate knows, and those that a model's module has a use for."""
TELLTALE = re.compile(r"pydantic|<class|object at 0x|Undefined|NoneType|[Ii]nput should|valid (?:string|integer|dict)")


@cache
def _valid() -> tuple[tuple[Kind, dict[str, Any]], ...]:
    """Every document of the platform that is valid without its layers; it may name its environment, and no value."""
    sources = load(
        DiskFolder(ROOT / "specs"), "specs", KINDS, load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane")
    )
    documents = [
        *sources.documents,
        *(one for found in (*sources.environments.values(), *sources.sealed.values()) for one in found),
    ]
    constants = Constants(mapping({}), {}, {}, mapping({"name": "production"}), sources.texts, damaged=True)
    found = []
    for document in documents:
        kind = KINDS[document.id.kind]
        written = substitute(constants, document.spec)
        assert isinstance(written, Mapping)
        spec = kind.layers.expand(written)
        if validate(kind.model, spec)[0] is not None:
            found.append((kind, plain(written)))
    return tuple(found)


def test_most_documents_are_valid_alone() -> None:
    """Else the properties below would show little."""
    assert len(_valid()) > 50
    assert {kind.name for kind, _ in _valid()} >= {
        "Workload",
        "Table",
        "Secret",
        "Config",
        "Platform",
        "Environment",
        "Profile",
    }


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in below:
        yield (*path, step)
        yield from _places(one, (*path, step))


OTHERS: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**9, "", "x", "a b", "/x", "${", "1..", "${workload.x.host}", [], [None], ["x"], [[]], {},
    {"x": None}, {"name": "x"}, {"": {}}, "x" * 5000, "\N{PILE OF POO}", "-", "..",
)  # fmt: skip


def _other(draw: st.DrawFn) -> Any:
    """A value of its own: a later change must not reach into what the next example draws."""
    return copy.deepcopy(draw(st.sampled_from(OTHERS)))


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Kind, dict[str, Any]]:
    """A valid document's spec after one to three changes."""
    kind, data = draw(st.sampled_from(_valid()))
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 3))):
        places = [*_places(data)]
        if not places:
            break
        *above, step = draw(st.sampled_from(places))
        holder: Any = data
        for one in above:
            holder = holder[one]
        change = draw(st.sampled_from(["drop", "rename", "retype", "double", "wrap", "add"]))
        if change == "drop":
            del holder[step]
        elif change == "retype" or isinstance(step, int):
            holder[step] = _other(draw)
        elif change == "rename":
            holder[draw(st.sampled_from([step[:-1] or "x", f"{step}s", step.upper(), "", "a.b", "$patch"]))] = (
                holder.pop(step)
            )
        elif change == "double":
            holder[step] = [holder[step], copy.deepcopy(holder[step])]
        elif change == "wrap":
            holder[step] = {step: holder[step]}
        else:
            holder[draw(st.sampled_from(["x", "name", "extends", "patches", "needs", "containers"]))] = _other(draw)
    return kind, data


@settings(max_examples=200)
@given(damaged())
def test_damaged_documents_have_findings_for_people(damage: tuple[Kind, dict[str, Any]]) -> None:
    """Never an exception; every finding has one of our rules, a place in the text and words of ours."""
    kind, data = damage
    text = emit({"spec": data})
    node = mapping(text).entries["spec"]
    assert isinstance(node, Mapping)
    spec, findings = validate(kind.model, kind.layers.expand(node))
    assert (spec is None) == bool(findings)
    for finding in findings:
        _assert_for_people(finding, text)


def _assert_for_people(finding: Finding, text: str) -> None:
    lines = text.split("\n")
    span = finding.at
    assert finding.rule in RULES
    assert span.path == PATH
    assert 1 <= span.line <= span.end_line <= len(lines)
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1
    assert span.end_column <= len(lines[span.end_line - 1]) + 1
    assert finding.message
    assert len(finding.message) <= LONGEST_MESSAGE
    assert not TELLTALE.search(finding.message + finding.hint), finding


@pytest.mark.parametrize(
    ("kind", "text", "rule", "shown", "message"),
    [
        ("Workload", "imagee: x", "unknown-field", "imagee", "unknown field `imagee`"),
        ("Workload", "replicas: two", "wrong-type", "two", "expected a whole number, found the text 'two'"),
        ("Workload", "replicas: '2'", "wrong-type", "'2'", "expected a whole number, found the text '2'"),
        ("Workload", "replicas: 1.5", "wrong-type", "1.5", "expected a whole number, found 1.5"),
        ("Workload", "replicas: true", "wrong-type", "true", "expected a whole number, found true"),
        ("Workload", "replicas: [1]", "wrong-type", "replicas", "expected a whole number, found a list"),
        ("Workload", "replicas: {a: 1}", "wrong-type", "replicas", "expected a whole number, found a map"),
        ("Workload", "replicas: null", "wrong-type", "null", "expected a whole number, found nothing"),
        ("Workload", "replicas: -1", "invalid-value", "-1", "-1 is too small: the minimum is 0"),
        ("Workload", "controller: Pod", "invalid-value", "Pod", "`Pod` is not one of Deployment, StatefulSet"),
        ("Workload", "env: text", "wrong-type", "text", "expected a map, found the text 'text'"),
        ("Workload", "needs: text", "wrong-type", "text", "expected a list, found the text 'text'"),
        ("Workload", "hostname: 5", "wrong-type", "5", "expected text, found 5"),
        ("Table", "hashKey: {name: a, type: s}", "invalid-value", "s", "`s` is not one of S, N, B"),
        ("Table", "hashKey: {name: a}", "missing-field", "hashKey", "`type` is missing"),
    ],
)  # fmt: skip
def test_what_is_said_and_shown(kind: str, text: str, rule: str, shown: str, message: str) -> None:
    """The smallest place, and what is wrong in the user's words."""
    node = mapping(text)
    spec, findings = validate(KINDS[kind].model, expand_pod(node))
    assert spec is None
    found = [finding for finding in findings if finding.rule != "missing-field" or rule == "missing-field"]
    assert [(one.rule, text_at(text, one.at), one.message) for one in found if text_at(text, one.at) == shown] == [
        (rule, shown, message)
    ]


@pytest.mark.parametrize(
    ("kind", "text", "shown", "hint"),
    [
        ("Workload", "hostname: 5", "5", 'write "5"'),
        ("Workload", "command: sh", "sh", "write [sh]"),
        ("Queue", "visibilityTimeout: 30", "30", "write days, hours, minutes, seconds: 4d, 1h30m, 30s"),
        ("Workload", "needs: [{cidr: 192.0.2.0/24, ports: web}]", "web", ""),
    ],
)  # fmt: skip
def test_a_hint_can_be_followed(kind: str, text: str, shown: str, hint: str) -> None:
    """A value is never said to be written in a way that is refused as well."""
    _, findings = validate(KINDS[kind].model, expand_pod(mapping(text)))
    assert [one.hint for one in findings if text_at(text, one.at) == shown] == [hint]


@pytest.mark.parametrize(
    "text",
    ["0 3 * * *", "*/15 0-6/2 1,15 jan-MAR ?", "5/10 * * * Mon-fri", "@daily", "@every 1h30m", " 0  3 * * 6 "],
)
def test_cron_expressions(text: str) -> None:
    """What Kubernetes takes for a schedule."""
    assert cron(text) == text


@pytest.mark.parametrize(
    "text", ["every day", "", "* * * *", "0 3 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * foo *",
             "* * * * 7", "*/0 * * * *", "5-1 * * * *", "1,,2 * * * *", "1- * * * *", "@dayly", "CRON_TZ=UTC 0 3 * * *"]
)  # fmt: skip
def test_what_is_no_cron_expression(text: str) -> None:
    """What an API server refuses, after the merge."""
    _, findings = validate(KINDS["Job"].model, mapping(f"image: a:1\nrun: {{schedule: {text!r}}}"))
    assert [(one.rule, text_at(f"image: a:1\nrun: {{schedule: {text!r}}}", one.at)) for one in findings] == [
        ("invalid-value", repr(text))
    ]
    assert "0 3 * * *" in findings[0].hint


class Sizes(SpecModel):
    """Choices that are no texts."""

    size: Literal[1, 2, None] = 1  # noqa: PYI061 - null among the choices is what is tried


def test_choices_that_are_no_texts() -> None:
    """Are shown as they are written."""
    _, (finding,) = validate(Sizes, mapping("size: 3"))
    assert (finding.rule, finding.message) == ("invalid-value", "`3` is not one of 1, 2, null")


def test_nothing_of_it_is_to_blame() -> None:
    """What is wrong with a document as a whole is shown where the caller says."""
    place = Span("specs/other.yaml", 3, 1, 3, 5)
    _, findings = validate(KINDS["Table"].model, mapping("{}"), place)
    assert {finding.at for finding in findings} == {place}
