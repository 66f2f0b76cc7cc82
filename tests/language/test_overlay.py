from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.diagnostics import Finding
from platformc.kinds.common import NEEDS, POD_KEYS, POD_ONE_OF
from platformc.language.kind import Layers, unchanged
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, at, plain
from platformc.language.overlay import MergeRules, overlay, same
from spec_samples import PATH, mapping, scalar_values

WORDS = ("table", "queue")
NEED_KEYS = Layers(merge_keys=NEEDS, one_of={}, null_values=(), expand=unchanged).keys(WORDS)
RULES = MergeRules({"items": ("name",), **NEED_KEYS}, {"group": ("x", "y", "z")}, ("free",))
NONE = MergeRules({}, {})
CHANGE = "specs/change.yaml"

few = settings(max_examples=50)

words = st.sampled_from(["a", "b", "items", "group", "x", "y", "free"])
names = st.sampled_from(["one", "two", "three"])
values = st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from(["s", "t"]))


def _items(below: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    item = st.builds(lambda name, rest: {"name": name, **rest}, names, st.dictionaries(words, below, max_size=2))
    return st.lists(item, max_size=3, unique_by=lambda one: one["name"])


def _trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    below = st.recursive(
        leaves,
        lambda one: st.dictionaries(words, one, max_size=3) | _items(one) | st.lists(one, max_size=2),
        max_leaves=8,
    )
    return st.dictionaries(words, below, max_size=4)


bases = _trees(values)
changes = _trees(values | st.none())


def _laid(base: dict[str, Any], change: dict[str, Any], rules: MergeRules = RULES) -> tuple[Any, list[Finding]]:
    merged, findings = overlay(mapping(base), mapping(change, CHANGE), rules)
    return plain(merged), list(findings)


# The rules once more on plain data, as LANGUAGE tells them, without places and findings.


def _simple(base: Any, change: Any, name: str = "", parent: str = "") -> Any:
    if isinstance(base, dict) and isinstance(change, dict):
        group = RULES.one_of.get(parent, ())
        made = {
            key: value
            for key, value in base.items()
            if key not in group or not set(group) & change.keys() or key in change
        }
        for key, value in change.items():
            if value is None and key != "free":
                made.pop(key, None)
            else:
                made[key] = _simple(made[key], value, key, name) if key in made else _pure(value)
        return made
    if isinstance(base, list) and isinstance(change, list) and name == "items":
        made_items = {item["name"]: item for item in base if isinstance(item, dict) and "name" in item}
        if len(made_items) == len(base) and all(isinstance(item, dict) and "name" in item for item in change):
            for item in change:
                known = made_items.get(item["name"])
                made_items[item["name"]] = _pure(item) if known is None else _simple(known, item, "", name)
            return list(made_items.values())
        return None  # lists with items that have no name are not told here
    return _pure(change)


def _pure(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pure(below) for key, below in value.items() if below is not None or key == "free"}
    return [_pure(item) for item in value] if isinstance(value, list) else value


@few
@given(bases)
def test_laying_nothing_over_changes_nothing(base: dict[str, Any]) -> None:
    """Not even the nodes: they are the same objects."""
    node = mapping(base)
    merged, findings = overlay(node, mapping({}), RULES)
    assert findings == ()
    assert plain(merged) == base
    assert all(merged.entries[key] is value for key, value in node.entries.items())


@few
@given(bases)
def test_laying_over_nothing_gives_the_change(change: dict[str, Any]) -> None:
    """A value that is new as a whole is taken as it is."""
    assert _laid({}, change) == (change, [])


@few
@given(bases, changes)
def test_the_result_is_what_the_rules_say(base: dict[str, Any], change: dict[str, Any]) -> None:
    """The same data as from a merge of plain data, in the same order."""
    merged, _ = _laid(base, change)
    wanted = _simple(base, change)
    if "None" not in repr(wanted):
        assert repr(merged) == repr(wanted)


@few
@given(bases, bases)
def test_laying_over_twice_is_laying_over_once(base: dict[str, Any], change: dict[str, Any]) -> None:
    """Nothing piles up."""
    once = overlay(mapping(base), mapping(change), RULES)[0]
    twice = overlay(once, mapping(change), RULES)[0]
    assert same(once, twice) or "items" in repr(change)
    assert [*twice.entries] == [*once.entries]


maps_alone = st.fixed_dictionaries(
    {},
    optional={
        "p": st.dictionaries(words, values),
        "q": st.dictionaries(words, st.dictionaries(names, values)),
        "r": values,
    },
)


@few
@given(maps_alone, maps_alone, maps_alone)
def test_three_layers_have_one_result(one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]) -> None:
    """Maps without removals: it does not matter which two of them are laid over each other first."""
    first, second, third = mapping(one), mapping(two), mapping(three)
    left = overlay(overlay(first, second, NONE)[0], third, NONE)[0]
    right = overlay(first, overlay(second, third, NONE)[0], NONE)[0]
    assert plain(left) == plain(right)


