"""Which pods restart, why, and whether something answers meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.effects.restarts import restart_effects
from platformc.lower.checksums import CONFIG, FILES, RESTART, SECRETS
from synced_objects import CONTAINER, between, changed, instance, service, snapshot, template, told, workload

JSON = Any

NEW = {**CONTAINER, "image": "example.com/web:2"}
WITHOUT_PROBE = {key: value for key, value in CONTAINER.items() if key != "readinessProbe"}
HPA = instance(
    "HorizontalPodAutoscaler",
    "web",
    {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    version="autoscaling/v2",
)


def rolled(kind: str = "Deployment", *beside: JSON, old: JSON = CONTAINER, new: JSON = NEW, **spec: JSON) -> list[str]:
    """What is told of another image."""
    before, after = workload(kind, old, **spec), workload(kind, new, **spec)
    return told(changed(restart_effects, before, after, *beside))


def because(before: JSON, after: JSON, *beside: JSON) -> list[str]:
    """The reasons for a restart, as programs get them."""
    (effect,) = changed(restart_effects, before, after, *beside)
    assert effect.data is not None
    return list(effect.data["because"])


def numbers(surge: int | str, unavailable: int | str) -> JSON:
    """A rolling update."""
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}


class TestDeployments:
    """A Deployment replaces pods as its strategy says, with the numbers that Kubernetes makes of percentages."""

    @pytest.mark.parametrize(
        ("spec", "want"),
        [
            ({}, "restart restart: {}: restarts its only pod, which stops when the new one is ready"),
            ({"replicas": 2}, "restart restart: {}: restarts its 2 pods, one by one"),
            ({"replicas": 4}, "restart restart: {}: restarts its 4 pods, a few at a time"),
            (
                {"strategy": {"type": "Recreate"}},
                "downtime downtime: {}: restarts its only pod, which stops before the new one starts",
            ),
            (
                {"strategy": {"type": "Recreate"}, "replicas": 2},
                "downtime downtime: {}: restarts its 2 pods, which all stop before the new ones start",
            ),
            (
                {"strategy": numbers(0, 1)},
                "downtime downtime: {}: restarts its only pod, which stops before the new one is ready",
            ),
            (  # both round down to nothing, so one pod may be missing
                {"strategy": numbers(0, "25%")},
                "downtime downtime: {}: restarts its only pod, which stops before the new one is ready",
            ),
            ({"strategy": numbers(0, 1), "replicas": 2}, "restart restart: {}: restarts its 2 pods, one by one"),
            (
                {"strategy": numbers(1, "100%"), "replicas": 3},
                "downtime downtime: {}: restarts its 3 pods, which may all stop before the new ones are ready",
            ),
        ],
    )
    def test_as_its_strategy_says(self, spec: JSON, want: str) -> None:
        """One by one, at once, or with a gap."""
        assert rolled(**spec) == [f"{want.format('Deployment app/web')}, because the image changes"]

    def test_nothing_runs(self) -> None:
        """No pod, no restart."""
        assert rolled(replicas=0) == []

    def test_paused(self) -> None:
        """It waits until somebody resumes it."""
        assert rolled(paused=True) == [
            "routine restart: Deployment app/web: restarts nothing while it is paused, although the image changes"
        ]

    def test_scaled_by_an_autoscaler(self) -> None:
        """Nobody knows here how many there are."""
        assert rolled("Deployment", HPA) == [
            "restart restart: Deployment app/web: restarts its pods, a few at a time, because the image changes"
        ]

    def test_without_a_readiness_probe(self) -> None:
        """A rollout does not wait; that matters where a Service sends requests to it."""
        container = {**WITHOUT_PROBE, "image": "example.com/web:2"}
        assert rolled(old=WITHOUT_PROBE, new=container)[0].startswith("restart restart:")
        assert rolled("Deployment", service(), old=WITHOUT_PROBE, new=container) == [
            (
                "downtime downtime: Deployment app/web: restarts its only pod, which stops when the new one is ready, "
                "because the image changes"
            ),
            "  there is no readiness probe: new pods get requests, and old ones stop, before the new ones answer",
        ]
        assert rolled("Deployment", service())[0].startswith("restart restart:")
        started = {**WITHOUT_PROBE, "startupProbe": {"tcpSocket": {"port": 80}}}
        assert rolled("Deployment", service(), old=started, new={**started, "image": "a"})[0].startswith("restart")


class TestOtherControllers:
    """Each has its own way."""

    @pytest.mark.parametrize(
        ("kind", "spec", "want"),
        [
            (
                "StatefulSet",
                {},
                (
                    "downtime downtime: {}: restarts its only pod, which stops before the new one starts, because the image "
                    "changes"
                ),
            ),
            (
                "StatefulSet",
                {"replicas": 3},
                (
                    "restart restart: {}: restarts its 3 pods, one by one, from the last to the first, because the image "
                    "changes"
                ),
            ),
            (
                "StatefulSet",
                {"updateStrategy": {"type": "OnDelete"}},
                (
                    "routine restart: {}: restarts nothing until somebody deletes its pods (OnDelete), although the image "
                    "changes"
                ),
            ),
            (
                "StatefulSet",
                {"replicas": 2, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
                (
                    "routine restart: {}: restarts nothing, `partition` keeps all pods as they are, although the image "
                    "changes"
                ),
            ),
            (
                "DaemonSet",
                {},
                (
                    "restart restart: {}: restarts its pods, node by node, each of which is without one in between, because "
                    "the image changes"
                ),
            ),
            (
                "ReplicaSet",
                {},
                (
                    "routine restart: {}: restarts nothing, only pods that are made later are new, although the image "
                    "changes"
                ),
            ),
        ],
    )
    def test_workloads(self, kind: str, spec: JSON, want: str) -> None:
        """What runs all the time."""
        assert rolled(kind, **spec) == [want.format(f"{kind} app/web")]

    def test_a_cron_job_is_another_one_next_time(self) -> None:
        """Runs that have begun go on."""
        before, after = (
            instance("CronJob", "web", {"jobTemplate": {"spec": {"template": template(each)}}}, version="batch/v1")
            for each in (CONTAINER, NEW)
        )
        assert told(changed(restart_effects, before, after)) == [
            "routine restart: CronJob app/web: restarts nothing, its next run is another one: the image changes"
        ]

    def test_a_pod_restarts_its_containers(self) -> None:
        """Its image is all that can change and stops something."""
        before, after = (instance("Pod", "web", {"containers": [each]}) for each in (CONTAINER, NEW))
        assert told(changed(restart_effects, before, after)) == [
            (
                "downtime downtime: Pod app/web: its containers stop and start again in the same pod, because the image "
                "changes"
            )
        ]


class TestReasons:
    """The edge through which the change arrives."""

    def with_notes(self, **notes: str) -> JSON:
        """Pods with these annotations that read a Config and a Secret."""
        volumes = [{"name": "c", "configMap": {"name": "settings"}}, {"name": "s", "secret": {"secretName": "keys"}}]
        made = template(CONTAINER, volumes=volumes)
        made["metadata"]["annotations"] = {CONFIG: "1", SECRETS: "keys.A=1,keys.B=1", FILES: "1", RESTART: "1", **notes}
        return workload(template=made)

    def test_a_config_by_its_name(self) -> None:
        """Also where only its bytes differ."""
        before = snapshot({"app": [self.with_notes(), {**instance("ConfigMap", "settings"), "data": {"a": "1"}}]})
        after = snapshot(
            {"app": [self.with_notes(**{CONFIG: "2"}), {**instance("ConfigMap", "settings"), "data": {"a": "1 "}}]}
        )
        assert told(restart_effects(between(before, after))) == [
            (
                "restart restart: Deployment app/web: restarts its only pod, which stops when the new one is ready, because "
                "the Config settings changes"
            )
        ]

    def test_a_secret_by_the_key_that_was_rotated(self) -> None:
        """Not by the others."""
        after = self.with_notes(**{SECRETS: "keys.A=1,keys.B=2"})
        assert because(self.with_notes(), after) == ["the key keys.B"]
        assert because(self.with_notes(), self.with_notes(**{SECRETS: "keys.A=2,keys.B=2"})) == [
            "the keys keys.A, keys.B"
        ]
        assert because(self.with_notes(), self.with_notes(**{SECRETS: "keys.A=1"})) == ["which key it reads: keys.B"]

    def test_without_the_documents_in_words(self) -> None:
        """Files of Secrets and other workloads, if nothing says which."""
        assert because(self.with_notes(), self.with_notes(**{FILES: "2"})) == ["the files of the Secret that it reads"]
        assert because(self.with_notes(), self.with_notes(**{RESTART: "2"})) == ["the workload that it restarts with"]

    def test_a_few_by_name_the_image_first(self) -> None:
        """And of the rest their number."""
        env = [{"name": name, "value": "1"} for name in "ABCDE"]
        other = [{"name": name, "value": "2"} for name in "ABCDE"]
        after = {**NEW, "env": other, "args": ["x"], "resources": {"limits": {"cpu": 1}}}
        (line,) = told(
            changed(restart_effects, workload(container={**CONTAINER, "env": env}), workload(container=after))
        )
        assert line.endswith("because the image, 5 environment variables and 2 more values change")

    def test_a_container_by_its_name_where_there_are_several(self) -> None:
        """So that nobody looks at the wrong one."""
        before, after = (
            workload(template={"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [CONTAINER, each]}})
            for each in ({"name": "side", "image": "a"}, {"name": "side", "image": "b"})
        )
        assert because(before, after) == ["the image of the container side"]

    def test_the_order_of_a_list(self) -> None:
        """It is a change for Kubernetes, whatever is in it."""
        env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
        before, after = (workload(container={**CONTAINER, "env": each}) for each in (env, env[::-1]))
        assert len(changed(restart_effects, before, after)) == 1

    @given(st.permutations("ABC"))
    def test_any_other_order_restarts_and_the_same_does_not(self, order: list[str]) -> None:
        """Of items that are the same."""
        before, after = (
            workload(container={**CONTAINER, "env": [{"name": name, "value": "1"} for name in each]})
            for each in ("ABC", order)
        )
        assert bool(changed(restart_effects, before, after)) == (list("ABC") != order)


class TestNumbers:
    """Another number of pods restarts none."""

    @pytest.mark.parametrize(
        ("before", "after", "want"),
        [
            (1, 3, "routine update: Deployment app/web: 1 -> 3 pods"),
            (2, 0, "downtime downtime: Deployment app/web: 2 -> 0 pods: nothing runs any more"),
        ],
    )
    def test_replicas(self, before: int, after: int, want: str) -> None:
        """More, fewer, none."""
        assert told(changed(restart_effects, workload(replicas=before), workload(replicas=after))) == [want]

    def test_the_default_is_one(self) -> None:
        """So nothing changes where it is written out."""
        assert changed(restart_effects, workload(), workload(replicas=1)) == []


class TestNoRestart:
    """What is no restart is none."""

    def test_no_change(self) -> None:
        """Nothing at all."""
        assert changed(restart_effects, workload(), workload()) == []

    def test_outside_of_the_template(self) -> None:
        """The strategy alone, with numbers that were the API server's own."""
        after = workload(strategy=numbers("25%", "25%"))
        assert changed(restart_effects, workload(strategy={"type": "RollingUpdate"}), after) == []

    def test_a_refused_change(self) -> None:
        """It never arrives."""
        after = workload(container=NEW, selector={"matchLabels": {"app": "other"}})
        assert changed(restart_effects, workload(), after) == []


