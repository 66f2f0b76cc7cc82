"""documentation: the reference in docs/, made from the models, the rules and the verbs themselves.

In      the package: models with their docstrings, `KINDS`, all rules, all verbs; the prose in fragments/.
Out     `documents` gives every file below docs/ that is made, by its path.
Never   reads a platform's specs, or leaves a file of docs/ that is written by hand to chance: it knows only its own.
"""

from tools.docs.documents import documents

__all__ = ["documents"]
