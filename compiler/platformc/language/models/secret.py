"""Secret: keys whose values are sealed, and files that the cluster makes from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from platformc.language.models.base import Boolean, DocumentSpec, Integer, SpecModel, problem, problems
from platformc.language.models.file_content import check_content
from platformc.language.models.types import DataKey, TemplateMap, TemplateText
from platformc.rules.fields import INVALID_FILE, INVALID_VALUE
from platformc.rules.secrets import INVALID_GENERATE

LARGEST_GENERATED = 65_536
"""Characters or bytes: far beyond any use, far below the limit of a Secret."""
"""Kubernetes, pkg/apis/core/validation: the names of a Secret's data."""
Scope = Literal["strict", "namespace-wide", "cluster-wide"]
"""Where sealed values can be decrypted: for the Secret of one name, in one namespace, or anywhere."""


def regular_expression(text: str) -> str:
    """Check a pattern."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise problem(INVALID_VALUE, f"not a valid regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(regular_expression)]


class Generate(SpecModel):
    """How `platformc seal` generates a value."""

    type: Literal["password", "key", "vapid", "literal"]
    """The kind of value."""
    length: Annotated[Integer, Field(ge=1, le=LARGEST_GENERATED)] | None = None
    """Characters, for password."""
    charset: Literal["alphanumeric", "printable", "hex"] | None = None
    """Which characters, for password."""
    bytes: Annotated[Integer, Field(ge=1, le=LARGEST_GENERATED)] | None = None
    """Random bytes, for key."""
    encoding: Literal["base64", "base64url", "hex"] | None = None
    """How they are written, for key."""
    pair: str | None = None
    """The name that both halves of a key pair share, for vapid."""
    part: Literal["private", "public"] | None = None
    """Which half, for vapid."""
    value: str | None = None
    """The value itself, for literal: a user name, nothing secret."""

    @model_validator(mode="after")
    def _fields_of_type(self) -> Self:
        if self.type == "vapid" and (self.pair is None or self.part is None):
            raise problem(
                INVALID_GENERATE,
                "`vapid` needs `pair` and `part`",
                "write one such as {type: vapid, pair: push, part: private}",
                at=("type",),
            )
        if self.type == "literal" and self.value is None:
            raise problem(INVALID_GENERATE, "`literal` needs `value`", at=("type",))
        return self


class SecretKey(SpecModel):
    """One key of a Secret. The value itself is never in the spec."""

    description: str = ""
    """What it is for and where to get it; `platformc seal` shows it."""
    pattern: Pattern | None = None
    """A regular expression that a value must match as a whole."""
    min_length: Integer | None = None
    """The least number of characters."""
    deny: tuple[str, ...] = ()
    """Rejected values, such as an image's default password."""
    optional: Boolean = False
    """True if everything runs without it."""
    public: Boolean = False
    """True if everybody may read the value, such as the public half of a key pair."""
    rotation: Literal["manual", "never"] = "manual"
    """`never` if a new value would break what the old one created."""
    generate: Generate | None = None
    """How to generate a value."""
    copy_of: str | None = None
    """Another Secret's key that has the same value, such as `secret.redis.password`."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        spec = self.generate
        if spec is not None and self.copy_of is not None:
            hint = "remove one of the two"
            raise problem(INVALID_GENERATE, "a copy takes its value from another key", hint, at=("generate",))
        if (
            spec is not None
            and spec.type == "password"
            and (self.min_length or 0) > (spec.length or self.min_length or 0)
        ):
            message = f"a password of {spec.length} characters is shorter than minLength"
            raise problem(INVALID_GENERATE, message, f"write length: {self.min_length}", at=("generate", "length"))
        return self


class SecretFile(SpecModel):
    """A file that the cluster makes from the keys."""

    format: Literal["toml", "json", "yaml", "env", "dotenv"] | None = None
    """The format that `data` is written in; values are quoted for it."""
    data: TemplateMap | None = None
    """The content."""
    text: TemplateText | None = None
    """The content, verbatim."""

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        check_content(self.data, self.text, self.format)
        return self


class SecretSpec(DocumentSpec):
    """Keys whose values are sealed."""

    keys: dict[DataKey, SecretKey]
    """The keys by name."""
    files: dict[DataKey, SecretFile] = {}
    """Files made from the keys."""
    type: str = "Opaque"
    """The type of the Kubernetes Secret."""
    scope: Scope | None = None
    """Where the sealed values can be decrypted; defaults to the environment's."""

    @model_validator(mode="after")
    def _names_and_pairs(self) -> Self:
        found = [*self._names(), *self._pairs()]
        if found:
            raise problems(found)
        return self

    def _names(self) -> Iterator[PydanticCustomError]:
        for name in self.files:
            if name in self.keys:
                message = f"a key and a file are both named {name}"
                yield problem(INVALID_FILE, message, "give the file another name", at=("files", name))

    def _pairs(self) -> Iterator[PydanticCustomError]:
        halves: dict[tuple[str | None, str | None], str] = {}
        for name, key in self.keys.items():
            if key.generate is None or key.generate.type != "vapid":
                continue
            half = (key.generate.pair, key.generate.part)
            if half in halves:
                message = f"{halves[half]} is already the {half[1]} half of the pair {half[0]}"
                yield problem(INVALID_GENERATE, message, "give it another pair", at=("keys", name, "generate", "pair"))
            halves[half] = name
        for (pair, part), name in halves.items():
            if part == "public" and (pair, "private") not in halves:
                message = f"the pair {pair} has no private half"
                hint = f"add a key with generate: {{type: vapid, pair: {pair}, part: private}}"
                yield problem(INVALID_GENERATE, message, hint, at=("keys", name, "generate"))
