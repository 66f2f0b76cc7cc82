"""looks: read the state of the same environments, once or repeatedly.

In      Programs, how to reach their clusters, the chosen Applications.
Out     a Report for each environment; with --watch, one after the other until all is well.
Finds   names of Applications that do not exist: UsageError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from platformc.diagnostics import ToolError, UsageError, did_you_mean
from platformc.link import Program
from platformc.live.cluster import Access, connect
from platformc.live.status import Report, report
from platformc.lower import Manifest, lower
from platformc.lower.argocd_projects import IN_CLUSTER


@dataclass(frozen=True, slots=True)
class Looks:
    """What is read, and how to reach it."""

    environments: tuple[tuple[Program, Sequence[Manifest]], ...]
    argocd: Access
    own: Access | None
    """The environment's own cluster, if that is not Argo CD's."""
    applications: Sequence[str]
    """Empty for all."""

    @classmethod
    def at(
        cls, programs: Sequence[Program], argocd: Access, own: Access | None, applications: Sequence[str] = ()
    ) -> Looks:
        """Prepare to read the state of environments."""
        return cls(tuple((one, lower(one)[0]) for one in programs), argocd, own, applications)

    async def once(self) -> list[Report]:
        """Return the state now. Raises ToolError, and UsageError for an Application that no environment has."""
        async with AsyncExitStack() as stack:
            argocd = await stack.enter_async_context(connect(self.argocd))
            named = await stack.enter_async_context(connect(self.own)) if self.own else None
            reports = []
            for program, manifests in self.environments:
                destination = program.platform.target.destination
                same = destination.server == IN_CLUSTER or destination.name == "in-cluster"
                own = named or (argocd if same else None)
                reports.append(self._chosen(await report(program, manifests, argocd, own)))
            return reports

    async def watch(self, interval: float, show: Callable[[list[Report]], None], inform: Callable[[str], None]) -> None:
        """Read the state until there is nothing left to wait for.

        The first read must succeed; after that, a cluster that does not respond is tried again.
        """
        has_looked = False
        while True:
            try:
                reports = await self.once()
            except ToolError as error:
                if not has_looked:
                    raise
                inform(f"{error.message}; trying again")
            else:
                has_looked = True
                show(reports)
                if all(one.is_fine for one in reports):
                    return
            await asyncio.sleep(interval)

    def _chosen(self, found: Report) -> Report:
        """The Applications that were named, with or without the environment's prefix; or all."""
        known = {name: one for one in found.applications for name in (one.folder, one.name)}
        for name in self.applications:
            if name not in known:
                hint = did_you_mean(name, known) or f"known are: {', '.join(sorted({*known}))}"
                raise UsageError(f"{found.environment} has no application {name}", hint)
        wanted = {known[name].name for name in self.applications} or {one.name for one in found.applications}
        return replace(found, applications=tuple(one for one in found.applications if one.name in wanted))
