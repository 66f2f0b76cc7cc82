"""rules: everything that a finding can be about, as objects; `UNKNOWN_REFERENCE.at(span, message, hint)` makes one.

A rule of the language or of a tool is a constant in its family's module, with its page in `pages/<family>/<id>.md`.
A policy rule is defined in check/policies, beside the function that checks it.
"""

from platformc.rules.rule import Page, Rule

__all__ = ["Page", "Rule"]
