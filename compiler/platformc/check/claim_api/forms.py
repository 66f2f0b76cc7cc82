"""forms: crossplane/ checked in the forms that the platform renders.

In      what was read below crossplane/, values of `crossplane.scope`, the store of schemas, the facts of the provider.
Out     as check; findings point into the files as written, even for the derived form.
"""

from __future__ import annotations

from collections.abc import Collection

from platformc.check.claim_api.check import CheckedCompositions, check_compositions
from platformc.check.claim_api.completeness import ProviderFacts
from platformc.check.claim_api.packages import check_packages
from platformc.check.claim_api.schemas import ManagedKinds
from platformc.check.claim_api.source_object import SourceObject
from platformc.language import ClaimAPI
from platformc.lower.legacy_claim_api import legacy_form


def check_claim_api(
    claim_api: ClaimAPI, scopes: Collection[str], managed: ManagedKinds, facts: ProviderFacts
) -> CheckedCompositions:
    """Check the claim API once for each scope that some environment has; as written if none has one."""
    forms = sorted(set(scopes)) or ["Namespaced"]
    checked = [check_compositions(source_objects(claim_api, scope), managed, facts) for scope in forms]
    # Packages are the same in both forms.
    without = check_packages(source_objects(claim_api, "Namespaced"))
    return CheckedCompositions(
        (*(finding for one in checked for finding in one.findings), *without),
        tuple(unchecked for one in checked for unchecked in one.unchecked),
    )


def source_objects(claim_api: ClaimAPI, scope: str) -> tuple[SourceObject, ...]:
    """The objects as rendered for a scope, each with the places that it comes from."""
    objects, nodes = claim_api.of_scope(scope)
    legacy = scope == "LegacyCluster"
    return tuple(
        SourceObject(legacy_form(data) if legacy else data, node) for data, node in zip(objects, nodes, strict=True)
    )
