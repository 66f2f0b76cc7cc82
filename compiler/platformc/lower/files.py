"""Files: data written in the format that a process reads.

The same data gives the same bytes: maps keep the order of the spec.
"""

from __future__ import annotations

import json
from typing import Any

from platformc.canonical_yaml import emit
from platformc.language.origin import derive, unmarked
from platformc.language.scalars import as_text

FORMATS = ("toml", "json", "yaml", "env", "dotenv")


def written(content: dict[str, Any], file_format: str) -> str:
    """The data as text of a format, with the origins of both; ends with a line break."""
    return derive(_written(unmarked(content), file_format), content, file_format)


def _written(data: dict[str, Any], file_format: str) -> str:
    if file_format == "toml":
        import tomli_w  # noqa: PLC0415 - only platforms with TOML files pay for its start

        return tomli_w.dumps(data)
    if file_format == "json":
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if file_format == "yaml":
        return emit(data)
    return "".join(f"{key}={as_text(value)}\n" for key, value in data.items())
