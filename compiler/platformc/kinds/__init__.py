"""kinds: every kind of document, one record each, in one tuple.

A kind in AWS is one file here: model, facts and lowering. Kinds that make Kubernetes objects have their model in
`language/models/` and their lowering in `lower/`; here is what the other stages must know about them.
"""

from __future__ import annotations

from platformc.kinds import bucket, cluster, identity, queue, repository, settings, table
from platformc.language import Kind, Kinds

ALL: tuple[Kind, ...] = (
    settings.PLATFORM,
    settings.ENVIRONMENT,
    settings.APPLICATION,
    settings.PROFILE,
    cluster.WORKLOAD,
    cluster.JOB,
    table.KIND,
    queue.KIND,
    repository.KIND,
    bucket.KIND,
    identity.KIND,
    cluster.SECRET,
    settings.SEALED_VALUES,
    cluster.CONFIG,
    cluster.EXTERNAL_SERVICE,
    cluster.ADDON,
    cluster.RAW_MANIFEST,
)
"""In the order of the language reference."""

KINDS: Kinds = {kind.name: kind for kind in ALL}
