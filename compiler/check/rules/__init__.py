"""Rules: every rule that a finding can come from."""

from compiler.check.rules import images
from compiler.check.rules.pages import language_rules
from compiler.check.rules.rule import Problem, Rule

POLICIES: tuple[Rule, ...] = (
    images.image_tag_mutable,
    images.image_digest_missing,
)
"""Rules about what was lowered, in the order in which they are tried. Only these can be allowed."""


def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    return tuple(sorted((*POLICIES, *language_rules()), key=lambda rule: rule.id))


__all__ = ["POLICIES", "Problem", "Rule", "all_rules"]
