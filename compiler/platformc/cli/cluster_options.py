"""cluster_options: the common options of the verbs that talk to clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from platformc.cli.global_options import Options

if TYPE_CHECKING:
    from platformc.live import Access

KUBECONFIG = "~/.kube/config"
"""The same default as kubectl's."""


Verb = Callable[..., int]


def cluster_options_of(cluster: str) -> Callable[[Verb], Verb]:
    """Add the options for how to reach a cluster, and how long to wait for its responses."""

    def added(function: Verb) -> Verb:
        for option in _options(cluster):
            function = option(function)
        return function

    return added


def _options(cluster: str) -> tuple[Callable[[Verb], Verb], ...]:
    return (
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=10.0,
            metavar="SECONDS",
            help="How long to wait for a response of the cluster.  [default: 10]",
        ),
        click.option("--context", metavar="NAME", help=f"The context of {cluster}.  [default: the current one]"),
        click.option("--kubeconfig", metavar="FILE", help=f"[default: KUBECONFIG, else {KUBECONFIG}]"),
    )


cluster_options = cluster_options_of("Argo CD's cluster")


def access_of(options: Options, kubeconfig: str | None, context: str | None, timeout: float) -> Access:
    """Return how to reach the chosen cluster."""
    import os

    from platformc.live import Access

    named = kubeconfig or options.environment.variables.get("KUBECONFIG") or os.path.expanduser(KUBECONFIG)  # noqa: PTH111 - text, possibly of several paths
    return Access(named, context, timeout)
