"""Any pods and policies: reachability against the definition, pod by pod and port by port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from network_objects import Objects, namespace, policy
from platformc.diff.reachability import (
    NOTHING,
    IsolationChange,
    Network,
    PairChange,
    RangeSet,
    affected,
    compare_networks,
    networks,
    ports,
)
from platformc.snapshot import ObjectKey

LABELS = st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"))
REQUIREMENTS = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        st.sampled_from("xy"),
        st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from("12"), min_size=1),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator},
        st.sampled_from("xy"),
        st.sampled_from(["Exists", "DoesNotExist"]),
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(REQUIREMENTS, max_size=2)}
)
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": SELECTORS}, optional={"namespaceSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SELECTORS}),
    st.just({"ipBlock": {"cidr": "10.0.0.0/8"}}),
)
PORTS = st.one_of(
    st.builds(lambda port: {"port": port}, st.integers(1, 4)),
    st.builds(lambda port, more: {"port": port, "endPort": port + more}, st.integers(1, 4), st.integers(0, 2)),
    st.just({"port": "web"}),
)


def rules(peers: str) -> st.SearchStrategy[Any]:
    """Rules of one direction."""
    return st.lists(
        st.fixed_dictionaries({}, optional={peers: st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)}),
        max_size=2,
    )


POLICIES = st.fixed_dictionaries(
    {"podSelector": SELECTORS},
    optional={
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, unique=True),
        "ingress": rules("from"),
        "egress": rules("to"),
    },
)
STATES = st.tuples(
    st.lists(st.tuples(st.sampled_from("ab"), LABELS, st.integers(1, 4), st.booleans()), min_size=1, max_size=5),
    st.lists(st.tuples(st.sampled_from("ab"), POLICIES), max_size=4),
    st.tuples(LABELS, LABELS),
)


def objects_of(state: Any) -> Objects:
    """A state as objects."""
    pods, policies, spaces = state
    found: Objects = {}
    for number, (space, labels, port, on_node) in enumerate(pods):
        containers = [{"name": "c", "ports": [{"name": "web", "containerPort": port}]}]
        key = ObjectKey("c", "", "Pod", space, f"p{number}")
        found[key] = {"metadata": {"labels": labels}, "spec": {"containers": containers, "hostNetwork": on_node}}
    for number, (space, spec) in enumerate(policies):
        found |= policy(f"n{number}", spec, space)
    for name, labels in zip("ab", spaces, strict=True):
        found |= namespace(name, **labels)
    return found


def brute_force(state: Any) -> Iterator[tuple[str, str, int]]:
    """Every pair and TCP port that is open, straight from the documentation."""
    pods, policies, spaces = state
    for number, source in enumerate(pods):
        for other, target in enumerate(pods):
            for port in range(1, 8):
                sides = (("egress", "to", source, target), ("ingress", "from", target, source))
                if all(_open(policies, spaces, *side, port=port, receiver=target) for side in sides):
                    yield f"{source[0]}/p{number}", f"{target[0]}/p{other}", port


def _open(  # noqa: PLR0917 - one end of a connection
    policies: Any, spaces: Any, direction: str, word: str, own: Any, other: Any, *, port: int, receiver: Any
) -> bool:
    isolated = False
    for space, spec in policies:
        default = ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        if own[3] or space != own[0] or direction.capitalize() not in spec.get("policyTypes", default):
            continue
        if not _matches(spec["podSelector"], own[1]):
            continue
        isolated = True
        for rule in spec.get(direction, []):
            peers, allowed = rule.get(word), rule.get("ports")
            if peers and not any(_is_peer(peer, space, other, spaces) for peer in peers):
                continue
            if not allowed or any(_has_port(one, port, receiver) for one in allowed):
                return True
    return not isolated


def _is_peer(peer: Any, space: str, other: Any, spaces: Any) -> bool:
    if "ipBlock" in peer or other[3]:
        return False
    if "namespaceSelector" in peer:
        labels = {**spaces["ab".index(other[0])], "kubernetes.io/metadata.name": other[0]}
        return _matches(peer["namespaceSelector"], labels) and _matches(peer.get("podSelector", {}), other[1])
    return space == other[0] and _matches(peer["podSelector"], other[1])


def _matches(selector: Any, labels: Mapping[str, str]) -> bool:
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for one in selector.get("matchExpressions", []):
        value, values = labels.get(one["key"]), one.get("values")
        satisfied = {
            "In": value is not None and value in (values or ()),
            "NotIn": value is None or value not in (values or ()),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not satisfied[one["operator"]]:
            return False
    return True


def _has_port(one: Any, port: int, receiver: Any) -> bool:
    if one["port"] == "web":
        return bool(port == receiver[2])
    return bool(one["port"] <= port <= one.get("endPort", one["port"]))


def open_ports(network: Network, state: Any) -> set[tuple[str, str, int]]:
    """The same from a Network."""
    names = [f"{space}/p{number}" for number, (space, *_) in enumerate(state[0])]
    return {
        (source, target, port)
        for source in names
        for target in names
        for port in range(1, 8)
        if network.reach(source, target) & ports("TCP", port)
    }


class TestDefinition:
    """Any pods and policies."""

    @given(STATES)
    def test_reach_is_what_the_documentation_says(self, state: Any) -> None:
        """For each pair and port."""
        found = objects_of(state)
        assert open_ports(networks(found, found)[0], state) == set(brute_force(state))

    @given(STATES, STATES)
    @settings(max_examples=60)
    def test_nothing_that_changes_is_missed(self, old: Any, new: Any) -> None:
        """Each port of a pair that differs is in a change, or in a change of isolation of one of the ends."""
        states = objects_of(old), objects_of(new)
        before, after = networks(*states)
        changed = {key for key in {*states[0], *states[1]} if states[0].get(key) != states[1].get(key)}
        said = list(compare_networks(before, after, affected(before, after, changed)))
        pairs = {(one.source.id, one.target.id): one for one in said if isinstance(one, PairChange)}
        isolation = {one.endpoint.id for one in said if isinstance(one, IsolationChange)}
        was, now = set(brute_force(old)), set(brute_force(new))
        alive = {f"{space}/p{number}" for number, (space, *_) in enumerate(new[0])}
        for source, target, port in was ^ now:
            told = pairs.get((source, target))
            change: RangeSet = NOTHING if told is None else told.gained | told.lost
            gone = not {source, target} <= alive  # of pods that nothing isolated, nobody is told that they are gone
            assert change & ports("TCP", port) or {source, target} & isolation or gone

    @given(STATES)
    def test_no_change_is_no_change(self, state: Any) -> None:
        """Whatever is asked for."""
        before, after = networks(objects_of(state), objects_of(state))
        assert affected(before, after, []) == frozenset()
        assert list(compare_networks(before, after, frozenset(after.endpoints))) == []
