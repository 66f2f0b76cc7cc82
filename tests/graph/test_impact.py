"""Impact: what a change touches is what can be reached, no more and no less."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from graph_platform import FOLDER, graph
from platformc.graph import Graph, Impact, graph_of, impact_of
from platformc.graph.impact import FILES, Touched, noticed_by
from platformc.graph.json_format import impacts_as_json
from platformc.graph.model import Mention, Node, document_node
from platformc.graph.text import impacts_as_text
from platformc.language.origin import unmarked
from platformc.link.program import EdgeKind
from platformc.origins.explain import Explainer
from platformc.pipeline import Request, load_sources


def closure(drawn: Graph, start: Node) -> set[str]:
    """What can be reached by stepping on until nothing new comes: the slow and plain way."""
    reached = {(start.id, "")}
    while more := {state for each in reached for state, _ in noticed_by(drawn, *each)} - reached:
        reached |= more
    return {identity for identity, _ in reached} - {start.id}


def touched(words: str) -> dict[str, list[str]]:
    """The labels that a change of one document of the small platform touches, and what happens to them."""
    (node,) = graph().find(words)
    return {one.node.id: [effect.sentence for effect in one.effects] for one in impact_of(graph(), node).touched}


@pytest.mark.parametrize("node", graph().documents, ids=lambda node: str(node.id))
class TestEveryDocument:
    """What holds for each document of the small platform."""

    def test_transitive_closure(self, node: Node) -> None:
        """Exactly what can be reached is touched, each once, and never the document itself."""
        found = [one.node.id for one in impact_of(graph(), node).touched]
        assert set(found) == closure(graph(), node)
        assert len(set(found)) == len(found)

    def test_every_user_is_touched(self, node: Node) -> None:
        """Whatever has an edge to the document notices, in one step."""
        direct = {one.node.id for one in impact_of(graph(), node).touched if one.steps == 1}
        assert {link.source for link in graph().links if link.target == node.id} <= direct

    def test_paths(self, node: Node) -> None:
        """Each path starts at the change, ends at the document, and each step of it is a real one."""
        for one in impact_of(graph(), node).touched:
            assert (one.path[0], one.path[-1]) == (node, one.node)
            for before, after in zip(one.path, one.path[1:], strict=False):
                assert after.id in {state[0] for state, _ in noticed_by(graph(), before.id)}
            assert one.effects


def test_table_reaches_the_policy() -> None:
    """The identity's policy names the table, though only the workload has an edge to it."""
    assert touched("table/orders") == {
        "Workload/shop/web": ["is allowed to read and write it in AWS"],
        "Identity/shop/web": ["its policy names it, because Workload shop/web uses it"],
        "Job/shop/fill": ["is synced after it"],
    }


def test_secret_reaches_readers_of_the_copied_key_alone() -> None:
    """`logins` copies the password to one key: who reads that key is restarted, who reads another is not."""
    (node,) = graph().find("secret/store")
    impact = impact_of(graph(), node)
    found = {one.node.id: one for one in impact.touched}
    assert [one.id for one in found["Job/shop/fill"].path] == [
        "Secret/shop/store",
        "Secret/shop/logins",
        "Job/shop/fill",
    ]
    assert [effect.sentence for effect in found["Secret/shop/logins"].effects] == [
        "copies `password` to `STORE_PASSWORD`, which must be sealed again"
    ]
    web = found["Workload/shop/web"]
    assert [step.id for step in web.path] == ["Secret/shop/store", "Workload/shop/store", "Workload/shop/web"]
    assert EdgeKind.SECRET not in {effect.link.kind for effect in web.effects if effect.link}


def test_secret_file() -> None:
    """A change of the whole Secret restarts who reads a key of it, or a file that holds one."""
    assert touched("secret/logins")["Workload/shop/web"] == [
        "is restarted: its pods carry the revision of `TOKEN`",
        "is restarted: its pods carry the revisions behind `login.toml`",
    ]


