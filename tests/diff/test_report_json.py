"""Reports that are read back: exactly what was written, and nothing that anyone else thought of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diagnostics import UsageError
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.formats import json_format, shapes
from platformc.diff.formats.json_format import dump_report, parse_report
from platformc.diff.formats.shapes import record_of, word
from platformc.diff.report import Report
from sample_reports import SAMPLES

SAMPLE = SAMPLES["table-removed"]
Document = dict[str, Any]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def document() -> Document:
    """The sample as JSON."""
    found: Document = json.loads(dump_report(SAMPLE()))
    return found


def refusal(content: bytes) -> str:
    """The sentence with which bytes are refused."""
    with pytest.raises(UsageError) as caught:
        parse_report(content, "report.json")
    return caught.value.message.removeprefix("report.json is not a report of this version of platformc: ")


def refusal_of(change: Callable[[Document], object]) -> str:
    """The same of a changed sample."""
    found = document()
    change(found)
    return refusal(json.dumps(found).encode())


class TestBytes:
    """What is not even JSON of our kind."""

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "the document is not JSON (line 1, column 1)"),
            (b"{", "the document is not JSON (line 1, column 2)"),
            (b"[]", "the document is not an object"),
            (b"null", "the document is not an object"),
            (b"\xff", "the document is not UTF-8"),
            (b"\xef\xbb\xbf{}", "the document is not JSON (line 1, column 1)"),
            (b"[" * 100_000, "the document is nested too deeply"),
            (b'{"a": 1, "a": 2}', "the document has an object with the same key twice"),
            (b'{"a": NaN}', "the document has a number that is none (NaN or Infinity)"),
            (b'{"a": ' + b"9" * 5_000 + b"}", "the document has a number that is too long"),
            (b"{}", "schemaVersion is not 1"),
            (b'{"schemaVersion": true}', "schemaVersion is not 1"),
            (b'{"schemaVersion": 2}', "schemaVersion is not 1"),
            (b'{"schemaVersion": 1}', "the document lacks the field base"),
        ],
    )
    def test_they_are_refused_in_a_sentence(self, content: bytes, said: str) -> None:
        """Exit code 64, no traceback."""
        assert refusal(content) == said

    def test_too_many_are_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever they are."""
        monkeypatch.setattr(json_format, "LARGEST", 10)
        assert refusal(dump_report(SAMPLE()).encode()) == "the document has more than 10 bytes"

    def test_the_sample_is_read(self) -> None:
        """Otherwise all this would prove nothing."""
        assert parse_report(json.dumps(document()).encode()) == SAMPLE()


def effect(found: Document) -> Document:
    """Its first effect."""
    first: Document = found["entries"][0]["effects"][0]
    return first


