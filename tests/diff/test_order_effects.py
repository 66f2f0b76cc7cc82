"""What comes earlier or later, and which syncs wait for a person."""

from __future__ import annotations

from platformc.diff.effects.order import order_effects
from synced_objects import application, between, changed, instance, snapshot, told


def test_another_wave() -> None:
    """Of an object in its Application, or of an Application among them."""
    before, after = (instance("ConfigMap", "settings", wave=each) for each in ("-3", "2"))
    assert told(changed(order_effects, before, after)) == [
        "routine order: ConfigMap app/settings: comes later: in wave 2 instead of -3 of its Application's sync"
    ]
    assert changed(order_effects, before, before) == []
    old, new = (snapshot({"app": [before]}, application("app", wave=each)) for each in ("10", "5"))
    assert told(order_effects(between(old, new))) == [
        "routine order: Application app/app: comes earlier: in wave 5 instead of 10 among the Applications"
    ]


def test_no_wave_is_wave_0() -> None:
    """And so is one that is no number."""
    before, after = instance("ConfigMap", "settings"), instance("ConfigMap", "settings", wave="0")
    assert changed(order_effects, before, after) == []
    assert changed(order_effects, before, instance("ConfigMap", "settings", wave="soon")) == []


def test_a_sync_waits_for_a_person() -> None:
    """With everything of the same wave and of later ones, whatever it is."""
    table = instance("Table", "t", {}, version="aws.platformc.dev/v1alpha1", options="Prune=confirm")
    early, late = (instance("ConfigMap", name, wave=wave) for name, wave in (("early", "-3"), ("late", "1")))
    before = snapshot({"app": [table, early, late]})
    after = snapshot({"app": [{**early, "data": {}}, {**late, "data": {}}]})
    assert told(order_effects(between(before, after))) == [
        "routine order: Application app/app: its sync waits for a person: argocd app confirm-deletion, for Table app/t",
        "  1 more of its changes, in wave 0 or later, waits with it",
        "  no later commit of this Application is synced meanwhile",
    ]


def test_it_waits_where_the_swapped_wave_is() -> None:
    """What came last goes first."""
    table = instance("Table", "t", {}, version="aws.platformc.dev/v1alpha1", options="Prune=confirm", wave="-5")
    other, change = instance("ConfigMap", "other", wave="3"), instance("ConfigMap", "change")
    before, after = snapshot({"app": [table, other, change]}), snapshot({"app": [{**change, "data": {}}]})
    assert "  nothing else of this change waits with it" in told(order_effects(between(before, after)))


def test_nobody_is_asked_without_pruning() -> None:
    """Nor for what is never pruned."""
    kept = instance("ConfigMap", "settings", options="Prune=false")
    asked = instance("ConfigMap", "settings", options="Prune=confirm")
    other = instance("ConfigMap", "other")
    assert told(order_effects(between(snapshot({"app": [kept, other]}), snapshot({"app": [other]})))) == []
    around = application("app", prune=False)
    states = snapshot({"app": [asked, other]}, around), snapshot({"app": [other]}, around)
    assert told(order_effects(between(*states))) == []
