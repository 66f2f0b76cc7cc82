"""conventions: docs/conventions.md, what objects get without anybody asking for it."""

from __future__ import annotations

from platformc.origins.conventions import CONVENTIONS, Convention

from tools.docs.language import fragment
from tools.docs.markdown import code, page


def conventions() -> str:
    """One section for each convention, in the order in which they are tried."""
    return page("Conventions", fragment("conventions"), *map(_section, CONVENTIONS))


def _section(convention: Convention) -> str:
    kinds = ", ".join(convention.kinds) if convention.kinds else "all kinds of objects"
    places = "\n".join(f"- {code('.'.join(path))}" for path in convention.paths)
    return f"## {convention.id}\n\n{convention.title}. {convention.reason}\n\nIn {kinds}:\n\n{places}"
