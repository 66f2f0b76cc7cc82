"""data_safety: docs/data-safety.md: what a change does to whatever holds data, with an answer in every cell.

In      the records of all kinds, what Kubernetes refuses, the rules.
Out     one table; each cell is a finding, an effect of `platformc diff`, or the reason why neither is needed.

`Finding.shown_by` names the change of tests/safety, or the case, in which it really is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from platformc.kinds import KINDS
from platformc.language.aws_facts import ClaimFacts, Data
from platformc.rules import Rule
from platformc.rules.data import (
    AWS_ACCOUNT_CHANGED,
    CLAIM_SCOPE_CHANGED,
    CLUSTER_CHANGED,
    DATA_UNPROTECTED,
    ENVIRONMENT_REMOVED,
    MOUNT_CHANGED,
    RETENTION_SHORTENED,
    VOLUME_REPLACED,
)
from platformc.rules.environments import AWS_NAME_SHARED, OBJECT_SHARED
from platformc.rules.output import DATA_REMOVED, IMMUTABLE_FIELD, VOLUME_SHRINKS
from platformc.safety.immutable import IMMUTABLE
from platformc.safety.protections import KUBERNETES

from tools.docs.language import fragment
from tools.docs.markdown import page, table


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding, what it is about, and where it is shown; the records themselves show those without a name."""

    rule: Rule
    about: str = ""
    shown_by: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect of the diff alone, or the reason why there is nothing to tell."""

    text: str


Cell = Finding | Effect
Cells = Callable[[str], Cell]
"""A kind of claim -> its cell."""

CLAIMS: Mapping[str, tuple[ClaimFacts, Data]] = {
    claim.kind: (claim, claim.data)
    for kind in KINDS.values()
    if kind.aws is not None
    for claim in kind.aws.claims
    if claim.data is not None
}
VOLUME, SET, NAMESPACE, MANAGED = (
    "volume of a Deployment",
    "volumes of a StatefulSet",
    "Namespace",
    "managed resource of a RawManifest",
)
ON_CLUSTER = (VOLUME, SET, NAMESPACE, MANAGED)
COLUMNS = (*CLAIMS, *ON_CLUSTER)
REFUSED_BY_AWS = Effect("an effect of the diff: the provider refuses it")
NO_SIZE = Effect("has no size")
ALONE = Effect("not in AWS")
SHORTENED: Mapping[str, str] = {
    "Bucket": "expiration-shortened",
    "Queue": "messages-kept-shorter",
    "Repository": "fewer-images",
    "Table": "time-to-live",
}
"""A kind of claim that deletes something by itself -> the change of tests/safety that makes it delete sooner."""


def _code(fields: Iterator[str]) -> str:
    return ", ".join(f"`{one}`" for one in dict.fromkeys(fields))


def _immutable(kind: str) -> Cell:
    return Finding(IMMUTABLE_FIELD, _code(".".join(map(str, one.claim[1:])) for one in CLAIMS[kind][0].immutable))


def _protected(kind: str) -> Cell:
    return Finding(DATA_UNPROTECTED, _code(".".join(map(str, one.claim[1:])) for one in CLAIMS[kind][1].protections))


def _kept(kind: str) -> Cell:
    found = [
        claim.kind
        for each in KINDS.values()
        if each.aws is not None
        for claim in each.aws.claims
        if claim.retention is not None and claim.retention.kind == kind
    ]
    if not found:
        return Effect("AWS deletes nothing by itself")
    return Finding(RETENTION_SHORTENED, shown_by=SHORTENED[kind])


def _fields(group: str, kind: str) -> str:
    return _code(".".join(one.path[1:]) for one in IMMUTABLE[group, kind])


def _same(cell: Cell) -> Cells:
    return lambda _kind: cell


ROWS: tuple[tuple[str, Cells, tuple[Cell, Cell, Cell, Cell]], ...] = (
    (
        "its document is removed",
        _same(Finding(DATA_REMOVED, shown_by="application-removed")),
        (
            Finding(DATA_REMOVED, shown_by="volume-removed"),
            Finding(DATA_REMOVED, shown_by="stateful-set-renamed"),
            Finding(DATA_REMOVED, shown_by="namespace"),
            Finding(DATA_REMOVED, shown_by="raw-managed-resource-removed"),
        ),
    ),
    (
        "it is renamed, with `moved`",
        _same(
            Finding(
                DATA_REMOVED, "unless its name in AWS stays, and the old claim is Orphan", "table-moved-to-a-new-name"
            )
        ),
        (
            Finding(VOLUME_REPLACED, shown_by="workload-moved"),
            Finding(VOLUME_REPLACED, shown_by="stateful-set-moved"),
            Finding(DATA_REMOVED, "nothing takes the place of a namespace", "namespace"),
            Finding(DATA_REMOVED, "a RawManifest has no `moved`", "raw-managed-resource-removed"),
        ),
    ),
    (
        "a field that cannot change",
        _immutable,
        (
            Finding(IMMUTABLE_FIELD, _fields("", "PersistentVolumeClaim"), "storage-class"),
            Finding(IMMUTABLE_FIELD, _fields("apps", "StatefulSet"), "volume-of-stateful-set-grown"),
            Effect("has none"),
            REFUSED_BY_AWS,
        ),
    ),
    (
        "it becomes smaller",
        _same(NO_SIZE),
        (
            Finding(VOLUME_SHRINKS, shown_by="volume-shrunk"),
            Finding(VOLUME_SHRINKS, shown_by="volume-of-stateful-set-shrunk"),
            NO_SIZE,
            NO_SIZE,
        ),
    ),
    (
        "a field that protects it is weaker",
        _protected,
        (
            Effect("has none besides the options of Argo CD"),
            Finding(
                DATA_UNPROTECTED,
                _code(".".join(map(str, one.claim[1:])) for one in KUBERNETES["apps", "StatefulSet"]),
                "volumes-are-deleted-with-the-stateful-set",
            ),
            Effect("has none besides the options of Argo CD"),
            Finding(DATA_UNPROTECTED, "`managementPolicies`, `deletionPolicy`", "managed-resource-deletes"),
        ),
    ),
    (
        "`Prune`, `Delete`, `Replace`, `Force` or a finalizer",
        _same(Finding(DATA_UNPROTECTED, shown_by="prune-is-not-confirmed")),
        (
            Finding(DATA_UNPROTECTED, shown_by="volume-is-pruned"),
            Finding(DATA_UNPROTECTED, shown_by="stateful-set-is-replaced"),
            Finding(DATA_UNPROTECTED, shown_by="namespace-is-pruned"),
            Finding(DATA_UNPROTECTED, shown_by="managed-resource-is-replaced"),
        ),
    ),
    (
        "it keeps data for less time",
        _kept,
        (
            Effect("keeps everything"),
            Effect("keeps everything"),
            Effect("keeps everything"),
            Effect("an effect of the diff: its fields are not known here"),
        ),
    ),
    (
        "it is found at another path, or in another namespace",
        _same(Effect("the claim of another namespace adopts it")),
        (
            Finding(MOUNT_CHANGED, "or `volume-replaced`", "mount-path"),
            Finding(VOLUME_REPLACED, "or `mount-changed`", "namespace"),
            Effect("a namespace is in no other one"),
            Effect("the object of another namespace adopts it"),
        ),
    ),
    (
        "its Composition or its definition",
        _same(Finding(DATA_UNPROTECTED, "or `data-removed`", "composition-gains-delete")),
        (ALONE, ALONE, ALONE, Effect("no Composition makes it")),
    ),
    (
        "`crossplane.scope`",
        _same(Finding(CLAIM_SCOPE_CHANGED, shown_by="scope")),
        (ALONE, ALONE, ALONE, Effect("an effect of the diff: what Crossplane makes")),
    ),
    (
        "the account, or the provider configuration",
        _same(Finding(AWS_ACCOUNT_CHANGED, shown_by="account")),
        (ALONE, ALONE, ALONE, Finding(AWS_ACCOUNT_CHANGED, shown_by="provider-config-of-a-managed-resource")),
    ),
    (
        "the cluster",
        _same(Finding(CLUSTER_CHANGED, shown_by="cluster")),
        (Finding(CLUSTER_CHANGED, shown_by="cluster"),) * 4,
    ),
    (
        "the environment is removed or renamed",
        _same(Finding(ENVIRONMENT_REMOVED, shown_by="environment-removed")),
        (Finding(ENVIRONMENT_REMOVED, shown_by="environment-renamed"),) * 4,
    ),
    (
        "two own it",
        _same(Finding(AWS_NAME_SHARED, shown_by="objects/aws-name-shared--patch")),
        (
            Finding(OBJECT_SHARED, shown_by="objects/object-shared"),
            Finding(OBJECT_SHARED, shown_by="objects/object-shared"),
            Finding(OBJECT_SHARED, shown_by="objects/object-shared"),
            Finding(AWS_NAME_SHARED, shown_by="objects/aws-name-shared--raw-managed-resource"),
        ),
    ),
)
"""What changes -> the cell of each kind of claim, and those of what is on the cluster."""


def cells() -> Iterator[tuple[str, str, Cell]]:
    """Every cell: row, column, answer."""
    for row, of_claims, others in ROWS:
        yield from ((row, kind, of_claims(kind)) for kind in CLAIMS)
        yield from ((row, column, cell) for column, cell in zip(ON_CLUSTER, others, strict=True))


def data_safety() -> str:
    """The page."""
    rows: dict[str, list[str]] = {}
    for row, _, cell in cells():
        rows.setdefault(row, [row]).append(_shown(cell))
    return page("Data safety", fragment("data-safety"), table(("what changes", *COLUMNS), rows.values()))


def _shown(cell: Cell) -> str:
    if isinstance(cell, Effect):
        return cell.text
    name = f"[{cell.rule.id}](rules/{cell.rule.family}.md#{cell.rule.id})"
    return f"{name}: {cell.about}" if cell.about else name
