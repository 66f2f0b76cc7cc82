from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from platformc.diagnostics import Span
from platformc.kinds import KINDS
from platformc.language.document import DocumentId
from platformc.language.models.config import ConfigSpec
from platformc.language.models.metadata import Metadata
from platformc.language.models.types import Template, TemplateTree
from platformc.language.nodes import Mapping, Scalar
from platformc.language.origin import mark, origins_of, unmarked
from platformc.language.platform import Platform, Resource
from platformc.language.references import Reference, as_template, pieces
from platformc.link import Program
from platformc.link.attributes import ConfigValue, SecretValue
from platformc.link.namespaces import NamespacePlan
from platformc.link.scope import Scope
from platformc.lower.files import written
from platformc.lower.values import UNBOUND, as_text, text, tree, value

USER = DocumentId("Config", "app", "user")
SECRET = SecretValue(DocumentId("Secret", "app", "keys"), "app", "keys", "A")
FILE = ConfigValue(DocumentId("Config", "app", "files"), "app", "files", "a")
BOUND: dict[str, Any] = {
    "${workload.w.host}": "w",
    "${workload.w.ports.p}": 80,
    "${values.on}": True,
    "${values.half}": 0.5,
    "${values.dollar}": "${workload.w.host}",
    "${secret.keys.A}": SECRET,
    "${config.files.a}": FILE,
}
REFERENCES = [piece for text_ in BOUND for piece in pieces(text_) if isinstance(piece, Reference)]
PLACE = Span("specs/a.yaml", 1, 1, 1, 2)


@pytest.fixture(scope="module")
def program() -> Program:
    """A Program in which nothing but the values is looked at."""
    empty: dict[Any, Any] = {}
    platform = Platform.__new__(Platform)
    scope = Scope(platform, empty, frozenset(), frozenset(), empty)
    namespaces: dict[str, NamespacePlan] = {}
    bound = {(USER, text_): value_ for text_, value_ in BOUND.items()}
    return Program(platform, scope, bound, (), empty, empty, empty, namespaces, (), empty, ())


@pytest.fixture(scope="module")
def user() -> Resource[ConfigSpec]:
    """Who refers."""
    node = Mapping({}, {}, PLACE)
    return Resource(USER, KINDS["Config"], Metadata(name="user"), ConfigSpec(files={}), node, "app")


@pytest.mark.parametrize("one", ["", "x", 1, 0, True, False, 1.5, "$(A)", "a${"])
def test_what_refers_to_nothing_is_itself(program: Program, user: Resource[ConfigSpec], one: Any) -> None:
    """With its type."""
    if one == "a${":
        assert value(program, user, Template("a$${")) == one
    else:
        found = value(program, user, Template(one))
        assert (type(found), found) == (type(one), one)


@pytest.mark.parametrize("reference", BOUND)
def test_a_whole_value_is_what_it_is_bound_to(program: Program, user: Resource[ConfigSpec], reference: str) -> None:
    """With its type; what a reference stands for is not read as a template again."""
    found = value(program, user, Template(reference))
    assert (type(found), found) == (type(BOUND[reference]), BOUND[reference])


@given(
    st.lists(st.one_of(st.text(st.sampled_from(list("ab${}\n")), min_size=1, max_size=3), st.sampled_from(REFERENCES)))
)
def test_a_longer_text_joins_its_parts(
    program: Program, user: Resource[ConfigSpec], parts: list[str | Reference]
) -> None:
    """Literals as they are meant, references as text; a secret or a file never stands in it."""
    found = text(program, user, Template(as_template(parts)))
    assert found == "".join(part if isinstance(part, str) else as_text(BOUND[part.text]) for part in parts)


def test_what_is_not_bound_has_a_place_holder(program: Program, user: Resource[ConfigSpec]) -> None:
    """Link has its finding, and nothing is written."""
    assert value(program, user, Template("${table.t.name}")) == UNBOUND
    assert text(program, user, Template("a ${table.t.name} ${x")) == f"a {UNBOUND} "
    assert as_text(SECRET) == as_text(FILE) == UNBOUND


def test_data_keeps_its_shape(program: Program, user: Resource[ConfigSpec]) -> None:
    """Keys are no templates; whole values keep their types; the input stays as it is."""
    data = {"${values.on}": ["${values.on}", {"p": "${workload.w.ports.p}", "t": "<${values.half}>"}, None, 1], "e": {}}
    made = tree(program, user, TemplateTree(data))
    assert made == {"${values.on}": [True, {"p": 80, "t": "<0.5>"}, None, 1], "e": {}}
    assert data["${values.on}"] == ["${values.on}", {"p": "${workload.w.ports.p}", "t": "<${values.half}>"}, None, 1]


def test_origins_go_with_the_text(program: Program, user: Resource[ConfigSpec]) -> None:
    """What was joined tells all that it was joined from."""
    scalar = Scalar("x", PLACE)
    template = mark("<${workload.w.host}>", (scalar,))
    assert origins_of(text(program, user, Template(template))) == (scalar,)
    assert origins_of(tree(program, user, {"a": [template]})) == (scalar,)
    assert as_text(mark(True, (scalar,))) == "true"  # noqa: FBT003 - a value, not a flag
    assert as_text(mark(0.5, (scalar,))) == "0.5"


names = st.text(st.sampled_from(list("ab.-_ é\"'")), min_size=1, max_size=4)
leaves = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.sampled_from(list("ab \n\t\"'\\#=:${}é\N{PILE OF POO}")), max_size=6),
)
documents = st.dictionaries(
    names,
    st.recursive(
        leaves, lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=3), max_leaves=8
    ),
    max_size=3,
)


@given(documents)
def test_files_hold_what_they_are_given(data: dict[str, Any]) -> None:
    """Each format's own reader reads the same data, with its types."""
    assert json.loads(written(data, "json")) == data
    assert yaml.load(written(data, "yaml"), Loader=yaml.CSafeLoader) == data
    assert tomllib.loads(written(data, "toml")) == data


@given(st.dictionaries(names, leaves, max_size=3))
def test_files_of_marked_data_are_the_same(data: dict[str, Any]) -> None:
    """Origins change no byte, and the text tells them."""
    scalar = Scalar("x", PLACE)
    marked = {mark(key, (scalar,)): mark(one, (scalar,)) for key, one in data.items()}
    for file_format in ("json", "yaml", "toml", "env", "dotenv"):
        made = written(marked, file_format)
        assert unmarked(made) == written(data, file_format)
        assert origins_of(made) == ((scalar,) if data else ())
