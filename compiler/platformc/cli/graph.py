"""graph: what uses what, as a drawing or as data; and what a change of one document affects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from platformc.cli.compile_options import environment_option, sources_of
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import UsageError

if TYPE_CHECKING:
    from platformc.graph import Graph, Impact
    from platformc.language import Sources

DRAWINGS = ("dot", "mermaid")


@verb(
    "graph",
    "platformc graph --as dot | dot -Tsvg > platform.svg",
    "platformc graph --as mermaid -e staging",
    "platformc graph --impact secret/redis",
    "platformc graph --impact table/discord-messages --format json",
)
@click.option(
    "--as",
    "language",
    type=click.Choice(["dot", "mermaid", "json", "text"]),
    help="Format of the graph.  [default: text]",
)
@click.option("--impact", "changed", metavar="KIND/NAME", help="Show what a change of this document affects.")
@environment_option
def command(options: Options, language: str | None, changed: str | None, environments: tuple[str, ...]) -> int:
    """Show which documents use which others, by the references and needs of the spec.

    `dot` is for Graphviz, `mermaid` for Markdown. A drawing shows one environment, by default the
    first. --impact shows every document that a change of the given one affects, what happens to it,
    and through which edge; KIND is a kind of the spec or of its output. Write KIND/APPLICATION/NAME
    where two documents have the same name.
    """
    only_formats(options, "text", "json")
    written_as = _language(options, language)
    sources = sources_of(options)
    chosen = _environments(options, sources, environments, written_as, one=changed is None)
    from platformc.graph import graph_of
    from platformc.programs import program_of

    programs = [program_of(sources, name) for name in chosen]
    graphs = [graph_of(program) for program in programs]
    if changed is None:
        options.terminal.out.write(_written(graphs, written_as))
        return 0
    if written_as in DRAWINGS:
        raise UsageError(f"--impact cannot be drawn as {written_as}", "use --as text or --as json")
    from platformc.graph import impacts_of

    options.terminal.out.write(_impacts_written(impacts_of(programs, graphs, changed), written_as))
    return 0


def _language(options: Options, language: str | None) -> str:
    if language not in (None, "json") and options.format == "json":
        raise UsageError(f"--format json and --as {language} contradict each other", "remove one of them")
    return language or options.format


def _environments(
    options: Options, sources: Sources, wanted: tuple[str, ...], language: str, *, one: bool
) -> tuple[str, ...]:
    """Return the environments to show: all as data and for impacts, one in a drawing or a list."""
    from platformc.programs import chosen_environments

    chosen = chosen_environments(sources, wanted)
    if language == "json" or not one or len(chosen) == 1:
        return chosen
    if wanted and language in DRAWINGS:
        raise UsageError("a drawing shows a single environment", f"use only -e {chosen[0]}")
    if wanted:
        return chosen
    options.inform(f"this is {chosen[0]}; use -e for {' or '.join(chosen[1:])}")
    return chosen[:1]


def _written(graphs: list[Graph], language: str) -> str:
    if language == "json":
        from platformc.graph.json_format import as_json

        return as_json(graphs)
    if language == "dot":
        from platformc.graph.dot import as_dot

        return as_dot(graphs[0])
    if language == "mermaid":
        from platformc.graph.mermaid import as_mermaid

        return as_mermaid(graphs[0])
    from platformc.graph.text import as_text

    return "\n".join(as_text(graph) for graph in graphs)


def _impacts_written(impacts: list[Impact], language: str) -> str:
    if language == "json":
        from platformc.graph.json_format import impacts_as_json

        return impacts_as_json(impacts)
    from platformc.graph.text import impacts_as_text

    return impacts_as_text(impacts)
