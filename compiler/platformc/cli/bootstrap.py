"""bootstrap: what Argo CD's cluster needs before Argo CD can do the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from platformc.cli.cluster_options import access_of, cluster_options
from platformc.cli.compile_options import compile_with, counted, environment_option, request_of
from platformc.cli.formats import format_shortly
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import UsageError

if TYPE_CHECKING:
    from platformc.bootstrap import FirstObject
    from platformc.language import Platform
    from platformc.live import Cluster


@verb(
    "bootstrap",
    "platformc bootstrap -e production",
    "platformc bootstrap -e production --apply --context tools",
    "platformc bootstrap --settings > argocd/install/settings.yaml",
)
@environment_option
@click.option("--settings", "only_settings", is_flag=True, help="Print only Argo CD's settings.")
@click.option("--apply", "to_apply", is_flag=True, help="Apply the objects and wait until Argo CD syncs them.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    metavar="SECONDS",
    help="How long to wait for Argo CD.  [default: 120]",
)
@cluster_options
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    only_settings: bool,
    to_apply: bool,
    wait: float,
    kubeconfig: str | None,
    context: str | None,
    timeout: float,
) -> int:
    """Print the first objects, in order, or apply them.

    These are Argo CD's settings (health checks, exclusions, the sync timeout), then for each environment
    the AppProject and the Application `root`, which syncs everything else from the repository. --apply
    uses server-side apply; applying again changes nothing. The next steps are printed to stderr.
    """
    only_formats(options, "text")
    if only_settings and to_apply:
        raise UsageError("--settings prints and --apply applies", "remove one of them: --apply includes the settings")
    request = request_of(
        options, environments, allow_unsealed=True, strict_schemas=False, no_validate=True, paranoid=False
    )
    outcome = compile_with(options, request)
    if outcome.failed:
        options.terminal.err.write(format_shortly(outcome.findings, outcome.texts, options, options.terminal.err))
        return 1
    from platformc.bootstrap import next_steps, prepared
    from platformc.language import resolve
    from platformc.request import ARGOCD

    platforms = [resolve(outcome.sources, tree.environment) for tree in outcome.trees]
    objects = prepared(options.root / ARGOCD, platforms, outcome.trees, only_settings=only_settings)
    if not to_apply:
        options.terminal.out.write("".join(f"---\n{one.content.decode()}" for one in objects))
    else:
        from platformc import live

        access = access_of(options, kubeconfig, context, timeout)
        live.run(access, lambda cluster: _apply(options, cluster, objects, platforms, wait))
    if not only_settings:
        options.inform(f"next:\n{next_steps(platforms, applied=to_apply)}")
    return 0


async def _apply(
    options: Options, cluster: Cluster, objects: list[FirstObject], platforms: list[Platform], wait: float
) -> None:
    from platformc.bootstrap import root_name
    from platformc.live import apply_all, wait_for_root

    changed = 0
    async for one in apply_all(cluster, objects):
        options.terminal.out.write(f"{'applied' if one.changed else 'unchanged'}  {one.id}\n")
        changed += one.changed
    options.inform(f"{counted(changed, 'object')} applied, {len(objects) - changed} unchanged")
    with options.progress() as progress:
        for platform in platforms:
            namespace, name = platform.settings.argocd.namespace, root_name(platform)
            standing = await wait_for_root(cluster, namespace, name, wait, progress)
            options.terminal.out.write(f"{standing}  Application {namespace}/{name}\n")
