"""File content: what a file of a Config or Secret may contain, by format."""

from __future__ import annotations

from typing import Any

from platformc.language.models.base import problem
from platformc.language.models.types import Template, TemplateTree
from platformc.rules.fields import INVALID_FILE

FLAT = ("env", "dotenv")


def check_content(data: TemplateTree | None, text: Template | None, file_format: str | None) -> None:
    """Raise a problem unless there is exactly one content, and the format can express it."""
    if (data is None) == (text is None):
        raise problem(INVALID_FILE, "a file needs exactly one of `data` (with `format`) and `text`")
    if data is None:
        if file_format is not None:
            raise problem(INVALID_FILE, "`format` works only with `data`, not with `text`", "remove it", at=("format",))
        return
    if file_format is None:
        hint = "add format: toml, json, yaml or env"
        raise problem(INVALID_FILE, "`data` needs `format`", hint, at=("data",))
    if file_format == "toml" and (path := _null(data.value)) is not None:
        raise problem(INVALID_FILE, "TOML has no null", "remove the line", at=("data", *path))
    if file_format in FLAT:
        for key, value in data.value.items():
            if isinstance(value, dict | list):
                message = f"a file of the format {file_format} has one plain value for each name"
                raise problem(INVALID_FILE, message, "write text, a number or true/false", at=("data", key))
            if "\n" in str(value) or "\n" in key or "=" in key:
                message = f"a file of the format {file_format} has one line NAME=value for each name"
                raise problem(INVALID_FILE, message, "use another format, or `text`", at=("data", key))


def _null(value: Any, path: tuple[str | int, ...] = ()) -> tuple[str | int, ...] | None:
    """Return the path of the first null."""
    if value is None:
        return path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for step, one in below if (found := _null(one, (*path, step))) is not None), None)
