"""Sealed values held against the Secrets they are for.

In      a Program.
Finds   secret-not-sealed, sealed-key-unknown, sealed-values-unused, sealed-scope-mismatch,
        public-value-missing, secret-key-unused.
Never   opens a value: nothing here knows a private key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiler.diagnostics import Finding, Severity
from compiler.link.program import EdgeKind, Program
from compiler.lower.checksums import keys_behind
from compiler.lower.secret import scope_of
from compiler.spec.load import suggestion
from compiler.spec.models.secret import SecretSpec
from compiler.spec.platform import Resource


def check_sealed(program: Program, *, allow_unsealed: bool) -> Iterator[Finding]:
    """Hold every Secret against its sealed values, and every key against its uses.

    With `allow_unsealed` a value that is not sealed yet is a warning.
    """
    secrets = [resource for resource in program.platform.resources if resource.id.kind == "Secret"]
    applications = {identity.name for identity in program.platform.failed if identity.kind == "Application"}
    damaged = {identity.name for identity in program.platform.failed if identity.kind == "SealedValues"}
    for resource in secrets:
        judged = resource.name not in damaged and resource.id.application not in applications
        if judged and not program.platform.incomplete:
            yield from _missing(program, resource, allow_unsealed=allow_unsealed)
        yield from _unused(program, resource)
    known = {(resource.namespace, resource.name) for resource in secrets}
    failed = {identity.name for identity in program.platform.failed if identity.kind == "Secret"}
    disabled = {identity.name for identity in program.platform.disabled if identity.kind == "Secret"}
    if applications:  # their namespaces are not known
        return
    for (namespace, name), sealed in program.platform.sealed.items():
        if (namespace, name) not in known and name not in failed | disabled and not program.platform.incomplete:
            message = f"no Secret is called {name} in the namespace {namespace}"
            hint = "delete the file, or seal the values again for the Secret's new name"
            yield Finding(sealed.name_span, "sealed-values-unused", Severity.WARNING, message, hint)


def unsealed(program: Program) -> bool:
    """Whether a value that the programs need is not sealed."""
    return any(finding.rule == "secret-not-sealed" for finding in check_sealed(program, allow_unsealed=True))


def _missing(program: Program, resource: Resource[SecretSpec], *, allow_unsealed: bool) -> Iterator[Finding]:
    environment = program.platform.environment
    sealed = program.platform.sealed.get((resource.namespace, resource.name))
    stored = sealed.spec.keys if sealed else {}
    severity = Severity.WARNING if allow_unsealed else Severity.ERROR
    for name, key in resource.spec.keys.items():
        if name not in stored and not key.optional:
            message = f"{name} of {resource.name} is not sealed for the environment {environment}"
            hint = f"run: platformc seal --environment {environment} {resource.name} {name}"
            yield Finding(resource.key_at("keys", name), "secret-not-sealed", severity, message, hint)
        elif name in stored and key.public and stored[name].public is None and sealed is not None:
            message = f"{name} is public, but its readable value is not stored"
            hint = f"run: platformc seal --environment {environment} {resource.name} {name}"
            yield Finding(sealed.key_at("keys", name), "public-value-missing", Severity.ERROR, message, hint)
    if sealed is None:
        return
    for name in stored:
        if name not in resource.spec.keys:
            message = f"the Secret {resource.name} has no key {name}"
            yield Finding(
                sealed.key_at("keys", name),
                "sealed-key-unknown",
                Severity.ERROR,
                message,
                suggestion(name, list(resource.spec.keys)),
            )
    scope = scope_of(program, resource)
    if sealed.spec.scope != scope:
        message = f"sealed with the scope {sealed.spec.scope}, but the Secret has the scope {scope}"
        hint = f"run: platformc seal --environment {environment} --reseal {resource.name}"
        yield Finding(sealed.at("scope"), "sealed-scope-mismatch", Severity.ERROR, message, hint)


def _unused(program: Program, resource: Resource[SecretSpec]) -> Iterator[Finding]:
    used: set[str] = set()
    for edge in program.edges_to(resource.id, EdgeKind.SECRET):
        used |= set(keys_behind(resource, edge.key))
    if resource.spec.type != "Opaque" or _is_mounted_whole(program, resource):
        used |= set(resource.spec.keys)
    if program.platform.incomplete or any(
        identity.kind in {"Workload", "Job", "RawManifest", "Platform"} for identity in program.platform.failed
    ):
        return  # a program that failed may be the one that uses it
    for name in resource.spec.keys:
        if name not in used:
            message = f"nothing uses the key {name}"
            hint = "delete it, refer to it in `env`, or mount it"
            yield Finding(resource.key_at("keys", name), "secret-key-unused", Severity.ERROR, message, hint)


def _is_mounted_whole(program: Program, resource: Resource[Any]) -> bool:
    return any(not edge.key for edge in program.edges_to(resource.id, EdgeKind.SECRET))
