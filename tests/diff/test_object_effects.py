"""What becomes of objects: made, changed, deleted, kept, taken over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.diff.effects.objects import object_effects
from platformc.snapshot import EnvironmentSnapshot, Snapshot
from synced_objects import (
    CLUSTER,
    HOOK,
    OPTIONS,
    application,
    between,
    changed,
    instance,
    service,
    snapshot,
    told,
    workload,
)

JSON = Any

CONFIG = instance("ConfigMap", "settings")
OTHER = instance("ConfigMap", "other")


def effects(before: Snapshot, after: Snapshot) -> list[str]:
    """What is told of what is not Argo CD's own."""
    found = object_effects(between(before, after))
    return told(effect for effect in found if effect.key.kind != "Application")


def removed(thing: JSON, *applications: JSON) -> str:
    """What becomes of one object that its folder no longer has."""
    (line,) = effects(snapshot({"app": [thing, OTHER]}, *applications), snapshot({"app": [OTHER]}, *applications))
    return line


class TestCreated:
    """What is new."""

    @pytest.mark.parametrize(
        ("thing", "want"),
        [
            (CONFIG, "is created"),
            (workload(replicas=2), "is created with 2 pods"),
            (workload(), "is created with 1 pod"),
            (workload(replicas=0), "is created with 0 pods"),
            (
                instance("Job", "migrate", {}, version="batch/v1", hook="Sync"),
                "is created, and runs with each sync of its Application",
            ),
        ],
    )
    def test_objects(self, thing: JSON, want: str) -> None:
        """Of any kind."""
        (line,) = effects(snapshot({"app": [OTHER]}), snapshot({"app": [OTHER, thing]}))
        assert line.endswith(f": {want}")

    def test_a_new_environment_waits_for_a_person(self) -> None:
        """Nothing syncs it until its root is there."""
        before, after = snapshot({}, environment="staging"), snapshot({"app": [CONFIG]})
        lines = told(object_effects(between(before, after)))
        assert "routine create: ConfigMap app/settings: is created when somebody bootstraps the environment" in lines


class TestUpdated:
    """What changes in place, or is made again."""

    def test_names_a_few_values(self) -> None:
        """And of more only their number."""
        before = {**CONFIG, "data": dict.fromkeys("abcd", "1")}
        assert told(changed(object_effects, before, {**before, "data": {**before["data"], "a": "2"}})) == [
            "routine update: ConfigMap app/settings: changes in place: data.a"
        ]
        assert told(changed(object_effects, before, {**before, "data": dict.fromkeys("abcd", "2")})) == [
            "routine update: ConfigMap app/settings: changes in place: 4 values"
        ]

    def test_no_change_no_effect(self) -> None:
        """Nothing at all."""
        assert changed(object_effects, CONFIG, CONFIG) == []

    def test_what_is_refused_changes_nothing(self) -> None:
        """It is told by another judge."""
        after = workload(selector={"matchLabels": {"app": "other"}})
        assert changed(object_effects, workload(), after) == []

    def test_replaced(self) -> None:
        """With Force it is deleted first; without, only what others set is lost."""
        before, after = ({**workload(minReadySeconds=each)} for each in (1, 2))
        for one in (before, after):
            one["metadata"] = {**one["metadata"], "annotations": {OPTIONS: "Replace=true,Force=true"}}
        assert told(changed(object_effects, before, after)) == [
            (
                "downtime replace: Deployment app/web: is deleted and made again (Replace=true, Force=true); its pods stop "
                "first"
            )
        ]
        for one in (before, after):
            one["metadata"] = {**one["metadata"], "annotations": {OPTIONS: "Replace=true"}}
        assert told(changed(object_effects, before, after)) == [
            "routine replace: Deployment app/web: is replaced as a whole (Replace=true): what others set in it is lost"
        ]

    def test_an_option_of_the_application_counts(self) -> None:
        """For all of its objects."""
        forced = application("app", sync_options=["Replace=true", "Force=true"])
        before, after = (snapshot({"app": [{**CONFIG, "data": {"a": each}}]}, forced) for each in ("1", "2"))
        assert effects(before, after) == [
            "routine replace: ConfigMap app/settings: is deleted and made again (Replace=true, Force=true)"
        ]


