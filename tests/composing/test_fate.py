"""What becomes of a resource in AWS when its managed resource is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.composing import Fate, Managed
from platformc.composing.actions import fate

DELETES = ["Observe", "Create", "Update", "Delete"]


class TestFate:
    """Who may delete in AWS. The table is crossplane-runtime's, pkg/reconciler/managed/policies_test.go, `ShouldDelete`."""

    @pytest.mark.parametrize(
        ("group", "spec", "wanted"),
        [
            ("sqs.aws.m.upbound.io", {}, Fate.DELETED),
            ("sqs.aws.m.upbound.io", {"managementPolicies": ["*"]}, Fate.DELETED),
            ("sqs.aws.m.upbound.io", {"managementPolicies": ["Observe", "Delete"]}, Fate.DELETED),
            ("sqs.aws.m.upbound.io", {"managementPolicies": ["Observe", "Create", "Update"]}, Fate.KEPT),
            ("sqs.aws.m.upbound.io", {"managementPolicies": []}, Fate.PAUSED),
            ("sqs.aws.upbound.io", {}, Fate.DELETED),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Orphan"}, Fate.KEPT),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Orphan", "managementPolicies": ["*"]}, Fate.KEPT),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Orphan", "managementPolicies": DELETES}, Fate.DELETED),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Delete", "managementPolicies": ["Observe"]}, Fate.KEPT),
        ],
    )
    def test_of_a_managed_resource(self, group: str, spec: Any, wanted: Fate) -> None:
        """By its two fields."""
        made = {"apiVersion": f"{group}/v1beta1", "kind": "Queue", "spec": {"forProvider": {}, **spec}}
        assert fate(Managed("queue", made, ())) is wanted
        paused = {**made, "metadata": {"annotations": {"crossplane.io/paused": "true"}}}
        assert fate(Managed("queue", paused, ())) is Fate.PAUSED

    def test_of_another_object(self) -> None:
        """It just goes."""
        made = Managed("note", {"apiVersion": "v1", "kind": "ConfigMap", "data": {}}, ())
        assert fate(made) is Fate.NOTHING_IN_AWS
