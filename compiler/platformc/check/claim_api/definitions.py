"""definitions: problems of an XRD that only Crossplane would find, long after an API server accepted it.

In      the XRDs, the Compositions.
Out     findings.
Finds   claim-kind-uncomposed, claim-rule-unbounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from platformc.check.claim_api.schemas import ClaimKind, default_composition
from platformc.check.claim_api.shape import parts
from platformc.check.policies.object_fields import mapping, sequence, text
from platformc.check.schemas.conversion import RULES
from platformc.diagnostics import Finding, suggestion
from platformc.language.nodes import KeyPath
from platformc.rules.crossplane import CLAIM_KIND_UNCOMPOSED, CLAIM_RULE_UNBOUNDED

BOUNDS = {"string": ("maxLength", "enum", "format"), "array": ("maxItems",), "object": ("maxProperties",)}
"""The word that bounds a value of each type; a map needs it only if its keys are not declared."""

QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
WHOLE = re.compile(r"\bself\b(?!\s*[.\[])")
WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def check_composed(
    kinds: Sequence[ClaimKind], compositions: Sequence[tuple[str, tuple[str, str]]]
) -> Iterator[Finding]:
    """Check that every kind has a Composition, and names one of its own. `compositions`: name, claim.

    A Composition of an undefined kind may be the missing one, so then nothing is reported.
    """
    known = {(claim.api_version, claim.kind) for claim in kinds}
    stray = any(composed not in known for _name, composed in compositions)
    for claim in kinds:
        own = [name for name, composed in compositions if composed == (claim.api_version, claim.kind)]
        named = default_composition(claim.source_object)
        if not own and stray:
            continue
        if not own:
            message = f"there is no Composition for {claim.kind} of {claim.api_version}"
            hint = "add one whose compositeTypeRef refers to it"
            place: KeyPath = ("spec", "names", "kind")
        elif named and named not in own:
            message = f"there is no Composition {named} for {claim.kind}"
            hint = suggestion(named, own)
            place = ("spec", "defaultCompositionRef", "name")
        else:
            continue
        yield CLAIM_KIND_UNCOMPOSED.at(claim.source_object.at(place), message, hint)


def check_rules(claim: ClaimKind) -> Iterator[Finding]:
    """Check that whatever a CEL rule reads is bounded: its cost is estimated from the largest possible value.

    Source: Kubernetes docs, "Resource use by validation functions". Crossplane cannot create the CRD of an
    XRD whose rules may cost too much; the XRD then never becomes established, and no condition says why.
    """
    found: dict[KeyPath, Finding] = {}
    for place, part in parts(claim.declared, claim.at):
        for position, entry in enumerate(sequence(part.get(RULES))):
            expression = QUOTED.sub("", text(mapping(entry).get("rule")))
            rule_at = (*place, RULES, position, "rule")
            for where, word in _unbounded(place, part, expression):
                message = f"a rule reads this field, but it has no {word}"
                hint = f"add {word}: the API server rejects rules over unbounded values as too expensive"
                related = ((claim.source_object.at(rule_at), "the rule"),)
                found.setdefault(
                    where, CLAIM_RULE_UNBOUNDED.at(claim.source_object.key_at(where), message, hint, related=related)
                )
    yield from found.values()


def _unbounded(at: KeyPath, schema: dict[str, Any], expression: str) -> Iterator[tuple[KeyPath, str]]:
    """The unbounded fields that an expression on this schema reads: the place, and the missing word.

    A field is read if its name, or the whole value, is in the expression; then everything below it is read, too.
    """
    whole = bool(WHOLE.search(expression))
    declared = mapping(schema.get("properties"))
    words = set(WORD.findall(expression))
    if whole or not declared:
        yield from _open(at, schema)
        return
    for name, part in declared.items():
        if name in words:
            yield from _open((*at, "properties", name), part)


def _open(at: KeyPath, schema: Any) -> Iterator[tuple[KeyPath, str]]:
    for place, part in parts(schema, at):
        kind = part.get("type")
        bounds = BOUNDS.get(kind, ()) if isinstance(kind, str) else ()
        if kind == "object" and "additionalProperties" not in part:
            continue
        if bounds and not any(bound in part for bound in bounds):
            yield place, bounds[0]
