"""registry: all rules that have a page of their own; the policy rules are listed in check/policies."""

from __future__ import annotations

from platformc.rules import (
    aws,
    crossplane,
    documents,
    environments,
    fields,
    files,
    needs,
    order,
    output,
    overlays,
    pods,
    policies,
    references,
    secrets,
    values,
    yaml,
)
from platformc.rules.rule import Rule

FAMILIES = (
    aws,
    crossplane,
    documents,
    environments,
    fields,
    files,
    needs,
    order,
    output,
    overlays,
    pods,
    policies,
    references,
    secrets,
    values,
    yaml,
)
"""The modules that hold a rule in each of their constants."""

LANGUAGE_RULES: tuple[Rule, ...] = tuple(
    sorted(
        (value for family in FAMILIES for value in vars(family).values() if isinstance(value, Rule)),
        key=lambda rule: rule.id,
    )
)
"""Sorted by id."""
