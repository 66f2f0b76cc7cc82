from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.language.constants import Constants, missing_values, substitute
from platformc.language.nodes import Mapping, Node, Scalar, at, plain
from platformc.language.references import Reference, as_template, pieces
from spec_samples import PATH, data, mapping, text_at, visible_text

VALUES = "specs/environments/e.yaml"


def _constants(text: str, values: dict[str, Any], **more: Any) -> Constants:
    environment = mapping("name: e\naws: {region: r-1}\n", VALUES)
    return Constants(mapping(values, VALUES), {}, {}, environment, {PATH: text}, **more)


def _substituted(text: str, values: dict[str, Any]) -> tuple[Node, Constants]:
    constants = _constants(text, values)
    return substitute(constants, mapping(text)), constants


def _meant(text: str) -> str:
    """What a template without references stands for."""
    found = pieces(text)
    assert all(isinstance(piece, str) for piece in found)
    return "".join(map(str, found))


@pytest.mark.parametrize("value", [1, 0, -5, 1.5, True, False, None, "text", "", "1", "true"])
def test_a_whole_value_keeps_its_type(value: Any) -> None:
    """An integer stays an integer, a switch a switch."""
    node, constants = _substituted("a: ${values.v}\n", {"v": value})
    made = at(node, ("a",))
    assert isinstance(made, Scalar)
    assert (type(made.value), made.value) == (type(value), value)
    assert text_at("a: ${values.v}\n", made.span) == "${values.v}"
    assert [one.span.path for one in made.sources] == [VALUES]
    assert constants.findings == []


@pytest.mark.parametrize(("value", "text"), [(1, "<1>"), (1.5, "<1.5>"), (True, "<true>"), (None, "<>"), ("x", "<x>")])
def test_a_part_of_a_text_is_text(value: Any, text: str) -> None:
    """As YAML writes it, not as Python does."""
    node, _ = _substituted("a: <${values.v}>\n", {"v": value})
    assert plain(node) == {"a": text}


@pytest.mark.parametrize("use", ["${values.v}", "<${values.v}>"])
@pytest.mark.parametrize("value", ["x" * (1 << 20), ["x" * 4096] * 256, {f"k{key}": key for key in range(1 << 12)}])
def test_small_files_cannot_ask_for_everything(value: Any, use: str) -> None:
    """A large value in many places is told once, and is not brought in from there on."""
    text = "".join(f"a{number}: {use}\n" for number in range(100))
    node, constants = _substituted(text, {"v": value})
    rules = {finding.rule for finding in constants.findings}
    if use.startswith("$"):
        assert rules == {"file-too-large"}
        assert len(constants.findings) == 1
        assert constants.findings[0].at.line < 100
        assert plain(at(node, ("a0",)) or node) == value
        assert plain(at(node, ("a99",)) or node) == ""
    else:
        assert rules == ({"file-too-large"} if isinstance(value, str) else {"reference-in-text"})


@given(data)
def test_a_constant_may_be_any_data(value: Any) -> None:
    """Maps and lists are put in as a whole; a `${` in them, as in a text, is what it is."""
    node, constants = _substituted("a: ${values.v}\n", {"v": value})
    assert constants.findings == []
    assert _literal(plain(node)["a"]) == value


def _literal(made: Any) -> Any:
    if isinstance(made, dict):
        return {key: _literal(below) for key, below in made.items()}
    if isinstance(made, list):
        return [_literal(item) for item in made]
    return _meant(made) if isinstance(made, str) else made


@given(
    st.lists(
        st.one_of(visible_text, st.sampled_from(["${workload.x.host}", "${", "$${a.b}", "$"])), min_size=1, max_size=3
    )
)
def test_what_stands_in_a_constant_is_no_reference(parts: list[str]) -> None:
    """Whoever writes a value cannot make the compiler read a secret, or another value, by it."""
    value = "".join(parts)
    node, constants = _substituted(
        "a: ${values.v}\nb: <${values.v}>\nc: ${values.m}\n", {"v": value, "m": {"k": [value]}}
    )
    assert constants.findings == []
    made = plain(node)
    assert (_meant(made["a"]), _meant(made["b"]), _meant(made["c"]["k"][0])) == (value, f"<{value}>", value)


