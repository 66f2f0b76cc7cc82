"""permissions: what somebody may do that they could not, and what they may no longer do.

In      a Comparison.
Out     Effects: in AWS, in the Kubernetes API, on a node, and through Argo CD's projects.
Never   keeps silent about a change that it cannot compare.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.diff.effect import Effect
from platformc.diff.effects import permissions_in_aws, permissions_in_kubernetes, permissions_of_pods
from platformc.diff.effects import permissions_of_projects as projects
from platformc.snapshot import Comparison


def judge(comparison: Comparison) -> Iterator[Effect]:
    """Every change of permissions."""
    yield from permissions_in_aws.judge(comparison)
    yield from permissions_in_kubernetes.judge(comparison)
    yield from permissions_of_pods.judge(comparison)
    yield from projects.judge(comparison)
