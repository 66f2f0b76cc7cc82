"""explain: where a line of the output comes from, or what a line of the spec affects."""

from __future__ import annotations

import click

from platformc.cli.compile_options import environment_option
from platformc.cli.global_options import Options, only_formats, working_folder
from platformc.cli.verbs import verb
from platformc.request import Request


@verb(
    "explain",
    "platformc explain rendered/production/stoat/discord-bot/deployment-stoat-api.yaml:54",
    "platformc explain deployment/stoat-api.spec.template.spec.containers[0].image",
    "platformc explain -e staging table/discord-sessions",
    "platformc explain specs/stoat/services.yaml:21",
)
@environment_option
@click.argument("place", metavar="FILE[:LINE[:COL]] | KIND/NAME[.path]")
def command(options: Options, place: str, environments: tuple[str, ...]) -> int:
    """Explain where a value of the output comes from.

    For a line of a rendered file, or a value of an object: the value, then the places in the spec that
    it comes from, what they replaced, and the edges that caused it, or the convention behind it. A line
    of a file in a ConfigMap or SealedSecret is explained by itself. For a line of the spec: every value
    of the output that it affects.
    """
    only_formats(options, "text", "json")
    from platformc.origins.json_format import as_json
    from platformc.origins.named import explain_place
    from platformc.origins.text import as_text
    from platformc.programs import sound_sources

    request = Request(options.root, options.specs, options.output, kinds=options.kinds)
    sources = sound_sources(request)
    explanations = explain_place(request, sources, place, environments=environments, here=working_folder())
    if options.format == "json":
        options.terminal.out.write(as_json(explanations))
    else:
        options.terminal.out.write(as_text(explanations, options.output.name, options.terminal.out.painted))
    return 0
