"""What Argo CD does differently, and what nobody knows of charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from platformc.diff.effects.argocd import argocd_effects
from platformc.diff.effects.charts import chart_effects
from platformc.snapshot import Comparison, EnvironmentSnapshot, Snapshot
from snapshots import CLUSTER, between, of_objects, told

FINALIZER = "resources-finalizer.argocd.argoproj.io"


def application(name: str = "shop", metadata: Any = None, **spec: Any) -> Mapping[str, Any]:
    """An Application that syncs a folder by itself."""
    given = {
        "project": "platform",
        "source": {
            "repoURL": "https://example.com/a.git",
            "path": f"rendered/production/{name}",
            "targetRevision": "main",
        },
        "destination": {"name": "production", "namespace": "shop"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["ServerSideApply=true"]},
        **spec,
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", **(metadata or {"finalizers": [FINALIZER]})},
        "spec": given,
    }


def config(name: str) -> Mapping[str, Any]:
    """Some object."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}}


def state(*objects: Mapping[str, Any], home: str = "shop") -> Snapshot:
    """Applications in their folder, and the rest in that of one of them."""
    made = of_objects(*objects).environments["production"]
    placed = [replace(one, application="argocd" if one.key.kind == "Application" else home) for one in made.objects]
    only = EnvironmentSnapshot("production", tuple(placed), CLUSTER, None, None)
    return Snapshot("state", "", {"production": only}, None, (), {}, {}, {})


def lines(comparison: Comparison) -> list[str]:
    """What is told, without what it is about."""
    found = [*argocd_effects(comparison), *chart_effects(comparison)]
    assert all(one.basis or one.at for one in found)
    return [line.removeprefix("production ") for line in told(found)]


class TestApplications:
    """That come, go, or sync otherwise."""

    def test_one_that_comes_or_goes_is_told_with_the_objects(self) -> None:
        """By `objects`, as it can do nothing here."""
        assert lines(between(state(), state(application(), config("a")))) == []
        assert lines(between(state(application(), config("a")), state())) == []

    @pytest.mark.parametrize(
        ("spec", "message"),
        [
            ({"project": "other"}, "belongs to the project other instead of platform, whose limits apply now"),
            (
                {
                    "source": {
                        "repoURL": "https://example.com/b.git",
                        "path": "rendered/production/shop",
                        "targetRevision": "main",
                    }
                },
                "syncs from https://example.com/b.git instead of https://example.com/a.git",
            ),
            (
                {
                    "source": {
                        "repoURL": "https://example.com/a.git",
                        "path": "rendered/production/shop",
                        "targetRevision": "v2",
                    }
                },
                "syncs v2 instead of main",
            ),
            (
                {"destination": {"name": "other", "namespace": "shop"}},
                "deploys to other instead of production, where everything stays as it is and runs on",
            ),
            (
                {"destination": {"name": "production", "namespace": "x"}},
                "deploys what names no namespace to x instead of shop",
            ),
            (
                {
                    "syncPolicy": {
                        "automated": {"prune": True, "selfHeal": False},
                        "syncOptions": ["ServerSideApply=true"],
                    }
                },
                "no longer undoes what somebody changes on the cluster",
            ),
            (
                {
                    "syncPolicy": {
                        "automated": {"prune": False, "selfHeal": True},
                        "syncOptions": ["ServerSideApply=true"],
                    }
                },
                "no longer deletes what is gone from git",
            ),
            (
                {
                    "syncPolicy": {
                        "automated": {"prune": True, "selfHeal": True},
                        "syncOptions": ["ServerSideApply=true", "Replace=true"],
                    }
                },
                "syncs now with Replace=true",
            ),
            ({"metadata": {"finalizers": []}}, "leaves what it syncs behind if it is deleted from now on"),
            ({"ignoreDifferences": [{"kind": "Job"}]}, "ignores other differences between git and the cluster"),
            (
                {
                    "source": {
                        "repoURL": "https://example.com/a.git",
                        "path": "rendered/production/shop",
                        "targetRevision": "main",
                    },
                    "operation": 1,
                },
                "syncs in another way: operation",
            ),
        ],
    )
    def test_one_syncs_otherwise(self, spec: Any, message: str) -> None:
        """Each field in words of its own; an unknown one by its name."""
        found = lines(between(state(application()), state(application(**spec))))
        assert found[0] == f"routine: Application argocd/shop: {message}"

    def test_without_automation(self) -> None:
        """A commit then changes nothing."""
        found = lines(
            between(state(application()), state(application(syncPolicy={"syncOptions": ["ServerSideApply=true"]})))
        )
        assert "routine: Application argocd/shop: no longer syncs by itself: a commit changes nothing" in found

    def test_no_change_has_no_effect(self) -> None:
        """Nor do links on a page."""
        assert lines(between(state(application()), state(application()))) == []
        assert lines(between(state(application()), state(application(info=[{"name": "a", "value": "b"}])))) == []

    @pytest.mark.parametrize(
        "odd",
        [
            3,
            [],
            {"source": 3},
            {"destination": []},
            {"syncPolicy": {"automated": 3, "syncOptions": 3}},
            {"sources": [3]},
        ],
    )
    def test_nonsense_raises_nothing(self, odd: Any) -> None:
        """Whatever a patch makes of it."""
        lines(between(state(application()), state({**application(), "spec": odd})))