class TestRemoved:
    """What the folder of an Application that stays no longer has."""

    @pytest.mark.parametrize(
        ("options", "want"),
        [
            ("", "routine delete: ConfigMap app/settings: is deleted"),
            (
                "Prune=confirm",
                "routine delete: ConfigMap app/settings: is deleted once somebody confirms it (Prune=confirm)",
            ),
            (
                "Delete=confirm, Prune=false",
                (
                    "routine left-behind: ConfigMap app/settings: stays until somebody deletes it (Prune=false); its "
                    "Application is OutOfSync as long as it is there"
                ),
            ),
        ],
    )
    def test_by_its_options(self, options: str, want: str) -> None:
        """As the object on the cluster has them."""
        assert removed(instance("ConfigMap", "settings", options=options)) == want

    def test_by_an_application_that_does_not_prune(self) -> None:
        """Then it stays."""
        assert removed(CONFIG, application("app", prune=False)) == (
            "routine left-behind: ConfigMap app/settings: stays: its Application does not prune"
        )

    def test_a_hook(self) -> None:
        """Argo CD never prunes one."""
        job = instance("Job", "migrate", {}, version="batch/v1", hook="Sync")
        assert removed(job).endswith("no longer runs; its last run stays until somebody deletes it")
        job["metadata"]["annotations"][f"{HOOK}-delete-policy"] = "HookSucceeded"
        assert removed(job) == "routine delete: Job app/migrate: no longer runs"

    @pytest.mark.parametrize("kind", ["LoadBalancer", "NodePort"])
    def test_what_is_reached_from_outside(self, kind: str) -> None:
        """Nobody knows who needs it."""
        before, after = snapshot({"app": [service(type=kind), OTHER]}), snapshot({"app": [OTHER]})
        assert effects(before, after) == [
            "downtime delete: Service app/web: is deleted",
            "  whoever reaches it from outside of the cluster no longer does",
        ]

    def test_an_application(self) -> None:
        """With a finalizer it takes its objects with it, without they stay."""
        for finalizer, also in ((True, ", and with it what it syncs,"), (False, ", without what it syncs,")):
            gone = application("app", finalizer=finalizer)
            lines = told(object_effects(between(snapshot({"app": [CONFIG]}, gone), snapshot({}))))
            message = f"routine delete: Application app/app: is deleted{also} once somebody confirms it (Prune=confirm)"
            assert lines[lines.index(message) + 1] == "  it syncs 1 ConfigMap"

    def test_an_application_whose_objects_another_one_has(self) -> None:
        """They are not said to be lost."""
        before, after = snapshot({"old": [CONFIG, OTHER]}), snapshot({"new": [CONFIG]})
        lines = told(object_effects(between(before, after)))
        assert "  1 of its 2 objects has moved to new" in lines


class TestApplicationThatGoes:
    """What becomes of the objects of an Application that is removed."""

    def gone(self, *things: JSON, finalizer: bool = True) -> list[str]:
        """All of them."""
        return effects(snapshot({"app": things}, application("app", finalizer=finalizer)), snapshot({}))

    def test_with_its_finalizer(self) -> None:
        """They go with it."""
        assert self.gone(CONFIG) == [
            "routine delete: ConfigMap app/settings: is deleted with its Application once somebody confirms that"
        ]

    def test_without(self) -> None:
        """They stay."""
        assert self.gone(CONFIG, finalizer=False) == [
            (
                "routine left-behind: ConfigMap app/settings: stays: its Application goes without the finalizer that would "
                "delete it"
            )
        ]

    def test_one_that_asks_holds_all(self) -> None:
        """Argo CD deletes nothing of it before (finalizeApplicationDeletion)."""
        volume = instance("PersistentVolumeClaim", "data", {}, options="Prune=false,Delete=confirm")
        lines = self.gone(CONFIG, volume)
        assert len(lines) == 2
        assert all(line.endswith("once somebody confirms that and the deletion of what it holds") for line in lines)

    def test_what_is_kept(self) -> None:
        """Delete=false, Helm's policy, and definitions, whose objects would go with them."""
        kept = instance("ConfigMap", "settings", options="Delete=false")
        definition = instance("CustomResourceDefinition", "x", {}, version="apiextensions.k8s.io/v1")
        assert all("left-behind" in line for line in self.gone(kept, definition))


class TestElsewhere:
    """Clusters and environments that are no longer targeted."""

    def test_another_cluster(self) -> None:
        """Argo CD forgets the old one."""
        lines = effects(snapshot({"app": [CONFIG]}), snapshot({"app": [CONFIG]}, cluster="the cluster two"))
        assert lines == [
            f"routine left-behind: ConfigMap app/settings: stays on {CLUSTER}, where nobody deletes it any more",
            "routine create: ConfigMap app/settings: is created",
        ]

    def test_an_environment_that_is_gone(self) -> None:
        """Its root has no folder any more, so it does nothing."""
        lines = told(object_effects(between(snapshot({"app": [CONFIG]}), snapshot({}, environment="staging"))))
        (line,) = [each for each in lines if "ConfigMap app/" in each]
        assert line == (
            "routine left-behind: ConfigMap app/settings: stays on its cluster: nothing of the environment is rendered, "
            "so nobody deletes it"
        )

    def test_an_environment_that_does_not_compile(self) -> None:
        """Nothing is known of it, so nothing is said to go."""
        unknown = EnvironmentSnapshot("production", (), "", None, None, unknown="does not compile")
        after = Snapshot("", "", {"production": unknown}, None, (), {}, {}, compiled_files={})
        assert told(object_effects(between(snapshot({"app": [CONFIG]}), after))) == []


