from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linked import POD, application, document, errors, program, shown, workload
from platformc.diagnostics import Span
from platformc.language.document import DocumentId
from platformc.link import Edge, EdgeKind
from platformc.link.order import MOST_SHOWN, cycles, waves
from platformc.lower import lower
from platformc.rules.order import ORDER_CYCLE

EVERYTHING = "".join(
    [
        workload("db", "ports: {sql: 5432, admin: {containerPort: 8080, servicePort: null}}"),
        document("Job", "fill", f"{POD}, needs: [{{workload: db, port: sql, order: true, wait: true}}]"),
        document("Table", "sessions", "hashKey: {name: id, type: S}"),
        document("Queue", "events", "deadLetterQueue: {name: dead, maxReceiveCount: 3}"),
        document("Repository", "image"),
        document("Identity", "me"),
        document("ExternalService", "gateway", "namespace: other, port: 4000, podLabels: {app: g}"),
        document("Secret", "keys", "keys: {A: {description: a}, B: {description: b}, C: {description: c}}"),
        document("Config", "files", "files: {a.txt: {text: x}, b.txt: {text: y}}"),
        document(
            "Workload",
            "app",
            f"{POD.replace('image: ghcr.io/example/app', 'image: x/y')}, ports: {{http: 80}}, identity: me"
            ", initContainers: [{name: setup, image: '${repository.image.url}:1@sha256:" + "0" * 64 + "'"
            ", resources: {cpu: 1m, memory: 1Mi}}]"
            ", env: {KEY: '${secret.keys.A}', DB: '${workload.db.host}:${workload.db.ports.sql}'"
            ", AWS: '${identity.me.accessKeyID}', FILE: '${config.files[\"a.txt\"]}', T: '${table.sessions.name}'}"
            ", mounts: {/s: {secret: keys}, /c: {config: files, key: b.txt}}"
            ", restartOn: [workload.db]"
            ", needs: [{job: fill, order: true}, {table: sessions, access: [write, read]}, {queue: dead, access: [send]}"
            ", {service: gateway}, {internet: {ports: [443, 80]}}, {cidr: 203.0.113.0/24, ports: [5432]}"
            ", {kubernetesAPI: true}, {repository: image, access: [pull]}]",
        ),
    ]
)
WANTED = [
    "app traffic 203.0.113.0/24",
    "app traffic internet",
    "app traffic internet",
    "app traffic kubernetes-api",
    "app config one/files a.txt",
    "app config one/files b.txt",
    "app traffic one/gateway",
    "app identity one/me",
    "app identity one/me AWS_ACCESS_KEY_ID",
    "app order one/fill",
    "app access one/events send",
    "app access one/image pull",
    "app image one/image",
    "app secret one/keys",
    "app secret one/keys A",
    "app access one/sessions read+write",
    "app restart one/db",
    "app traffic one/db sql",
    "fill order one/db",
    "fill traffic one/db sql wait",
]


def test_every_use_is_an_edge(tmp_path: Path) -> None:
    """Of the right kind, to the right document; sorted, whichever field it comes from."""
    linked = program(tmp_path, {"one": application("one") + EVERYTHING})
    assert errors(linked) == []
    edges = [edge for edge in linked.edges if edge.source.name in {"app", "fill"}]
    assert sorted(map(shown, edges)) == sorted(WANTED)
    assert [edge.source.name for edge in linked.edges] == sorted(
        [edge.source.name for edge in linked.edges], key=["fill", "app"].index
    )
    for edge in edges:
        assert edge in linked.outgoing[edge.source]
        assert not isinstance(edge.target, DocumentId) or edge in linked.incoming[edge.target]
        assert edge.at.path == "specs/one/all.yaml"


def test_the_order_of_documents_means_nothing(tmp_path: Path) -> None:
    """Edges, waves and values are the same wherever a document stands in its file."""
    documents = [f"---{one}" for one in (application("one") + EVERYTHING).split("---")[1:]]
    seen = []
    for number in range(3):
        random.Random(number).shuffle(documents)  # noqa: S311 - an order, not a secret
        linked = program(tmp_path / str(number), {"one": "".join(documents)})
        values = {
            (str(user), text): str(value) for (user, text), value in linked.values.items() if "Target" not in str(value)
        }
        seen.append(([*map(shown, linked.edges)], {str(key): wave for key, wave in linked.waves.items()}, values))
    assert seen[0] == seen[1] == seen[2]


def test_waves_follow_orders_alone(tmp_path: Path) -> None:
    """Jobs come after what nothing must precede; traffic orders nothing, even in a circle."""
    linked = program(
        tmp_path,
        {
            "one": application("one")
            + workload("a", "ports: {p: 1}, needs: [{workload: b}]")
            + workload("b", "ports: {p: 1}, needs: [{workload: a}]")
            + document("Job", "free", POD)
            + document("Job", "later", f"{POD}, run: {{schedule: '0 0 * * *'}}")
            + document("Job", "fill", f"{POD}, needs: [{{workload: a, order: true}}]")
            + workload("c", "ports: {p: 1}, needs: [{job: fill, order: true}]")
        },
    )
    assert errors(linked) == []
    assert {key.name: wave for key, wave in linked.waves.items()} == {"free": 1, "fill": 1, "c": 2}