class TestSettings:
    """The files of argocd/."""

    def settings(self, **files: str) -> Snapshot:
        """One environment, and some files."""
        found = {
            name.replace("__", "/").replace("_yaml", ".yaml").replace("_lua", ".lua"): text.encode()
            for name, text in files.items()
        }
        return replace(state(application()), settings=found)

    def test_by_key(self) -> None:
        """With the name of the map, where there are several."""
        old = self.settings(settings__cm_yaml="data: {a: '1', b: '2'}", health__x_lua="a")
        new = self.settings(settings__cm_yaml="data: {a: '2', c: '3'}", health__x_lua="b")
        assert lines(between(old, new)) == [
            (
                "routine: Health check health/x.lua: changes: Argo CD judges the health of its kinds differently, and so what waves"
                " wait for"
            ),
            "routine: Setting settings/cm.yaml: changes a, no longer sets b and sets c of Argo CD's settings",
        ]

    def test_what_cannot_be_read(self) -> None:
        """Is told; a comment is nothing."""
        old = self.settings(settings__cm_yaml="data: {a: '1'}")
        assert lines(between(old, self.settings(settings__cm_yaml="data: {a: ")))[0].endswith(
            "changes in a way that is not compared: it is not valid YAML"
        )
        assert lines(between(old, self.settings(settings__cm_yaml="# x\ndata: {a: '1'}")))[0].endswith(
            "is written differently, and means the same"
        )


def chart(version: str = "1.2.3", name: str = "db", **helm: Any) -> Mapping[str, Any]:
    """An Application of a chart."""
    source = {"repoURL": "https://example.com/charts", "chart": name, "targetRevision": version, "helm": helm}
    return application(source=source)


UNKNOWN = "what that changes on the cluster is not known here"


class TestCharts:
    """Nothing is known, and that is told."""

    @pytest.mark.parametrize(
        ("base", "head", "message"),
        [
            (chart("1.2.3"), chart("1.10.0"), "upgrades the chart db from 1.2.3 to 1.10.0"),
            (chart("1.10.0"), chart("1.9.9"), "DOWNGRADES the chart db from 1.10.0 to 1.9.9"),
            (chart("2.0.0"), chart("2.0.0-rc.1"), "DOWNGRADES the chart db from 2.0.0 to 2.0.0-rc.1"),
            (chart("2.0.0-rc.2"), chart("2.0.0-rc.10"), "upgrades the chart db from 2.0.0-rc.2 to 2.0.0-rc.10"),
            (chart("1.x"), chart("2.x"), "changes the chart db from 1.x to 2.x"),
            (
                chart(valuesObject={"a": {"b": 1}}),
                chart(valuesObject={"a": {"b": 2}, "c": 3}),
                "gives the chart db other values: a.b and c",
            ),
            (chart(values="a: 1"), chart(values="a: 2"), "gives the chart db other values: a"),
            (chart(releaseName="a"), chart(releaseName="b"), "installs the chart db in another way"),
            (
                chart(name="db"),
                chart(name="other"),
                "installs the chart other of https://example.com/charts instead of db of https://example.com/charts",
            ),
        ],
    )
    def test_what_changes(self, base: Any, head: Any, message: str) -> None:
        """And which way a version goes."""
        found = lines(between(state(base), state(head)))
        assert found[0] == f"restart: Application argocd/shop: {message}; {UNKNOWN}"
        assert not any("syncs" in line for line in found), "an Application of a chart is told by its chart alone"

    def test_the_same_values_written_otherwise(self) -> None:
        """As text or as an object."""
        assert lines(between(state(chart(values="a: {b: 1}")), state(chart(valuesObject={"a": {"b": 1}})))) == []
