"""Who can connect to whom: cases made by hand, and any policies against the definition, pod by pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.diff.reachability import (
    EVERY_PORT,
    NOTHING,
    Direction,
    Network,
    PairChange,
    RangeSet,
    affected,
    compare_networks,
    describe_ports,
    networks,
    of_cidrs,
    ports,
)
from platformc.snapshot import ObjectKey

Objects = dict[ObjectKey, Mapping[str, Any]]


def pod(name: str, namespace: str = "a", labels: Mapping[str, str] | None = None, **spec: Any) -> Objects:
    """A Pod, labelled with its name."""
    metadata = {"labels": {"name": name, **(labels or {})}}
    return {ObjectKey("c", "", "Pod", namespace, name): {"metadata": metadata, "spec": spec}}


def policy(name: str, spec: Any, namespace: str = "a") -> Objects:
    """A NetworkPolicy."""
    return {ObjectKey("c", "networking.k8s.io", "NetworkPolicy", namespace, name): {"spec": spec}}


def namespace(name: str, **labels: str) -> Objects:
    """A Namespace."""
    return {ObjectKey("c", "", "Namespace", "", name): {"metadata": {"labels": labels}}}


def only(*objects: Objects) -> Network:
    """One state."""
    merged = {key: one for several in objects for key, one in several.items()}
    return networks(merged, merged)[1]


def reach(network: Network, source: str, target: str) -> str:
    """The ports in words."""
    found = network.reach(source, target)
    return describe_ports(found) if found else "nothing"


NAMED = {"podSelector": {"matchLabels": {"name": "one"}}}
DENIED = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


class TestIsolation:
    """Kubernetes docs, "The two sorts of pod isolation"."""

    def test_without_policies_everything_is_open(self) -> None:
        """In both directions, across namespaces."""
        network = only(pod("one"), pod("two", "b"))
        assert reach(network, "a/one", "b/two") == reach(network, "b/two", "a/one") == "every port"

    def test_default_deny(self) -> None:
        """A policy without rules, for all pods of its own namespace only."""
        network = only(pod("one"), pod("two", "b"), pod("three", "b"), policy("deny", DENIED))
        assert reach(network, "a/one", "b/two") == reach(network, "b/two", "a/one") == "nothing"
        assert reach(network, "b/two", "b/three") == "every port"

    @pytest.mark.parametrize(
        ("spec", "ingress", "egress"),
        [
            ({"podSelector": {}}, True, False),
            ({"podSelector": {}, "egress": [{}]}, True, True),
            ({"podSelector": {}, "policyTypes": ["Egress"]}, False, True),
            ({"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]}, True, False),
        ],
    )
    def test_policy_types_have_defaults(self, spec: Any, ingress: bool, egress: bool) -> None:  # noqa: FBT001
        """Ingress always, egress if there are rules for it."""
        network = only(pod("one"), policy("some", spec))
        assert (network.rules("a/one", Direction.INGRESS) is not None) is ingress
        assert (network.rules("a/one", Direction.EGRESS) is not None) is egress

    def test_the_network_of_a_node_is_not_isolated(self) -> None:
        """And no selector finds the pod."""
        network = only(
            pod("one", hostNetwork=True),
            pod("two"),
            policy("deny", DENIED),
            policy("in", {**DENIED, "ingress": [{"from": [NAMED]}]}),
        )
        assert network.rules("a/one", Direction.INGRESS) is None
        assert reach(network, "a/one", "a/two") == "nothing"


class TestRules:
    """What a rule allows."""

    def test_both_ends_are_needed(self) -> None:
        """One that only one end allows is no connection; of two, the ports that both allow."""
        to = policy(
            "one",
            {
                **NAMED,
                "policyTypes": ["Egress"],
                "egress": [{"to": [{"podSelector": {}}], "ports": [{"port": 80}, {"port": 81}]}],
            },
        )
        into = policy(
            "two",
            {"podSelector": {"matchLabels": {"name": "two"}}, "ingress": [{"ports": [{"port": 81}, {"port": 82}]}]},
        )
        assert reach(only(pod("one"), pod("two"), to, into), "a/one", "a/two") == "81/TCP"

    def test_an_empty_rule_allows_everything(self) -> None:
        """As opposed to no rule."""
        assert (
            reach(only(pod("one"), pod("two"), policy("in", {"podSelector": {}, "ingress": [{}]})), "a/one", "a/two")
            == "every port"
        )
        assert (
            reach(only(pod("one"), pod("two"), policy("in", {"podSelector": {}, "ingress": []})), "a/one", "a/two")
            == "nothing"
        )

    def test_two_selectors_in_one_peer_are_both_needed(self) -> None:
        """And in two peers, either."""
        space = {"namespaceSelector": {"matchLabels": {"team": "x"}}}
        pods = (pod("one", "b"), pod("two", "b"), pod("three"), pod("one", "c"), namespace("b", team="x"))
        both = only(*pods, policy("in", {"podSelector": {}, "ingress": [{"from": [{**space, **NAMED}]}]}))
        either = only(*pods, policy("in", {"podSelector": {}, "ingress": [{"from": [space, NAMED]}]}))
        assert [reach(both, one, "a/three") for one in ("b/one", "b/two", "c/one")] == [
            "every port",
            "nothing",
            "nothing",
        ]
        assert [reach(either, one, "a/three") for one in ("b/one", "b/two", "c/one")] == [
            "every port",
            "every port",
            "nothing",
        ]

    def test_a_namespace_has_its_name_as_a_label(self) -> None:
        """Also one that this platform does not make."""
        peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "b"}}}
        network = only(
            pod("one"),
            pod("two", "b"),
            pod("three", "c"),
            policy("in", {"podSelector": {}, "ingress": [{"from": [peer]}]}),
        )
        assert reach(network, "b/two", "a/one") == "every port"
        assert reach(network, "c/three", "a/one") == "nothing"

    def test_ports_by_name_are_those_of_the_receiver(self) -> None:
        """Of the right protocol, in both directions, also where each pod has another number."""
        web = {"containers": [{"name": "c", "ports": [{"name": "web", "containerPort": 8080}]}]}
        other = {
            "containers": [
                {
                    "name": "c",
                    "ports": [
                        {"name": "web", "containerPort": 9090},
                        {"name": "web", "protocol": "UDP", "containerPort": 1},
                    ],
                }
            ]
        }
        rule = [{"ports": [{"port": "web"}]}]
        into = only(pod("one"), pod("two", **web), policy("in", {"podSelector": {}, "ingress": rule}))
        out = only(
            pod("one"),
            pod("two", **web),
            pod("three", **other),
            policy("out", {**NAMED, "policyTypes": ["Egress"], "egress": rule}),
        )
        assert reach(into, "a/one", "a/two") == "8080/TCP"
        assert [reach(out, "a/one", target) for target in ("a/two", "a/three")] == ["8080/TCP", "9090/TCP"]

    def test_a_range_of_ports(self) -> None:
        """With endPort; a protocol without a port is all of its ports."""
        rule = {"ports": [{"port": 8000, "endPort": 8010}, {"protocol": "UDP"}]}
        network = only(pod("one"), pod("two"), policy("in", {"podSelector": {}, "ingress": [rule]}))
        assert reach(network, "a/one", "a/two") == "every UDP port and 8000-8010/TCP"

    def test_addresses(self) -> None:
        """With exceptions; they are no pods."""
        block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}
        rules = [{"to": [block], "ports": [{"port": 443}]}]
        network = only(
            pod("one"), pod("two"), policy("out", {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules})
        )
        assert [(found, where) for _, _, found, where in network.outside("a/one", Direction.EGRESS)] == [
            (of_cidrs("10.0.0.0/8") - of_cidrs("10.1.0.0/16"), ports("TCP", 443))
        ]
        assert reach(network, "a/one", "a/two") == "nothing"

    def test_labels_of_the_controller(self) -> None:
        """The controller of Jobs adds the Job's name to its pods."""
        key = ObjectKey("c", "batch", "Job", "a", "load")
        job: Objects = {key: {"spec": {"template": {"spec": {"containers": [{}]}}}}}
        rule = {"from": [{"podSelector": {"matchLabels": {"job-name": "load"}}}]}
        network = only(
            job,
            pod("one"),
            pod("two"),
            policy("in", {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [rule]}),
        )
        assert [reach(network, one, "a/two") for one in ("a/load", "a/one")] == ["every port", "nothing"]