def _id(number: int) -> DocumentId:
    return DocumentId("Workload", "one", f"w{number:04}")


def _edge(source: int, target: int, kind: EdgeKind = EdgeKind.ORDER) -> Edge:
    return Edge(kind, _id(source), _id(target), Span("specs/a.yaml", source + 1, 1, source + 1, 2))


pairs = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12, unique=True)


def _reaches(pairs_: list[tuple[int, int]], start: int) -> set[int]:
    found: set[int] = set()
    waiting = [target for source, target in pairs_ if source == start]
    for one in waiting:
        if one not in found:
            found.add(one)
            waiting += [target for source, target in pairs_ if source == one]
    return found


@given(pairs, st.sets(st.integers(0, 7)))
def test_waves_are_depths(links: list[tuple[int, int]], jobs: set[int]) -> None:
    """Everything comes after all that it is ordered after, and no later than it must; a cycle is told instead."""
    found, findings = waves([_edge(*link) for link in links], [_id(job) for job in jobs])
    if any(one in _reaches(links, one) for one in range(8)):
        assert {finding.rule for finding in findings} == {"order-cycle"}
        return
    assert findings == ()
    for number in range(8):
        before = [found.get(_id(target), 0) + 1 for source, target in links if source == number]
        assert found.get(_id(number), 0) == max([1 if number in jobs else 0, *before])


@given(pairs)
def test_cycles_are_told(links: list[tuple[int, int]]) -> None:
    """A finding wherever there is a cycle, none where there is none; each names only its members."""
    after: dict[DocumentId, list[Edge]] = {}
    for link in sorted(links):
        after.setdefault(_id(link[0]), []).append(_edge(*link))
    findings = cycles(after, ORDER_CYCLE, "starts after")
    in_cycles = {one for one in range(8) if one in _reaches(links, one)}
    assert bool(findings) == bool(in_cycles)
    for finding in findings:
        named = {number for number in range(8) if _id(number).name in finding.message}
        assert named
        assert named <= in_cycles


def _ring(size: int) -> dict[DocumentId, list[Edge]]:
    return {_id(number): [_edge(number, (number + 1) % size)] for number in range(size)}


def test_a_long_cycle_is_told_shortly() -> None:
    """Nobody reads a thousand names."""
    (finding,) = cycles(_ring(3000), ORDER_CYCLE, "starts after")
    assert finding.message.count("starts after") == MOST_SHOWN
    assert len(finding.related) == MOST_SHOWN - 1
    (finding,) = cycles(_ring(3), ORDER_CYCLE, "starts after")
    assert finding.message == "a cycle: w0000 starts after w0001 starts after w0002 starts after w0000"


def test_a_chain_can_be_of_any_length() -> None:
    """Longer than Python's stack."""
    found, findings = waves([_edge(number, number + 1) for number in range(5000)], [])
    assert findings == ()
    assert found[_id(0)] == 5000


CHAINS: dict[str, Callable[[int], str]] = {
    "restarts": lambda size: "".join(
        workload(f"w{n}", f"ports: {{p: 1}}, restartOn: [workload.w{n + 1}]" if n < size else "ports: {p: 1}")
        for n in range(size + 1)
    ),
    "variables": lambda size: workload(
        "w", "env: {" + ", ".join(f"V{n}: $(V{n + 1})" for n in range(size)) + f", V{size}: end}}"
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_any_length_are_lowered(tmp_path: Path, name: str) -> None:
    """Longer than Python's stack, whose frames are several for one pod."""
    size = 250 if name == "restarts" else 1500
    linked = program(tmp_path, {"one": application("one") + CHAINS[name](size)})
    assert errors(linked) == []
    manifests, findings = lower(linked)
    assert findings == ()
    (first,) = [one for one in manifests if one.id.kind == "Deployment" and one.id.name in {"w", "w0"}]
    environment = first.object["spec"]["template"]["spec"]["containers"][0].get("env", [])
    assert [one["name"] for one in environment] == [f"V{size - n}" for n in range(len(environment))]


def test_restarts_are_worked_out_once_each(tmp_path: Path) -> None:
    """Forty pairs that restart with both of the next pair: a million million ways lead down."""
    size = 40
    texts = [
        workload(
            f"{side}{n}", f"ports: {{p: 1}}, restartOn: [workload.a{n + 1}, workload.b{n + 1}]" if n < size else ""
        )
        for n in range(size + 1)
        for side in "ab"
    ]

    def checksum(folder: str, last: str) -> str:
        linked = program(tmp_path / folder, {"one": application("one") + "".join(texts[:-1]) + last})
        manifests, _ = lower(linked)
        (top,) = [one for one in manifests if one.id.kind == "Deployment" and one.id.name == "a0"]
        return str(top.object["spec"]["template"]["metadata"]["annotations"]["platformc.dev/restart-checksum"])

    assert checksum("one", texts[-1]) != checksum("two", workload(f"b{size}", "env: {A: changed}"))