class TestMoved:
    """The same object below another Application."""

    SERVICE = instance("Service", "settings", {})

    def both(self, thing: JSON, **old: JSON) -> str:
        """Both Applications were there and stay."""
        known = application("app", **old) if old else application("app")
        before = snapshot({"app": [thing, OTHER], "new": [instance("ConfigMap", "more")]}, known)
        after = snapshot({"app": [OTHER], "new": [thing, instance("ConfigMap", "more")]}, known)
        (line,) = [each for each in effects(before, after) if not each.startswith("  ")]
        return line

    def test_two_that_sync_at_the_same_time(self) -> None:
        """The old one may prune it before the new one takes it over."""
        assert self.both(self.SERVICE) == (
            "downtime move: Service app/settings: moves from the Application app to the Application new: whichever "
            "syncs first decides whether it is taken over as it is, or deleted and made again"
        )

    def test_what_nobody_asks_anything(self) -> None:
        """Pods that run do not need their ConfigMap a second time."""
        assert self.both(CONFIG).startswith("routine move: ConfigMap app/settings: moves from the Application app")

    @pytest.mark.parametrize(
        ("options", "want"),
        [
            ("Prune=false", "it is taken over as it is, and the old one never prunes it"),
            ("Prune=confirm", "it is taken over as it is, as long as nobody confirms its deletion in the old one"),
        ],
    )
    def test_what_is_not_pruned_at_once(self, options: str, want: str) -> None:
        """It is safe."""
        line = self.both(instance("ConfigMap", "settings", options=options))
        assert line.startswith("routine move:")
        assert line.endswith(want)

    def test_an_old_one_that_does_not_prune(self) -> None:
        """It is safe as well."""
        assert self.both(CONFIG, prune=False).endswith("and the old one never prunes it")

    @pytest.mark.parametrize(
        ("wave", "options", "verdict", "want"),
        [
            ("9", "", "routine", "it is taken over as it is, before the old one goes"),
            (
                "10",
                "",
                "downtime",
                (
                    "when somebody confirms that the old one goes, the new one is made at the same time, so that this may "
                    "be deleted and made again"
                ),
            ),
            (
                "10",
                "Delete=confirm",
                "routine",
                (
                    "when somebody confirms that the old one goes, it is taken over as it is, as long as nobody confirms the "
                    "deletion of what the old one holds"
                ),
            ),
            (
                "11",
                "",
                "downtime",
                "when somebody confirms that the old one goes, this is deleted with it before the new one makes it again",
            ),
            (
                "11",
                "Delete=confirm",
                "downtime",
                (
                    "when somebody confirms that the old one goes, this is deleted with it, after a second confirmation for "
                    "what it holds, before the new one makes it again"
                ),
            ),
        ],
    )
    def test_to_an_application_in_place_of_the_old_one(self, wave: str, options: str, verdict: str, want: str) -> None:
        """The root makes one and prunes the other, in the order of their waves."""
        thing = instance("Service", "settings", {}, options=options)
        before = snapshot({"old": [thing]}, application("old"))
        after = snapshot({"new": [thing]}, application("new", wave=wave))
        lines = effects(before, after)
        assert lines[0].startswith(f"{verdict} move: Service app/settings: moves from the Application old to")
        assert lines[0].endswith(f": {want}")
        advice = "  `syncWave: 9` on the new Application, for this change, lets it take all over first"
        assert lines[1:] == ([] if wave == "9" else [advice])

    def test_to_one_that_is_there_already(self) -> None:
        """It syncs by itself."""
        before = snapshot({"old": [CONFIG], "new": [OTHER]})
        (line,) = effects(before, snapshot({"new": [CONFIG, OTHER]}))
        assert line.endswith("as long as the new one syncs before somebody confirms that the old one goes")

    def test_waves_of_what_is_pruned_are_swapped(self) -> None:
        """What came last goes first: the old one of wave 10 in wave -5, before the new one is made."""
        claims = instance("ConfigMap", "claims")
        before = snapshot({"old": [CONFIG], "old-aws": [claims]}, application("old-aws", wave="-5"))
        after = snapshot({"new": [CONFIG], "new-aws": [claims]}, application("new-aws", wave="-5"))
        lines = [line for line in effects(before, after) if not line.startswith("  ")]
        assert [line.rpartition(": ")[2] for line in lines] == [
            "it is taken over as it is, before the old one goes",
            "when somebody confirms that the old one goes, this is deleted with it before the new one makes it again",
        ]


SHAPES = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2)


@given(SHAPES, SHAPES)
def test_any_shape_is_judged(notes: JSON, policy: JSON) -> None:
    """Annotations and sync policies of raw manifests hold anything."""
    strange = {**CONFIG, "metadata": {**CONFIG["metadata"], "annotations": notes}}
    around = application("app")
    around["spec"]["syncPolicy"] = policy
    for before, after in (([strange], []), ([], [strange]), ([strange], [{**strange, "data": policy}])):
        judged = between(snapshot({"app": [*before, OTHER]}, around), snapshot({"app": [*after, OTHER]}, around))
        if judged.changes:
            assert list(object_effects(judged))


def test_an_application_that_is_made() -> None:
    """It is an object as well."""
    lines = told(object_effects(between(snapshot({"app": [CONFIG]}), snapshot({"app": [CONFIG], "new": [OTHER]}))))
    assert lines == [
        "routine create: Application app/new: is created and syncs 1 object to an unknown cluster, by itself",
        "routine create: ConfigMap app/other: is created",
    ]