def test_application_and_platform() -> None:
    """What belongs to an application depends on it; on the platform depends everything."""
    in_shop = {node.id for node in graph().documents if node.application == "shop"} - {"Application/shop/shop"}
    assert touched("application/shop").keys() == in_shop
    assert len(touched("platform/example")) == len(graph().documents) - 1


def test_own_policies() -> None:
    """A workload's own needs stand in policies of others."""
    (node,) = graph().find("workload/web")
    assert [(other.id, what) for other, what in impact_of(graph(), node).own_policies] == [
        ("Identity/shop/web", "policy in AWS"),
        ("Workload/shop/store", "NetworkPolicy"),
    ]


def test_text_and_json() -> None:
    """Both tell the same; environments in which everything is the same are told at once."""
    (node,) = graph().find("secret/store")
    impact = impact_of(graph(), node)
    assert impacts_as_text([impact]) == (FOLDER / "want" / "impact.text").read_text(encoding="utf-8")
    (data,) = json.loads(impacts_as_json([impact]))["impacts"]
    assert data["changed"]["id"] == "Secret/shop/store"
    assert [(one["id"], one["path"]) for one in data["touched"]] == [
        (one.node.id, [step.id for step in one.path]) for one in impact.touched
    ]


def test_text_without_an_edge() -> None:
    """A file that names a host has no connection to it, and changes with it all the same; so do its readers."""
    (store,) = graph().find("workload/store")
    found = {one.node.id: one for one in impact_of(graph(), store).touched}
    (effect,) = found["Config/shop/settings"].effects
    assert effect.sentence == "contains ${workload.store.host}"
    assert "Workload/shop/web" in found


def touched_with_text(source: str, target: str) -> dict[str, Touched]:
    """What a change of a document touches where another one also refers to it in a text."""
    drawn = replace(graph(), mentions=(*graph().mentions, Mention(source, target, "${…}")))
    return {one.node.id: one for one in impact_of(drawn, drawn.node(target)).touched}


def test_outputs_are_no_settings() -> None:
    """An output of the platform that names a table changes with it; no other document reads outputs."""
    platform = "Platform/platform/example"
    found = touched_with_text(platform, "Table/shop/orders")
    assert found.keys() == {platform, *touched("table/orders")}


def test_text_in_a_file_of_a_secret() -> None:
    """Who reads a file of the Secret notices, who reads a key of it alone does not."""
    found = touched_with_text("Secret/shop/logins", "Table/shop/orders")
    fill = [step.id for step in found["Job/shop/fill"].path]
    assert fill == ["Table/shop/orders", "Workload/shop/web", "Job/shop/fill"]
    readers = {source for (source, _), _ in noticed_by(graph(), "Secret/shop/logins", FILES)}
    assert readers == {"Workload/shop/web"}


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_whoever_has_an_origin_elsewhere_is_touched(environment: str) -> None:
    """The platform of this repository: what was made from a document's scalars notices a change of it.

    Origins and edges are worked out on two ways that know nothing of each other.
    """
    root = Path(__file__).parents[2]
    explainer = Explainer(load_sources(Request(root, root / "specs", root / "rendered")), environment)
    drawn = graph_of(explainer.program)
    labels = {f"{node.kind} {node.name}": node for node in drawn.documents}
    touched_by = {node.id: _told(impact_of(drawn, node)) for node in drawn.documents}
    compared = 0
    for file, manifest in explainer.files.items():
        owner = str(unmarked(document_node(manifest.owner)))
        # Argo CD's Applications and projects stand for everything there is.
        if owner.startswith(("Platform/", "Application/")):
            continue
        for answer in explainer.explain(file, ()):
            for origin in answer.origins:
                if origin.document in labels and labels[origin.document].id != owner:
                    compared += 1
                    assert owner in touched_by[labels[origin.document].id], (answer.file, answer.path, origin.at)
    assert compared > 500


def _told(impact: Impact) -> set[str]:
    """The ids of everything that an impact names."""
    return {one.node.id for one in impact.touched} | {node.id for node, _ in impact.own_policies}
