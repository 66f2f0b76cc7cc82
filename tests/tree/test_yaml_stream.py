"""Objects that somebody names, as a stream."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from platformc.diagnostics import UsageError
from platformc.language.document import DocumentId
from platformc.lower.manifest import Manifest
from platformc.tree.build import Tree, build
from platformc.tree.yaml_stream import yaml_stream


def manifest(kind: str, name: str) -> Manifest:
    """Make an object of a kind of the core group, in the application and namespace `shop`."""
    thing: dict[str, Any] = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}}
    return Manifest(thing, DocumentId("Workload", "shop", name), "shop")


STAGING = build("staging", [manifest("Service", "web"), manifest("Service", "database"), manifest("Secret", "web")])
PRODUCTION = build("production", [manifest("Service", "web")])


def shown(trees: list[Tree], *words: str) -> list[str]:
    """Read back what would be printed: kind and name of each document."""
    documents = yaml.safe_load_all(yaml_stream(trees, words))
    return [f"{each['kind']}/{each['metadata']['name']}" for each in documents]


def test_stream() -> None:
    """Each document follows a separator and the path it has in the output."""
    assert yaml_stream([PRODUCTION]) == (
        "---\n# production/shop/shop/service-web.yaml\n"
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n"
    )


def test_all_and_some() -> None:
    """Nothing named means everything; a name is found in every environment, its kind in any case, once."""
    assert shown([PRODUCTION, STAGING]) == ["Service/web", "Secret/web", "Service/database", "Service/web"]
    assert shown([PRODUCTION, STAGING], "service/web", "SERVICE/web") == ["Service/web", "Service/web"]
    assert shown([STAGING], "Secret/web", "service/database") == ["Secret/web", "Service/database"]


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("service/wbe", "there is no object `service/wbe`", "did you mean `Service/web`"),
        ("zzz/y", "there is no object `zzz/y`", "`platformc render --stdout` prints all of them"),
        ("web", "`web` is not the name of an object", "write KIND/NAME, such as deployment/discord-bot"),
    ],
)
def test_unknown_name(word: str, message: str, hint: str) -> None:
    """A word that names nothing is wrong usage, with the nearest names."""
    with pytest.raises(UsageError) as caught:
        yaml_stream([STAGING], ["service/web", word])
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
