"""outputs: the values that the platform has for people and scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from platformc.cli.cluster_options import access_of, cluster_options_of
from platformc.cli.compile_options import one_environment_option, sources_of
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import ToolError


@verb(
    "outputs",
    "platformc outputs -e production",
    "platformc outputs -e production --raw agentic_events_queue_url",
    "platformc outputs -e staging --live --format json",
)
@one_environment_option
@click.option("--raw", "name", metavar="NAME", help="Print the value of one output, and nothing else.")
@click.option("--live", is_flag=True, help="Ask the claims on the environment's cluster what AWS made.")
@cluster_options_of("the environment's cluster")
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    name: str | None,
    live: bool,
    kubeconfig: str | None,
    context: str | None,
    timeout: float,
) -> int:
    """Print the Platform's outputs in one environment.

    Names, addresses and ARNs follow from the spec, so no cluster is needed. With --live they are read
    from the status of the claims; --context then names the environment's own cluster. A value that AWS
    has otherwise is told on stderr; one that is not there yet ends with 69.
    """
    only_formats(options, "text", "json")
    sources = sources_of(options)
    from platformc.live import known_outputs, live_outputs, output_named, statuses
    from platformc.programs import one_environment, program_of

    environment = one_environment(sources, environments)
    outputs = known_outputs(program_of(sources, environment))
    if name is not None:
        outputs = (output_named(outputs, name),)
    values: Mapping[str, str] = {output.name: output.value for output in outputs}
    missing: Mapping[str, str] = {}
    if live:
        from platformc.live import run

        found = run(access_of(options, kubeconfig, context, timeout), lambda one: statuses(one, outputs))
        told = live_outputs(outputs, found)
        values, missing = told.values, told.missing
        for output in told.different:
            options.inform(f"{output.name} is {values[output.name]} in AWS, and {output.value} by the spec")
    if name is not None:
        options.screen.out.write("".join(f"{one}\n" for one in values.values()))
    elif options.format == "json":
        document = {"schemaVersion": 1, "environment": environment, "live": live, "outputs": dict(values)}
        options.screen.out.write(json.dumps(document, indent=2) + "\n")
    else:
        width = max(map(len, values), default=0)
        options.screen.out.write("".join(f"{each:<{width}}  {text}\n" for each, text in values.items()))
    if missing:
        hint = f"platformc status -e {environment} tells what the claims wait for"
        raise ToolError(
            "not every output is there yet",
            output="\n".join(f"{each}: {why}" for each, why in missing.items()),
            hint=hint,
        )
    return 0
