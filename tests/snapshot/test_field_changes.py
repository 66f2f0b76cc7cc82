from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from platformc.snapshot import ListKeys
from platformc.snapshot.field_changes import field_changes

JSON = Any
Told = Callable[[JSON, JSON], list[str]]

IMAGE = "spec.template.spec.containers[name=api].image"


@pytest.fixture
def told(keys: ListKeys) -> Told:
    """Changes as lines: path, before, after, and why they are the same."""

    def lines(before: JSON, after: JSON) -> list[str]:
        return [
            f"{change.shown}: {change.before!r} -> {change.after!r}" + (f" ({change.same})" if change.same else "")
            for change in field_changes(before, after, keys)
        ]

    return lines


def deployment(*containers: JSON, **pod: JSON) -> JSON:
    """A Deployment with these containers."""
    template = {"spec": {"containers": list(containers), **pod}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": template}}


def container(**more: JSON) -> JSON:
    """A container; `more` wins."""
    return {"name": "api", "image": "a:1", **more}


def of_kind(api_version: str, kind: str, **content: JSON) -> JSON:
    """An object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}, **content}


class TestListsWithKeys:
    """Items are the same if their keys are, wherever they are in the list."""

    def test_an_item_is_shown_by_its_keys(self, told: Told) -> None:
        """Also if another one was put before it."""
        before = deployment(container())
        after = deployment({"name": "proxy", "image": "p:1"}, container(image="a:2"))
        assert told(before, after) == [
            "spec.template.spec.containers[name=proxy]: ABSENT -> {'name': 'proxy', 'image': 'p:1'}",
            f"{IMAGE}: 'a:1' -> 'a:2'",
        ]

    def test_paths_have_the_position_in_each_state(self, keys: ListKeys) -> None:
        """So that each one can be found in its own state."""
        before = deployment(container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]))
        after = deployment(container(env=[{"name": "B", "value": "2"}]))
        place = ("spec", "template", "spec", "containers", 0, "env")
        changed, gone = field_changes(before, after, keys)
        assert (changed.before_path, changed.after_path) == ((*place, 1, "value"), (*place, 0, "value"))
        assert (gone.before_path, gone.after_path) == ((*place, 0), place)
        assert gone.shown == "spec.template.spec.containers[name=api].env[name=A]"

    def test_several_keys_identify_together(self, told: Told) -> None:
        """A protocol that is absent is TCP, as the API server sets it."""
        before = deployment(container(ports=[{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}]))
        after = deployment(
            container(
                ports=[
                    {"containerPort": 53, "protocol": "TCP", "name": "dns-tcp"},
                    {"containerPort": 53, "protocol": "UDP", "name": "dns"},
                ]
            )
        )
        ports = "spec.template.spec.containers[name=api].ports"
        tcp, udp = (f"containerPort=53,protocol={protocol}" for protocol in ("TCP", "UDP"))
        assert told(before, after) == [
            f"{ports}[{tcp}].protocol: ABSENT -> 'TCP' (the API server's default)",
            f"{ports}[{tcp}].name: ABSENT -> 'dns-tcp'",
            f"{ports}[{udp}].name: ABSENT -> 'dns'",
            f"order of {ports}: {[udp, tcp]} -> {[tcp, udp]} (order of items with names)",
        ]

    def test_their_order_is_told(self, told: Told) -> None:
        """Of containers it means nothing, of containers that run one after the other it does."""
        one, other = container(), container(name="web")
        assert told(deployment(one, other), deployment(other, one)) == [
            "order of spec.template.spec.containers: ['api', 'web'] -> ['web', 'api'] (order of items with names)"
        ]
        first, second = ({"initContainers": listed} for listed in ([one, other], [other, one]))
        assert told(deployment(**first), deployment(**second)) == [
            "order of spec.template.spec.initContainers: ['api', 'web'] -> ['web', 'api']"
        ]

    def test_the_order_of_variables_counts_if_one_refers_to_another(self, told: Told) -> None:
        """`$(A)` is replaced only if A is before it."""
        for value, reason in (("1", " (order of items with names)"), ("$(A)", "")):
            env = [{"name": "A", "value": "1"}, {"name": "B", "value": value}]
            (line,) = told(deployment(container(env=env)), deployment(container(env=env[::-1])))
            assert line.endswith(f"-> ['B', 'A']{reason}")

    def test_double_keys_identify_nothing(self, told: Told) -> None:
        """The API server refuses such a list; it is compared by position."""
        before = deployment(container(), container())
        assert told(before, deployment(container(), container(image="a:2"))) == [
            "spec.template.spec.containers[1].image: 'a:1' -> 'a:2'"
        ]

    def test_names_mean_nothing_where_no_schema_says_so(self, told: Told) -> None:
        """Kinds without a schema are compared by position."""
        before, after = (of_kind("example.org/v2", "Unknown", items=[{"name": "a", "x": x}]) for x in (1, 2))
        assert told(before, after) == ["items[0].x: 1 -> 2"]

    def test_steps_of_a_custom_resource_may_have_an_order(self, told: Told) -> None:
        """Their keys are in the CRD; nobody says that their order is free."""
        steps = [{"step": "a"}, {"step": "b"}]
        before, after = (of_kind("example.org/v1", "Pipeline", spec={"steps": s}) for s in (steps, steps[::-1]))
        assert told(before, after) == ["order of spec.steps: ['a', 'b'] -> ['b', 'a']"]

    def test_an_object_inside_of_another_has_its_own_schema(self, told: Told) -> None:
        """As in a Composition."""
        inner = [deployment({"name": "x", "image": "x"}, container()), deployment(container(image="a:2"))]
        before, after = (
            of_kind("example.org/v1", "Pipeline", spec={"steps": [{"step": "a", "input": {"base": each}}]})
            for each in inner
        )
        assert told(before, after) == [
            f"spec.steps[step=a].input.base.{IMAGE}: 'a:1' -> 'a:2'",
            "spec.steps[step=a].input.base.spec.template.spec.containers[name=x]: {'name': 'x', 'image': 'x'} -> ABSENT",
        ]


class TestOtherLists:
    """Sets by value, sequences by the longest common parts."""

    def test_sets_are_compared_by_value(self, told: Told) -> None:
        """Their order means nothing."""
        before, after = (of_kind("v1", "Secret") for _ in range(2))
        before["metadata"]["finalizers"] = ["a", "b"]
        after["metadata"]["finalizers"] = ["c", "b", "a"]
        assert told(before, after) == [
            "metadata.finalizers: ABSENT -> 'c'",
            "order of metadata.finalizers: ['a', 'b'] -> ['b', 'a'] (order of a set)",
        ]

    def test_rules_that_add_up_are_a_set(self, told: Told) -> None:
        """A rule that gets another port is the same rule, wherever it is."""
        web = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 80}]}
        bot = {"from": [{"podSelector": {"matchLabels": {"app": "bot"}}}], "ports": [{"port": 80}]}
        more = {**bot, "ports": [{"port": 80}, {"port": 81}]}
        policy = "networking.k8s.io/v1", "NetworkPolicy"
        before, after = (of_kind(*policy, spec={"ingress": rules}) for rules in ([web, bot], [more, web]))
        assert told(before, after) == [
            "spec.ingress[0].ports[1]: ABSENT -> {'port': 81}",
            "order of spec.ingress: [0, 1] -> [1, 0] (order of a set)",
        ]

    def test_a_sequence_shows_what_was_put_in(self, told: Told) -> None:
        """Not every item behind it."""
        before, after = (deployment(container(args=args)) for args in (["a", "b", "c"], ["a", "x", "b", "c"]))
        assert told(before, after) == ["spec.template.spec.containers[name=api].args[1]: ABSENT -> 'x'"]

    def test_the_order_of_a_sequence_is_a_difference(self, told: Told) -> None:
        """And it is told as one."""
        before, after = (deployment(container(args=args)) for args in (["a", "b", "c"], ["c", "a", "b"]))
        assert told(before, after) == [
            "order of spec.template.spec.containers[name=api].args: ['a', 'b', 'c'] -> ['c', 'a', 'b']"
        ]

    def test_a_long_list_is_compared_in_time(self, keys: ListKeys) -> None:
        """Two lists that have nothing in common would take the square of their length."""
        before, after = ({"list": [f"{side}{number}" for number in range(20_000)]} for side in "ab")
        assert len(field_changes(before, after, keys)) == 20_000


class TestWholeValues:
    """What appears or is gone at once is one change, but for maps with keys of their own."""

    def test_an_object_is_one_change(self, told: Told) -> None:
        """Its parts are not counted."""
        probe = {"httpGet": {"port": 80}, "periodSeconds": 5}
        assert told(deployment(container()), deployment(container(readinessProbe=probe))) == [
            f"spec.template.spec.containers[name=api].readinessProbe: ABSENT -> {probe!r}"
        ]

    def test_each_key_of_a_map_is_its_own(self, keys: ListKeys, told: Told) -> None:
        """Labels and annotations have several owners; keys with a dot are quoted."""
        before, after = of_kind("v1", "Secret"), of_kind("v1", "Secret")
        after["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1", "b": "2"}
        assert told(before, after) == [
            "metadata.annotations[\"argocd.argoproj.io/sync-wave\"]: ABSENT -> '1'",
            "metadata.annotations.b: ABSENT -> '2'",
        ]
        (change, _) = field_changes(before, after, keys)
        assert change.before_path == ("metadata",)
        assert change.after_path == ("metadata", "annotations", "argocd.argoproj.io/sync-wave")

    def test_types_are_told_apart(self, told: Told) -> None:
        """For Python, 1 is true."""
        assert told({"a": 1, "b": 1}, {"a": True, "b": 1.0}) == ["a: 1 -> True", "b: 1 -> 1.0"]


class TestEqualForms:
    """What means the same stays visible, and says so; e2e/ asks a real API server about every one."""

    def test_quantities(self, told: Told) -> None:
        """Only in fields that are quantities."""
        before, after = (
            deployment(container(args=[memory], resources={"limits": {"memory": memory}}))
            for memory in ("1Gi", "1024Mi")
        )
        assert told(before, after) == [
            "spec.template.spec.containers[name=api].args[0]: '1Gi' -> '1024Mi'",
            "spec.template.spec.containers[name=api].resources.limits.memory: '1Gi' -> '1024Mi' (equal quantities)",
        ]

    def test_custom_resources_are_stored_as_they_are_written(self, told: Told) -> None:
        """Whatever their controller makes of it."""
        before, after = (
            of_kind("example.org/v1", "Pipeline", spec={"memory": memory, "steps": []}) for memory in ("1Gi", "1024Mi")
        )
        assert told(before, after) == ["spec.memory: '1Gi' -> '1024Mi'"]

    def test_defaults(self, told: Told) -> None:
        """Of Kubernetes' own kinds, with what they depend on, and of CRDs."""
        for image, policy, same in (
            ("a:1", "IfNotPresent", True),
            ("a", "Always", True),
            ("a:latest", "IfNotPresent", False),
        ):
            (line,) = told(
                deployment(container(image=image)), deployment(container(image=image, imagePullPolicy=policy))
            )
            assert line.endswith("(the API server's default)") == same
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
        before, after = deployment(container()), deployment(container())
        after["spec"]["strategy"] = rolling
        assert told(before, after) == [f"spec.strategy: ABSENT -> {rolling!r} (the API server's default)"]
        after["spec"]["strategy"] = {"type": "Recreate"}
        assert told(before, after) == ["spec.strategy: ABSENT -> {'type': 'Recreate'}"]
        one, other = (of_kind("example.org/v1", "Pipeline", spec=spec) for spec in ({}, {"mode": "fast"}))
        assert told(one, other) == ["spec.mode: ABSENT -> 'fast' (the API server's default)"]

    def test_empty_lists_and_maps(self, told: Told) -> None:
        """An empty list is none; an empty object is something else than none."""
        assert told(deployment(container()), deployment(container(env=[]))) == [
            "spec.template.spec.containers[name=api].env: ABSENT -> [] (empty, which is the same as absent)"
        ]
        (line,) = told(
            deployment(container(), volumes=[{"name": "a", "secret": {}}]),
            deployment(container(), volumes=[{"name": "a", "emptyDir": {}}]),
        )[:1]
        assert "same" not in line

    def test_a_port_is_no_name_of_a_port(self, told: Told) -> None:
        """`80` and `"80"` are two things."""
        before, after = (
            of_kind("v1", "Service", spec={"ports": [{"port": 80, "targetPort": port}]}) for port in (80, "80")
        )
        assert told(before, after) == ["spec.ports[port=80].targetPort: 80 -> '80'"]