@few
@given(bases, changes)
def test_inputs_stay_as_they_are(base: dict[str, Any], change: dict[str, Any]) -> None:
    """Layers are shared between documents."""
    lower, upper = mapping(base), mapping(change, CHANGE)
    before = copy.deepcopy((plain(lower), plain(upper), lower.keys, upper.keys))
    overlay(lower, upper, RULES)
    assert (plain(lower), plain(upper), lower.keys, upper.keys) == before


@few
@given(bases, bases, bases)
def test_a_value_tells_what_it_replaced(base: dict[str, Any], middle: dict[str, Any], top: dict[str, Any]) -> None:
    """Layer by layer, down to the one that the lowest layer has."""
    lowest = mapping(base, "specs/base.yaml")
    first = overlay(lowest, mapping(middle, "specs/middle.yaml"), RULES)[0]
    merged = overlay(first, mapping(top, "specs/top.yaml"), RULES)[0]
    for path in (("a",), ("b",), ("a", "a"), ("group", "a")):
        layers = []
        node = at(merged, path)
        while isinstance(node, Scalar):
            layers.append(node.span.path)
            below = node.replaced
            assert below is None or below is not node
            node = below
        assert layers == sorted(layers, key=["specs/top.yaml", "specs/middle.yaml", "specs/base.yaml"].index)
        assert len(layers) == len(set(layers))


def test_a_replaced_value_leads_to_the_base() -> None:
    """With the place of each."""
    base, change = mapping("a: {b: 1}\n"), mapping("# env\na:\n  b: 2\n", CHANGE)
    merged, findings = overlay(base, change, NONE)
    assert findings == ()
    node = at(merged, ("a", "b"))
    assert isinstance(node, Scalar)
    assert (node.value, str(node.span)) == (2, f"{CHANGE}:3:6")
    assert node.replaced is at(base, ("a", "b"))
    inner = at(merged, ("a",))
    assert isinstance(inner, Mapping)
    assert str(inner.keys["b"]) == f"{CHANGE}:3:3"


@pytest.mark.parametrize(
    ("base", "change", "merged"),
    [
        ("items: [{name: a, v: 1}, {name: b}]", "items: [{name: b, w: 2}, {name: c}]", [{"name": "a", "v": 1}, {"name": "b", "w": 2}, {"name": "c"}]),
        ("items: [{name: a}, {name: b}]", "items: [{name: a, $patch: delete}]", [{"name": "b"}]),
        ("items: [{name: a, v: 1}]", "items: [{name: a, $patch: delete}, {name: a, w: 2}]", [{"name": "a", "w": 2}]),
        ("items: [{name: a}]", "items: []", [{"name": "a"}]),
        ("items: [{name: a}]", "items: text", "text"),
        ("items: text", "items: [{name: a}]", [{"name": "a"}]),
        ("items: [{v: 1}]", "items: [{w: 2}]", [{"v": 1}, {"w": 2}]),
        ("items: [1, 2]", "items: [2, 3]", [1, 2, 2, 3]),
        ("items: [{name: a}]", "items: [{name: a, v: {x: null}}]", [{"name": "a", "v": {}}]),
        ("other: [{name: a}]", "other: [{name: b}]", [{"name": "b"}]),
    ],
)  # fmt: skip
def test_lists(base: str, change: str, merged: Any) -> None:
    """Lists whose items have a key merge by it; others are replaced as a whole."""
    result = plain(overlay(mapping(base), mapping(change), RULES)[0])
    assert [*result.values()] == [merged]


def test_needs_are_told_by_target_and_port() -> None:
    """The same workload on another port is another need; a target that is a map is told by its name."""
    base = "needs: [{workload: w, port: a}, {internet: {ports: [443]}}, {table: t, access: [read]}]"
    change = "needs: [{workload: w, port: b}, {internet: {ports: [80]}}, {table: t, access: [write]}]"
    assert plain(overlay(mapping(base), mapping(change), RULES)[0])["needs"] == [
        {"workload": "w", "port": "a"},
        {"internet": {"ports": [80]}},
        {"table": "t", "access": ["write"]},
        {"workload": "w", "port": "b"},
    ]


