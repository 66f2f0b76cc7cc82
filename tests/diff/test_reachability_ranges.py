"""Sets of ports and addresses are the sets that they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diff.reachability import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NOTHING,
    Range,
    RangeSet,
    cidrs,
    describe_addresses,
    describe_ports,
    is_internet,
    of_cidrs,
    ports,
    range_set,
)

ranges = st.builds(
    lambda family, first, size: Range(family, first, first + size),
    st.sampled_from(["TCP", "UDP"]),
    st.integers(1, 20),
    st.integers(0, 5),
)
sets = st.lists(ranges, max_size=5).map(range_set)


def members(found: RangeSet) -> set[tuple[str, int]]:
    """Every number, one by one."""
    return {(one.family, number) for one in found.ranges for number in range(one.first, one.last + 1)}


class TestAlgebra:
    """Union, intersection and difference, against sets of numbers."""

    @given(sets, sets)
    def test_it_is_that_of_sets(self, one: RangeSet, other: RangeSet) -> None:
        """Whatever the ranges are."""
        assert members(one | other) == members(one) | members(other)
        assert members(one & other) == members(one) & members(other)
        assert members(one - other) == members(one) - members(other)

    @given(sets, sets)
    def test_equal_sets_are_equal_values(self, one: RangeSet, other: RangeSet) -> None:
        """So that they can be keys."""
        assert (one == other) is (members(one) == members(other))
        assert (one - other) | (one & other) == one

    def test_half_of_everything_is_one_step(self) -> None:
        """IPv6 has more addresses than anybody counts."""
        assert cidrs(of_cidrs("::/0") - of_cidrs("8000::/1")) == ["::/1"]


class TestPorts:
    """What is no port is none."""

    @pytest.mark.parametrize(("first", "last"), [(0, None), (65536, None), (80, 79), (-1, 80)])
    def test_numbers_outside(self, first: int, last: int | None) -> None:
        """The API server refuses them."""
        assert ports("TCP", first, last) == NOTHING
        assert ports("ICMP", 1) == NOTHING

    def test_words(self) -> None:
        """As kubectl writes them."""
        assert describe_ports(ports("TCP", 80) | ports("UDP", 53)) == "80/TCP and 53/UDP"
        assert describe_ports(ports("TCP", 1, 65535)) == "every TCP port"
        assert describe_ports(EVERY_PORT) == "every port"


class TestAddresses:
    """Addresses in words."""

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            (EVERY_ADDRESS, "every address"),
            (of_cidrs("0.0.0.0/0"), "every IPv4 address"),
            (of_cidrs("::/0"), "every address over IPv6"),
            (of_cidrs("0.0.0.0/0") - of_cidrs("10.0.0.0/8"), "every address except 10.0.0.0/8"),
            (of_cidrs("0.0.0.0/1", "128.0.0.0/1"), "every IPv4 address"),
            (of_cidrs("10.0.0.0/8", "203.0.113.0/24"), "10.0.0.0/8 and 203.0.113.0/24"),
            (of_cidrs("169.254.169.254/32"), "169.254.169.254/32 (with the metadata service of the cloud)"),
            (of_cidrs("2001:db8::/32"), "2001:db8::/32"),
        ],
    )
    def test_words(self, found: RangeSet, words: str) -> None:
        """Short where there is a word for them."""
        assert describe_addresses(found) == words

    def test_the_internet_without_private_ranges(self) -> None:
        """What platforms usually allow."""
        inside = of_cidrs("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
        assert describe_addresses(of_cidrs("0.0.0.0/0") - inside) == "the internet"

    def test_most_of_the_internet_is_the_internet(self) -> None:
        """However it is cut: a hole of one address hides nothing."""
        assert is_internet(of_cidrs("0.0.0.0/0") - of_cidrs("8.8.8.8/32"))
        assert is_internet(of_cidrs("128.0.0.0/1", "64.0.0.0/2"))
        assert not is_internet(of_cidrs("10.0.0.0/8"))
        assert not is_internet(of_cidrs("203.0.113.0/24"))
