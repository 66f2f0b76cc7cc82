"""sealed_values: sealed values checked against their Secrets.

In      a Program.
Finds   secret-not-sealed, sealed-key-unknown, sealed-values-unused, sealed-scope-mismatch,
        sealed-name-mismatch, sealed-value-damaged, sealed-copy-differs, copy-cycle, public-value-missing, secret-key-unused.
Never   decrypts a value: there is no private key here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.diagnostics import Finding, Severity, suggestion
from platformc.language import Resource
from platformc.language.models.sealed_values import SealedValuesSpec
from platformc.language.models.secret import SecretSpec
from platformc.link import EdgeKind, Program
from platformc.lower.checksums import keys_behind
from platformc.lower.secret_files import uses
from platformc.rules.secrets import (
    COPY_CYCLE,
    PUBLIC_VALUE_MISSING,
    SEALED_COPY_DIFFERS,
    SEALED_KEY_UNKNOWN,
    SEALED_NAME_MISMATCH,
    SEALED_SCOPE_MISMATCH,
    SEALED_VALUE_DAMAGED,
    SEALED_VALUES_UNUSED,
    SECRET_KEY_UNUSED,
    SECRET_NOT_SEALED,
)
from platformc.sealed_secrets import (
    LONGEST,
    former,
    is_circular,
    is_too_long,
    original,
    sealed_for,
    sealing_scope_of,
    value_size,
)


def check_sealed(program: Program, *, allow_unsealed: bool) -> Iterator[Finding]:
    """Check every Secret against its sealed values, and every key against its uses.

    With `allow_unsealed`, a value that is not sealed yet is a warning.
    """
    secrets = [resource for resource in program.platform.resources if resource.id.kind == "Secret"]
    applications = {identity.name for identity in program.platform.failed if identity.kind == "Application"}
    damaged = {identity.name for identity in program.platform.failed if identity.kind == "SealedValues"}
    for resource in secrets:
        judged = resource.name not in damaged and resource.id.application not in applications
        if judged and not program.platform.incomplete:
            yield from _missing(program, resource, allow_unsealed=allow_unsealed)
            yield from _copies(program, resource)
        yield from _unused(program, resource)
    known = {(resource.namespace, resource.name) for resource in secrets}
    failed = {identity.name for identity in program.platform.failed if identity.kind == "Secret"}
    disabled = {identity.name for identity in program.platform.disabled if identity.kind == "Secret"}
    if applications:  # their namespaces are not known
        return
    known |= {(old.namespace, old.name) for resource in secrets for old in former(program, resource)}
    for (namespace, name), sealed in program.platform.sealed.items():
        if (namespace, name) not in known and name not in failed | disabled and not program.platform.incomplete:
            message = f"there is no Secret {name} in the namespace {namespace}"
            hint = "remove the file, or seal the values again for the Secret's new name"
            yield SEALED_VALUES_UNUSED.at(sealed.name_span, message, hint)


def unsealed(program: Program) -> bool:
    """Whether a value that the pods need is not sealed."""
    return any(finding.rule == SECRET_NOT_SEALED.id for finding in check_sealed(program, allow_unsealed=True))


def _missing(program: Program, resource: Resource[SecretSpec], *, allow_unsealed: bool) -> Iterator[Finding]:
    environment = program.platform.environment
    sealed = program.platform.sealed.get((resource.namespace, resource.name))
    stored = sealed.spec.keys if sealed else {}
    severity = Severity.WARNING if allow_unsealed else None
    in_files = uses(resource)
    seal = f"run: platformc seal --environment {environment} {resource.name}"
    for name, key in resource.spec.keys.items():
        if name not in stored and (not key.optional or name in in_files):
            message, hint = _not_sealed(program, resource, name)
            if key.optional:
                message += f", but the file {in_files[name][0].file} needs it"
            yield SECRET_NOT_SEALED.at(resource.key_at("keys", name), message, hint, severity=severity)
        elif name in stored and key.public and stored[name].public is None and sealed is not None:
            message = f"{name} is public, but its value is not stored in readable form"
            yield PUBLIC_VALUE_MISSING.at(sealed.key_at("keys", name), message, f"{seal} {name}")
    if sealed is not None:
        yield from _stored(program, resource, sealed)


def _not_sealed(program: Program, resource: Resource[SecretSpec], name: str) -> tuple[str, str]:
    """Message and hint for a key without a value."""
    environment = program.platform.environment
    hint = f"run: platformc seal --environment {environment} {resource.name} {name}"
    for old in former(program, resource):
        if (key := old.spec.keys.get(name)) is None:
            continue
        message = f"{name} of {resource.name} is sealed only for its former name {old.name}"
        if sealing_scope_of(program, resource).opens(sealed_for(old, key)):
            return message, f"run: platformc seal --environment {environment} {resource.name}"
        return message, f"{hint} and enter the same value again"
    return f"{name} of {resource.name} is not sealed for the environment {environment}", hint


def _stored(program: Program, resource: Resource[SecretSpec], sealed: Resource[SealedValuesSpec]) -> Iterator[Finding]:
    """Values that no key needs, and values that the controller could not decrypt."""
    wanted = sealing_scope_of(program, resource)
    scopes_said: set[object] = set()
    for name, key in sealed.spec.keys.items():
        found = sealed_for(sealed, key)
        hint = (
            f"seal the same value again: platformc seal --environment {program.platform.environment}"
            f" {resource.name} --from-file {name}=PATH"
        )
        if name not in resource.spec.keys:
            message = f"the Secret {resource.name} has no key {name}"
            near = suggestion(name, list(resource.spec.keys))
            yield SEALED_KEY_UNKNOWN.at(sealed.key_at("keys", name), message, near)
        elif found.scope != wanted.scope:
            at = sealed.at("keys", name, "scope") if key.scope else sealed.at("scope")
            message = f"sealed with the scope {found.scope}, but the Secret has the scope {wanted.scope}"
            if at not in scopes_said:
                scopes_said.add(at)
                yield SEALED_SCOPE_MISMATCH.at(at, message, hint)
        elif not wanted.opens(found):
            at = sealed.at("keys", name, "name" if found.namespace == wanted.namespace else "namespace")
            message = f"{name} was sealed for {found.namespace}/{found.name}, not for {wanted.namespace}/{wanted.name}"
            yield SEALED_NAME_MISMATCH.at(at, message, hint)
        elif reason := _damage(key.ciphertext):
            message = f"the ciphertext of {name} is damaged: {reason}"
            at = sealed.at("keys", name, "ciphertext")
            yield SEALED_VALUE_DAMAGED.at(at, message, f"restore it from git, or {hint}")


def _damage(ciphertext: str) -> str:
    """Why the controller cannot decrypt a text, whatever its keys are; empty if it may."""
    try:
        value_size(ciphertext)
    except ValueError as error:
        return str(error)
    return ""


def _copies(program: Program, resource: Resource[SecretSpec]) -> Iterator[Finding]:
    """Wrong copies: of themselves, or of a value that has changed since."""
    sealed = program.platform.sealed.get((resource.namespace, resource.name))
    for name in resource.spec.keys:
        at = resource.at("keys", name, "copyOf")
        found = original(program, resource, name)
        if found is None:
            if is_circular(program, resource, name):
                message = f"{name} of {resource.name} is a copy of itself"
                yield COPY_CYCLE.at(at, message, "let one of them have a value of its own")
            elif is_too_long(program, resource, name):
                message = f"{name} of {resource.name} is more than {LONGEST} copies away from a value"
                yield COPY_CYCLE.at(at, message, "make it a copy of the original")
            continue
        source, key = found
        values = program.platform.sealed.get((source.namespace, source.name))
        if sealed is None or values is None or name not in sealed.spec.keys or key not in values.spec.keys:
            continue
        own, other = sealed.spec.keys[name].revision, values.spec.keys[key].revision
        if own != other:
            message = (
                f"{name} of {resource.name} has revision {own}, but its original, {key} of {source.name}, has {other}"
            )
            environment = program.platform.environment
            hint = f"run: platformc seal --environment {environment} {source.name} --rotate {key}"
            related = ((values.at("keys", key, "revision"), "the original"),)
            place = sealed.at("keys", name, "revision")
            yield SEALED_COPY_DIFFERS.at(place, message, hint, related=related)


def _unused(program: Program, resource: Resource[SecretSpec]) -> Iterator[Finding]:
    used: set[str] = set()
    for edge in program.edges_to(resource.id, EdgeKind.SECRET):
        used |= set(keys_behind(resource, edge.key))
    if resource.spec.type != "Opaque" or _is_mounted_whole(program, resource):
        used |= set(resource.spec.keys)
    if program.platform.incomplete or any(
        identity.kind in {"Workload", "Job", "RawManifest", "Platform"} for identity in program.platform.failed
    ):
        return  # a document that failed may be the one that uses it
    for name in resource.spec.keys:
        if name not in used:
            message = f"nothing uses the key {name}"
            hint = "remove it, refer to it in `env`, or mount it"
            yield SECRET_KEY_UNUSED.at(resource.key_at("keys", name), message, hint)


def _is_mounted_whole(program: Program, resource: Resource[Any]) -> bool:
    return any(not edge.key for edge in program.edges_to(resource.id, EdgeKind.SECRET))