class TestHooks:
    """Jobs that Argo CD runs with each sync."""

    JOB = instance("Job", "migrate", {"template": template()}, version="batch/v1", hook="Sync", wave="1")
    NEW_JOB = instance("Job", "migrate", {"template": template(NEW)}, version="batch/v1", hook="Sync", wave="1")

    def test_runs_with_any_change_of_its_application(self) -> None:
        """Also with one of something else."""
        config = instance("ConfigMap", "settings")
        effects = changed(restart_effects, config, {**config, "data": {"a": "1"}}, self.JOB)
        assert told(effects) == [
            "routine run: Job app/migrate: runs again, as with each sync of its Application",
        ]
        assert {each.key.kind for effect in effects for each in effect.basis} == {"ConfigMap"}

    def test_does_not_start_a_sync_itself(self) -> None:
        """Argo CD does not compare it; this compiler's have an account with a checksum, which it compares."""
        assert changed(restart_effects, self.JOB, self.NEW_JOB) == []
        account = instance("ServiceAccount", "migrate")
        before = snapshot({"app": [self.JOB, account]})
        after = snapshot({"app": [self.NEW_JOB, {**account, "automountServiceAccountToken": False}]})
        assert told(restart_effects(between(before, after))) == ["routine run: Job app/migrate: runs again, changed"]

    def test_not_after_something_that_is_refused(self) -> None:
        """The sync ends there."""
        after = workload(selector={"matchLabels": {"app": "other"}})
        assert changed(restart_effects, workload(), after, self.JOB) == []


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=2) | st.just("25%"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "env", "image", "containers", "ports", "strategy", "type", "volumes", "metadata"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@given(st.sampled_from(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]), SHAPES, SHAPES)
def test_any_shape_is_judged(kind: str, before: JSON, after: JSON) -> None:
    """Raw manifests and patches hold anything; nothing raises, and the same changes nothing."""
    old, new = (
        {**workload(kind), "spec": {"template": {"metadata": each, "spec": each}, "replicas": each, "strategy": each}}
        for each in (before, after)
    )
    for effect in changed(restart_effects, old, new, service(ports=after)):
        assert effect.kind in {EffectKind.RESTART, EffectKind.DOWNTIME, EffectKind.UPDATE}
        assert effect.verdict >= Verdict.DOWNTIME
    assert changed(restart_effects, old, old) == []
