"""What cel-python may be asked of a rule: its answers are an API server's, or there is none."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from platformc.check.claim_api.cel.evaluation import EvaluationError, NotUnderstoodError, compiled
from platformc.check.schemas.conversion import EMBEDDED

JSON = Any

SCHEMA: JSON = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "ratio": {"type": "number"},
        "text": {"type": "string"},
        "list": {"type": "array", "items": {"type": "integer"}},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"n": {"type": "string"}, "m": {"type": "integer"}}},
        },
        "on": {"type": "boolean"},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "none": {"type": "string", "nullable": True},
        "missing": {"type": "object", "properties": {"below": {"type": "string"}}},
        "when": {"type": "string", "format": "date-time"},
        "either": {"x-kubernetes-int-or-string": True},
        "dry-run": {"type": "boolean"},
        "namespace": {"type": "string"},
    },
}
VALUE: JSON = {
    "count": 1,
    "ratio": 2,
    "text": "text",
    "list": [1, 2, 3],
    "items": [{"n": "x"}, {"n": "y", "m": 1}],
    "on": True,
    "tags": {"k": "v", "for": "all", "undeclared.example.org/a": "b"},
    "none": None,
    "when": "12:00",
    "either": "50%",
    "dry-run": True,
    "namespace": "here",
    "undeclared": 1,
    "metadata": {"name": "one", "labels": {}},
}

HOLDS = [
    "self.count == 1",
    "self.count != 2 && self.text != 'other'",
    "self.ratio > 1.5 && self.ratio == 2.0",  # a number is no integer, also where it is written like one
    "self.count + 2 * 3 == 7 && (1 + 2) * 3 == 9",
    "7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1",
    "10 - 2 - 3 == 5",
    "'a' + \"b\" == 'ab' && [1] + [2] == [1, 2]",
    "self.on ? self.count == 1 : self.missing.below == ''",
    "!self.on || self.count > 0",
    "has(self.count) && !has(self.missing) && has(self.tags.k) && !has(self.tags.x)",
    "has(self.none) && self.none == null",
    "self.list[0] == 1 && self.tags['k'] == 'v' && self.tags['for'] == 'all'",
    "2 in self.list && !(4 in self.list) && 'undeclared.example.org/a' in self.tags",
    "self.list.all(x, x > 0) && self.list.exists(x, x == 3) && self.list.exists_one(x, x == 2)",
    "self.list.filter(x, x > 1).map(x, x * 2) == [4, 6]",
    "self.items.all(i, i.n == 'x' || i.m == 1) && self.items.exists(i, i.m == 1)",
    "self.items.all(i, self.list.exists(x, i.n == 'x' ? x == 1 : x == 3))",
    "self.tags.exists(k, self.tags[k] == 'v')",
    "size(self.list) == 3 && self.text.size() == 4 && 'ä€'.size() == 2",
    "self.text.startsWith('te') && self.text.endsWith('xt') && self.text.contains('ex')",
    "self.text.matches('^t.*t$') && self.text.matches('ex')",
    "'a' < 'b' && 1 <= 1",
    "true || self.missing.below == ''",
    "self.missing.below == '' || true",
    "has(self.missing.below) || true",
    "!(false && self.missing.below == '')",
    "self.either == '50%'",
    "self.__dry__dash__run__ || self.dry__dash__run",
    "self.__namespace__ == 'here' && has(self.__namespace__)",
    "has(self.when) && self.on",
]

NO_ANSWER = [
    "self.missing.below == ''",
    "self.missing.below == '' || false",
    "!has(self.missing.below)",
    "self.undeclared == 1",
    "self.metadata.name == 'one'",
    "self.list[7] == 1",
    "self.tags['x'] == ''",
    "self.items.all(i, i.m == 1)",
    "1 / (self.count - 1) == 1",
]

NOT_JUDGED = [
    "self.text > 1",
    "self.text + 1 == 2",
    "self.count && true",
    "self.count",
    "size(self.count) == 1",
    "!self.count",
    "self.count > 0.5",
    "self.when == '12:00'",
    "self.when.startsWith('12') || self.count == 2",
    "self.count.all(x, true)",
]

ODD = {
    "": "it is empty",
    "self.": "it cannot be read at",
    "self.count ==": "it cannot be read at",
    "self.count == 1 2": "it cannot be read at '2'",
    "self.a & 1": "it cannot be read at '& 1'",
    "self.?a == 1": "it cannot be read at",
    "'open": "it cannot be read at",
    "other == 1": "the name other is not supported",
    "self.list.all(x, x == y)": "the name y is not supported",
    "self.list.all(x, x > 0) && x == 1": "the name x is not supported",
    "has(self)": "has() takes a field",
    "has([self.a])": "has() takes a field",
    "has()": "has() takes a field",
    "self.list.all(1, true)": "all() takes a name and an expression",
    "self.list.all(i, x, true)": "all() takes a name and an expression",
    "self.list.min() == 1": "min() is not supported",
    "isURL(self.text)": "isURL() is not supported",
    "self.text.lowerAscii() == 'text'": "lowerAscii() is not supported",
    "timestamp('12:00') == timestamp('12:00')": "timestamp() is not supported",
    "{'a': 1} == self": "a map that is written out is not supported",
    "self{}": "an object that is written out is not supported",
    ".self == 1": "a name that starts with a dot is not supported",
    "(" * 500 + "true" + ")" * 500: "it is nested too deeply",
}


@pytest.mark.parametrize("text", HOLDS)
def test_it_holds(text: str) -> None:
    """As for an API server, and its opposite does not: nothing says yes to everything."""
    assert compiled(text).holds(VALUE, SCHEMA) is True
    assert compiled(f"!({text})").holds(VALUE, SCHEMA) is False


@pytest.mark.parametrize("text", NO_ANSWER)
def test_it_has_no_answer(text: str) -> None:
    """A field that is not there, or that a rule cannot see, is neither true nor false: the claim is refused."""
    with pytest.raises(EvaluationError):
        compiled(text).holds(VALUE, SCHEMA)


@pytest.mark.parametrize("text", NOT_JUDGED)
def test_an_error_of_types_is_not_judged(text: str) -> None:
    """An API server takes no such rule, or it knows more than cel-python: comparing numbers of two types."""
    with pytest.raises(NotUnderstoodError):
        compiled(text).holds(VALUE, SCHEMA)


@pytest.mark.parametrize("text", ODD, ids=lambda text: text[:30])
def test_it_is_not_understood(text: str) -> None:
    """What is not known here is never guessed at, and told in words."""
    with pytest.raises(NotUnderstoodError) as raised:
        compiled(text)
    assert str(raised.value).startswith(ODD[text])


def test_it_is_not_understood_how_a_number_is_too_large() -> None:
    """More than 64 bits."""
    with pytest.raises(NotUnderstoodError):
        compiled("self.count > 0").holds({"count": 2**70}, SCHEMA)


def test_an_object_has_a_name() -> None:
    """And a kind; of its metadata no more than the name can be read."""
    schema = {**SCHEMA, EMBEDDED: True}
    assert compiled("self.metadata.name == 'one' && !has(self.metadata.labels)").holds(VALUE, schema)


def test_it_knows_what_it_reads() -> None:
    """In the order of the text, so that a finding can stand at a field; and whether it is about a change."""
    rule = compiled("has(self.b.c) && self.a == oldSelf.a && self.dry__dash__run")
    assert rule.fields == (("b", "c"), ("b",), ("a",), ("dry-run",))
    assert rule.compares
    assert not compiled("self.a == 1").compares


def test_the_limit_of_recursion_stays() -> None:
    """It is one of the whole process, and cel-python would raise it."""
    program = "import sys; from platformc.check.claim_api.cel.evaluation import compiled; compiled('true'); print(sys.getrecursionlimit())"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "1000"
