"""Short forms: expanded on nodes, so that overlays, checks and lowering see only one form.

In      the `spec` of a Workload, Job or Profile, or a part of one from an override.
Out     the same with short forms expanded; every value keeps its place, or a part of it.
Never   checks a value: what cannot be expanded stays as it is, and the model reports why it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType

from platformc.diagnostics import Span
from platformc.language.nodes import Mapping, Node, Scalar, Sequence

Rewriter = Callable[[Node], Node]


def expand_pod(spec: Mapping) -> Mapping:
    """Expand the short forms of a pod's fields."""
    return _rewrite(
        spec,
        {
            **CONTAINER,
            "containers": _each(lambda node: _map(node, CONTAINER)),
            "initContainers": _each(lambda node: _map(node, CONTAINER)),
            "strategy": _wrapped("type"),
        },
    )


def _rewrite(node: Mapping, rewriters: MappingType[str, Rewriter]) -> Mapping:
    entries = {key: rewriters[key](value) if key in rewriters else value for key, value in node.entries.items()}
    return Mapping(entries, node.keys, node.span, node.replaced)


def _map(node: Node, rewriters: MappingType[str, Rewriter]) -> Node:
    return _rewrite(node, rewriters) if isinstance(node, Mapping) else node


def _each(rewriter: Rewriter) -> Rewriter:
    """Apply to every item of a list, or every value of a map."""

    def rewrite(node: Node) -> Node:
        if isinstance(node, Sequence):
            return Sequence(tuple(rewriter(item) for item in node.items), node.span, node.replaced)
        if isinstance(node, Mapping):
            return Mapping(
                {key: rewriter(value) for key, value in node.entries.items()}, node.keys, node.span, node.replaced
            )
        return node

    return rewrite


def _one(key: str, value: Node) -> Mapping:
    return Mapping({key: value}, {key: value.span}, value.span)


def _wrapped(key: str) -> Rewriter:
    """`x` is short for `{key: x}`."""

    def rewrite(node: Node) -> Node:
        return _one(key, node) if isinstance(node, Scalar) and node.value is not None else node

    return rewrite


def _wrapped_list(node: Node) -> Node:
    return _one("command", node) if isinstance(node, Sequence) else node


def _probe(node: Node) -> Node:
    if isinstance(node, Scalar):
        if node.value == "none":
            return _one("none", Scalar(True, node.span, sources=node.sources))  # noqa: FBT003 - a value, not a flag
        if isinstance(node.value, str):
            return _one("httpGet", _one("path", node))
        return node
    return _map(node, {"httpGet": _wrapped("path"), "tcpSocket": _wrapped("port"), "exec": _wrapped_list})


def _probes(node: Node) -> Node:
    if isinstance(node, Scalar) and node.value == "none":
        entries: dict[str, Node] = {name: _probe(node) for name in ("startup", "liveness", "readiness")}
        return Mapping(entries, dict.fromkeys(entries, node.span), node.span)
    return _each(_probe)(node)


def _resources(node: Node) -> Node:
    if not isinstance(node, Mapping) or "requests" in node.entries or "limits" in node.entries:
        return node
    requests: dict[str, Node] = {}
    limits: dict[str, Node] = {}
    for key, value in node.entries.items():
        if not isinstance(value, Scalar):
            requests[key] = value
            continue
        least, most = _range(value)
        requests[key] = least
        if most is not None:
            limits[key] = most
        elif key != "cpu":  # a CPU limit throttles; a missing memory limit lets one pod take the node
            limits[key] = value
    parts = {name: Mapping(part, {key: node.keys[key] for key in part}, node.span) for name, part in
             (("requests", requests), ("limits", limits)) if part}  # fmt: skip
    return Mapping(dict(parts), dict.fromkeys(parts, node.span), node.span, node.replaced)


def _range(value: Scalar) -> tuple[Scalar, Scalar | None]:
    """`100m..500m` is a request and a limit."""
    if not isinstance(value.value, str) or ".." not in value.value:
        return value, None
    least, _, most = value.value.partition("..")
    span = value.span
    quoted = span.end_column - span.column - len(value.value)
    if span.line != span.end_line or quoted not in {0, 2} or value.sources:
        return Scalar(least, span, sources=value.sources), Scalar(most, span, sources=value.sources)
    start = span.column + quoted // 2
    end = start + len(least) + 2
    first = Span(span.path, span.line, start, span.line, start + len(least))
    second = Span(span.path, span.line, end, span.line, end + len(most))
    return Scalar(least, first), Scalar(most, second)


CONTAINER: MappingType[str, Rewriter] = {
    "ports": _each(_wrapped("containerPort")),
    "probes": _probes,
    "resources": _resources,
    "scratch": _each(_wrapped("mountPath")),
}
