"""Labels and annotations that Kubernetes accepts; its schemas do not express these rules.

Source: k8s.io/apimachinery pkg/util/validation/validation.go, pkg/apis/meta/v1/validation and pkg/api/validation.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from platformc.language.models.base import problem
from platformc.language.models.types import LONGEST_SUBDOMAIN, SUBDOMAIN
from platformc.rules.fields import INVALID_LABEL

LONGEST = 63
"""Characters of a label's value, and of a key after its prefix."""
WORD = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\Z")
LETTERS = "letters, digits, - _ and ., with a letter or digit at both ends"
MOST_ANNOTATIONS = 256 * 1024
"""Bytes of all annotations of an object, including keys."""


def label_key(text: str) -> str:
    """Check the key of a label: a word of up to 63 characters, with an optional prefix that is a DNS name."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (SUBDOMAIN.match(prefix) and len(prefix) <= LONGEST_SUBDOMAIN):
        raise problem(INVALID_LABEL, f"{prefix!r} is not a DNS name; the prefix of a key must be one", _hint(name))
    if len(name) > LONGEST:
        raise problem(INVALID_LABEL, f"the key is {len(name)} characters long; the limit is {LONGEST}")
    if not WORD.match(name):
        raise problem(INVALID_LABEL, f"{text!r} is not a valid key: use {LETTERS}", _hint(name))
    return text


def label_value(text: str) -> str:
    """Check the value of a label: a word of up to 63 characters, or nothing."""
    if len(text) > LONGEST:
        hint = "use an annotation for longer text"
        raise problem(INVALID_LABEL, f"the value is {len(text)} characters long; the limit is {LONGEST}", hint)
    if text and not WORD.match(text):
        rest = "use an annotation for other text"
        hint = f"write {meant}; {rest}" if (meant := _meant(text)) else rest
        raise problem(INVALID_LABEL, f"{text!r} is not a valid label value: use {LETTERS}", hint)
    return text


def annotation_key(text: str) -> str:
    """Check the key of an annotation: like a label's, but its prefix may contain capitals."""
    prefix, slash, name = text.rpartition("/")
    label_key(f"{prefix.lower()}{slash}{name}")
    return text


def annotations_of_an_object(given: dict[str, str]) -> dict[str, str]:
    """Check that an object can have these annotations."""
    size = sum(len(key.encode()) + len(text.encode()) for key, text in given.items())
    if size > MOST_ANNOTATIONS:
        message = f"the annotations are {size} bytes long; the limit is {MOST_ANNOTATIONS}"
        raise problem(INVALID_LABEL, message, "move long text to a Config")
    return given


def _hint(name: str) -> str:
    return f"write {meant}, or example.org/{meant}" if (meant := _meant(name)) else "write one such as example.org/team"


def _meant(text: str) -> str:
    """Return the word that was probably meant; empty if no valid character remains."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")[:LONGEST].strip("-_.")


LabelKey = Annotated[str, AfterValidator(label_key)]
LabelValue = Annotated[str, AfterValidator(label_value)]
AnnotationKey = Annotated[str, AfterValidator(annotation_key)]
Labels = dict[LabelKey, LabelValue]
Annotations = Annotated[dict[AnnotationKey, str], AfterValidator(annotations_of_an_object)]
