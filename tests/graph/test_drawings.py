"""Graphs: nothing added, nothing left out, and no name that breaks a drawing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter

import pytest
from graph_languages import read_dot, read_mermaid
from graph_platform import FOLDER, graph, program
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.diagnostics import Span
from platformc.diagnostics.text_cells import visible
from platformc.graph.dot import as_dot
from platformc.graph.json_format import as_json
from platformc.graph.mermaid import as_mermaid
from platformc.graph.model import OUTSIDE, Graph, Link, Node, document_node
from platformc.graph.palette import LOOKS
from platformc.graph.text import as_text
from platformc.language.document import DocumentId
from platformc.link.program import EdgeKind, Outside

FORMATS = {"dot": as_dot, "mermaid": as_mermaid, "json": lambda one: as_json([one]), "text": as_text}

TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from('"\\#;&<>|[]{}()`\n\r\t\x00 -%')), max_size=12)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs whose every text may hold anything, as no spec could."""
    kinds = st.sampled_from(["Workload", "Table", "Queue", "Secret", "Identity", "Job", OUTSIDE, "end"]) | TEXTS
    drawn = draw(st.lists(st.tuples(kinds, TEXTS, TEXTS), min_size=1, max_size=6, unique=True))
    nodes = [
        Node(f"{kind}/{application}/{name}", kind, "" if kind == OUTSIDE else application, name, at=Span(name))
        for kind, application, name in drawn
    ]
    unique = sorted({node.id: node for node in nodes}.values())
    ends = st.sampled_from([node.id for node in unique])
    links = st.builds(
        Link, st.sampled_from(EdgeKind), ends, ends, st.builds(Span, TEXTS), st.tuples(TEXTS), st.tuples(), TEXTS
    )
    return Graph(draw(TEXTS), tuple(unique), tuple(draw(st.lists(links, max_size=6))))


class TestModel:
    """From the Program to nodes and links."""

    def test_the_graph_platform_has_every_kind(self) -> None:
        """What is tested here is tested for edges of all kinds."""
        assert {link.word for link in graph().links} == {*(kind.value for kind in EdgeKind), "outside"}
        assert {edge.kind for edge in program().edges} == set(EdgeKind)

    def test_every_edge_is_there_once(self) -> None:
        """Kind, ends, place and what is used: as in the Program, each as often as there."""
        nodes = {node.id: node for node in graph().nodes}
        expected = Counter(
            (
                "outside" if isinstance(edge.target, Outside) else edge.kind.value,
                document_node(edge.source),
                edge.target.cidrs if isinstance(edge.target, Outside) else document_node(edge.target),
                edge.target.ports if isinstance(edge.target, Outside) else (edge.port,) * bool(edge.port),
                (edge.access, edge.key, edge.wait, edge.at),
            )
            for edge in program().edges
        )
        found = Counter(
            (
                link.word,
                link.source,
                nodes[link.target].addresses or link.target,
                tuple(map(int, link.ports)) if link.to_outside else link.ports,
                (link.access, link.key, link.waits, link.at),
            )
            for link in graph().links
        )
        assert found == expected

    def test_every_document_is_there_once(self) -> None:
        """Documents without edges as well; ids tell their kind, application and name."""
        assert [node.id for node in graph().documents] == [document_node(each) for each in sorted(program().resources)]
        assert len({node.id for node in graph().nodes}) == len(graph().nodes)

    def test_lines_hold_every_link_once(self) -> None:
        """An arrow stands for all links of one kind between two nodes, and for no other."""
        lines = graph().lines()
        assert sorted(map(repr, (link for line in lines for link in line.links))) == sorted(map(repr, graph().links))
        assert len({(line.kind, line.source, line.target) for line in lines}) == len(lines)
        for line in lines:
            assert {(link.kind, link.source, link.target) for link in line.links} == {
                (line.kind, line.source, line.target)
            }

    def test_one_name_for_two_sets_of_addresses(self) -> None:
        """The internet with and without private ranges are two nodes that can be told apart."""
        internets = [node for node in graph().nodes if node.name.startswith("internet")]
        assert len(internets) == 2
        assert len({node.name for node in internets}) == 2
        assert sorted(bool(node.excluded) for node in internets) == [False, True]

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("workload/web", ["Workload/shop/web"]),
            ("WORKLOAD/shop/web", ["Workload/shop/web"]),
            ("service/gateway", ["ExternalService/platform/gateway"]),
            ("externalservice/gateway", ["ExternalService/platform/gateway"]),
            ("queue/paid-dead", ["Queue/shop/paid"]),
            ("workload/other/web", []),
            ("workload/", []),
            ("web", []),
            ("outside/internet", []),
        ],
    )
    def test_find(self, words: str, expected: list[str]) -> None:
        """KIND/NAME in any case of the kind, by a reference's word and a further name, too."""
        assert [node.id for node in graph().find(words)] == expected


