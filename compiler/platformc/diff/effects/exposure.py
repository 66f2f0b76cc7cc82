"""exposure: what can be reached that could not be, and what no longer can.

In      a Comparison.
Out     Effects: pairs of pods, addresses that pods connect to, ways in from outside, isolation lifted.
Never   evaluates what cannot have changed; takes a policy of another kind for none: its change is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.exposure_basis import Evidence, evidence, whole
from platformc.diff.effects.not_evaluated import GATEWAY_API, effects_not_evaluated
from platformc.diff.reachability import (
    DNS,
    NOTHING,
    OTHERS,
    AddressChange,
    Change,
    Direction,
    Endpoint,
    Entrance,
    IsolationChange,
    Network,
    PairChange,
    RangeSet,
    affected,
    compare_networks,
    describe_addresses,
    describe_ports,
    entrances,
    in_words,
    is_internet,
    networks,
    pod_path,
)
from platformc.snapshot import Comparison, ObjectKey

NETWORK_POLICY = ("networking.k8s.io", "NetworkPolicy")
NAMESPACE = ("", "Namespace")
IN_FRONT = frozenset({NAMESPACE, ("", "Service"), ("networking.k8s.io", "Ingress")})
FEW = 5
"""Pairs of one pod that are an effect each; more are one effect."""
SHOWN = 60
"""Pairs that the details of one effect name."""


def exposure_effects(comparison: Comparison) -> Iterator[Effect]:
    """Every change of who can reach whom."""
    clusters = sorted({change.key.cluster for change in comparison.changes if _matters(comparison, change.key)})
    for cluster in clusters:
        yield from _Cluster.of(comparison, cluster).effects()
    yield from effects_not_evaluated(comparison)


def _matters(comparison: Comparison, key: ObjectKey) -> bool:
    if (key.group, key.kind) == NETWORK_POLICY or (key.group, key.kind) in IN_FRONT or key.group == GATEWAY_API:
        return True
    return pod_path(key.kind, comparison.by_key[key].present.object) is not None


@dataclass(frozen=True, slots=True)
class _Cluster:
    """One cluster in both states."""

    before: Network
    after: Network
    evidence: Evidence
    ways: tuple[Mapping[str, Entrance], Mapping[str, Entrance]]

    @classmethod
    def of(cls, comparison: Comparison, cluster: str) -> _Cluster:
        states = [
            {key: one.object for key, one in side.items() if key.cluster == cluster}
            for side in (comparison.before, comparison.after)
        ]
        before, after = networks(states[0], states[1])
        ways = (
            {one.id: one for one in entrances(states[0], before)},
            {one.id: one for one in entrances(states[1], after)},
        )
        return cls(before, after, evidence(comparison, cluster, before, after), ways)

    def effects(self) -> Iterator[Effect]:
        """All effects on this cluster."""
        sides = (self.evidence.comparison.before, self.evidence.comparison.after)
        had, has = (any(key.cluster == self.evidence.cluster for key in side) for side in sides)
        if not has:
            return  # what is no longer rendered for a cluster runs on there: nobody tells the cluster to stop it
        found = list(
            compare_networks(self.before, self.after, affected(self.before, self.after, self.evidence.policies))
        )
        isolation = [one for one in found if isinstance(one, IsolationChange)]
        yield from self._isolation([one for one in isolation if had or one.endpoint.key is not None])
        if not had:
            yield from self._of_new_cluster(found)
            yield from self._entrances()
            yield from self._unreadable()
            return
        pairs = [one for one in found if isinstance(one, PairChange)]
        yield from self._pairs(_without_examples([(one, one.gained) for one in pairs if one.gained]), gained=True)
        kept = [one for one in pairs if self._stays(one.source) and self._stays(one.target)]
        yield from self._pairs(_without_examples([(one, one.lost) for one in kept if one.lost]), gained=False)
        for one in found:
            if isinstance(one, AddressChange):
                yield from self._addresses(one)
        yield from self._entrances()
        yield from self._unreadable()

    def _effect(
        self,
        subject: Endpoint,
        message: str,
        basis: Iterable[Basis],
        *,
        gained: bool,
        details: Sequence[str] = (),
        data: Mapping[str, Any],
        routine: bool = False,
    ) -> Iterator[Effect]:
        """An effect on the object that makes the pods; for pods of others, on the policy that it comes from."""
        ordered = tuple(dict.fromkeys(basis))
        key = subject.key if subject.key is not None else next((one.key for one in ordered), None)
        if key is None:
            return
        yield Effect(
            EffectKind.EXPOSURE,
            Verdict.EXPOSURE if gained and not routine else Verdict.ROUTINE,
            _environment(self.evidence.comparison, key),
            key,
            message,
            ordered or (whole(self.evidence.comparison, key),),
            tuple(details),
            data={"gained": gained, **data},
        )

    def _isolation(self, changes: Sequence[IsolationChange]) -> Iterator[Effect]:
        """One effect for each pod, and one for a namespace in which many change alike."""
        sides: dict[tuple[str, bool, bool], list[IsolationChange]] = defaultdict(list)
        for one in changes:
            sides[one.endpoint.id, one.isolated, one.created].append(one)
        alike: dict[tuple[str, str, bool, bool], list[Endpoint]] = defaultdict(list)
        for (_, isolated, created), several in sides.items():
            sentence = _isolation_words([one.direction for one in several], isolated=isolated)
            alike[sentence, several[0].endpoint.namespace, isolated, created].append(several[0].endpoint)
        for (sentence, _, isolated, created), pods in alike.items():
            facts = {"pods": [pod.name for pod in pods], "isolated": isolated, "created": created}
            basis = [place for pod in pods for place in self._behind(pod)]
            means = sentence.format(who="them", whose="their")
            if len(pods) > FEW:
                words = f"has {len(pods)} kinds of pods that {_is_isolated('are', isolated=isolated, created=created)}: {means}"
                names = [pod.name for pod in pods]
                subject = replace(pods[0], key=self._namespace(pods[0]))
                yield from self._effect(subject, words, basis, gained=not isolated, details=names, data=facts)
                continue
            for pod in pods:
                state = _is_isolated("is", isolated=isolated, created=created)
                words = f"{state}: {sentence.format(who='it', whose='its')}"
                if pod.key is None:
                    words = f"{'now isolates' if isolated else 'no longer isolates'} {pod.name}: {means}"
                elif pod.on_node and not isolated:
                    words = "runs on the network of its nodes, where no NetworkPolicy applies"
                yield from self._effect(pod, words, self._behind(pod), gained=not isolated, data=facts)

    def _namespace(self, one: Endpoint) -> ObjectKey | None:
        """The object of its namespace, if this platform has it; else its own."""
        cluster = self.evidence.cluster
        found = ObjectKey(cluster, *NAMESPACE, "", one.namespace)
        sides = (self.evidence.comparison.after, self.evidence.comparison.before)
        return found if any(found in side for side in sides) else one.key

    def _behind(self, one: Endpoint) -> list[Basis]:
        return [*self.evidence.of_endpoint(one), *self.evidence.policies_of(one)]

    def _of_new_cluster(self, found: Sequence[Change]) -> Iterator[Effect]:
        """One effect for a cluster on which nothing ran: who connects to whom there is no change of anything."""
        inside = sum(isinstance(one, PairChange) for one in found)
        outside = sum(isinstance(one, AddressChange) for one in found)
        namespaces = sorted(key for key in self.evidence.comparison.by_key if key.cluster == self.evidence.cluster)
        if not (inside or outside) or not namespaces:
            return
        key = next((one for one in namespaces if one.kind == "Namespace"), namespaces[0])
        message = f"is on a cluster on which nothing ran before: {inside} pairs of pods can connect there"
        message += f", and {outside} kinds of pods to addresses outside"
        yield Effect(
            EffectKind.EXPOSURE,
            Verdict.ROUTINE,
            _environment(self.evidence.comparison, key),
            key,
            message,
            (whole(self.evidence.comparison, key),),
            data={"pairs": inside, "outside": outside},
        )

    def _pairs(self, changes: Sequence[tuple[PairChange, RangeSet]], *, gained: bool) -> Iterator[Effect]:
        """One effect for each pair, except where one pod has many."""
        sources: dict[str, list[tuple[PairChange, RangeSet]]] = defaultdict(list)
        targets: dict[str, list[tuple[PairChange, RangeSet]]] = defaultdict(list)
        for one in changes:
            if one[0].target.key is not None:
                targets[one[0].target.id].append(one)
        for one in changes:
            crowded = one[0].target.key is not None and len(targets[one[0].target.id]) > FEW
            if not crowded:
                sources[one[0].source.id].append(one)
        for several in targets.values():
            if len(several) > FEW:
                yield from self._many(several, Direction.INGRESS, gained=gained)
        for several in sources.values():
            if len(several) > FEW and several[0][0].source.key is not None:
                yield from self._many(several, Direction.EGRESS, gained=gained)
                continue
            for change, open_ports in several:
                yield from self._pair(change, open_ports, gained=gained)

    def _pair(self, change: PairChange, open_ports: RangeSet, *, gained: bool) -> Iterator[Effect]:
        words = "can now" if gained else "can no longer"
        where = describe_ports(open_ports)
        source, target = self._name(change.source, Direction.EGRESS), self._name(change.target, Direction.INGRESS)
        if change.source.id == change.target.id:
            subject, message = change.source, f"its pods {words} reach each other on {where}"
        elif change.source.key is not None:
            subject, message = change.source, f"{words} reach {target} on {where}"
        else:
            subject, message = change.target, f"{words} be reached by {source} on {where}"
        facts = {"source": change.source.name, "target": change.target.name, "ports": where}
        basis = self.evidence.of_pair(change, open_ports, gained=gained)
        routine = self._is_usual(change)
        yield from self._effect(subject, message, basis, gained=gained, data=facts, routine=routine)

    def _name(self, one: Endpoint, direction: Direction) -> str:
        """What pods are called; those of others stand for a crowd, where there is one."""
        crowded = one.id == OTHERS and (self.before.is_crowded(direction) or self.after.is_crowded(direction))
        if not crowded:
            return one.name
        return "every pod that lets it in" if direction is Direction.INGRESS else "every pod that may connect to it"

    def _stays(self, one: Endpoint) -> bool:
        """Whether its pods are still there; what those that are gone no longer reach goes without saying."""
        return one.id in self.after.endpoints

    def _is_usual(self, change: PairChange) -> bool:
        """Whether it exposes nothing to anybody: new pods among themselves, or that they ask the DNS server."""
        target = change.target
        is_dns = target.key is None and dict(target.labels) == dict((DNS,))
        return self._is_new(change.source) and (self._is_new(target) or is_dns)

    def _is_new(self, one: Endpoint) -> bool:
        """Whether no pods like these ran before; what only such pods reach in each other was exposed to nobody."""
        return one.key is not None and one.id not in self.before.endpoints

    def _many(
        self, several: Sequence[tuple[PairChange, RangeSet]], side: Direction, *, gained: bool
    ) -> Iterator[Effect]:
        """One effect for many pairs of one pod: those that come in, or those that go out."""
        incoming = side is Direction.INGRESS
        first = several[0][0]
        subject = first.target if incoming else first.source
        names = [change.source.name if incoming else change.target.name for change, _ in several]
        words = "can now" if gained else "can no longer"
        alike = {open_ports for _, open_ports in several}
        where = f" on {describe_ports(several[0][1])}" if len(alike) == 1 else ""
        reach = "be reached by" if incoming else "reach"
        message = f"{words} {reach} {in_words(names, 3)}{where}"
        details = [f"{name} on {describe_ports(found)}" for name, (_, found) in zip(names, several, strict=True)]
        if len(details) > SHOWN:
            details = [*details[:SHOWN], f"{len(details) - SHOWN} more pairs"]
        basis = [
            one for change, found in several[:SHOWN] for one in self.evidence.of_pair(change, found, gained=gained)
        ]
        facts = {
            "pairs": [
                {"source": one.source.name, "target": one.target.name, "ports": describe_ports(found)}
                for one, found in several
            ]
        }
        routine = all(self._is_usual(one) for one, _ in several)
        yield from self._effect(subject, message, basis, gained=gained, details=details, data=facts, routine=routine)

    def _addresses(self, change: AddressChange) -> Iterator[Effect]:
        for several, gained in ((change.gained, True), (change.lost if self._stays(change.source) else (), False)):
            for one in several:
                words = "can now" if gained else "can no longer"
                where = describe_addresses(one.addresses)
                message = f"{words} reach {where} on {describe_ports(one.ports)}"
                facts = {"source": change.source.name, "addresses": where, "ports": describe_ports(one.ports)}
                basis = self.evidence.of_addresses(change.source, one, gained=gained)
                yield from self._effect(change.source, message, basis, gained=gained, data=facts)

    def _entrances(self) -> Iterator[Effect]:
        before, after = self.ways
        found: dict[tuple[str, str, RangeSet, bool], list[Entrance]] = defaultdict(list)
        for one in sorted({*before, *after}):
            old, new = before.get(one), after.get(one)
            present = new or old
            if present is None or not self.evidence.is_touched(present):
                continue
            was, now = old.sources if old else NOTHING, new.sources if new else NOTHING
            for sources, gained in ((now - was, True), (was - now, False)):
                if sources:
                    found[present.target.id, present.via, sources, gained].append(present)
        for (_, _, sources, gained), several in found.items():
            yield from self._entrance(several, sources, gained=gained)

    def _entrance(self, several: Sequence[Entrance], sources: RangeSet, *, gained: bool) -> Iterator[Effect]:
        """One effect for all ports of one way in that the same addresses can use."""
        target, via = several[0].target, several[0].via
        who = describe_addresses(sources)
        if is_internet(sources):
            who = "anyone on the internet" if "except" not in who else f"anyone on {who}"
        words = "can now" if gained else "can no longer"
        outer = in_words([one.outer for one in several], FEW)
        inner = in_words([describe_ports(one.inner) for one in several], FEW)
        behind = "" if inner in (outer, outer.partition(" ")[0]) or target.on_node else f" ({inner} of the pods)"
        message = f"{words} be reached by {who} on {outer}{behind}, through {via}"
        basis = [place for one in several for place in self.evidence.of_entrance(one, gained=gained)]
        basis += [*self.evidence.policies_of(target), *self.evidence.of_endpoint(target)]
        facts = {"target": target.name, "sources": who, "ports": [one.outer for one in several], "through": via}
        yield from self._effect(target, message, basis, gained=gained, data=facts)

    def _unreadable(self) -> Iterator[Effect]:
        for key in self.evidence.policies:
            policy = self.after.policies.get(key)
            if policy is not None and policy.unreadable:
                yield Effect(
                    EffectKind.EXPOSURE,
                    Verdict.EXPOSURE,
                    _environment(self.evidence.comparison, key),
                    key,
                    f"changed in a way that is not compared: {policy.unreadable[0]}",
                    (whole(self.evidence.comparison, key),),
                    policy.unreadable[1:],
                )


def _is_isolated(verb: str, *, isolated: bool, created: bool) -> str:
    if isolated:
        return f"{verb} isolated from now on"
    return f"{verb} isolated by no NetworkPolicy" if created else f"{verb} no longer isolated by any NetworkPolicy"


def _isolation_words(directions: Sequence[Direction], *, isolated: bool) -> str:
    """What isolation that is put on or lifted means, with room for whom it is about."""
    if isolated:
        limits = {
            Direction.INGRESS: "only what NetworkPolicies name can connect to {who}",
            Direction.EGRESS: "{who} can only connect to what NetworkPolicies name",
        }
    else:
        limits = {
            Direction.INGRESS: "every pod of the cluster can connect to {who} on every port",
            Direction.EGRESS: "nothing limits {whose} own connections",
        }
    return ", and ".join(limits[one] for one in directions)


def _without_examples(changes: Sequence[tuple[PairChange, RangeSet]]) -> Sequence[tuple[PairChange, RangeSet]]:
    """Without particular pods of others where any other pod is said already."""
    general = {}
    for change, found in changes:
        if change.source.id == OTHERS:
            general[change.target.id, Direction.INGRESS] = found
        elif change.target.id == OTHERS:
            general[change.source.id, Direction.EGRESS] = found
    return [
        (change, found)
        for change, found in changes
        if not _is_example(change.source, general.get((change.target.id, Direction.INGRESS), NOTHING), found)
        and not _is_example(change.target, general.get((change.source.id, Direction.EGRESS), NOTHING), found)
    ]


def _is_example(one: Endpoint, general: RangeSet, found: RangeSet) -> bool:
    return one.key is None and one.id != OTHERS and bool(general) and not found - general


def _environment(comparison: Comparison, key: ObjectKey) -> str:
    found = comparison.after.get(key) or comparison.before.get(key)
    return found.environment if found is not None else ""
