"""prediction: what `platformc diff` says before a change is pushed, held against the cluster before and after.

In      the report of a diff as JSON; the objects of the cluster that the report or the output names, before and after.
Out     the differences between what was said and what happened; empty if all of it is true.
Never   knows what a test changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.kubernetes_api import KubernetesAPI
from e2e.platform_copy import platformc
from e2e.rendered import RenderedObject

JSON = Any

REVISION = "deployment.kubernetes.io/revision"
"""Counts how often a Deployment's pods were replaced (kubectl rollout history)."""
ROLLED = ("Deployment", "StatefulSet", "DaemonSet")
FAILS = frozenset({"refused"})


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """An object as a report names it."""

    group: str
    text: str
    """`Deployment discord-bot/stoat-api`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One object on the cluster."""

    uid: str
    rollout: str
    """Changes when its pods are replaced; empty for what has none."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The objects of a platform on the cluster."""

    objects: Mapping[Name, Seen]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a report says, sorted by what it claims."""

    created: frozenset[Name]
    deleted: frozenset[Name]
    kept: frozenset[Name]
    """No longer rendered, and not deleted."""
    restarted: frozenset[Name]
    jobs: frozenset[Name]
    """Jobs that run again."""
    refused: frozenset[Name]
    named: frozenset[Name]
    """Everything that it says something about."""

    @classmethod
    def of(cls, report: JSON) -> Prediction:
        """Read a report."""
        effects = [effect for entry in report["entries"] for effect in entry["effects"]]

        def named(*kinds: str) -> frozenset[Name]:
            return frozenset(Name(one["group"], one["object"]) for one in effects if one["kind"] in kinds)

        refused = frozenset(Name(one["group"], one["object"]) for one in effects if one["verdict"] in FAILS)
        rolled = frozenset(
            Name(one["group"], one["object"])
            for one in effects
            if one["kind"] in {"restart", "downtime"} and one["data"].get("pods") != 0 and _replaces(one)
        )
        return cls(
            created=named("create"),
            deleted=named("delete"),
            kept=named("left-behind"),
            restarted=frozenset(one for one in rolled if one.text.startswith(ROLLED)) - refused,
            jobs=frozenset(
                Name(one["group"], one["object"])
                for one in effects
                if one["kind"] == "run" and one["object"].startswith("Job ")
            ),
            refused=refused,
            named=frozenset(Name(one["group"], one["object"]) for one in effects if one["kind"] != "managed"),
        )

    @classmethod
    def together(cls, said: Sequence[Prediction]) -> Prediction:
        """What several reports say; what one creates and a later one deletes, or the other way round, is neither."""

        def union(of: Callable[[Prediction], frozenset[Name]]) -> frozenset[Name]:
            return frozenset(name for one in said for name in of(one))

        created, deleted = union(lambda one: one.created), union(lambda one: one.deleted)
        return cls(
            created=created - deleted,
            deleted=deleted - created,
            kept=union(lambda one: one.kept),
            restarted=union(lambda one: one.restarted),
            jobs=union(lambda one: one.jobs),
            refused=union(lambda one: one.refused),
            named=union(lambda one: one.named),
        )


def _replaces(effect: JSON) -> bool:
    """Whether pods are replaced: `restarts nothing` is a restart that waits for somebody."""
    return "restarts nothing" not in effect["message"]


def predict(root: Path, base: str) -> Prediction:
    """Ask the command line what the working tree of a clone will do."""
    return Prediction.of(json.loads(platformc(root, "diff", "--base", base, "--format", "json")))


def look(api: KubernetesAPI, objects: list[RenderedObject]) -> Cluster:
    """The cluster as it is: each of these objects that is there."""
    found: dict[Name, Seen] = {}
    for each in objects:
        metadata = each.object["metadata"]
        live = api.get(each.object["apiVersion"], each.kind, metadata["name"], metadata.get("namespace", ""))
        if live is not None and "deletionTimestamp" not in live["metadata"]:
            found[name_of(each.object)] = Seen(live["metadata"]["uid"], _rollout(live))
    return Cluster(found)


def name_of(object_: JSON) -> Name:
    """An object's name in a report."""
    metadata = object_["metadata"]
    place = "/".join(part for part in (metadata.get("namespace", ""), metadata["name"]) if part)
    return Name(object_["apiVersion"].rpartition("/")[0], f"{object_['kind']} {place}")


def _rollout(live: JSON) -> str:
    if live["kind"] == "Deployment":
        return str(live["metadata"].get("annotations", {}).get(REVISION, ""))
    if live["kind"] in ROLLED:
        return str(live.get("status", {}).get("updateRevision", ""))
    return ""


def mistakes(prediction: Prediction, before: Cluster, after: Cluster, objects: list[RenderedObject]) -> list[str]:
    """Everything that was said and did not happen, or happened and was not said; `objects` are of both states."""
    names = {name_of(each.object) for each in objects}
    return sorted(_mistakes(prediction, before.objects, after.objects, names))


def _mistakes(
    prediction: Prediction, before: Mapping[Name, Seen], after: Mapping[Name, Seen], names: set[Name]
) -> Iterator[str]:
    created = {name for name in names if name not in before and name in after}
    deleted = {name for name in names if name in before and name not in after}
    again = {
        name
        for name in names
        if name in before and name in after and before[name].uid != after[name].uid and name.text.startswith("Job ")
    }
    remade = {
        name for name in names if name in before and name in after and before[name].uid != after[name].uid
    } - again
    rolled = {
        name
        for name in names
        if name in before and name in after and before[name].rollout != after[name].rollout and name not in remade
    }
    for what, said, happened in (
        ("created", prediction.created, created),
        ("deleted", prediction.deleted, deleted),
        ("restarted", prediction.restarted, rolled),
        ("run again", prediction.jobs & names, again),
        ("deleted and made again", frozenset(), remade),
    ):
        yield from (f"{name.text}: said to be {what}, and was not" for name in said - happened)
        yield from (f"{name.text}: {what}, and nobody said so" for name in happened - said)
    yield from (f"{name.text}: said to stay, and is gone" for name in prediction.kept if name not in after)
