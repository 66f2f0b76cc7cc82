"""Policies: run the policy rules on one environment, and drop what `allow` silences.

In      a Program, its manifests, the Places of its objects in the spec.
Out     findings; a problem of a document that already has errors is not reported.
Finds   every rule in POLICIES; allow-unknown-rule, allow-unused, allow-impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from platformc.check.policies import POLICIES, all_rules
from platformc.check.policies.policy import Lowered, Policy, Problem
from platformc.diagnostics import Finding, Span, suggestion
from platformc.language import DocumentId
from platformc.language.models.base import DocumentSpec
from platformc.language.nodes import span_of
from platformc.link import Program
from platformc.lower import Manifest
from platformc.origins import Places
from platformc.rules import Rule
from platformc.rules.policies import ALLOW_IMPOSSIBLE, ALLOW_UNKNOWN_RULE, ALLOW_UNUSED

CONFIDENTIAL = frozenset({"secret-values", "credentials"})
"""Families of rules whose findings point to places that may contain a secret."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of an `allow` list."""

    document: DocumentId
    position: int
    rule: str


def check_policies(
    program: Program,
    manifests: Sequence[Manifest],
    places: Places,
    policies: Sequence[Policy] = POLICIES,
    *,
    is_whole: bool = True,
) -> Iterator[Finding]:
    """Run the rules. `allow` on a document, its Application or the Platform silences one.

    Unless `is_whole`, an unused `allow` is not reported: it may apply to something that was not checked.
    """
    entries = _entries(program)
    used: set[_Entry] = set()
    lowered = Lowered(manifests)
    for policy in policies:
        for problem in policy(program, lowered):
            allowing = _allowing(program, entries, policy.rule, problem)
            if allowing is not None:
                used.add(allowing)
                continue
            at = places.place(problem.manifest, problem.path)
            confidential = policy.rule.family in CONFIDENTIAL
            yield policy.rule.at(at, problem.message, problem.hint, confidential=confidential)
    yield from _judged(program, entries, used, is_whole=is_whole)


def _entries(program: Program) -> dict[tuple[DocumentId, str], _Entry]:
    return {
        (identity, allow.rule): _Entry(identity, position, allow.rule)
        for identity, resource in program.resources.items()
        if isinstance(resource.spec, DocumentSpec)
        for position, allow in enumerate(resource.spec.allow)
    }


def _allowing(
    program: Program, entries: dict[tuple[DocumentId, str], _Entry], rule: Rule, problem: Problem
) -> _Entry | None:
    owner = problem.manifest.owner
    application = DocumentId("Application", owner.application, owner.application)
    for document in (owner, application, program.platform.platform.id):
        if (document, rule.id) in entries:
            return entries[document, rule.id]
    return None


def _judged(
    program: Program, entries: dict[tuple[DocumentId, str], _Entry], used: set[_Entry], *, is_whole: bool
) -> Iterator[Finding]:
    """Yield findings about the `allow` entries themselves: an unused or wrong one would hide the next mistake."""
    of_environment = program.platform.target.allow
    if not entries and not of_environment:
        return
    known = {rule.id: rule for rule in all_rules()}
    policies = [policy.rule.id for policy in POLICIES]
    for (document, rule), entry in entries.items():
        at = program.resources[document].at("allow", entry.position, "rule")
        yield from _meaningless(rule, at, known)
        if rule in policies and entry not in used and is_whole:
            message = f"nothing here violates {rule}"
            yield ALLOW_UNUSED.at(at, message, "delete the entry")
    for position, allow in enumerate(of_environment):
        at = span_of(program.platform.target_node, ("spec", "allow", position, "rule"))
        yield from _meaningless(allow.rule, at, known)
        if allow.rule in policies:
            message = f"{allow.rule} is about objects, and an Environment has none of its own"
            yield ALLOW_UNUSED.at(at, message, "write it on the document, its Application or the Platform")


def _meaningless(rule: str, at: Span, known: Mapping[str, Rule]) -> Iterator[Finding]:
    if rule not in known:
        allowable = [one.id for one in known.values() if one.allowable]
        yield ALLOW_UNKNOWN_RULE.at(at, f"there is no rule {rule}", suggestion(rule, allowable))
    elif not known[rule].allowable:
        message = f"{rule} cannot be allowed: a spec that violates it has no meaning"
        yield ALLOW_IMPOSSIBLE.at(at, message, "fix what it reports")
