"""conventions: docs/conventions.md, what objects get without anybody asking for it."""

from __future__ import annotations

from platformc.kinds import ALL
from platformc.origins.conventions import CLAIM, CONVENTIONS, Convention

from tools.docs.language import fragment
from tools.docs.markdown import code, page


def conventions() -> str:
    """One section for each convention, in the order in which they are tried."""
    return page("Conventions", fragment("conventions"), *map(_section, CONVENTIONS))


def _section(convention: Convention) -> str:
    claims = sorted(claim.kind for kind in ALL if kind.aws is not None for claim in kind.aws.claims)
    named = [name for kind in convention.kinds for name in (claims if kind == CLAIM else [kind])]
    kinds = ", ".join(named) if named else "all kinds of objects"
    places = "\n".join(f"- {code('.'.join(path))}" for path in convention.paths)
    return f"## {convention.id}\n\n{convention.title}. {convention.reason}\n\nIn {kinds}:\n\n{places}"
