"""outputs: the Platform's outputs, from the spec or from AWS.

In      an environment's graph; for live values the claims of its cluster.
Out     name -> value. What a spec decides (names, addresses, ARNs) is known without any request.
Never   contains a secret: an output that refers to one is an error of the spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platformc.diagnostics import UsageError, did_you_mean
from platformc.language import Reference, pieces
from platformc.language.models.types import Template
from platformc.link import Program, Target
from platformc.link.aws_names import is_managed
from platformc.lower import ObjectId
from platformc.lower.claim import API, GROUP
from platformc.lower.values import as_text, value

if TYPE_CHECKING:
    from platformc.live.cluster import Cluster

SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class LiveField:
    """A field of a claim's status that a reference can be read from."""

    claim: ObjectId
    field: str


@dataclass(frozen=True, slots=True)
class Output:
    """One output. `parts` are its texts, and the references in it that a claim's status has."""

    name: str
    value: str
    parts: tuple[str | LiveField, ...]

    @property
    def claims(self) -> frozenset[ObjectId]:
        """The claims that a live value needs."""
        return frozenset(part.claim for part in self.parts if isinstance(part, LiveField))


def known_outputs(program: Program) -> tuple[Output, ...]:
    """Every output of the Platform in the order of the spec, from the spec alone."""
    platform = program.platform.platform
    return tuple(
        Output(name, as_text(value(program, platform, template)), tuple(_parts(program, template)))
        for name, template in program.platform.settings.outputs.items()
    )


def _parts(program: Program, template: Template) -> list[str | LiveField]:
    platform = program.platform.platform
    if not isinstance(template.text, str):
        return [as_text(template.text)]
    parts: list[str | LiveField] = []
    for piece in pieces(template.text):
        if isinstance(piece, Reference):
            known = as_text(program.values[platform.id, piece.text])
            parts.append(_field(program, piece) or known)
        elif isinstance(piece, str):
            parts.append(piece)
    return parts


def _field(program: Program, reference: Reference) -> LiveField | None:
    """The field of a claim's status for a reference; None if no claim of this environment has it."""
    target = program.scope.find(reference.word, reference.name, program.platform.platform.id.application)
    if not isinstance(target, Target) or not is_managed(target.resource):
        return None
    aws = target.resource.kind.aws
    field = aws.outputs.get(".".join(reference.rest)) if aws is not None else None
    if aws is None or field is None:
        return None
    return LiveField(ObjectId(GROUP, aws.claims[0].kind, target.resource.namespace, aws.claim_name(target)), field)


def output_named(outputs: tuple[Output, ...], name: str) -> Output:
    """The output of a name. Raises UsageError."""
    found = [output for output in outputs if output.name == name]
    if not found:
        names = [output.name for output in outputs]
        raise UsageError(
            f"there is no output {name}", did_you_mean(name, names, SUGGESTIONS) or "the Platform document lists them"
        )
    return found[0]


async def statuses(cluster: Cluster, outputs: tuple[Output, ...]) -> dict[ObjectId, dict[str, Any] | None]:
    """The status of every claim that the outputs need; None if the claim does not exist."""
    found: dict[ObjectId, dict[str, Any] | None] = {}
    for claim in sorted({claim for output in outputs for claim in output.claims}):
        instance = await cluster.get(API, claim.kind, claim.namespace, claim.name)
        found[claim] = None if instance is None else instance.get("status", {})
    return found


@dataclass(frozen=True, slots=True)
class LiveOutputs:
    """Outputs with the values of AWS."""

    values: Mapping[str, str]
    different: tuple[Output, ...]
    """Those whose value differs in the spec."""
    missing: Mapping[str, str]
    """Output -> what it waits for."""


def live_outputs(outputs: tuple[Output, ...], found: Mapping[ObjectId, Mapping[str, Any] | None]) -> LiveOutputs:
    """Outputs read from the `statuses` of their claims, in their order."""
    values: dict[str, str] = {}
    missing: dict[str, str] = {}
    for output in outputs:
        said, why = live_value(output, found)
        if said is None:
            missing[output.name] = why
        else:
            values[output.name] = said
    different = tuple(one for one in outputs if values.get(one.name, one.value) != one.value)
    return LiveOutputs(values, different, missing)


def live_value(output: Output, found: Mapping[ObjectId, Mapping[str, Any] | None]) -> tuple[str | None, str]:
    """The value of an output in AWS, or None and what it waits for."""
    texts = []
    for part in output.parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        status = found[part.claim]
        if status is None:
            return None, f"there is no {part.claim}"
        if not status.get(part.field):
            return None, f"the {part.claim} has no status.{part.field} yet"
        texts.append(str(status[part.field]))
    return "".join(texts), ""
