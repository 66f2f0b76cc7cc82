"""status: the state of the platform on its clusters."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from platformc.cli.cluster_options import access_of, cluster_options
from platformc.cli.compile_options import environment_option, sources_of
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import UsageError

if TYPE_CHECKING:
    from platformc.live import Report

INTERVAL = 5.0
HOME = "\x1b[H\x1b[J"
"""Moves to the upper left corner and clears the screen."""


@verb(
    "status",
    "platformc status -e production",
    "platformc status -e staging stoat stoat-aws -v",
    "platformc status -e production --watch --context tools --destination-context production",
    "platformc status --format json",
)
@environment_option
@click.option("--watch", is_flag=True, help="Refresh until everything is synced and healthy.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0, min_open=True),
    default=INTERVAL,
    metavar="SECONDS",
    help=f"Time between two refreshes.  [default: {INTERVAL:g}]",
)
@click.option(
    "--destination-context",
    metavar="NAME",
    help="The context of the environment's own cluster, if Argo CD runs on another one.",
)
@cluster_options
@click.argument("applications", nargs=-1, metavar="[APPLICATION]...")
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    applications: tuple[str, ...],
    watch: bool,
    interval: float,
    destination_context: str | None,
    kubeconfig: str | None,
    context: str | None,
    timeout: float,
) -> int:
    """Show each Application and the objects that need attention: sync, health, why, and what they wait for.

    The spec says what must exist, so missing objects are shown, too. Applications are read from Argo CD's
    cluster (--context), objects from the environment's own cluster; if that is another one, set it with
    --destination-context, otherwise Argo CD's view of them is shown. -v shows all objects. Nothing is
    changed.
    """
    only_formats(options, "text", "json")
    if watch and options.format == "json":
        raise UsageError("--watch works only with --format text", "remove it, and run the command repeatedly")
    from platformc.live import Looks
    from platformc.programs import chosen_environments, one_environment, program_of

    sources = sources_of(options)
    if destination_context is not None:
        one_environment(sources, environments)
    programs = [program_of(sources, name) for name in chosen_environments(sources, environments)]
    access = access_of(options, kubeconfig, context, timeout)
    own = replace(access, context=destination_context) if destination_context is not None else None
    looks = Looks.at(programs, access, own, applications)
    if watch:
        asyncio.run(looks.watch(interval, _Changes(options).show, options.inform))
    else:
        options.terminal.out.write(_written(options, asyncio.run(looks.once())))
    return 0


def _written(options: Options, reports: list[Report]) -> str:
    from platformc.live import as_json, as_text

    return as_json(reports) if options.format == "json" else as_text(reports, everything=options.verbose)


class _Changes:
    """Shows reports one after the other, each only if it differs from the one before."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._shown = ""

    def show(self, reports: list[Report]) -> None:
        """Show them; on a person's terminal they replace those before."""
        text = _written(self._options, reports)
        if text == self._shown:
            return
        live = self._options.terminal.out.terminal and self._options.environment.live
        self._options.terminal.out.write(f"{HOME}{text}" if live else f"{text}\n")
        self._shown = text
