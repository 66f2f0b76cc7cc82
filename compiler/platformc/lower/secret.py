"""Secret -> SealedSecret: ciphertext copied byte for byte, files as templates of the controller.

D5: rendering never encrypts. The controller decrypts the values in the cluster, then renders the
templates of `spec.template.data` (secret_files).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.language import Resource
from platformc.language.models.secret import SecretSpec
from platformc.language.origin import derive
from platformc.link import Program
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import WAVE_OF_SECRETS, labels, metadata
from platformc.lower.secret_files import contents

SCOPE_ANNOTATIONS = {
    "strict": {},
    "namespace-wide": {"sealedsecrets.bitnami.com/namespace-wide": "true"},
    "cluster-wide": {"sealedsecrets.bitnami.com/cluster-wide": "true"},
}
"""The controller reads the scope from the SealedSecret's own annotations (facts: strict has none)."""


def lower(program: Program, resource: Resource[SecretSpec]) -> Iterator[Manifest]:
    """One SealedSecret. Keys that are not sealed are left out: a finding reports them."""
    sealed = program.platform.sealed.get((resource.namespace, resource.name))
    stored = sealed.spec.keys if sealed else {}
    given = scope_of(program, resource)
    scope = {key: derive(text, given) for key, text in SCOPE_ANNOTATIONS[given].items()}
    template: dict[str, Any] = {
        "metadata": {
            "name": resource.name,
            "namespace": resource.namespace,
            "labels": labels(program, resource),
            **({"annotations": dict(scope)} if scope else {}),
        },
        "type": resource.spec.type,
    }
    files = contents(program, resource)
    if files:
        template["data"] = files
    yield Manifest(
        {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": metadata(program, resource, resource.name, wave=WAVE_OF_SECRETS, annotations=scope),
            "spec": {
                "encryptedData": {key: stored[key].ciphertext for key in resource.spec.keys if key in stored},
                "template": template,
            },
        },
        resource.id,
        resource.id.application,
    )


def scope_of(program: Program, resource: Resource[SecretSpec]) -> str:
    """Where the Secret's sealed values can be decrypted."""
    return resource.spec.scope or program.platform.target.sealing.scope
