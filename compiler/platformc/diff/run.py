"""run: both sides read, compiled and compared.

In      two Sides.
Out     the Report.
Never   writes anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc import __version__
from platformc.check import SchemaStore, Tools
from platformc.check.schemas.kubernetes import has_schemas, kubernetes_versions
from platformc.diagnostics import UsageError, suggestion
from platformc.diff.difference import KeysOf, difference
from platformc.diff.report import Report
from platformc.diff.sides import Side, has_spec, snapshot_of
from platformc.pipeline import Progress
from platformc.request import Request
from platformc.snapshot import ListKeys, Snapshot, list_keys


def report_of(
    base: Side, head: Side, *, request: Request, tools: Tools, progress: Progress, environments: Sequence[str] = ()
) -> Report:
    """Report what changes from the base to the head, in the chosen environments or in all.

    Raises UsageError for an environment that neither side has.
    """
    snapshots: dict[str, Snapshot] = {}
    # What is only known by its files takes the names of clusters from the other side.
    for name, side in sorted((("head", head), ("base", base)), key=lambda pair: not has_spec(pair[1])):
        snapshots[name] = snapshot_of(side, request, tools, progress, next(iter(snapshots.values()), None))
    known = {*snapshots["base"].environments, *snapshots["head"].environments}
    for wanted in environments:
        if wanted not in known:
            raise UsageError(f"neither side has an environment {wanted}", suggestion(wanted, known))
    progress("comparing")
    return difference(
        snapshots["base"].only(environments), snapshots["head"].only(environments), keys_of(tools), __version__
    )


def keys_of(tools: Tools) -> KeysOf:
    """Find the keys of lists in the schemas of this machine."""

    def found(base: Snapshot, head: Snapshot) -> ListKeys:
        apis = [side.sources.claim_api for side in (base, head) if side.sources is not None]
        definitions = [one for api in apis for one in (*api.objects, *api.legacy_objects)]
        store = SchemaStore(tools.cache / "schemas")
        return list_keys(tools.cache, store, _kubernetes_version(base, head), definitions)

    return found


def _kubernetes_version(base: Snapshot, head: Snapshot) -> str:
    """The newest Kubernetes of all clusters, whose schemas know most; of all, if no side says one that is known."""
    programs = [one.program for side in (base, head) for one in side.environments.values()]
    named = {program.platform.settings.kubernetes.version for program in programs if program is not None}
    return max(filter(has_schemas, named), key=_minor, default=kubernetes_versions()[-1])


def _minor(version: str) -> int:
    return int(version.split(".")[1])
