"""permissions: what somebody may do that they could not, and what they may no longer do.

In      a Comparison.
Out     Effects: in AWS, in the Kubernetes API, on a node, and through Argo CD's projects.
Never   keeps silent about a change that it cannot compare.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.diff.effect import Effect
from platformc.diff.effects.permissions_in_aws import permission_effects_in_aws
from platformc.diff.effects.permissions_in_kubernetes import permission_effects_in_kubernetes
from platformc.diff.effects.permissions_of_pods import permission_effects_of_pods
from platformc.diff.effects.permissions_of_projects import permission_effects_of_projects
from platformc.snapshot import Comparison


def permission_effects(comparison: Comparison) -> Iterator[Effect]:
    """Every change of permissions."""
    yield from permission_effects_in_aws(comparison)
    yield from permission_effects_in_kubernetes(comparison)
    yield from permission_effects_of_pods(comparison)
    yield from permission_effects_of_projects(comparison)
