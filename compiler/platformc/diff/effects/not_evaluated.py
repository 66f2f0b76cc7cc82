"""not_evaluated: objects that open or close connections in ways that nothing here models.

In      a Comparison.
Out     one Effect for each such object that changes: that nobody compared it.
Never   takes an unknown policy for none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.snapshot import Comparison, FieldChange

GATEWAY_API = "gateway.networking.k8s.io"
SHOWN = 20
NOT_EVALUATED = {
    "cilium.io": "Cilium",
    "crd.projectcalico.org": "Calico",
    "projectcalico.org": "Calico",
    "policy.networking.k8s.io": "the Network Policy API",
    "security.istio.io": "Istio",
    "policy.linkerd.io": "Linkerd",
}
"""API groups whose objects open or close connections as well -> whose they are."""


def effects_not_evaluated(comparison: Comparison) -> Iterator[Effect]:
    """Objects that open or close connections in ways that are not modelled here."""
    for change in comparison.changes:
        group, kind = change.key.group, change.key.kind
        gateway = group == GATEWAY_API and kind not in {"GatewayClass", "ReferenceGrant"}
        whose = NOT_EVALUATED.get(group)
        if change.before is not None and change.after is not None and not _in_spec(change.fields):
            continue
        if whose is None and not (gateway and kind == "Gateway"):
            continue
        what = "opens ports of its own" if whose is None else f"{whose} decides with it who can connect to whom"
        verb = {"create": "is new", "update": "changes", "delete": "is deleted"}[change.verb]
        fields = tuple(dict.fromkeys(field.shown for field in change.fields))
        yield Effect(
            EffectKind.EXPOSURE,
            Verdict.EXPOSURE,
            change.environment,
            change.key,
            f"{verb} in a way that is not compared: {what}",
            (Basis(change.key, () if change.before is not None else None, () if change.after is not None else None),),
            fields[:SHOWN],
            fields=change.fields,
        )


def _in_spec(fields: Iterable[FieldChange]) -> bool:
    return any((*field.after_path, *field.before_path)[:1] == ("spec",) for field in fields)