literals = st.text(st.sampled_from(list("ab${}")), min_size=1, max_size=4)
CONSTANT, DOCUMENT = (piece for piece in pieces("${values.v}${workload.w.host}") if isinstance(piece, Reference))


@given(st.lists(st.one_of(literals, st.sampled_from([CONSTANT, DOCUMENT])), max_size=5), literals)
def test_only_constants_are_replaced(parts: list[str | Reference], meaning: str) -> None:
    """Literals stay literals, references to documents stay for link, however they touch each other."""
    text = f"a: '{as_template(parts)}'\n"
    node, constants = _substituted(text, {"v": meaning})
    assert constants.findings == []
    wanted = as_template([meaning if part == CONSTANT else part for part in parts])
    assert pieces(str(plain(node)["a"])) == pieces(wanted)


def test_what_holds_no_constant_stays_the_same_object() -> None:
    """Most documents hold few; the rest is shared by all environments."""
    text = "a: {b: [x, {c: 1}], d: '${workload.w.host}'}\ne: ${values.v}\n"
    before = mapping(text)
    after = substitute(_constants(text, {"v": 1}), before)
    assert isinstance(after, Mapping)
    assert after.entries["a"] is before.entries["a"]
    assert plain(before)["e"] == "${values.v}"
    assert plain(after)["e"] == 1


def test_texts_of_other_programs_stay() -> None:
    """`references: false` beside `text`."""
    text = "f: {text: '${values.v} ${x', references: false}\n"
    node, constants = _substituted(text, {"v": 1})
    assert plain(node) == plain(mapping(text))
    assert constants.findings == []


@pytest.mark.parametrize(
    ("text", "rule", "shown"),
    [
        ("a: ${values.w}\n", "unknown-reference", "${values.w}"),
        ("a: x ${values.v.w} y\n", "unknown-reference", "${values.v.w}"),
        ("a: x ${values.m} y\n", "reference-in-text", "${values.m}"),
        ("a: ${environment.none}\n", "unknown-reference", "${environment.none}"),
        ("a: ${platform.none}\n", "unknown-reference", "${platform.none}"),
        ("a: ${values.v|urlencode}\n", "filter-not-allowed", "${values.v|urlencode}"),
        ("a: x ${values} y\n", "reference-syntax", "${values}"),
        ("a: x ${values.v y\n", "reference-syntax", "${values.v y"),
        ("a: |\n  first\n  second ${values.w}\n", "unknown-reference", "${values.w}"),
    ],
)  # fmt: skip
def test_findings_show_the_reference_alone(text: str, rule: str, shown: str) -> None:
    """Not the text around it; what is in its place has no second finding."""
    node, constants = _substituted(text, {"v": 1, "m": {"k": 1}})
    (finding,) = constants.findings
    assert (finding.rule, text_at(text, finding.at)) == (rule, shown)
    made = at(node, ("a",))
    assert made is not None
    assert made.span in constants.unresolved


def test_the_environment_and_the_platform() -> None:
    """Their fields by name; what the Platform holds is a template already."""
    text = "a: ${environment.name}\nb: ${environment.aws.region}\nc: ${platform.x.y}\nd: <${platform.x.y}>\n"
    constants = _constants(text, {})
    constants.platform = mapping("x: {y: 'p$${q}'}\n", "specs/platform.yaml")
    assert plain(substitute(constants, mapping(text))) == {"a": "e", "b": "r-1", "c": "p$${q}", "d": "<p$${q}>"}


def test_a_value_that_is_asked_for_is_missed_once() -> None:
    """At its first use, with the places that ask and that should give."""
    text = "a: ${values.w}\nb: ${values.w}\nc: ${values.u}\n"
    declared = mapping("w: {type: string}\nz: {type: string}\n", "specs/platform.yaml").keys
    given_in = mapping("values: {}\n", VALUES).keys["values"]
    constants = _constants(text, {})
    constants.declared, constants.absent = declared, dict.fromkeys(declared, given_in)
    substitute(constants, mapping(text))
    first, second = missing_values(constants, "e")
    assert (str(first.at), first.related) == (
        f"{PATH}:1:4",
        ((given_in, "the environment's values"), (declared["w"], "declared here")),
    )
    assert (second.at, second.rule) == (given_in, "missing-value")
    assert [finding.message for finding in constants.findings] == ["there is no value u"]
