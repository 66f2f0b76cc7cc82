"""platform_claims: this platform's claims and what they make, and the files that say what that should be.

In      rendered/, crossplane/; every_field/, a file a kind: claims that say what this platform's own do not, so that
        together every field of every kind is tried.
Out     managed resources of each environment, and of those other claims, in either form of the claim API.

`python -m composing.platform_claims` writes want/ anew; its diff is to be read like code.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from platformc.canonical_yaml import emit
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.lower.legacy_claim_api import legacy_form

from composing.claim_composition import ClaimKind, ManagedResource, claim_kinds, managed_resources
from e2e.definitions import documents
from e2e.rendered import claims, environments, rendered_objects

JSON: TypeAlias = Any

ROOT = Path(__file__).parents[2]
WANT = Path(__file__).parent / "want"
FORMS = ("namespaced", "legacy")
ENVIRONMENTS = tuple(environments())
EVERY_FIELD = "every-field"
SOURCES = (*ENVIRONMENTS, EVERY_FIELD)
"""Where claims come from: an environment's are rendered, the others are written out."""

UID = "00000000-0000-4000-8000-000000000000"
"""What every composite is known by; only in the older form is anything called after it."""


@cache
def claim_api(form: str = "namespaced") -> tuple[JSON, ...]:
    """Everything in crossplane/, in that form."""
    given = load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane")
    return given.objects if form == "namespaced" else tuple(legacy_form(one) for one in given.legacy_objects)


@cache
def kinds(form: str) -> dict[str, ClaimKind]:
    """The kinds of claims, in that form of the claim API."""
    return claim_kinds(claim_api(form))


@cache
def claims_of(source: str) -> tuple[JSON, ...]:
    """All claims of a source, by kind and name; they are the same in both forms."""
    if source == EVERY_FIELD:
        found = list(documents(sorted(Path(__file__).with_name("every_field").glob("*.yaml"))))
    else:
        found = claims(rendered_objects(source))
    return tuple(sorted(found, key=lambda one: (one["kind"], one["metadata"]["name"])))


@cache
def resources_of(form: str, source: str) -> tuple[ManagedResource, ...]:
    """Everything that a source's claims make."""
    known = [{**one, "metadata": {**one["metadata"], "uid": UID}} for one in claims_of(source)]
    return tuple(managed_resources(kinds(form), known))


def wanted_file(form: str, source: str) -> Path:
    """Where it is written what should be made."""
    return WANT / form / f"{source}.yaml"


def as_text(made: tuple[ManagedResource, ...]) -> str:
    """A document for each resource, under a line that says what it is of."""
    return "---\n".join(
        f"# {one.resource} of {one.claim['kind']} {one.claim['metadata']['name']}\n{emit(one.object)}" for one in made
    )


def main() -> None:
    """Write all files."""
    for form in FORMS:
        for source in SOURCES:
            path = wanted_file(form, source)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(resources_of(form, source)), encoding="utf-8")


if __name__ == "__main__":
    main()