@pytest.mark.parametrize(
    ("base", "change", "rules", "line"),
    [
        ("a: 1", "# two\nb: null", ["overlay-removes-nothing"], 2),
        ("a: 1", "b:\n  c: null", ["overlay-removes-nothing"], 2),
        ("a: 1", "b: [\n {c: null}]", ["overlay-removes-nothing"], 2),
        ("a: 1", "a:\n  c: null", ["overlay-removes-nothing"], 2),
        ("items: [{name: a}]", "items:\n- {name: b, $patch: delete}", ["overlay-removes-nothing"], 2),
        ("items: [{name: a}]", "items:\n- {name: b, v: null}", ["overlay-removes-nothing"], 2),
        ("a: 1", "items:\n- {name: b, $patch: delete}", ["overlay-removes-nothing"], 2),
        ("items: [{name: a}]", "items:\n- {name: a, $patch: replace}", ["invalid-value"], 2),
        ("items: [{name: a}]", "items:\n- {name: a, $patch: null}", ["invalid-value"], 2),
        ("a: {free: 1}", "a: {free: null}", [], 0),
        ("a: 1", "free: null", [], 0),
        ("a: 1", "a: null", [], 0),
    ],
)
def test_what_removes_nothing_is_a_mistake(base: str, change: str, rules: list[str], line: int) -> None:
    """The finding stands in the upper layer."""
    _, findings = overlay(mapping(base), mapping(change, CHANGE), RULES)
    assert [finding.rule for finding in findings] == rules
    assert all(finding.at.path == CHANGE and finding.at.line == line for finding in findings)


def test_what_an_unknown_patch_stands_for_stays() -> None:
    """`$patch: replace` of Kubernetes must not delete."""
    merged, _ = overlay(mapping("items: [{name: a, v: 1}]"), mapping("items: [{name: a, $patch: replace}]"), RULES)
    assert plain(merged) == {"items": [{"name": "a", "v": 1}]}


def test_hints_name_items_and_nothing_else() -> None:
    """An item without a key has no name to show."""
    _, (finding,) = overlay(mapping("items: [1, {name: a}]"), mapping("items: [{name: b, $patch: delete}]"), RULES)
    assert finding.hint == "the list has: name a"


def test_null_can_be_a_value() -> None:
    """Where the kind says so, null is laid over like any other value."""
    assert _laid({"a": {"free": 1}}, {"a": {"free": None}}) == ({"a": {"free": None}}, [])


@pytest.mark.parametrize(
    ("base", "change", "merged"),
    [
        ({"x": 1, "p": 2}, {"y": 3}, {"p": 2, "y": 3}),
        ({"x": 1, "p": 2}, {"p": 3}, {"x": 1, "p": 3}),
        ({"x": {"a": 1}}, {"x": {"b": 2}}, {"x": {"a": 1, "b": 2}}),
        ({"x": 1}, {"y": 2, "z": 3}, {"y": 2, "z": 3}),
    ],
)
def test_fields_that_exclude_each_other(base: Any, change: Any, merged: Any) -> None:
    """The upper layer's choice wins; two at once are for the model to refuse."""
    assert _laid({"group": {"k": base}}, {"group": {"k": change}}) == ({"group": {"k": merged}}, [])


def test_the_real_rules_replace_a_probe() -> None:
    """A profile's HTTP probe gives way to a document's TCP probe."""
    rules = MergeRules(POD_KEYS, POD_ONE_OF)
    base = mapping("probes: {liveness: {httpGet: {path: /a}, periodSeconds: 5}}")
    change = mapping("probes: {liveness: {tcpSocket: {port: 1}}}")
    assert plain(overlay(base, change, rules)[0]) == {
        "probes": {"liveness": {"periodSeconds": 5, "tcpSocket": {"port": 1}}}
    }


@few
@given(
    st.recursive(scalar_values, lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3))
)
def test_same_is_equality_with_types(value: Any) -> None:
    """1, 1.0 and true are three values; order counts in lists alone."""
    node = mapping({"k": value}).entries["k"]
    assert same(node, mapping({"k": value}).entries["k"])
    assert not same(node, mapping({"k": [value]}).entries["k"])
    assert not same(node, None)


def test_same_knows_types_and_orders() -> None:
    """What is written differently and means the same is the same."""

    def node(text: str) -> Node:
        return mapping(f"k: {text}").entries["k"]

    assert not same(node("1"), node("true"))
    assert not same(node("1"), node('"1"'))
    assert not same(node("0"), node("false"))
    assert not same(node("[1, 2]"), node("[2, 1]"))
    assert not same(node("[]"), node("{}"))
    assert same(node("{a: 1, b: 2}"), node("{b: 2, a: 1}"))
    assert same(node('"x"'), node("x"))
    assert isinstance(node("[1]"), Sequence)
    assert node("1").span.path == PATH
