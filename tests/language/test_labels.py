"""Labels and annotations: what Kubernetes takes."""

from __future__ import annotations

import pytest
from platformc.language.models.base import problems_of
from platformc.language.models.labels import LONGEST, MOST_ANNOTATIONS, Annotations, Labels
from pydantic import TypeAdapter, ValidationError

LABELS = TypeAdapter(Labels)
ANNOTATIONS = TypeAdapter(Annotations)


@pytest.mark.parametrize(
    "given",
    [
        {"app": ""},
        {"a": "b"},
        {"A_b.c-d": "1.0_x-Y"},
        {"example.org/team": "x" * LONGEST},
        {f"example.org/{'k' * LONGEST}": "v"},
        {f"{'.'.join(['x' * 61] * 4)}/k": "v"},
    ],
)
def test_taken(given: dict[str, str]) -> None:
    """They come back as they are."""
    assert LABELS.validate_python(given) == ANNOTATIONS.validate_python(given) == given


@pytest.mark.parametrize(
    "key",
    [
        "",
        "-a",
        "a-",
        "a b",
        "ä",
        "a\n",
        "/a",
        "a/",
        "a/b/c",
        "a_b/c",
        "-a/b",
        "k" * 64,
        f"{'.'.join(['x' * 63] * 4)}/k",
    ],
)
def test_keys_that_are_refused(key: str) -> None:
    """For both, and told as such."""
    for kind in (LABELS, ANNOTATIONS):
        with pytest.raises(ValidationError) as refused:
            kind.validate_python({key: "v"})
        assert [error["type"] for error in refused.value.errors()] == ["invalid-label"]


@pytest.mark.parametrize("value", ["a b", "-a", "a.", "ä", "a\n", "a/b", "(none)", "v" * 64])
def test_values_that_are_refused(value: str) -> None:
    """Only as a label: an annotation may be any text."""
    with pytest.raises(ValidationError):
        LABELS.validate_python({"key": value})
    assert ANNOTATIONS.validate_python({"key": value}) == {"key": value}


def test_capitals_in_a_prefix() -> None:
    """Kubernetes takes them in annotations alone."""
    assert ANNOTATIONS.validate_python({"Example.org/note": "x"})
    with pytest.raises(ValidationError):
        LABELS.validate_python({"Example.org/note": "x"})


def test_the_size_of_annotations() -> None:
    """All of an object count together, keys included, in bytes."""
    assert ANNOTATIONS.validate_python({"a": "x" * (MOST_ANNOTATIONS - 1)})
    assert ANNOTATIONS.validate_python({"a": "é" * (MOST_ANNOTATIONS // 2 - 1)})
    with pytest.raises(ValidationError):
        ANNOTATIONS.validate_python({"a": "é" * (MOST_ANNOTATIONS // 2 - 1), "bc": ""})


@pytest.mark.parametrize("text", ["Chat & Voice", "back end", "-x-", "a b" * 9])
def test_a_hint_can_be_followed(text: str) -> None:
    """What is proposed for a value is one."""
    with pytest.raises(ValidationError) as refused:
        LABELS.validate_python({"key": text})
    (problem,) = problems_of(refused.value.errors()[0]["ctx"])
    assert LABELS.validate_python({"key": problem.hint.removeprefix("write ").partition(";")[0]})
