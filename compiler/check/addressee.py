"""addressee: for which Secret a value is sealed, and whether the controller opens it for another one.

In      a Secret of the Program; the sealed values that the specs hold.
Out     scope, namespace and name, and the label that the encryption is bound to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.link.program import Program
from compiler.lower.secret import scope_of
from compiler.spec.models.sealed_values import SealedKey, SealedValuesSpec
from compiler.spec.models.secret import SecretSpec
from compiler.spec.platform import Resource


@dataclass(frozen=True, slots=True)
class Addressee:
    """For which Secret a value is sealed."""

    scope: str
    namespace: str
    name: str

    @property
    def label(self) -> str:
        """What the encryption is bound to (bitnami/sealed-secrets, pkg/apis: EncryptionLabel)."""
        bound = {"strict": f"{self.namespace}/{self.name}", "namespace-wide": self.namespace, "cluster-wide": ""}
        return bound[self.scope]

    def opens(self, other: Addressee) -> bool:
        """Whether the controller opens for this one what was sealed for `other`."""
        return self.scope == other.scope and self.label == other.label


def addressee_of(program: Program, secret: Resource[SecretSpec]) -> Addressee:
    """The one that a Secret's values must be sealed for now."""
    return Addressee(scope_of(program, secret), secret.namespace, secret.name)


def sealed_for(sealed: Resource[SealedValuesSpec], key: SealedKey) -> Addressee:
    """The one that a stored value was sealed for."""
    return Addressee(key.scope or sealed.spec.scope, key.namespace or sealed.namespace, key.name or sealed.name)


def former(program: Program, secret: Resource[SecretSpec]) -> Iterator[Resource[SealedValuesSpec]]:
    """The sealed values that lie under a name which the Secret had before, as its `moved` tells."""
    for entry in secret.spec.moved:
        word, _, name = entry.from_.partition(".")
        found = program.platform.sealed.get((secret.namespace, name))
        if word == "secret" and name != secret.name and found is not None:
            yield found


def original(program: Program, secret: Resource[SecretSpec], key: str) -> tuple[Resource[SecretSpec], str] | None:
    """The Secret and key that a key is in the end a copy of; None for one that is no copy, or has no original."""
    seen: set[tuple[object, str]] = set()
    at, name = secret, key
    while (copied := at.spec.keys[name].copy_of) is not None and (at.id, name) not in seen:
        seen.add((at.id, name))
        target, _, wanted = copied.removeprefix("secret.").partition(".")
        documents = program.scope.targets.get(("secret", target.rpartition("/")[2]), ())
        found = program.scope.find("secret", target, at.id.application)
        resource = next((one.resource for one in documents if one is found), None)
        if resource is None or wanted not in resource.spec.keys:
            return None
        at, name = resource, wanted
    return (at, name) if (at.id, name) != (secret.id, key) and (at.id, name) not in seen else None
