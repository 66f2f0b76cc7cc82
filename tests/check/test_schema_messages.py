"""kubeconform's text: the places in it, and why a document could not be read."""

from __future__ import annotations

import pytest
from platformc.check.kubeconform.messages import Refused, refused, unread

HEAD = "problem validating schema. Check JSON formatting: jsonschema validation failed with 'file:///x/deployment_v1.json#'"


def leaves(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Pointer and words of each leaf in kubeconform's text behind its usual start."""
    return [(place.pointer, place.words) for place in refused(HEAD + text) if place.is_leaf]


class TestPlaces:
    """A text is a tree; what hangs below says what is wrong."""

    def test_pointers_and_quotes_are_undone(self) -> None:
        """Slashes inside keys (RFC 6901) and quotes inside names (Go's %q) come back."""
        assert leaves(r" - at '/metadata/labels/a~1b~0c/it\'s\u00e9': got string, want integer") == [
            (("metadata", "labels", "a/b~c", "it'sé"), "got string, want integer")
        ]

    def test_a_value_cannot_look_like_a_second_mistake(self) -> None:
        """Quotes inside values are escaped, so the separator never occurs in one."""
        assert leaves(r" - at '/a': ' - at \'/b\': got x' does not match pattern 'y'") == [
            (("a",), r"' - at \'/b\': got x' does not match pattern 'y'")
        ]

    def test_brackets_are_opened(self) -> None:
        """Groups say nothing by themselves; what they hold is said, at any depth, then their neighbours."""
        text = (
            " - at '': validation failed   - at '/spec': validation failed     - at '/spec/a': got string, want integer"
            "     - at '/spec/b': got string, want integer   - at '/kind': value must be 'A'"
        )
        assert [pointer for pointer, _ in leaves(text)] == [("spec", "a"), ("spec", "b"), ("kind",)]
        assert [place.pointer for place in refused(HEAD + text) if not place.is_leaf] == [(), ("spec",)]

    def test_what_is_shown_holds_no_value(self) -> None:
        """Some are nobody's business."""
        shown = Refused((), r"'it\'s secret' does not match pattern '^[a-z]+$'", is_leaf=True).shown
        assert shown == "… does not match pattern …"

    def test_no_schema_was_asked(self) -> None:
        """There is no place."""
        assert refused("error while parsing: missing 'kind' key") == ()


class TestUnreadableDocument:
    """A refusal before any schema was asked."""

    @pytest.mark.parametrize(
        ("raw", "message", "absent"),
        [
            (
                'error unmarshalling resource: yaml: unmarshal errors:\n  line 5: key "x" already set in map',
                "line 5: duplicate field x",
                "",
            ),
            (
                "error unmarshalling resource: error converting YAML to JSON: yaml: line 3: mapping values are not allowed",
                "is not valid YAML: line 3: mapping values are not allowed",
                "",
            ),
            ("error while parsing: missing 'kind' key", "missing field kind", "kind"),
        ],
    )
    def test_sentence(self, raw: str, message: str, absent: str) -> None:
        """There is no pointer: no schema was asked."""
        found = unread(raw)
        assert found is not None
        assert (found.message, found.absent) == (message, absent)

    @pytest.mark.parametrize("raw", ["error unmarshalling resource: other", HEAD + " - at '/a': got string, want null"])
    def test_what_is_not_known(self, raw: str) -> None:
        """The schema may tell."""
        assert unread(raw) is None
