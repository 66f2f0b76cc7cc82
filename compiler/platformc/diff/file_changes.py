"""file_changes: files beside the documents that differ between two sides: Argo CD's settings, sealing certificates.

In      the Snapshots of both sides.
Out     SpecChanges of whole files, so that an effect of one has its cause.
Never   says anything of what is in a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.check.sealing_certificate import LARGEST
from platformc.diagnostics import Span
from platformc.diff.report import CauseKind
from platformc.diff.spec_changes import SpecChange
from platformc.language.nodes import Scalar
from platformc.request import ARGOCD
from platformc.snapshot import Snapshot


def file_changes(base: Snapshot, head: Snapshot) -> tuple[SpecChange, ...]:
    """Every file that differs, sorted by path."""
    return tuple(sorted(_changes(base, head), key=lambda change: change.document))


def settings_file(path: str) -> str:
    """The path in the repository of a file of Argo CD's settings, which a Snapshot has by its path below their folder."""
    return f"{ARGOCD}/{path}"


def _changes(base: Snapshot, head: Snapshot) -> Iterator[SpecChange]:
    for path in {*base.settings, *head.settings}:
        if base.settings.get(path) != head.settings.get(path):
            yield _change(CauseKind.ARGOCD, settings_file(path), path in base.settings, path in head.settings)
    before, after = dict(_certificates(base)), dict(_certificates(head))
    for path in {*before, *after}:
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            yield _change(CauseKind.SPEC, path, isinstance(old, bytes), isinstance(new, bytes))


def _certificates(side: Snapshot) -> Iterator[tuple[str, bytes | str]]:
    """The certificates that environments name, and their beginnings; or why they have none, as a text."""
    for environment in side.environments.values():
        if environment.program is None or side.sources is None:
            continue
        place = environment.program.platform.target.sealing.certificate
        if place is not None:
            yield f"{side.sources.specs}/{place}", side.sources.folder.beginning(str(place), LARGEST)


def _change(kind: CauseKind, path: str, was: bool, now: bool) -> SpecChange:  # noqa: FBT001 - a pair of states
    """The change of a whole file, which has no value that could be shown."""
    node, at = Scalar(None, Span(path)), Span(path)
    if not was and not now:  # one that could be read on neither side
        was = now = True
    return SpecChange(
        kind, path, (), node if was else None, node if now else None, at if was else None, at if now else None
    )