class TestFormats:
    """What is written."""

    @pytest.mark.parametrize("name", FORMATS)
    def test_graph_platform(self, name: str) -> None:
        """Byte for byte what lies in want/: `platformc --specs tests/graph/specs graph -e production --as NAME`."""
        assert FORMATS[name](graph()) == (FOLDER / "want" / f"platform.{name}").read_text(encoding="utf-8")

    def test_drawings_show_all_arrows(self) -> None:
        """Both drawings have exactly the graph's lines, between nodes with the right labels."""
        labels = {node.id: node.name if node.kind == OUTSIDE else f"{node.name}\n{node.kind}" for node in graph().nodes}
        wanted = Counter((labels[line.source], labels[line.target]) for line in graph().lines())
        for drawing in (read_dot(as_dot(graph())), read_mermaid(as_mermaid(graph()))):
            found = Counter((drawing.nodes[source], drawing.nodes[target]) for source, target, _ in drawing.arrows)
            assert found == wanted
            assert len(drawing.groups) == 2

    @settings(max_examples=60)
    @given(graphs())
    def test_no_text_breaks_a_drawing(self, drawn: Graph) -> None:
        """Whatever names hold, each line keeps its form and each label reads as it should."""
        shown = [node for node in drawn.nodes if node.kind != "Application"]
        labels = Counter(_label(node) for node in shown)
        for drawing in (read_dot(as_dot(drawn)), read_mermaid(as_mermaid(drawn))):
            assert Counter(drawing.nodes.values()) == labels
            assert len(drawing.arrows) == len(drawn.lines())
        dot = read_dot(as_dot(drawn))
        ids = {tuple(map(visible, end.split("\n"))) for line in drawn.lines() for end in (line.source, line.target)}
        assert {tuple(end.split("\n")) for source, target, _ in dot.arrows for end in (source, target)} == ids

    @settings(max_examples=60)
    @given(graphs())
    def test_json_and_text_hold_all_of_it(self, drawn: Graph) -> None:
        """JSON has every link in order; text has one line for each link, and no control character."""
        (data,) = json.loads(as_json([drawn]))["environments"]
        assert [(edge["kind"], edge["source"], edge["target"]) for edge in data["edges"]] == [
            (link.kind, link.source, link.target) for link in drawn.links
        ]
        assert not any(character < " " and character != "\n" for character in as_text(drawn))

    @pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
    def test_graphviz_reads_it(self) -> None:
        """The real program draws it, and finds our nodes and arrows in it."""
        ran = subprocess.run(
            ["dot", "-Tjson"], input=as_dot(graph()), capture_output=True, text=True, check=True, encoding="utf-8"
        )
        assert ran.stderr == ""
        drawn = json.loads(ran.stdout)
        names = {each["name"] for each in drawn["objects"]}
        assert {node.id for node in graph().nodes if node.kind != "Application"} <= names
        assert len(drawn["edges"]) == len(graph().lines())

    def test_every_kind_has_its_own_colour(self) -> None:
        """No two kinds of edges look the same."""
        assert set(LOOKS) == {*(kind.value for kind in EdgeKind), "outside"}
        assert len({look.color for look in LOOKS.values()}) == len(LOOKS)

    def test_order_of_input_does_not_matter(self) -> None:
        """Ids are made of names alone: one document more changes nobody else's."""
        fewer = Graph(graph().environment, tuple(n for n in graph().nodes if n.name != "gateway"), ())
        assert set(read_dot(as_dot(fewer)).nodes) < set(read_dot(as_dot(graph())).nodes)
        ids = set(read_mermaid(as_mermaid(fewer)).nodes)
        assert ids < set(read_mermaid(as_mermaid(graph())).nodes)


def _label(node: Node) -> str:
    label = node.name if node.kind == OUTSIDE else f"{node.name}\n{node.kind}"
    return "\n".join(visible(line) for line in label.split("\n"))


def test_document_ids_are_unambiguous() -> None:
    """Parts of a DocumentId are DNS labels, so slashes only part them."""
    assert document_node(DocumentId("Workload", "a-b", "c")) != document_node(DocumentId("Workload", "a", "b-c"))
