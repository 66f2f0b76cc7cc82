"""ranges: sets of ports and of addresses, as ranges of whole numbers.

In      protocols and ports; CIDRs.
Out     RangeSet: sorted, disjoint ranges; union, intersection and difference of them.
Never   enumerates: half of IPv6 is one range.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """The numbers from `first` to `last`, of one family: a protocol's ports, or addresses of one version of IP."""

    family: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RangeSet:
    """Sorted ranges that neither overlap nor touch, so that equal sets are equal values."""

    ranges: tuple[Range, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __or__(self, other: RangeSet) -> RangeSet:
        return range_set((*self.ranges, *other.ranges))

    def __and__(self, other: RangeSet) -> RangeSet:
        return RangeSet(tuple(_common(self.ranges, other.ranges)))

    def __sub__(self, other: RangeSet) -> RangeSet:
        return RangeSet(tuple(_without(self.ranges, other.ranges)))


NOTHING = RangeSet()


def range_set(ranges: Iterable[Range]) -> RangeSet:
    """The union of ranges.

    >>> range_set([Range("TCP", 3, 4), Range("TCP", 1, 2), Range("TCP", 9, 9)]).ranges
    (Range(family='TCP', first=1, last=4), Range(family='TCP', first=9, last=9))
    """
    joined: list[Range] = []
    for one in sorted(ranges):
        if joined and joined[-1].family == one.family and one.first <= joined[-1].last + 1:
            before = joined.pop()
            one = Range(one.family, before.first, max(before.last, one.last))  # noqa: PLW2901 - the two as one
        joined.append(one)
    return RangeSet(tuple(joined))


def _common(some: tuple[Range, ...], others: tuple[Range, ...]) -> Iterator[Range]:
    """Walk along both, as each is sorted."""
    at, other = 0, 0
    while at < len(some) and other < len(others):
        one, two = some[at], others[other]
        if one.family == two.family and (first := max(one.first, two.first)) <= (last := min(one.last, two.last)):
            yield Range(one.family, first, last)
        if (one.family, one.last) <= (two.family, two.last):
            at += 1
        else:
            other += 1


def _without(some: tuple[Range, ...], others: tuple[Range, ...]) -> Iterator[Range]:
    position = 0
    for one in some:
        first = one.first
        while position < len(others) and (others[position].family, others[position].last) < (one.family, first):
            position += 1
        at = position  # a range of the others can reach into the next one of these
        while at < len(others) and others[at].family == one.family and others[at].first <= one.last:
            if others[at].first > first:
                yield Range(one.family, first, others[at].first - 1)
            first = max(first, others[at].last + 1)
            at += 1
        if first <= one.last:
            yield Range(one.family, first, one.last)


PROTOCOLS = ("TCP", "UDP", "SCTP")
"""Kubernetes API reference, NetworkPolicyPort.protocol."""
LAST_PORT = 65535
EVERY_PORT = range_set(Range(protocol, 1, LAST_PORT) for protocol in PROTOCOLS)


@lru_cache(maxsize=4096)
def ports(protocol: str, first: int, last: int | None = None) -> RangeSet:
    """One port, or a range of them; nothing if a number is no port."""
    end = first if last is None else last
    if protocol not in PROTOCOLS or not 1 <= first <= end <= LAST_PORT:
        return NOTHING
    return RangeSet((Range(protocol, first, end),))


def every_port(protocol: str) -> RangeSet:
    """All ports of a protocol; nothing if there is no such protocol."""
    return ports(protocol, 1, LAST_PORT)


def describe_ports(wanted: RangeSet) -> str:
    """Ports for people.

    >>> describe_ports(ports("TCP", 80) | ports("TCP", 8000, 8010)), describe_ports(EVERY_PORT)
    ('80/TCP and 8000-8010/TCP', 'every port')
    """
    if wanted == EVERY_PORT:
        return "every port"
    whole = [protocol for protocol in PROTOCOLS if not every_port(protocol) - wanted]
    words = [f"every {protocol} port" for protocol in whole]
    for one in wanted.ranges:
        if one.family not in whole:
            text = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
            words.append(f"{text}/{one.family}")
    return in_words(words, 6)


def in_words(words: list[str], shown: int) -> str:
    """A list in a sentence, `a, b and c`; of a long one only the first, and how many more there are.

    >>> in_words(["a", "b", "c"], 3), in_words(["a", "b", "c"], 2)
    ('a, b and c', 'a, b and 1 more')
    """
    if len(words) > shown:
        return f"{', '.join(words[:shown])} and {len(words) - shown} more"
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


@lru_cache(maxsize=4096)
def addresses(cidr: str) -> RangeSet:
    """The addresses of a CIDR. Raises ValueError with the reason.

    Kubernetes masks a CIDR with set host bits (`10.0.0.1/8` is `10.0.0.0/8`), and so do the CNIs.
    """
    network = ipaddress.ip_network(cidr, strict=False)
    return RangeSet((Range(str(network.version), int(network.network_address), int(network.broadcast_address)),))


def of_cidrs(*cidrs: str) -> RangeSet:
    """The addresses of several CIDRs that are known to be right."""
    return range_set(one for cidr in cidrs for one in addresses(cidr).ranges)


EVERY_ADDRESS = of_cidrs("0.0.0.0/0", "::/0")
INSIDE = of_cidrs(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
"""Addresses that the internet does not route: RFC 1918, 6598, 3927, 1122, 4193, 4291."""
LOOPBACK = of_cidrs("127.0.0.0/8", "::1/128")
"""A pod's own addresses, which no policy is about."""
METADATA = of_cidrs("169.254.169.254/32", "fd00:ec2::254/128")
"""The clouds' metadata services, which hand out credentials of the node."""
INTERNET = {version: EVERY_ADDRESS & of_cidrs(cidr) for version, cidr in (("4", "0.0.0.0/0"), ("6", "::/0"))}


def is_internet(wanted: RangeSet) -> bool:
    """Whether some version of IP's public addresses are all, or nearly all, in a set."""
    return any(_is_nearly_all(wanted & every) for every in INTERNET.values())


def _is_nearly_all(wanted: RangeSet) -> bool:
    """Half of the public addresses or more: two ranges of a /1 are the internet as well, however they are written."""
    every = INTERNET[wanted.ranges[0].family] - INSIDE if wanted else NOTHING
    return wanted != NOTHING and _size(wanted - INSIDE) * 2 >= _size(every)


def _size(wanted: RangeSet) -> int:
    return sum(one.last - one.first + 1 for one in wanted.ranges)


def cidrs(wanted: RangeSet) -> list[str]:
    """The fewest CIDRs that are the same addresses."""
    found = []
    for one in wanted.ranges:
        made = ipaddress.IPv4Address if one.family == "4" else ipaddress.IPv6Address
        found += [str(network) for network in ipaddress.summarize_address_range(made(one.first), made(one.last))]
    return found


def describe_addresses(wanted: RangeSet) -> str:
    """Addresses for people: `the internet`, `10.0.0.0/8`, with a word about metadata services.

    >>> describe_addresses(EVERY_ADDRESS - INSIDE), describe_addresses(of_cidrs("203.0.113.0/24"))
    ('the internet', '203.0.113.0/24')
    >>> describe_addresses(of_cidrs("169.254.0.0/16"))
    '169.254.0.0/16 (with the metadata service of the cloud)'
    """
    wanted -= LOOPBACK
    four, six = (_of_version(version, wanted & every) for version, every in INTERNET.items())
    if four == six == "every address":
        return four
    if six.startswith(WIDE):
        six = "" if six == four else f"{six} over IPv6"
    if four == "every address":
        four = "every IPv4 address"
    words = in_words([one for one in (four, six) if one], 2)
    return f"{words} (with the metadata service of the cloud)" if wanted & METADATA and WIDE[0] not in words else words


WIDE = ("every ", "the internet")
"""How the words for a great part of all addresses begin."""


def _of_version(version: str, wanted: RangeSet) -> str:
    """The addresses of one version of IP for people; empty if there are none."""
    inside = (INSIDE - LOOPBACK) & INTERNET[version]
    if not is_internet(wanted):
        return in_words(cidrs(wanted), 4)
    missing = INTERNET[version] - LOOPBACK - wanted
    if not missing:
        return "every address"
    public, private = missing - inside, missing & inside
    if not inside - missing:
        return f"the internet except {in_words(cidrs(public), 4)}" if public else "the internet"
    if len(cidrs(missing)) <= len(cidrs(inside & wanted)):
        return f"every address except {in_words(cidrs(missing), 4)}"
    without = f" except {in_words(cidrs(public), 4)}" if public else ""
    return f"the internet{without} and {in_words(cidrs(inside - private), 4)}"
