"""managed_fields: the page about what claims can say to AWS, and what not.

In      field_reach.
Out     docs/managed-fields.md.

`python -m composing.managed_fields` writes it; `make docs` does where upstream's CRDs are at hand.
"""

from __future__ import annotations

from composing.field_reach import BESIDE, ManagedKind, managed_kinds, used_fields
from composing.platform_claims import ROOT
from tools.docs.markdown import code, table

PAGE = ROOT / "docs" / "managed-fields.md"

BECOMES = {
    "deletionPolicy": "only in the older form; its default, Delete, leaves the decision to `managementPolicies`",
    "initProvider": "never: a field that is only set at creation could differ from the claim later",
    "managementPolicies": "from the claim's `deletionPolicy`, never with `LateInitialize`; an access key's are always `*`",
    "providerConfigRef": "from the claim's `providerConfigName`",
    "writeConnectionSecretToRef": "of an access key alone; its Secret is where ours gets the values from",
}
"""Field beside `forProvider` -> what we make of it."""


def page() -> str:
    """The page."""
    assert set(BECOMES) == BESIDE, "the page tells of every field"
    found, used = managed_kinds(), used_fields()
    blocks = [
        "# Managed fields",
        "<!-- Made by `python -m composing.managed_fields` from crossplane/, rendered/ and the provider's CRDs. -->",
        (
            "Every kind of the AWS provider that our claims make: the fields that a claim can reach, those that this "
            "platform's claims give a value to, and those that no claim reaches. A field that no claim reaches keeps what "
            "AWS itself takes where nothing is said; who needs one adds it to the definition and the Composition in "
            "`crossplane/`. Both forms of the claim API reach the same fields."
        ),
        table(
            ("kind", "made by", "can be reached", "used here", "not reached"),
            [
                (
                    f"[{one.kind}](#{one.kind.lower()})",
                    f"{one.claim}, as {code(one.resource)}",
                    str(len(one.reached)),
                    str(len(used[one.kind] & set(one.reached))),
                    str(len(one.unreached)),
                )
                for one in found
            ],
        ),
        (
            "What is left out as a whole counts as one. Fields that tell the provider to look a value up "
            "(`userRef`, `userSelector`) are not counted: every name is known before anything is made."
        ),
        "Beside `forProvider`, all kinds have the same fields:",
        table(("field", "what becomes of it"), [(code(name), told) for name, told in BECOMES.items()]),
        *(_of_kind(one, used[one.kind]) for one in found),
    ]
    return "\n\n".join(blocks) + "\n"


def _of_kind(one: ManagedKind, used: set[str]) -> str:
    name = f" Its external name is the claim's {one.external_name}." if one.external_name else ""
    blocks = [
        f"## {one.kind}",
        (
            f"{code(one.api_versions[0])}, in the older form {code(one.api_versions[1])}. Made by {one.claim}, as "
            f"{code(one.resource)}.{name}"
        ),
        table(
            ("reached", "from the claim's", "used here"),
            [(code(field), source, "yes" if field in used else "") for field, source in one.reached.items()],
        )
        if one.reached
        else "",
        table(("output", "the claim's status"), [(code(a), code(b)) for a, b in one.outputs.items()])
        if one.outputs
        else "",
        table(("not reached", "what the provider says"), [(code(a), b) for a, b in sorted(one.unreached.items())])
        if one.unreached
        else "",
    ]
    return "\n\n".join(block for block in blocks if block)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
