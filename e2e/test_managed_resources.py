"""Every managed resource that our claims make, in both forms, is what the provider's CRDs take: no field too many."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from aws_kinds import MANAGED

from composing.claim_composition import ManagedResource
from composing.platform_claims import FORMS, SOURCES, resources_of
from e2e.kubernetes_api import KubernetesAPI, RefusedError

JSON = Any

pytestmark = pytest.mark.usefixtures("definitions")

UNKNOWN = "surprise"


def placed(made: ManagedResource, form: str) -> JSON:
    """The resource under a name, which the core would have made up."""
    thing = copy.deepcopy(made.object)
    thing.setdefault("metadata", {})["name"] = f"{made.claim['metadata']['name']}-{made.resource}"
    if form == "namespaced":
        thing["metadata"]["namespace"] = "default"
    return thing


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("form", FORMS)
def test_each_is_accepted(api: KubernetesAPI, form: str, source: str) -> None:
    """A strict server-side dry run: no error, no warning."""
    resources = resources_of(form, source)
    assert resources
    problems = []
    for one in resources:
        thing = placed(one, form)
        try:
            warnings = api.apply(thing, dry_run=True).warnings
        except RefusedError as error:
            problems.append(f"{thing['kind']} {thing['metadata']['name']}: {error.message}")
        else:
            problems += [f"{thing['kind']} {thing['metadata']['name']}: warning: {warning}" for warning in warnings]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("form", FORMS)
def test_a_field_too_many_is_refused(api: KubernetesAPI, form: str) -> None:
    """So the test above can fail: for every kind, in what is asked of AWS and beside it."""
    kinds = {one.object["kind"]: one for source in SOURCES for one in resources_of(form, source)}
    assert set(kinds) == set(MANAGED)
    for one in kinds.values():
        for path in (("spec",), ("spec", "forProvider")):
            thing = placed(one, form)
            place = thing
            for field in path:
                place = place[field]
            place[UNKNOWN] = "x"
            with pytest.raises(RefusedError, match=UNKNOWN):
                api.apply(thing, dry_run=True)
