"""yaml_documents: read YAML files that others wrote, as plain JSON data.

In      the bytes of one file.
Out     its documents; what looks like a date stays a text, since JSON has none.
Finds   nothing; broken, too deep or exploding files raise ValueError with the bare reason.
Never   lets a file crash the process: libyaml's composer follows nesting without end, until the stack is full.
"""

from __future__ import annotations

from typing import Any

import yaml

DEPTH_LIMIT = 200
"""The deepest upstream CRD has 35 levels."""

NODE_LIMIT = 500_000
"""Values in one file (the largest upstream CRD has 24,000), aliases counted as often as they are used: a bomb is refused before it grows."""


class _Loader(yaml.CSafeLoader):
    """The safe loader without dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def yaml_documents(content: bytes) -> list[Any]:
    """The YAML documents of a file, in order. Raises ValueError with the bare reason."""
    try:
        _refuse_depth(content)
        documents = list(yaml.load_all(content, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"is not valid YAML: {place}{error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"is not valid YAML: {str(error).splitlines()[0]}") from error
    _refuse_size(documents)
    return documents


def _refuse_depth(content: bytes) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise ValueError(f"is nested deeper than {DEPTH_LIMIT} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refuse_size(documents: list[Any]) -> None:
    count, waiting = 0, list(documents)
    while waiting:
        value = waiting.pop()
        count += 1
        if count > NODE_LIMIT:
            raise ValueError(f"contains more than {NODE_LIMIT} values")
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
