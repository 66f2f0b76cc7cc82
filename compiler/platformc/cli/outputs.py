"""outputs: the values that the platform publishes for people and scripts."""

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
@click.option("--raw", "name", metavar="NAME", help="Print only the value of this output.")
@click.option("--live", is_flag=True, help="Read the values from the claims on the environment's cluster.")
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
    """Print the Platform's outputs for one environment.

    Names, addresses and ARNs follow from the spec, so no cluster is needed. --live reads them from the
    status of the claims; --context is then the context of the environment's own cluster. A value that
    differs in AWS is reported on stderr. Exits with 69 if a value is not available yet.
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
            options.inform(f"{output.name} is {values[output.name]} in AWS, but {output.value} in the spec")
    if name is not None:
        options.terminal.out.write("".join(f"{one}\n" for one in values.values()))
    elif options.format == "json":
        document = {"schemaVersion": 1, "environment": environment, "live": live, "outputs": dict(values)}
        options.terminal.out.write(json.dumps(document, indent=2) + "\n")
    else:
        width = max(map(len, values), default=0)
        options.terminal.out.write("".join(f"{each:<{width}}  {text}\n" for each, text in values.items()))
    if missing:
        hint = f"`platformc status -e {environment}` shows what the claims wait for"
        raise ToolError(
            "not all outputs are available yet",
            output="\n".join(f"{each}: {why}" for each, why in missing.items()),
            hint=hint,
        )
    return 0