class TestUnreadable:
    """A RawManifest contains whatever its author wrote."""

    @pytest.mark.parametrize(
        "spec",
        [
            None,
            3,
            [],
            {"podSelector": 3},
            {"podSelector": {"matchLabels": ["a"]}},
            {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}},
            {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}},
            {"podSelector": {}, "ingress": [3]},
            {"podSelector": {}, "ingress": [{"from": 3}]},
            {"podSelector": {}, "ingress": [{"from": [{}]}]},
            {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "many"}}]}]},
            {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["x"]}}]}]},
            {"podSelector": {}, "ingress": [{"ports": [{"port": 99999}]}]},
            {"podSelector": {}, "ingress": [{"ports": [{"port": 80, "protocol": "ICMP"}]}]},
            {"podSelector": {}, "ingress": [{"ports": 3}]},
        ],
    )
    def test_it_allows_nothing_more_and_says_so(self, spec: Any) -> None:
        """It never raises."""
        network = only(pod("one"), pod("two"), policy("odd", spec), policy("deny", DENIED))
        (odd, _) = network.policies.values()
        assert reach(network, "a/one", "a/two") == "nothing"
        assert bool(odd.unreadable) is (isinstance(spec, dict))


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
        isolation = {one.endpoint.id for one in said if not isinstance(one, PairChange) and hasattr(one, "isolated")}
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


def test_no_policy_is_every_port() -> None:
    """So that a test above cannot be true of nothing."""
    assert only(pod("one"), pod("two")).reach("a/one", "a/two") == EVERY_PORT
