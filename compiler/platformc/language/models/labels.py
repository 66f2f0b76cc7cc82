"""Labels and annotations as Kubernetes takes them; no schema of Kubernetes says so.

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
"""Characters of a label's value, and of a key behind its prefix."""
WORD = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\Z")
LETTERS = "letters, digits, - _ and ., with a letter or digit at both ends"
MOST_ANNOTATIONS = 256 * 1024
"""Bytes of all annotations of an object, keys included."""


def label_key(text: str) -> str:
    """Check the key of a label: a word of 63 characters, behind a prefix that is a DNS name or without one."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (SUBDOMAIN.match(prefix) and len(prefix) <= LONGEST_SUBDOMAIN):
        raise problem(INVALID_LABEL, f"{prefix!r} is not a DNS name, as the prefix of a key must be", _hint(name))
    if len(name) > LONGEST:
        raise problem(INVALID_LABEL, f"the key has {len(name)} characters, and {LONGEST} is the most")
    if not WORD.match(name):
        raise problem(INVALID_LABEL, f"{text!r} is not a key: {LETTERS}", _hint(name))
    return text


def label_value(text: str) -> str:
    """Check the value of a label: a word of 63 characters, or nothing."""
    if len(text) > LONGEST:
        hint = "longer text belongs into an annotation"
        raise problem(INVALID_LABEL, f"the value has {len(text)} characters, and {LONGEST} is the most", hint)
    if text and not WORD.match(text):
        rest = "other text belongs into an annotation"
        hint = f"write {meant}; {rest}" if (meant := _meant(text)) else rest
        raise problem(INVALID_LABEL, f"{text!r} is not the value of a label: {LETTERS}", hint)
    return text


def annotation_key(text: str) -> str:
    """Check the key of an annotation: as that of a label, with capitals in its prefix."""
    prefix, slash, name = text.rpartition("/")
    label_key(f"{prefix.lower()}{slash}{name}")
    return text


def annotations_of_an_object(given: dict[str, str]) -> dict[str, str]:
    """Check that an object can hold these annotations."""
    size = sum(len(key.encode()) + len(text.encode()) for key, text in given.items())
    if size > MOST_ANNOTATIONS:
        message = f"the annotations have {size} bytes, and {MOST_ANNOTATIONS} is the most"
        raise problem(INVALID_LABEL, message, "put long text into a Config")
    return given


def _hint(name: str) -> str:
    return f"write {meant}, or example.org/{meant}" if (meant := _meant(name)) else "write one such as example.org/team"


def _meant(text: str) -> str:
    """The word that was probably meant; empty where nothing of it can stay."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")[:LONGEST].strip("-_.")


LabelKey = Annotated[str, AfterValidator(label_key)]
LabelValue = Annotated[str, AfterValidator(label_value)]
AnnotationKey = Annotated[str, AfterValidator(annotation_key)]
Labels = dict[LabelKey, LabelValue]
Annotations = Annotated[dict[AnnotationKey, str], AfterValidator(annotations_of_an_object)]
