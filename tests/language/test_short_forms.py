from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diagnostics import Span
from platformc.kinds.common import POD_KEYS, POD_ONE_OF
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, at, plain, scalars
from platformc.language.overlay import MergeRules, overlay
from platformc.language.short_forms import expand_pod
from spec_samples import is_inside, mapping, text_at

RULES = MergeRules(POD_KEYS, POD_ONE_OF, ("servicePort",))

SHORT: list[tuple[str, dict[str, Any]]] = [
    ("strategy: Recreate", {"strategy": {"type": "Recreate"}}),
    ("strategy: {type: Recreate}", {"strategy": {"type": "Recreate"}}),
    ("ports: {http: 3000}", {"ports": {"http": {"containerPort": 3000}}}),
    ("ports: {http: {containerPort: 1}}", {"ports": {"http": {"containerPort": 1}}}),
    ("scratch: [/run, {mountPath: /x}]", {"scratch": [{"mountPath": "/run"}, {"mountPath": "/x"}]}),
    ("probes: none", {"probes": {name: {"none": True} for name in ("startup", "liveness", "readiness")}}),
    ("probes: {liveness: none}", {"probes": {"liveness": {"none": True}}}),
    ("probes: {liveness: /a}", {"probes": {"liveness": {"httpGet": {"path": "/a"}}}}),
    ("probes: {liveness: {httpGet: /a}}", {"probes": {"liveness": {"httpGet": {"path": "/a"}}}}),
    ("probes: {liveness: {tcpSocket: 5}}", {"probes": {"liveness": {"tcpSocket": {"port": 5}}}}),
    ("probes: {liveness: {exec: [a]}}", {"probes": {"liveness": {"exec": {"command": ["a"]}}}}),
    ("resources: {cpu: 1..2}", {"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}}),
    ("resources: {cpu: 100m}", {"resources": {"requests": {"cpu": "100m"}}}),
    ("resources: {memory: 1Gi}", {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}}),
    ("resources: {limits: {cpu: 1..2}}", {"resources": {"limits": {"cpu": "1..2"}}}),
    ("containers: [{name: a, ports: {b: 1}}]", {"containers": [{"name": "a", "ports": {"b": {"containerPort": 1}}}]}),
    ("initContainers: [{scratch: [/a]}]", {"initContainers": [{"scratch": [{"mountPath": "/a"}]}]}),
]


@pytest.mark.parametrize(("text", "long"), SHORT, ids=[text for text, _ in SHORT])
def test_short_forms(text: str, long: dict[str, Any]) -> None:
    """What each stands for."""
    assert plain(expand_pod(mapping(text))) == long


@pytest.mark.parametrize(
    "text",
    [
        "ports: 5", "ports: {a: null}", "ports: {a: [1]}", "probes: 5", "probes: {liveness: 5}",
        "probes: {liveness: null}", "resources: 5", "resources: [a]", "scratch: text", "containers: text",
        "containers: [text, null]", "strategy: null", "strategy: [a]", "other: 1",
    ],
)  # fmt: skip
def test_what_is_no_short_form_stays(text: str) -> None:
    """The model says what is wrong with it, in its own place."""
    assert plain(expand_pod(mapping(text))) == plain(mapping(text))


def test_a_range_has_two_places() -> None:
    """Each end is shown where it stands, with and without quotes."""
    for text in ("resources: {cpu: 100m..2}\n", 'resources: {cpu: "100m..2"}\n'):
        expanded = expand_pod(mapping(text))
        shown = {path: (scalar.value, text_at(text, scalar.span)) for path, scalar in scalars(expanded)}
        assert shown == {
            ("resources", "requests", "cpu"): ("100m", "100m"),
            ("resources", "limits", "cpu"): ("2", "2"),
        }


@pytest.mark.parametrize("text", ['resources: {cpu: "1\\x2e.2"}\n', "resources:\n  cpu: >-\n    1..2\n"])
def test_a_range_that_is_written_oddly_is_shown_whole(text: str) -> None:
    """Escapes and blocks: counting characters would point beside it."""
    node = mapping(text)
    whole = at(node, ("resources", "cpu"))
    assert isinstance(whole, Scalar)
    assert [scalar.span for _, scalar in scalars(expand_pod(node))] == [whole.span, whole.span]


words = st.sampled_from(["none", "/x", "1..2", "100m", "", "a"])
leaves = st.one_of(words, st.none(), st.booleans(), st.integers(0, 9))
probe = st.one_of(
    leaves,
    st.fixed_dictionaries(
        {},
        optional={"httpGet": leaves, "tcpSocket": leaves, "exec": st.lists(words, max_size=2), "periodSeconds": leaves},
    ),
)
container_fields: dict[str, st.SearchStrategy[Any]] = {
    "ports": st.one_of(leaves, st.dictionaries(st.sampled_from(["http", "b"]), leaves, max_size=2)),
    "probes": st.one_of(leaves, st.dictionaries(st.sampled_from(["startup", "liveness"]), probe, max_size=2)),
    "resources": st.one_of(leaves, st.dictionaries(st.sampled_from(["cpu", "memory", "limits"]), leaves, max_size=2)),
    "scratch": st.one_of(leaves, st.lists(leaves, max_size=2)),
}
container = st.fixed_dictionaries({"name": st.sampled_from(["a", "b"])}, optional=container_fields)
pods = st.fixed_dictionaries(
    {},
    optional={
        **container_fields,
        "strategy": leaves,
        "containers": st.one_of(leaves, st.lists(container, max_size=2, unique_by=lambda one: one["name"])),
        "other": leaves,
    },
)


@given(pods)
def test_writing_out_twice_changes_nothing(spec: dict[str, Any]) -> None:
    """The long form is nobody's short form."""
    once = expand_pod(mapping(spec))
    assert plain(expand_pod(once)) == plain(once)


@given(pods)
def test_every_value_keeps_its_place(spec: dict[str, Any]) -> None:
    """A value and a key of the long form stand inside of what was written."""
    node = mapping(spec)
    written = [*_spans(node)]
    assert all(any(is_inside(span, one) for one in written) for span in _spans(expand_pod(node)))


def _spans(node: Node) -> Iterator[Span]:
    """The places of a node, of its keys and of all that is below."""
    yield node.span
    if isinstance(node, Mapping):
        yield from node.keys.values()
    below = () if isinstance(node, Scalar) else node.items if isinstance(node, Sequence) else node.entries.values()
    for one in below:
        yield from _spans(one)


complete = st.fixed_dictionaries(
    {},
    optional={
        "ports": st.dictionaries(st.sampled_from(["http", "b"]), st.integers(1, 9), max_size=2),
        "probes": st.dictionaries(
            st.sampled_from(["liveness", "readiness"]), st.sampled_from(["/x", "none"]), max_size=2
        ),
        "strategy": st.sampled_from(["Recreate", "RollingUpdate"]),
        "resources": st.dictionaries(st.sampled_from(["cpu", "memory"]), st.sampled_from(["1..2", "3..4"]), max_size=2),
        "other": st.integers(0, 3),
    },
)


@given(complete, complete)
def test_layers_merge_in_either_form(base: dict[str, Any], change: dict[str, Any]) -> None:
    """Where both layers use short forms that replace each other as a whole, it does not matter which comes first."""
    first = overlay(expand_pod(mapping(base)), expand_pod(mapping(change)), RULES)[0]
    second = expand_pod(overlay(mapping(base), mapping(change), RULES)[0])
    assert plain(first) == plain(second)
