from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diagnostics import Span
from platformc.language.nodes import Scalar
from platformc.language.scalars import LONGEST_INTEGER, as_text, resolve
from spec_samples import read

PLACE = Span("specs/a.yaml", 3, 4, 3, 9)

MEANINGS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "NULL": None,
    "true": True,
    "False": False,
    "0": 0,
    "-0": 0,
    "7": 7,
    "-7": -7,
    "99999999999": 99999999999,
    "0.5": 0.5,
    "-1.25": -1.25,
    "12.5": 12.5,
    "1.2.3": "1.2.3",
    "10.0.0.0/8": "10.0.0.0/8",
    "100m": "100m",
    "1Gi": "1Gi",
    "4d": "4d",
    "nUll": "nUll",
    "trUe": "trUe",
    "yellow": "yellow",
    "once": "once",
    "nothing": "nothing",
    "-": "-",
    "--1": "--1",
    "+": "+",
    ".": ".",
    "..": "..",
    "...x": "...x",
    "1e": "1e",
    "e5": "e5",
    "0o": "0o",
    "8:61x": "8:61x",
    "localhost:80": "localhost:80",
    "nan": "nan",
    "inf": "inf",
    "Infinity": "Infinity",
    "NaN": "NaN",
    "\u0661": "\u0661",
    "1\u0660": "1\u0660",
}
"""Words that all readers take alike."""

AMBIGUOUS = [
    "yes", "Yes", "YES", "no", "No", "on", "On", "off", "OFF",
    "010", "-010", "00", "0777", "0_1", "0o17", "0x1F", "0b101", "-0x1f",
    "1:30", "190:20:30", "1:30.5", "-1:30",
    "1.0", "1.30", "0.0", "-1.50", "12.", "-12.", ".5", "-.5", "+.5",
    "1e3", "1E3", "1.5e3", "1e+3", "1e-3", ".5e1", "1.e1", "-1e3",
    "1_000", "1_000.5", "+1", "+1.5",
    ".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN", "=",
    "123456789012", "-123456789012", "9" * 5000,
]  # fmt: skip
"""Words that readers take differently."""


@pytest.mark.parametrize("word", MEANINGS)
def test_what_readers_agree_about_has_its_meaning(word: str) -> None:
    """Value and type, and no finding."""
    value, finding = resolve(word, PLACE)
    assert finding is None
    assert (type(value), value) == (type(MEANINGS[word]), MEANINGS[word])


@pytest.mark.parametrize("word", AMBIGUOUS, ids=lambda word: word[:20])
def test_what_readers_disagree_about_is_refused(word: str) -> None:
    """The finding stands at the word and says how to write it; the value stays text."""
    value, finding = resolve(word, PLACE)
    assert value == word
    assert finding is not None
    assert (finding.rule, finding.at) == ("yaml-ambiguous-scalar", PLACE)
    assert finding.hint.startswith("write ")


@pytest.mark.parametrize("word", [*AMBIGUOUS, *MEANINGS], ids=lambda word: word[:20])
def test_a_quoted_word_is_text(word: str) -> None:
    """Whatever it would be without quotes."""
    for quote in "'\"":
        node, findings = read(f"{quote}{word}{quote}")
        assert findings == ()
        assert isinstance(node, Scalar)
        assert node.value == word


@given(st.integers())
def test_whole_numbers(number: int) -> None:
    """Up to the length that all readers keep exactly."""
    value, finding = resolve(str(number), PLACE)
    if len(str(abs(number))) <= LONGEST_INTEGER:
        assert (value, finding) == (number, None)
    else:
        assert finding is not None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fractions(number: float) -> None:
    """A fraction is read as itself, or refused; never as another number."""
    value, finding = resolve(repr(number), PLACE)
    assert finding is not None or (type(value) is float and value == number)


@given(st.from_regex(r"\A[-+0-9.:_eExXoOinfaNtruyslAF~=]{1,10}\Z"))
def test_no_word_becomes_a_number_that_is_none(word: str) -> None:
    """What becomes a number is finite and is what Python reads, too; everything else stays text."""
    value, _ = resolve(word, PLACE)
    if type(value) in (int, float):
        assert isinstance(value, int | float)
        assert math.isfinite(value)
        assert value == float(word)
    elif type(value) is str:
        assert value == word


@pytest.mark.parametrize("word", ["0.1234567890123456789", "12345678901234567.5", "1" * 400 + ".5"])
def test_a_fraction_that_would_be_rounded_is_refused(word: str) -> None:
    """As a number it would be another one."""
    value, finding = resolve(word, PLACE)
    assert value == word
    assert finding is not None
    assert finding.hint == f'write "{word}"'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_without_an_exponent(number: float) -> None:
    """Programs that read an environment variable need not know one."""
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", as_text(number))
    assert float(as_text(number)) == number


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (None, ""), (1, "1"), (0.5, "0.5"), ("x", "x")]
)
def test_values_in_texts(value: object, text: str) -> None:
    """As YAML writes them."""
    assert as_text(value) == text
