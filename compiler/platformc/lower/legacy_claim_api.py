"""legacy_claim_api: the claim API in the form of Crossplane 1, from the files that are written in Crossplane 2's (D9).

In      definitions and Compositions of namespaced composite resources, merged with crossplane/**/legacy.yaml.
Out     the same API of claims: definitions with `claimNames` in version v1, cluster-scoped composites and resources.
Never   changes what a claim looks like, changes its input, validates: objects of any other shape pass unchanged.

What differs was run on a real Crossplane, in both forms. A managed resource keeps its version, where no legacy.yaml
names another one. Only an access key's Secret differs in more than words: `crossplane/identity/legacy.yaml` says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.language.origin import derive
from platformc.lower.composed import COMPOSITION

JSON = Any

DEFINITION = "CompositeResourceDefinition"
DEFINITION_API = "apiextensions.crossplane.io/v1"
"""The version with claims; the newer one rejects `claimNames`."""
NAMESPACED_GROUP = ".m.upbound.io"
CLUSTER_GROUP = ".upbound.io"
"""How the groups of provider-upjet-aws end, for managed resources with and without a namespace."""


def legacy_form(definition: dict[str, JSON]) -> dict[str, JSON]:
    """One object of crossplane/ for `crossplane.scope: LegacyCluster`; it shares what does not differ with its input.

    An object other than a definition of namespaced composites or a Composition is returned unchanged.
    """
    spec = definition.get("spec")
    if not isinstance(spec, dict):
        return definition
    if definition.get("kind") == DEFINITION and spec.get("scope") == "Namespaced":
        return _definition(definition, spec)
    if definition.get("kind") == COMPOSITION:
        return {**definition, "spec": _composition(spec)}
    return definition


def composite_kind(kind: str) -> str:
    """The kind of the composite behind a claim."""
    return derive(f"X{kind}", kind)


def _definition(definition: dict[str, JSON], spec: dict[str, JSON]) -> dict[str, JSON]:
    claim = _map(spec.get("names"))
    plural = derive(f"x{claim.get('plural')}", claim.get("plural"))
    composite = {"kind": composite_kind(str(claim.get("kind"))), "plural": plural}
    # People work with claims, so claims keep their short names and categories.
    if "singular" in claim:
        composite["singular"] = derive(f"x{claim['singular']}", claim["singular"])
    if "listKind" in claim:
        composite["listKind"] = composite_kind(claim["listKind"])
    rest = {key: value for key, value in spec.items() if key not in {"scope", "group", "names"}}
    return {
        **definition,
        "apiVersion": DEFINITION_API,
        "metadata": {**definition["metadata"], "name": derive(f"{plural}.{spec.get('group')}", plural)},
        "spec": {
            "scope": "LegacyCluster",
            "group": spec.get("group"),
            "names": composite,
            "claimNames": dict(claim),
            # With background deletion, a recreated claim would find its resource while that is being deleted.
            "defaultCompositeDeletePolicy": "Foreground",
            **rest,
        },
    }


def _composition(spec: dict[str, JSON]) -> dict[str, JSON]:
    made = dict(spec)
    if isinstance(kind := _map(spec.get("compositeTypeRef")).get("kind"), str):
        made["compositeTypeRef"] = {**spec["compositeTypeRef"], "kind": composite_kind(kind)}
    if isinstance(pipeline := spec.get("pipeline"), list):
        made["pipeline"] = [_step(step) for step in pipeline]
    return made


def _step(step: JSON) -> JSON:
    resources = _map(_map(step).get("input")).get("resources")
    if not isinstance(resources, list):
        return step
    composed = [
        {**resource, "base": _managed(resource["base"])} if isinstance(_map(resource).get("base"), dict) else resource
        for resource in resources
    ]
    return {**step, "input": {**step["input"], "resources": composed}}


def _managed(base: dict[str, JSON]) -> dict[str, JSON]:
    """A managed resource without a namespace; its ProviderConfig is cluster-scoped too, so a name is enough."""
    group, _, version = str(base.get("apiVersion", "")).partition("/")
    if not group.endswith(CLUSTER_GROUP):
        return base
    made = dict(base)
    if group.endswith(NAMESPACED_GROUP):
        cluster = f"{group.removesuffix(NAMESPACED_GROUP)}{CLUSTER_GROUP}"
        made["apiVersion"] = derive(f"{cluster}/{version}", base["apiVersion"])
    reference = _map(base.get("spec")).get("providerConfigRef")
    if isinstance(reference, dict):
        without_kind = {key: value for key, value in reference.items() if key != "kind"}
        made["spec"] = {**base["spec"], "providerConfigRef": without_kind}
    return made


def _map(value: JSON) -> Mapping[str, JSON]:
    """A map, or an empty one for anything else: objects are validated elsewhere."""
    return value if isinstance(value, dict) else {}
