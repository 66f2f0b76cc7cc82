from __future__ import annotations

import pytest
from platformc.check.kubeconform.messages import explain

HEAD = "problem validating schema. Check JSON formatting: jsonschema validation failed with 'file:///x/deployment_v1.json#'"


def said(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Pointer and sentence of each mistake in kubeconform's text behind its usual start."""
    return [(entry.pointer, entry.message) for entry in explain(HEAD + text)]


class TestOneMistake:
    """A text with one entry."""

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            ("got string, want integer", "must be a whole number, not text"),
            ("got array, want null or integer or string", "must be a whole number or text, not a list"),
            ("got number, want null or object", "must be a map, not a number"),
            ("got string, want null", "must be empty, not text"),
            ("missing property 'name'", "missing field name"),
            ("value must be 'v1'", "must be v1"),
            ("value must be one of 'Always', '', 3", "must be one of Always, '', 3"),
            ("'s3cret value' does not match pattern '^[a-z]+$'", "does not match the pattern ^[a-z]+$"),
            ("'x' is not valid date-time: no T", "is not a valid date-time"),
            ("maxLength: got 64, want 63", "is 64 characters long; the limit is 63"),
            ("minItems: got 0, want 1", "has too few items: 0; the minimum is 1"),
            ("maximum: got 70000, want 65535", "is 70000; the maximum is 65535"),
            ("maximum: got 9.9999999\N{MULTIPLICATION SIGN}10⁰⁷, want 43,200", "is 99999999; the maximum is 43200"),
            ("minimum: got -1.5\N{MULTIPLICATION SIGN}10⁻³, want 0", "is -0.0015; the minimum is 0"),
            ("items at 0 and 2 are equal", "items 0 and 2 are the same"),
            ("oneOf failed, subschemas 0, 1 matched", "matches more than one of several forms that exclude each other"),
            ("something new", "something new"),
        ],
    )
    def test_sentence(self, raw: str, message: str) -> None:
        """Plain words, the value left out; what is not known keeps its words."""
        assert said(f" - at '/spec/a': {raw}") == [(("spec", "a"), message)]

    def test_several_fields_are_several_mistakes(self) -> None:
        """An unknown field is pointed at itself, a missing one at its parent; sorted, Go's order is random."""
        assert said(" - at '/spec': additional properties 'b', 'a' not allowed") == [
            (("spec", "a"), "unknown field a"),
            (("spec", "b"), "unknown field b"),
        ]
        assert said(" - at '/spec': missing properties 'y', 'x'") == [
            (("spec",), "missing field x"),
            (("spec",), "missing field y"),
        ]
        missing = explain(HEAD + " - at '/spec': missing properties 'y', 'x'")
        assert [entry.absent for entry in missing] == ["x", "y"]

    def test_pointers_and_quotes_are_undone(self) -> None:
        """Slashes inside keys (RFC 6901) and quotes inside names (Go's %q) come back."""
        assert said(r" - at '/metadata/labels/a~1b~0c': additional properties 'it\'s\u00e9' not allowed") == [
            (("metadata", "labels", "a/b~c", "it'sé"), "unknown field it'sé")
        ]

    def test_a_value_cannot_look_like_a_second_mistake(self) -> None:
        """Quotes inside values are escaped, so the separator never occurs in one."""
        assert said(r" - at '/a': ' - at \'/b\': got x' does not match pattern 'y'") == [
            (("a",), "does not match the pattern y")
        ]

    def test_raw_words_are_kept(self) -> None:
        """For reports to kubeconform itself."""
        (entry,) = explain(HEAD + " - at '/a': got string, want integer")
        assert entry.raw == "got string, want integer"


class TestTree:
    """A text whose entries hang below each other."""

    def test_brackets_are_opened(self) -> None:
        """Groups say nothing by themselves; what they hold is said, at any depth, then their neighbours."""
        text = (
            " - at '': validation failed   - at '/spec': validation failed     - at '/spec/a': got string, want integer"
            "     - at '/spec/b': got string, want integer   - at '/kind': value must be 'A'"
        )
        assert [pointer for pointer, _ in said(text)] == [("spec", "a"), ("spec", "b"), ("kind",)]

    def test_types_of_all_forms_are_one_sentence(self) -> None:
        """Neither form has the type."""
        text = " - at '/p': anyOf failed   - at '/p': got boolean, want integer   - at '/p': got boolean, want null or string"
        assert said(text) == [(("p",), "must be a whole number or text, not true or false")]

    def test_the_form_that_was_meant_is_the_one_with_the_right_type(self) -> None:
        """The other one's type mismatch is noise."""
        text = " - at '/p': oneOf failed, none matched   - at '/p': got object, want string   - at '/p': missing property 'a'"
        assert said(text) == [(("p",), "missing field a")]

    def test_several_possible_forms_are_named_together(self) -> None:
        """Nothing tells which one was meant."""
        text = " - at '/p': anyOf failed   - at '/p': missing property 'a'   - at '/p/c': maxLength: got 2, want 1"
        assert said(text) == [
            (("p",), "matches none of the allowed forms: missing field a, or c is 2 characters long; the limit is 1")
        ]


class TestUnreadableDocument:
    """A refusal before any schema was asked."""

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            (
                'error unmarshalling resource: yaml: unmarshal errors:\n  line 5: key "x" already set in map',
                "line 5: duplicate field x",
            ),
            (
                "error unmarshalling resource: error converting YAML to JSON: yaml: line 3: mapping values are not allowed",
                "is not valid YAML: line 3: mapping values are not allowed",
            ),
            ("error while parsing: missing 'kind' key", "missing field kind"),
            ("error unmarshalling resource: other", "other"),
        ],
    )
    def test_sentence(self, raw: str, message: str) -> None:
        """There is no pointer: no schema was asked."""
        assert [(entry.pointer, entry.message, entry.raw) for entry in explain(raw)] == [((), message, raw)]
