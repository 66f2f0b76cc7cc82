"""addons: charts that are no longer installed, installed a second time, or older than before.

In      what is known of two states: the Applications of charts.
Out     transitions: addon-removed, addon-downgraded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from platformc.check.policies.object_fields import below, text
from platformc.rules import Rule
from platformc.rules.data import ADDON_DOWNGRADED, ADDON_REMOVED
from platformc.safety.known import Known, Object, document_of
from platformc.safety.transition import Loss, Transition
from platformc.snapshot import SnapshotObject

SOURCE = ("spec", "source")
RELEASE = (
    ("release name", (*SOURCE, "helm", "releaseName")),
    ("namespace", ("spec", "destination", "namespace")),
)
"""What identifies a release for Helm, with its place in an Application."""
NUMBER = re.compile(r"\d+")


def judge(known: Known, renamed: frozenset[str]) -> Iterator[Transition]:
    """Yield what happens to charts, but not in environments whose Applications are all called otherwise."""
    for old in known.deleted:
        if _chart(old.object) and old.environment not in renamed:
            yield _removed(known, old)
    for pair in known.pairs:
        if not _chart(pair.before.object):
            continue
        former, new = pair.before.object, pair.after.object
        for words, path in RELEASE:
            before, after = text(below(dict(former), *path)), text(below(dict(new), *path))
            if before != after:
                message = f"the release of {_name(pair.after)} gets the {words} {after} instead of {before}: "
                message += "it is installed a second time, beside the old one"
                yield _transition(pair.after, ADDON_REMOVED, message, "keep it, or delete the old release first", path)
        versions = [text(below(dict(one), *SOURCE, "targetRevision")) for one in (former, new)]
        if _chart(former) == _chart(new) and is_older(versions[1], versions[0]):
            message = f"the chart of {_name(pair.after)} goes back from {versions[0]} to {versions[1]}"
            hint = "read the chart's notes: few operators and definitions can go back"
            yield _transition(pair.after, ADDON_DOWNGRADED, message, hint, (*SOURCE, "targetRevision"))


def _removed(known: Known, old: SnapshotObject) -> Transition:
    chart = old.environment, _chart(old.object)
    heir = next((one for one in known.created if (one.environment, _chart(one.object)) == chart), None)
    message = f"the Addon {_name(old)} is gone: its chart stays on the cluster, and nobody updates it"
    if heir is not None:
        message = f"the Addon {_name(old)} is now called {_name(heir)}: two Applications own the same chart"
    return Transition(
        ADDON_REMOVED,
        Loss.UNPROTECTED,
        old.environment,
        old.key,
        message,
        "delete the objects of its kinds and the chart's own by hand, or keep the Addon",
        (),
        None,
        in_base=known.base_place(old),
        document=document_of(heir.owner) if heir is not None else None,
    )


def _name(one: SnapshotObject) -> str:
    """What people call an Addon, in every environment."""
    document = document_of(one.owner)
    return document.name if document is not None else one.key.name


def _transition(new: SnapshotObject, rule: Rule, message: str, hint: str, path: tuple[str, ...]) -> Transition:
    return Transition(rule, Loss.UNPROTECTED, new.environment, new.key, message, hint, path, path)


def _chart(object_: Object) -> tuple[str, str] | None:
    """Repository and name of the chart that an Application installs; None if it installs none."""
    if object_.get("kind") != "Application":
        return None
    source: Mapping[str, object] = below(dict(object_), *SOURCE) or {}
    chart = text(below(source, "chart"))
    return (text(below(source, "repoURL")), chart) if chart else None


def is_older(version: str, other: str) -> bool:
    """Whether a version is older than another one: by its numbers, then a pre-release before its release.

    >>> is_older("2.17.4", "2.18.0"), is_older("1.10.0", "1.9.0"), is_older("1.0.0-rc.1", "1.0.0"), is_older("*", "1")
    (True, False, True, False)
    """
    one, two = _version(version), _version(other)
    return bool(one) and bool(two) and one < two


def _version(text_: str) -> tuple[object, ...]:
    """A version that compares; empty for a range."""
    release, _, pre = text_.lstrip("v").partition("+")[0].partition("-")
    if not re.fullmatch(r"\d+(\.\d+)*", release):
        return ()
    numbers = tuple(map(int, NUMBER.findall(release)))
    return (numbers, not pre, tuple(map(int, NUMBER.findall(pre))))
