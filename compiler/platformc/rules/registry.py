"""registry: all rules with a page in `pages/`; check/policies lists the policy rules."""

from __future__ import annotations

from platformc.rules import (
    aws,
    crossplane,
    data,
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
    data,
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
"""The modules whose constants are rules."""

LANGUAGE_RULES: tuple[Rule, ...] = tuple(
    sorted(
        (value for family in FAMILIES for value in vars(family).values() if isinstance(value, Rule)),
        key=lambda rule: rule.id,
    )
)
"""Sorted by id."""
