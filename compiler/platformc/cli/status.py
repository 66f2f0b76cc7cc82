"""status: how the platform stands on its clusters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from platformc.cli.cluster_options import access_of, cluster_options
from platformc.cli.compile_options import environment_option, sources_of
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics.errors import ToolError, UsageError
from platformc.diagnostics.nearest import did_you_mean

if TYPE_CHECKING:
    from platformc.link import Program
    from platformc.live.cluster import Access
    from platformc.live.status import Report
    from platformc.lower.manifest import Manifest

INTERVAL = 5.0
HOME = "\x1b[H\x1b[J"
"""Moves to the upper left and clears the screen."""


@verb(
    "status",
    "platformc status -e production",
    "platformc status -e staging stoat stoat-aws -v",
    "platformc status -e production --watch --context tools --destination-context production",
    "platformc status --format json",
)
@environment_option
@click.option("--watch", is_flag=True, help="Look again and again, until everything is synced and healthy.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0, min_open=True),
    default=INTERVAL,
    metavar="SECONDS",
    help=f"The time between two looks.  [default: {INTERVAL:g}]",
)
@click.option(
    "--destination-context",
    metavar="NAME",
    help="The context of the environment's own cluster, where Argo CD is on another one.",
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
    """Show each Application and the objects that need somebody: sync, health, why, and what they wait for.

    What should be there follows from the spec, so what is missing is seen, too. Objects are looked at on
    the environment's own cluster; where that is not Argo CD's, name it with --destination-context, else
    Argo CD's word is taken. Argo CD's Applications are those of its cluster, which --context names.
    With -v every object is shown. Nothing is changed.
    """
    only_formats(options, "text", "json")
    if watch and options.format == "json":
        raise UsageError("--watch is for people", "leave it out, and ask as often as you like")
    from platformc.programs import chosen_environments, one_environment, program_of

    sources = sources_of(options)
    if destination_context is not None:
        one_environment(sources, environments)
    programs = [program_of(sources, name) for name in chosen_environments(sources, environments)]
    access = access_of(options, kubeconfig, context, timeout)
    own = replace(access, context=destination_context) if destination_context is not None else None
    looks = _Looks(options, programs, access, own, applications)
    return asyncio.run(looks.watch(interval) if watch else looks.once())


class _Looks:
    """One look, or many, at the same environments."""

    def __init__(
        self,
        options: Options,
        programs: Sequence[Program],
        access: Access,
        own: Access | None,
        applications: Sequence[str],
    ) -> None:
        from platformc.lower import lower

        self.options = options
        self.access = access
        self.own = own
        self.applications = applications
        self.programs: list[tuple[Program, tuple[Manifest, ...]]] = [(one, lower(one)[0]) for one in programs]

    async def once(self) -> int:
        """Show how it stands now."""
        self._show(await self._reports())
        return 0

    async def watch(self, interval: float) -> int:
        """Show every change, until there is nothing left to wait for.

        The first look must succeed; after that a cluster that does not answer is waited for, too.
        """
        shown = ""
        while True:
            try:
                reports = await self._reports()
            except ToolError as error:
                if not shown:
                    raise
                self.options.inform(f"{error.message}; looking again")
            else:
                text = self._text(reports)
                if text != shown:
                    live = self.options.screen.out.terminal and self.options.environment.live
                    self.options.screen.out.write(f"{HOME}{text}" if live else f"{text}\n")
                    shown = text
                if all(report.is_fine for report in reports):
                    return 0
            await asyncio.sleep(interval)

    async def _reports(self) -> list[Report]:
        from platformc.live.cluster import connect
        from platformc.live.status import report
        from platformc.lower.argocd_projects import IN_CLUSTER

        async with AsyncExitStack() as stack:
            argocd = await stack.enter_async_context(connect(self.access))
            named = await stack.enter_async_context(connect(self.own)) if self.own else None
            reports = []
            for program, manifests in self.programs:
                destination = program.platform.target.destination
                same = destination.server == IN_CLUSTER or destination.name == "in-cluster"
                own = named or (argocd if same else None)
                reports.append(self._chosen(await report(program, manifests, argocd, own)))
            return reports

    def _chosen(self, report: Report) -> Report:
        """The Applications that were named, with or without the environment's prefix; or all."""
        known = {name: one for one in report.applications for name in (one.folder, one.name)}
        for name in self.applications:
            if name not in known:
                hint = did_you_mean(name, known) or f"there are {', '.join(sorted({*known}))}"
                raise UsageError(f"{report.environment} has no application {name}", hint)
        wanted = {known[name].name for name in self.applications} or {one.name for one in report.applications}
        return replace(report, applications=tuple(one for one in report.applications if one.name in wanted))

    def _show(self, reports: list[Report]) -> None:
        if self.options.format == "json":
            from platformc.live.report import as_json

            self.options.screen.out.write(as_json(reports))
        else:
            self.options.screen.out.write(self._text(reports))

    def _text(self, reports: list[Report]) -> str:
        from platformc.live.report import as_text

        return as_text(reports, everything=self.options.verbose)
