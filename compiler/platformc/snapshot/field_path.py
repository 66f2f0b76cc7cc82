"""field_path: paths of values as people write them.

In      keys of maps, and what identifies items of lists.
Out     text: `spec.containers[name=api].image`, `data["Revolt.toml"]`.
Never   leaves a key without quotes that holds a dot or anything else that could be read differently.
"""

from __future__ import annotations

import json
import re

PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_-]*\Z")
LABEL = re.compile(r"[^\s,=\[\]\"\\\x00-\x1f\x7f]+\Z")


def with_key(path: str, key: object) -> str:
    """The path of the value of a key.

    >>> with_key("metadata.annotations", "argocd.argoproj.io/sync-wave"), with_key("", "spec")
    ('metadata.annotations["argocd.argoproj.io/sync-wave"]', 'spec')
    """
    text = str(key)
    if PLAIN.match(text) is None:
        return f"{path}[{_quoted(text)}]"
    return f"{path}.{text}" if path and not path.endswith(" ") else f"{path}{text}"


def with_item(path: str, label: str) -> str:
    """The path of an item of a list.

    >>> with_item("spec.containers", label_of({"name": "api"}))
    'spec.containers[name=api]'
    """
    return f"{path}[{label}]"


def label_of(keys: dict[str, object]) -> str:
    """What identifies an item.

    >>> label_of({"port": 80, "protocol": "TCP"}), label_of({"name": "a b"})
    ('port=80,protocol=TCP', 'name="a b"')
    """
    return ",".join(f"{key}={_value(value)}" for key, value in keys.items())


def inside(path: str) -> str:
    """The start of paths inside of a text."""
    return f"{path} » "


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if LABEL.match(text) is not None else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
