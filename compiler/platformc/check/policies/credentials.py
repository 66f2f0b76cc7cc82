"""Credentials: passwords and keys that can be guessed or looked up in a manual.

`platformc seal` checks the values themselves; these rules check which values a spec would accept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.check.policies.object_fields import below, containers, kind_of, mapping, namespace_of, sequence, text
from platformc.check.policies.policy import Problem, pods, policy
from platformc.check.policies.secret_words import names_a_secret
from platformc.diagnostics import Severity
from platformc.language import DocumentId, Resource
from platformc.language.models.secret import Generate, SecretKey, SecretSpec
from platformc.link import Program
from platformc.lower import Manifest

SHORTEST_PASSWORD: Mapping[str | None, int] = {None: 16, "alphanumeric": 16, "printable": 16, "hex": 32}
"""Characters for at least about 95 bits: impossible to guess even if the hash is known."""
SHORTEST_KEY = 16
"""Bytes: 128 bits, more than the 112 that NIST SP 800-131A requires."""

DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "GF_SECURITY_ADMIN_PASSWORD": ("admin",),
    "KEYCLOAK_ADMIN_PASSWORD": ("admin", "password"),
    "MINIO_ROOT_PASSWORD": ("minioadmin", "minioautumn"),
    "MINIO_ROOT_USER": ("minioadmin", "minioautumn"),
    "MONGO_INITDB_ROOT_PASSWORD": ("example", "password"),
    "MYSQL_ROOT_PASSWORD": ("my-secret-pw", "root", "password"),
    "POSTGRES_PASSWORD": ("mysecretpassword", "postgres", "password"),
    "RABBITMQ_DEFAULT_PASS": ("guest", "rabbitpass"),
    "RABBITMQ_DEFAULT_USER": ("guest", "rabbituser"),
    "REDIS_PASSWORD": ("foobared", "redis", "password"),
}
"""Variable of a well-known image -> example values from its manual or from Stoat's compose file."""
NOTORIOUS = frozenset(
    {"changeit", "changeme", "foobared", "hunter2", "minioadmin", "minioautumn", "rabbitpass", "rabbituser"}
)
"""Defaults that are unmistakable in any variable."""


# The objects' data is sealed: places continue from the object's name into the document that declares the keys.


def _secrets(program: Program, manifests: Sequence[Manifest]) -> Iterator[tuple[Manifest, Resource[SecretSpec]]]:
    """Yield the Secrets of the spec, each with its object."""
    for manifest in manifests:
        resource = program.resources.get(manifest.owner)
        if resource is not None and isinstance(resource.spec, SecretSpec) and kind_of(manifest) == "SealedSecret":
            yield manifest, resource


@policy("weak-credentials", Severity.ERROR, "credentials")
def weak_credentials(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Password or key that can be guessed: too short, published in a manual, or written in the spec.

    ## Why is this bad?
    Short passwords are cracked in hours, and the defaults of images are the first thing that scanners try.

    ## Example
    ```yaml
    keys: {PASSWORD: {generate: {type: password, length: 8}}}
    ```

    ## Use instead
    ```yaml
    keys: {PASSWORD: {generate: {type: password, length: 40}}}
    ```
    Use at least 16 characters (32 for hex) for a password, and 16 bytes for a key.

    ## How to allow it
    ```yaml
    allow: [{rule: weak-credentials, reason: "the device accepts 8 digits and locks after three attempts"}]
    ```
    """
    for manifest, resource in _secrets(program, manifests):
        for name, key in resource.spec.keys.items():
            if key.generate is not None and (found := _weakness(name, key.generate)):
                field, message, hint = found
                place = ("metadata", "name", "keys", name, "generate", field)
                yield Problem(manifest, place, f"the key {name} of {resource.name} {message}", hint)
    for pod in pods(manifests):
        for path, container in containers(pod):
            for position, variable in enumerate(sequence(container.get("env"))):
                name, value = text(mapping(variable).get("name")), text(mapping(variable).get("value"))
                # If the name is a secret's, secret-literal-in-env reports it.
                if not names_a_secret(name) and (value in NOTORIOUS or value in DEFAULTS.get(name, ())):
                    message = f"the variable {name} has a well-known default value"
                    hint = "make it a key of a Secret, and write ${secret.NAME.KEY} here"
                    yield Problem(pod.manifest, (*path, "env", position, "value"), message, hint)


def _weakness(name: str, generate: Generate) -> tuple[str, str, str] | None:
    """Return the field that makes a generated value weak, the message, and the hint."""
    if generate.type == "password" and generate.length is not None:
        least = SHORTEST_PASSWORD[generate.charset]
        if generate.length < least:
            return "length", f"gets a password of {generate.length} characters", f"write length: {least} or more"
    if generate.type == "key" and generate.bytes is not None and generate.bytes < SHORTEST_KEY:
        return "bytes", f"gets a key of {generate.bytes} bytes", f"write bytes: {SHORTEST_KEY} or more"
    if generate.type == "literal" and names_a_secret(name):
        return "value", "has its value in the spec", "write generate: {type: password, length: 40}"
    return None


@policy("default-credential-accepted", Severity.WARNING, "credentials")
def default_credential_accepted(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Key of a Secret that accepts the default value from the image's manual.

    ## Why is this bad?
    Whoever seals the value in a hurry types the one from the manual, and nothing rejects it.

    ## Example
    ```yaml
    kind: Secret
    metadata: {name: rabbit}
    spec: {keys: {password: {description: "RabbitMQ's password."}}}
    ---
    kind: Workload
    spec: {env: {RABBITMQ_DEFAULT_PASS: "${secret.rabbit.password}"}}
    ```

    ## Use instead
    ```yaml
    keys: {password: {description: "RabbitMQ's password.", minLength: 16}}      # or deny: [guest], or a pattern
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: default-credential-accepted, reason: "the server listens only inside its pod"}]
    ```
    """
    used: dict[tuple[DocumentId, str], dict[str, None]] = defaultdict(dict)
    by_name = {(resource.namespace, resource.name): resource.id for _, resource in _secrets(program, manifests)}
    for pod in pods(manifests):
        for _, container in containers(pod):
            for variable in sequence(container.get("env")):
                name, reference = _from_secret(variable)
                identity = by_name.get((namespace_of(pod.manifest), text(reference.get("name"))))
                if identity is not None and name in DEFAULTS:
                    used[identity, text(reference.get("key"))][name] = None
    for manifest, resource in _secrets(program, manifests):
        for key_name, key in resource.spec.keys.items():
            for variable_name in used.get((resource.id, key_name), {}):
                taken = [default for default in DEFAULTS[variable_name] if _takes(key, default)]
                if taken:
                    message = f"the key {key_name} accepts {taken[0]!r}, the manual's value for {variable_name}"
                    hint = f"add deny: [{', '.join(DEFAULTS[variable_name])}] or minLength: 16"
                    yield Problem(manifest, ("metadata", "name", "keys", key_name), message, hint)
                    break


def _from_secret(variable: Any) -> tuple[str, dict[str, Any]]:
    """Return a variable's name, and the key of a Secret that it reads."""
    return text(mapping(variable).get("name")), mapping(below(variable, "valueFrom", "secretKeyRef"))


def _takes(key: SecretKey, value: str) -> bool:
    """Whether `seal` would accept a value."""
    if value in key.deny or len(value) < (key.min_length or 0):
        return False
    if key.copy_of is not None:
        return False  # the key that it copies is checked
    return key.pattern is None or re.fullmatch(key.pattern, value) is not None
