from __future__ import annotations

from snapshots import between, of_objects

JSON = dict[str, object]


def config(value: object) -> JSON:
    """A ConfigMap with one value."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "data": {"x": value}}


class TestCompare:
    """Which objects differ."""

    def test_only_what_differs_is_a_change(self) -> None:
        """The order of keys is no difference."""
        turned = dict(reversed(config("1").items()))
        assert between(of_objects(config("1")), of_objects(turned)).changes == ()

    def test_types_are_told_apart(self) -> None:
        """1 equals true for Python, not for an API server."""
        (change,) = between(of_objects(config(value=1)), of_objects(config(value=True))).changes
        assert [(each.shown, each.before, each.after) for each in change.fields] == [("data.x", 1, True)]
