"""Tags: the keys and values that AWS accepts.

Source: AWS, Tagging AWS Resources, "Tag naming limits and requirements"; the services' own pages agree.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from platformc.language.models.base import problem, problems
from platformc.rules.aws import INVALID_TAG

LONGEST_KEY, LONGEST_VALUE = 128, 256
"""Characters."""
MOST_TAGS = 50
"""Tags of one resource, whoever adds them."""
OF_PROVIDER = 3
"""Of these, the tags that Crossplane's provider adds: crossplane-kind, crossplane-name, crossplane-providerconfig."""
PUNCTUATION = frozenset("_.:/=+-@")
RESERVED = "aws:"


def _foreign(text: str) -> str:
    """Return the characters of a text other than letters, digits, spaces and `_ . : / = + - @`."""
    return "".join(
        letter
        for letter in text
        if letter not in PUNCTUATION and unicodedata.category(letter)[0] not in {"L", "N", "Z"}
    )


def _problem(key: str, value: str) -> PydanticCustomError | None:
    foreign = _foreign(key) or _foreign(value)
    if not key:
        message = "the key of a tag is empty"
    elif key.lower().startswith(RESERVED):
        message = f"the tag {key} starts with `{RESERVED}`, which AWS reserves"
    elif len(key) > LONGEST_KEY:
        message = f"the key of a tag is {len(key)} characters long; the limit is {LONGEST_KEY}"
    elif len(value) > LONGEST_VALUE:
        message = f"the value of the tag {key} is {len(value)} characters long; the limit is {LONGEST_VALUE}"
    elif foreign:
        message = f"the tag {key} contains {foreign[0]!r}, which AWS does not allow"
    else:
        return None
    hint = "use letters, digits, spaces and _ . : / = + - @" if foreign else ""
    return problem(INVALID_TAG, message, hint, at=(key,))


def tags(given: dict[str, str]) -> dict[str, str]:
    """Check tags and return them as written."""
    found = [wrong for key, value in given.items() if (wrong := _problem(key, value)) is not None]
    if found:
        raise problems(found)
    return given


Tags = Annotated[dict[str, str], AfterValidator(tags)]
