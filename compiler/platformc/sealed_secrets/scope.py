"""scope: for which Secret a value is sealed, and whether the controller decrypts it for another one.

In      a Secret of the Program; the sealed values of the specs.
Out     scope, namespace and name, and the label that the encryption is bound to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from platformc.language import Resource
from platformc.language.models.sealed_values import SealedKey, SealedValuesSpec
from platformc.language.models.secret import SecretSpec
from platformc.link import Program, Target
from platformc.lower.secret import scope_of

LONGEST = 20
"""The longest chain of copies of copies."""


@dataclass(frozen=True, slots=True)
class SealingScope:
    """For which Secret a value is sealed."""

    scope: str
    namespace: str
    name: str

    @property
    def label(self) -> str:
        """What the encryption is bound to (bitnami/sealed-secrets, pkg/apis: EncryptionLabel)."""
        bound = {"strict": f"{self.namespace}/{self.name}", "namespace-wide": self.namespace, "cluster-wide": ""}
        return bound[self.scope]

    def opens(self, other: SealingScope) -> bool:
        """Whether the controller decrypts for this one what was sealed for `other`."""
        return self.scope == other.scope and self.label == other.label


def sealing_scope_of(program: Program, secret: Resource[SecretSpec]) -> SealingScope:
    """The one that a Secret's values must be sealed for, by the spec."""
    return SealingScope(scope_of(program, secret), secret.namespace, secret.name)


def sealed_for(sealed: Resource[SealedValuesSpec], key: SealedKey) -> SealingScope:
    """The one that a stored value was sealed for."""
    return SealingScope(key.scope or sealed.spec.scope, key.namespace or sealed.namespace, key.name or sealed.name)


def former(program: Program, secret: Resource[SecretSpec]) -> Iterator[Resource[SealedValuesSpec]]:
    """The sealed values under a former name of the Secret, by its `moved`."""
    for entry in secret.spec.moved:
        word, _, name = entry.from_.partition(".")
        found = program.platform.sealed.get((secret.namespace, name))
        if word == "secret" and name != secret.name and found is not None:
            yield found


def original(program: Program, secret: Resource[SecretSpec], key: str) -> tuple[Resource[SecretSpec], str] | None:
    """The original Secret and key that a key is a copy of, through all copies; None without an original."""
    chain, circular = _chain(program, secret, key)
    last, name = chain[-1]
    is_end = last.spec.keys[name].copy_of is None
    return chain[-1] if is_end and not circular and len(chain) > 1 else None


def is_circular(program: Program, secret: Resource[SecretSpec], key: str) -> bool:
    """Whether a key is a copy of itself, directly or through other keys, or of keys that are."""
    return _chain(program, secret, key)[1]


def is_too_long(program: Program, secret: Resource[SecretSpec], key: str) -> bool:
    """Whether the chain of copies is longer than the limit: following it for every key takes quadratic time."""
    return len(_chain(program, secret, key)[0]) > LONGEST


def _chain(
    program: Program, secret: Resource[SecretSpec], key: str
) -> tuple[list[tuple[Resource[SecretSpec], str]], bool]:
    """The keys that copy each other, from this one on, and whether they come back."""
    chain = [(secret, key)]
    seen = {(secret.id, key)}
    while (copied := chain[-1][0].spec.keys[chain[-1][1]].copy_of) is not None:
        if len(chain) > LONGEST:
            return chain, False
        name, _, wanted = copied.removeprefix("secret.").partition(".")
        found = program.scope.find("secret", name, chain[-1][0].id.application)
        if not isinstance(found, Target) or wanted not in found.resource.spec.keys:
            return chain, False
        if (found.resource.id, wanted) in seen:
            return chain, True
        chain.append((found.resource, wanted))
        seen.add((found.resource.id, wanted))
    return chain, False
