"""Objects of any shape: raw manifests and patches can hold anything, and nothing of it is a reason to fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.safety import findings, transitions
from platformc.safety.sizes import is_same, is_smaller, quantity
from snapshots import between, of_objects

KINDS = (
    ("", "Namespace"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim"), ("", "Pod"), ("", "Service"),
    ("apiextensions.crossplane.io", "CompositeResourceDefinition"), ("apiextensions.crossplane.io", "Composition"),
    ("apps", "Deployment"), ("apps", "StatefulSet"), ("argoproj.io", "Application"), ("aws.platformc.dev", "Bucket"),
    ("aws.platformc.dev", "Queue"), ("aws.platformc.dev", "RepositoryLifecycle"), ("aws.platformc.dev", "Table"),
    ("batch", "CronJob"), ("dynamodb.aws.m.upbound.io", "Table"), ("sqs.aws.m.upbound.io", "Queue"),
)  # fmt: skip
KEYS = (
    "annotations", "base", "bucketName", "claimName", "containers", "deletionPolicy", "finalizers", "forProvider",
    "image", "input", "jobTemplate", "lifecycleRule", "managementPolicies", "metadata", "mountPath", "name", "patches",
    "persistentVolumeClaim", "pipeline", "policy", "providerConfigName", "queueName", "requests", "resources", "schema",
    "source", "spec", "storage", "subPath", "syncPolicy", "tableName", "template", "transforms", "ttl", "type",
    "versions", "volumeClaimTemplates", "volumeMounts", "volumes",
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from(("", "1Gi", "5", "Delete", "Orphan", "a", "*"))
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
)


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """An object with a name, and nothing else that can be relied on."""
    group, kind = draw(st.sampled_from(KINDS))
    made = draw(st.dictionaries(st.sampled_from(("spec", "status", "data", "roleRef")), ANYTHING))
    metadata = draw(st.dictionaries(st.sampled_from(("annotations", "finalizers", "labels")), ANYTHING))
    name = draw(st.sampled_from(("one", "two")))
    version = f"{group}/v1" if group else "v1"
    return {**made, "apiVersion": version, "kind": kind, "metadata": {**metadata, "name": name, "namespace": "shop"}}


@pytest.mark.hypothesis
@given(st.lists(objects(), max_size=4), st.lists(objects(), max_size=4))
def test_nothing_is_raised(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Whatever stands in the place of a field; each transition can be told."""
    comparison = between(of_objects(*before), of_objects(*after))
    found = transitions(comparison)
    assert len(findings(found, comparison, "rendered")) == len(found)
    assert all(one.message and not one.message.endswith(".") for one in found)


@pytest.mark.hypothesis
@given(st.lists(objects(), max_size=4))
def test_what_is_the_same_is_safe(found: list[dict[str, Any]]) -> None:
    """Nothing is said of a state beside itself, in whatever order."""
    assert transitions(between(of_objects(*found), of_objects(*found))) == ()


@pytest.mark.hypothesis
@given(ANYTHING | st.text(max_size=60), ANYTHING | st.text(max_size=60))
def test_sizes(one: Any, other: Any) -> None:
    """They compare, or are no sizes."""
    assert not (is_smaller(one, other) and is_smaller(other, one))
    if quantity(one) is not None:
        assert is_same(one, one)
