"""Secret: keys whose values are sealed, and files made from them inside the cluster."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from compiler.spec.models.base import Boolean, DocumentSpec, Integer, SpecModel, problem
from compiler.spec.models.file_content import check_content
from compiler.spec.models.types import TemplateMap, TemplateText


class Generate(SpecModel):
    """How `platformc seal` makes a value that nobody has to choose."""

    type: Literal["password", "key", "vapid", "literal"]
    """What kind of value."""
    length: Integer | None = None
    """Characters, for password."""
    charset: Literal["alphanumeric", "printable", "hex"] | None = None
    """Which characters, for password."""
    bytes: Integer | None = None
    """Random bytes, for key."""
    encoding: Literal["base64", "base64url", "hex"] | None = None
    """How they are written, for key."""
    pair: str | None = None
    """The name that ties the two halves of a key pair together, for vapid."""
    part: Literal["private", "public"] | None = None
    """Which half, for vapid."""
    value: str | None = None
    """The value itself, for literal: a user name, nothing secret."""

    @model_validator(mode="after")
    def _fields_of_type(self) -> Self:
        if self.type == "vapid" and (self.pair is None or self.part is None):
            raise problem(
                "invalid-generate",
                "`vapid` needs `pair` and `part`",
                "for example {type: vapid, pair: push, part: private}",
                at=("type",),
            )
        if self.type == "literal" and self.value is None:
            raise problem("invalid-generate", "`literal` needs `value`", at=("type",))
        return self


class SecretKey(SpecModel):
    """One key of a Secret. The value itself never stands in the spec."""

    description: str = ""
    """What it is for and where to get it; `platformc seal` shows it."""
    pattern: str | None = None
    """A regular expression that a value must match."""
    min_length: Integer | None = None
    """The least number of characters."""
    deny: tuple[str, ...] = ()
    """Values that are refused, such as an image's default password."""
    optional: Boolean = False
    """True where the programs run without it."""
    public: Boolean = False
    """True where the value may be read by everybody, such as the public half of a key pair."""
    rotation: Literal["manual", "never"] = "manual"
    """`never` where a new value breaks what the old one made."""
    generate: Generate | None = None
    """How to make a value."""
    copy_of: str | None = None
    """Another Secret's key that has the same value, such as `secret.redis.password`."""


class SecretFile(SpecModel):
    """A file made from the keys, inside the cluster."""

    format: Literal["toml", "json", "yaml", "env", "dotenv"] | None = None
    """The format that `data` is written in; values are quoted for it."""
    data: TemplateMap | None = None
    """The content."""
    text: TemplateText | None = None
    """The content as it is."""

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        check_content(self.data, self.text, self.format)
        return self


class SecretSpec(DocumentSpec):
    """Keys whose values are sealed."""

    keys: dict[str, SecretKey]
    """The keys by name."""
    files: dict[str, SecretFile] = {}
    """Files made from the keys."""
    type: str = "Opaque"
    """The type of the Kubernetes Secret."""
    scope: Literal["strict", "namespace-wide", "cluster-wide"] | None = None
    """Where the sealed values may be opened; by default the environment's."""
