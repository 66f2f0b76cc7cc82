"""bind: every `${…}` in a document bound to what it stands for.

In      one document, and the scope.
Out     for each reference its value; edges for secrets, configs, images and implied traffic.
Finds   unknown-reference, secret-in-text, secret-in-config, secret-in-image, filter-not-allowed,
        missing-access, port-unclear.
Never   reads a secret's value: a Secret's key is known by its name alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from platformc.diagnostics import Finding, Span, suggestion
from platformc.language.aws_facts import AWSFacts, Credentials
from platformc.language.document import DocumentId
from platformc.language.models.secret import SecretSpec
from platformc.language.nodes import KeyPath
from platformc.language.platform import Resource
from platformc.language.references import CONSTANT_WORDS, Reference, pieces, place, with_references
from platformc.link.attributes import ConfigValue, SecretValue
from platformc.link.program import Edge, EdgeKind
from platformc.link.scope import Absent, Missing, Scope, Target, UnboundError
from platformc.link.services import container_ports
from platformc.rules.needs import MISSING_ACCESS, PORT_UNCLEAR
from platformc.rules.references import (
    CONFIG_IN_TEXT,
    FILTER_NOT_ALLOWED,
    SECRET_IN_CONFIG,
    SECRET_IN_TEXT,
    UNKNOWN_REFERENCE,
)
from platformc.rules.secrets import SECRET_OTHER_NAMESPACE

Value = str | int | float | bool | SecretValue | ConfigValue | Target
Values = dict[tuple[DocumentId, str], Value]
"""Who refers and the reference as written -> what it stands for."""

NOT_SEALED = "not-sealed-yet"
"""Stands for a public value that `platformc seal` has not made yet: a finding says so, and such a tree is never published."""

PROGRAMS = ("Workload", "Job", "RawManifest")


class Context(Enum):
    """Where a reference stands, which decides what it may be."""

    VARIABLE = auto()
    """The value of an environment variable."""
    CONTAINER = auto()
    """Another text of a container: image, command, arguments."""
    CONFIG = auto()
    """A file of a Config."""
    SECRET_FILE = auto()
    """A file of a Secret, made inside the cluster."""
    DATA = auto()
    """Anything else that ends in the output in the clear."""
    DOCUMENT = auto()
    """A field that wants a document or a key itself."""


def _context(kind: str, path: KeyPath) -> Context:
    if kind == "Secret":
        return Context.SECRET_FILE
    if kind == "Config":
        return Context.CONFIG
    if kind == "Platform":
        wants_document = path[:2] == ("aws", "credentials") or path[:1] == ("imagePullSecrets",)
        return Context.DOCUMENT if wants_document else Context.DATA
    if kind in {"Workload", "Job"}:
        return Context.VARIABLE if "env" in path[-2:-1] else Context.CONTAINER
    return Context.DATA


@dataclass(frozen=True, slots=True)
class _Use:
    """One reference where it stands."""

    reference: Reference
    at: Span
    context: Context
    path: KeyPath
    alone: bool
    """Whether it is the whole value."""


@dataclass(slots=True)
class _Binding:
    scope: Scope
    source: Resource[Any]
    values: Values
    needs: tuple[Edge, ...]
    found: list[Edge | Finding | Missing] = field(default_factory=list)
    used_ports: dict[DocumentId, list[tuple[str, Span]]] = field(default_factory=dict)
    """Workloads that variables and arguments refer to, with the ports they name ("" for the host alone)."""
    left_out: set[Absent] = field(default_factory=set)
    """The targets that do not exist in this environment, as far as they were told."""


def bind(
    scope: Scope, source: Resource[Any], values: Values, needs: tuple[Edge, ...]
) -> Iterator[Edge | Finding | Missing]:
    """Bind every reference of a document into `values`; `needs` are the edges its needs made."""
    binding = _Binding(scope, source, values, needs)
    spec = source.node.entries["spec"]
    for path, scalar in with_references(spec):
        context = _context(source.id.kind, path)
        found = pieces(str(scalar.value))
        seen: dict[str, int] = {}
        for piece in found:
            if isinstance(piece, Reference):
                occurrence = seen.get(piece.text, 0)
                seen[piece.text] = occurrence + 1
                text = scope.platform.texts.get(scalar.span.path, "")
                at = place(piece.text, text, scalar.span, occurrence)
                _reference(binding, _Use(piece, at, context, path, len(found) == 1))
    yield from binding.found
    yield from _implied_traffic(binding, needs)


def _reference(binding: _Binding, use: _Use) -> None:
    reference, at = use.reference, use.at
    kinds = [kind for kind in binding.scope.platform.kinds.values() if kind.attributes or kind.any_attribute]
    if not reference.word or all(kind.word != reference.word for kind in kinds):
        words = sorted({kind.word for kind in kinds if kind.word})
        message = f"`{reference.word}` is not a reference word"
        binding.found.append(UNKNOWN_REFERENCE.at(at, message, suggestion(reference.word, [*words, *CONSTANT_WORDS])))
        return
    target = binding.scope.find(reference.word, reference.name, binding.source.id.application)
    if isinstance(target, Absent):
        if not target.silent and target not in binding.left_out:
            finding = UNKNOWN_REFERENCE.at(at, target.message, target.hint, related=target.related)
            binding.found.append(Missing(target, finding))
        if target.disabled:  # once for the document: enabling the target cures all its references
            binding.left_out.add(target)
        return
    try:
        value = evaluate(binding.scope, binding.source, target, reference)
    except UnboundError as error:
        binding.found.append(UNKNOWN_REFERENCE.at(at, error.message, error.hint))
        _count_as_used(binding, use, target)
        return
    if reference.filter and not (use.context is Context.SECRET_FILE and isinstance(value, SecretValue)):
        message = f"`|{reference.filter}` works only on a Secret's keys inside a Secret's files"
        binding.found.append(FILTER_NOT_ALLOWED.at(at, message, "remove it, or write the value out"))
        return
    fitting = _fitting(binding, value, use)
    if fitting is None:
        _count_as_used(binding, use, target)
    else:
        binding.values[binding.source.id, reference.text] = fitting
        _edges(binding, use, target, fitting)


def _count_as_used(binding: _Binding, use: _Use, target: Target) -> None:
    """A wrong reference to a Secret still means one of its keys: none of them is called unused beside it."""
    if target.resource.kind.word == "secret":
        binding.found.append(Edge(EdgeKind.SECRET, binding.source.id, target.resource.id, use.at))


def has_unbound(resource: Resource[Any], values: MappingType[tuple[DocumentId, str], Any]) -> bool:
    """Whether a document holds a reference that could not be bound, so that its objects are not what is meant."""
    return any(
        isinstance(piece, Reference) and (resource.id, piece.text) not in values
        for _, scalar in with_references(resource.node.entries["spec"])
        for piece in pieces(str(scalar.value))
    )


def evaluate(scope: Scope, source: Resource[Any], target: Target, reference: Reference) -> Value:
    """What a reference stands for; UnboundError says why it stands for nothing."""
    kind = target.resource.kind
    rest = reference.rest
    if not rest:
        if kind.references is not None and kind.references.itself is not None:
            return kind.references.itself(target)  # type: ignore[no-any-return] # a Value
        known = [*kind.attributes, *([kind.any_attribute.takes] if kind.any_attribute else [])]
        raise UnboundError(f"{reference.text} does not name an attribute", f"write one of {', '.join(known)}")
    attribute = kind.attributes.get(rest[0])
    if attribute is not None:
        if len(rest) > 1 and not attribute.takes:
            raise UnboundError(f"`{rest[0]}` of a {kind.word} has no attributes of its own")
        return attribute.evaluate(scope.platform, target, source, rest[1:])  # type: ignore[no-any-return] # a Value
    if kind.any_attribute is not None:
        return kind.any_attribute.evaluate(scope.platform, target, source, rest)  # type: ignore[no-any-return] # a Value
    raise UnboundError(f"a {kind.word} has no attribute {rest[0]}", suggestion(rest[0], kind.attributes))


def _fitting(binding: _Binding, value: Value, use: _Use) -> Value | None:
    """The value, where it may stand here; None with a finding where it may not."""
    if use.context is Context.DOCUMENT:
        return value
    if isinstance(value, SecretValue):
        return _fitting_secret(binding, value, use)
    if isinstance(value, Target):
        message = f"{use.reference.text} does not name an attribute"
        known = ", ".join(value.resource.kind.attributes)
        binding.found.append(UNKNOWN_REFERENCE.at(use.at, message, f"known are: {known}"))
        return None
    if isinstance(value, ConfigValue) and not (use.context is Context.VARIABLE and use.alone):
        message = "a Config's file can only be the whole value of an environment variable"
        binding.found.append(CONFIG_IN_TEXT.at(use.at, message, "mount it instead"))
        return None
    return value


def _fitting_secret(binding: _Binding, value: SecretValue, use: _Use) -> Value | None:
    """What is secret may not stand in the clear."""
    if use.context is Context.VARIABLE:
        if use.alone:
            return _same_namespace(binding, value, use.at)
        hint = f"add `SECRET_VALUE: {use.reference.text}` to env, and write $(SECRET_VALUE) here"
        binding.found.append(SECRET_IN_TEXT.at(use.at, "a secret cannot be part of a longer value", hint))
        return None
    if use.context is Context.SECRET_FILE:
        if value.document == binding.source.id:
            return value
        hint = f"give this Secret a key with `copyOf: secret.{value.secret}.{value.key}` and refer to that"
        binding.found.append(SECRET_IN_CONFIG.at(use.at, "a Secret's files can use only its own keys", hint))
        return None
    public = _public_value(binding, value)
    if public is None:
        binding.found.append(_secret_in_the_clear(use))
    return public


def _same_namespace(binding: _Binding, value: SecretValue, at: Span) -> SecretValue | None:
    if binding.scope.share_namespace(value.document, value.namespace, binding.source):
        return value
    message = f"the Secret {value.secret} is in the namespace {value.namespace}; pods can only read Secrets of their own namespace"
    binding.found.append(
        SECRET_OTHER_NAMESPACE.at(
            at, message, f"add a Secret here with a key that has copyOf: secret.{value.secret}.{value.key}"
        )
    )
    return None


def _secret_in_the_clear(use: _Use) -> Finding:
    if use.context is Context.CONFIG:
        message = "a ConfigMap would contain a secret, where anyone can read it"
        return SECRET_IN_CONFIG.at(use.at, message, "move this part to the `files` of a Secret")
    if use.context is Context.CONTAINER:
        message = "the pod's specification would contain a secret, where anyone can read it"
        return SECRET_IN_TEXT.at(use.at, message, "pass it in an environment variable or a mounted file")
    message = "the output would contain a secret in plain text"
    return SECRET_IN_CONFIG.at(use.at, message, "use a value that is not secret")


def _public_value(binding: _Binding, value: SecretValue) -> str | None:
    """The readable value of a key that is marked as public; NOT_SEALED where there is none yet."""
    resource = next(
        (
            target.resource
            for target in binding.scope.targets.get(("secret", value.secret), ())
            if target.resource.id == value.document
        ),
        None,
    )
    if resource is None:
        return None
    spec: SecretSpec = resource.spec
    key = spec.keys.get(value.key)
    if key is None or not key.public:
        return None
    sealed = binding.scope.platform.sealed.get((value.namespace, value.secret))
    stored = sealed.spec.keys.get(value.key) if sealed else None
    return (stored.public or NOT_SEALED) if stored else NOT_SEALED


def _edges(binding: _Binding, use: _Use, target: Target, value: Value) -> None:
    """The edge that a reference makes, if it makes one."""
    source, identity, rest = binding.source, target.resource.id, use.reference.rest
    word = use.reference.word
    if identity == source.id:
        return
    if isinstance(value, SecretValue):
        kind = EdgeKind.SECRET if target.resource.kind.aws is None else EdgeKind.IDENTITY
        binding.found.append(Edge(kind, source.id, identity, use.at, key=value.key))
    elif isinstance(value, Target):
        binding.found.append(Edge(EdgeKind.IDENTITY, source.id, identity, use.at))
    elif word == "secret":
        binding.found.append(Edge(EdgeKind.SECRET, source.id, identity, use.at, key=rest[0]))
    elif word == "config":
        key = value.key if isinstance(value, ConfigValue) else ""
        binding.found.append(Edge(EdgeKind.CONFIG, source.id, identity, use.at, key=key))
    elif source.id.kind in PROGRAMS:
        _edges_of_program(binding, use, target)


def _edges_of_program(binding: _Binding, use: _Use, target: Target) -> None:
    word, identity, rest = use.reference.word, target.resource.id, use.reference.rest
    aws = target.resource.kind.aws
    if aws is not None:
        if aws.credentials is Credentials.IDENTITY:
            _require_access(binding, use, target, aws)
        elif aws.credentials is Credentials.PULL_SECRET and use.path[-1] == "image":
            binding.found.append(Edge(EdgeKind.IMAGE, binding.source.id, identity, use.at))
    elif word in {"workload", "service"}:
        named = rest[1] if len(rest) > 1 else ""
        binding.used_ports.setdefault(identity, []).append((named, use.at))


def _require_access(binding: _Binding, use: _Use, target: Target, aws: AWSFacts) -> None:
    for edge in binding.needs:
        if edge.kind is EdgeKind.ACCESS and edge.target == target.resource.id and edge.name == target.name:
            return
    word = use.reference.word
    application = binding.source.id.application
    for need in binding.source.spec.needs:
        if need.target is None or need.target.word != word:
            continue
        if isinstance(binding.scope.find(word, need.target.name, application), Absent):
            return  # that need has a finding, and may be the one for this
    words = ", ".join(aws.access)
    message = f"{binding.source.name} uses the {word} {target.name}, but its needs give no access to it"
    binding.found.append(
        MISSING_ACCESS.at(use.at, message, f"add to needs: {{{word}: {target.name}, access: [{words}]}}")
    )


def _implied_traffic(binding: _Binding, needs: tuple[Edge, ...]) -> Iterator[Edge | Finding]:
    """A reference to a workload in the environment makes the edge by itself."""
    source = binding.source.id
    for target, uses in binding.used_ports.items():
        known = {edge.port for edge in needs if edge.kind is EdgeKind.TRAFFIC and edge.target == target}
        if target.kind == "ExternalService":
            if not known:
                yield Edge(EdgeKind.TRAFFIC, source, target, uses[0][1])
            continue
        named = {port: at for port, at in reversed(uses) if port}
        for port, at in named.items():
            if port not in known:
                yield Edge(EdgeKind.TRAFFIC, source, target, at, port=port)
        if named or known:
            continue
        ports = list(container_ports(binding.scope.targets["workload", target.name][0].resource))
        at = uses[0][1]
        if len(ports) == 1:
            yield Edge(EdgeKind.TRAFFIC, source, target, at, port=ports[0])
        else:
            message = f"it is not clear which port of {target.name} the reference uses"
            hint = "add to needs: " + " or ".join(f"{{workload: {target.name}, port: {port}}}" for port in ports)
            yield PORT_UNCLEAR.at(at, message, hint)