class TestShape:
    """What is JSON, and not of a report."""

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda found: found.update(more=1), "the document has a field that is not known: more"),
            (lambda found: found.update({"\x1b[31m" * 20: 1}), "a field that is not known: ␛[31m␛[31m"),
            (lambda found: found.pop("notes"), "the document lacks the field notes"),
            (lambda found: found.update(notes="x"), "notes is not a list"),
            (lambda found: found.update(notes=[1]), "notes[0] is not a text"),
            (lambda found: found.update(notes=["\ud800"]), "notes[0] has half of a character (a lone surrogate)"),
            (lambda found: found.update(folded={"x": 1.0}), "folded.x is not an integer"),
            (lambda found: found.update(folded={"x": True}), "folded.x is not an integer"),
            (lambda found: found.update(folded={"x": -1}), "folded.x is not between 0 and 9007199254740991"),
            (lambda found: found.update(folded={"x": 2**53}), "folded.x is not between 0 and 9007199254740991"),
            (lambda found: found.update(verdicts=["restart"]), "verdicts is not what follows from the effects"),
            (lambda found: found.pop("gating"), "gating is not what follows from the effects"),
            (lambda found: found["base"].update(commit=None), "base.commit is not a text"),
            (lambda found: found["entries"][0].update(effects=[]), "entries[0].effects is empty"),
            (
                lambda found: found["entries"][0]["effects"].reverse(),
                "entries[0].effects does not have the gravest first",
            ),
            (
                lambda found: found["entries"][0]["causes"][0].update(change="x"),
                "entries[0].causes[0].change is none of: ",
            ),
            (
                lambda found: found["entries"][0]["causes"][0]["at"].update(line=0),
                "entries[0].causes[0].at.line is not bet",
            ),
            (
                lambda found: effect(found).update(verdict="fine"),
                "entries[0].effects[0].verdict is none of: refused, da",
            ),
            (lambda found: effect(found).update(kind=[]), "entries[0].effects[0].kind is not a text"),
            (lambda found: effect(found).update(differs=0), "entries[0].effects[0].differs is not true or false"),
            (lambda found: effect(found).update(data=[]), "entries[0].effects[0].data is not an object"),
            (lambda found: effect(found).update(data={"x": 2**60}), "entries[0].effects[0].data.x is not between -"),
            (lambda found: effect(found).update(environments=[]), "entries[0].effects[0].environments is empty"),
            (
                lambda found: effect(found).update(environments=["live"]),
                "entries[0].effects[0].environments has one that the report does not list",
            ),
            (
                lambda found: effect(found).update(environments=["staging", "staging"]),
                "entries[0].effects[0].environments has the same one twice",
            ),
            (lambda found: found["environments"].append(found["environments"][0]), "environments has the same env"),
            (
                lambda found: found["staleAcceptances"][0]["at"].pop("path"),
                "staleAcceptances[0].at lacks the field path",
            ),
        ],
    )
    def test_it_is_refused_with_its_place(self, change: Callable[[Document], object], said: str) -> None:
        """A reader finds it."""
        assert said in refusal_of(change)

    def test_related_places_come_in_pairs(self) -> None:
        """A finding's related places have a label each."""
        found: Document = json.loads(dump_report(SAMPLES["new-image"]()))
        found["findings"][0]["finding"]["related"] = [[{}]]
        assert refusal(json.dumps(found).encode()) == "findings[0].finding.related[0] does not have 2 items"

    def test_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of texts, lists and depth."""
        deep: Any = {}
        for _ in range(shapes.DEEPEST_DATA + 1):
            deep = {"x": deep}
        assert "is deeper than 20 levels" in refusal_of(lambda found: effect(found).update(data=deep))
        monkeypatch.setattr(shapes, "LONGEST_LIST", 1)
        assert "has more than 1 items" in refusal_of(lambda _: None)
        monkeypatch.setattr(shapes, "LONGEST_TEXT", 3)
        assert "has more than 3 characters" in refusal_of(lambda _: None)

    @given(st.data())
    def test_any_other_value_is_refused_or_read(self, data: st.DataObject) -> None:
        """Never another error; and what is read is written the same."""
        found = document()
        parent: Any = found
        while True:
            key = data.draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
            below = parent[key]
            if not below or not isinstance(below, dict | list) or data.draw(st.integers(0, 5)) == 0:
                break
            parent = below
        parent[key] = data.draw(JSON)
        try:
            report = parse_report(json.dumps(found).encode())
        except UsageError as error:
            assert "\n" not in error.message  # noqa: PT017 - both ends are right
        else:
            assert parse_report(dump_report(report).encode()) == report


class TestWords:
    """Enumerations are written as the words that the command line knows."""

    def test_verdicts(self) -> None:
        """The same word as in `--fail-on`."""
        assert [word(each) for each in Verdict] == [each.word for each in Verdict]
        assert word(EffectKind.LEFT_BEHIND) == "left-behind"

    def test_every_field_has_a_shape(self) -> None:
        """A new type in the report fails here, not in a pull request."""
        assert [field.name for field in record_of(Report).fields][:3] == ["base", "head", "compiler"]
