from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.language.nodes import Mapping, at
from platformc.language.references import Reference, SyntaxProblem, as_template, pieces, place, whole, with_references
from spec_samples import PATH, mapping, text_at

names = st.from_regex(r"[a-z][a-zA-Z0-9_-]{0,6}", fullmatch=True)
dotted = st.text(st.sampled_from(list("ab.-/ é")), min_size=1, max_size=6)


@st.composite
def references(draw: st.DrawFn) -> Reference:
    """References of two to four steps, with and without a filter."""
    steps = [draw(names), draw(names)]
    text = ".".join(steps)
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.booleans()):
            step = draw(names)
            text += f".{step}"
        else:
            step = draw(dotted)
            text += f'["{step}"]'
        steps.append(step)
    name = draw(st.sampled_from(["", "urlencode"]))
    text += f"|{name}" if name else ""
    return Reference(f"${{{text}}}", tuple(steps), name)


literals = st.text(st.sampled_from(list("ab {}[].\"'\n$é")), min_size=1, max_size=8)


@given(st.lists(st.one_of(literals, references()), max_size=5))
def test_what_is_written_is_taken_apart_again(wanted: list[str | Reference]) -> None:
    """Literal pieces and references come back, neighbours joined, whatever dollars and braces stand in them."""
    joined: list[str | Reference] = []
    for one in wanted:
        if isinstance(one, str) and joined and isinstance(joined[-1], str):
            joined[-1] += one
        else:
            joined.append(one)
    assert list(pieces(as_template(wanted))) == (joined or [""])


@given(st.text(st.sampled_from(list('${}.|[]"ab\n \N{PILE OF POO}')), max_size=30))
def test_any_text_is_taken_apart(text: str) -> None:
    """Never an exception; nothing of the text is lost."""
    found = pieces(text)
    shown = "".join(piece if isinstance(piece, str) else piece.text for piece in found)
    assert shown.replace("$", "") == text.replace("$", "")
    assert found == (text,) or "${" in text
    reference = whole(text)
    assert reference is None or reference.text == text


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("${a.b}", ("a", "b")),
        ("${a.b.c.d}", ("a", "b", "c", "d")),
        ('${secret.x["a.b"]}', ("secret", "x", "a.b")),
        ('${values["a b"]}', ("values", "a b")),
        ("${workload.other/redis.host}", ("workload", "other/redis", "host")),
        ("${a.1}", ("a", "1")),
    ],
)  # fmt: skip
def test_references(text: str, steps: tuple[str, ...]) -> None:
    """What stands between the dots."""
    reference = whole(text)
    assert reference is not None
    assert (reference.steps, reference.word, reference.name, reference.rest) == (steps, steps[0], steps[1], steps[2:])


@pytest.mark.parametrize(
    "text",
    [
        "${", "${}", "${a}", "${a.}", "${.a}", "${a..b}", "${a b}", "${ a.b }", "${a.b|x}", "${a.b", "${a.b\n}", "${a.b[c]}",
        '${a.b[""]}', '${["a"].b}', "${a.b/}", "${${a.b}}", "${é.b}",
    ],
)  # fmt: skip
def test_what_is_no_reference(text: str) -> None:
    """It is a problem with a way out, never taken for text."""
    problem = next(piece for piece in pieces(text) if isinstance(piece, SyntaxProblem))
    assert problem.text
    assert problem.text in text
    assert problem.hint


def test_literals() -> None:
    """Escapes, lone dollars and braces are text."""
    assert pieces("") == ("",)
    assert pieces("a$b{c}$") == ("a$b{c}$",)
    assert pieces("$${a.b}") == ("${a.b}",)
    assert pieces("$$$${a.b}") == ("$${a.b}",)
    assert pieces("$$${a.b}") == ("$", Reference("${a.b}", ("a", "b")))
    assert pieces("$(NAME)") == ("$(NAME)",)


@pytest.mark.parametrize(
    "text",
    ["a: x ${v.b} ${v.b}", "a: 'é ''${v.b} ${v.b}'", 'a: "\\t${v.b}\\n${v.b}"', "a: |\n  x\n  ${v.b} ${v.b}\n", "a: x\n   ${v.b}\n   ${v.b}\n"],
)  # fmt: skip
def test_places_in_every_style(text: str) -> None:
    """The first and the second occurrence, as they stand in the file."""
    scalar = at(mapping(text), ("a",))
    assert scalar is not None
    found = [place("${v.b}", text, scalar.span, occurrence) for occurrence in (0, 1)]
    assert [text_at(text, span) for span in found] == ["${v.b}", "${v.b}"]
    assert found[0] < found[1]


def test_a_reference_that_is_written_oddly_is_shown_by_its_scalar() -> None:
    """`$` as an escape: the text does not stand in the file."""
    text = 'a: "\\x24{v.b}"\n'
    scalar = at(mapping(text), ("a",))
    assert scalar is not None
    assert place("${v.b}", text, scalar.span) == scalar.span
    assert place("${v.b}", "", scalar.span) == scalar.span


def test_places_stay_inside_their_scalar() -> None:
    """What stands behind the scalar in its line is no part of it."""
    text = "{a: '${v.c}', b: '${v.b}'}"
    scalar = at(mapping(text), ("a",))
    assert scalar is not None
    assert place("${v.b}", text, scalar.span) == scalar.span


def test_texts_of_other_programs_are_left_out() -> None:
    """`references: false` beside a `text` means that a `${` in it belongs to another program."""
    node = mapping(
        "files: {a: {text: '${x.y}', references: false}, b: {text: '${x.y}'}, c: {data: '${x.y}', references: false}}"
    )
    assert [path for path, _ in with_references(node)] == [("files", "b", "text"), ("files", "c", "data")]
    assert isinstance(node, Mapping)
    assert node.span.path == PATH
