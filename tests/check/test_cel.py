"""CEL as rules use it: values and failures as the language defines them."""

from __future__ import annotations

import pytest

from compiler.check.claims.cel import EvaluationError, compiled
from compiler.check.claims.cel_syntax import DEEPEST, MOST_TOKENS, NotUnderstoodError

VALUE = {
    "a": 1,
    "b": "text",
    "list": [1, 2, 3],
    "items": [{"n": "x"}, {"n": "y", "m": 1}],
    "on": True,
    "tags": {"k": "v"},
}

HOLDS = [
    "self.a == 1",
    "self.a != 2 && self.b != 'other'",
    "1 + 2 * 3 == 7",
    "(1 + 2) * 3 == 9",
    "7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1",
    "1.5 + 0.5 == 2.0",
    "10 - 2 - 3 == 5",
    "'a' + \"b\" == 'ab' && [1] + [2] == [1, 2]",
    r"'it\'s' == \"it's\"".replace('\\"', '"'),
    "self.on ? self.a == 1 : self.missing",
    "!self.on || self.a > 0",
    "!!self.on",
    "has(self.a) && !has(self.missing) && has(self.tags.k)",
    "self.list[0] == 1 && self.tags['k'] == 'v'",
    "2 in self.list && !(4 in self.list) && 'k' in self.tags",
    "self.list.all(x, x > 0) && self.list.exists(x, x == 3) && self.list.exists_one(x, x == 2)",
    "self.list.filter(x, x > 1).map(x, x * 2) == [4, 6]",
    "self.items.all(i, i.n == 'x' || i.m == 1)",
    "self.items.exists(i, i.m == 1)",
    "self.tags.all(k, k.startsWith('k'))",
    "size(self.list) == 3 && self.b.size() == 4",
    "self.b.startsWith('te') && self.b.endsWith('xt') && self.b.contains('ex') && self.b.matches('^t.*t$')",
    "self.b.upperAscii() == 'TEXT' && ' x '.trim() == 'x'",
    "'a' < 'b' && 1 <= 1 && 2 > 1.5",
    "true || self.missing == 1",
    "self.missing == 1 || true",
    "!(false && self.missing == 1)",
    "self.on != 1",
    "null == null",
]

FAILS = [
    "self.missing == 1",
    "self.missing == 1 || false",
    "self.b > 1",
    "self.b + 1 == 2",
    "self.a.b == 1",
    "self.a && true",
    "self.list[7] == 1",
    "self.items.all(i, i.m == 1)",
    "1 / 0 == 1",
    "self.b.matches('(')",
    "size(self.a) == 1",
    "!self.a",
    "-self.b == 1",
    "self.b in self.a",
]

ODD = [
    "",
    "self.",
    "self.a ==",
    "self.a == 1 2",
    "(self.a",
    "other == 1",
    "has(self)",
    "self.list.all(1, true)",
    "duration(self.a) < duration('1s')",
    "{'a': 1} == self",
    "b'bytes' == self.b",
    "1u == 1",
    "self.a & 1",
    "'open",
    r"'\x41' == 'A'",
    "!" * MOST_TOKENS + "self.on",
    "self" + ".a" * MOST_TOKENS,
    " + ".join(["1"] * MOST_TOKENS),
    "(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1),
]


@pytest.mark.parametrize("text", HOLDS)
def test_it_holds(text: str) -> None:
    """As in the language's definition."""
    assert compiled(text).holds(VALUE) is True


@pytest.mark.parametrize("text", HOLDS)
def test_its_opposite_does_not(text: str) -> None:
    """An evaluator that says yes to everything would pass the test above."""
    assert compiled(f"!({text})").holds(VALUE) is False


@pytest.mark.parametrize("text", FAILS)
def test_it_has_no_answer(text: str) -> None:
    """A field that is not there, and values of the wrong types, are neither true nor false."""
    with pytest.raises(EvaluationError):
        compiled(text).holds(VALUE)


@pytest.mark.parametrize("text", ODD)
def test_it_is_not_understood(text: str) -> None:
    """What is not known here is never guessed at."""
    with pytest.raises(NotUnderstoodError):
        compiled(text)


def test_a_rule_may_be_long() -> None:
    """As long as it may be, it is still evaluated."""
    assert compiled(" && ".join(["self.on"] * (MOST_TOKENS // 4))).holds(VALUE)


def test_it_knows_what_it_reads() -> None:
    """In the order of the text, so that a finding can stand at a field; and whether it is about a change."""
    rule = compiled("has(self.b.c) && self.a == oldSelf.a")
    assert rule.fields == (("b", "c"), ("b",), ("a",))
    assert rule.compares
    assert not compiled("self.a == 1").compares
