"""A container's own security context takes the place of the pod's, users and system calls included."""

from __future__ import annotations

from platformc.language.models.container import SecurityContext
from platformc.lower.container import container_security


def test_the_pod_says_who_runs() -> None:
    """Without a context of its own, a container repeats nothing that the pod says."""
    made = container_security(SecurityContext.model_validate({"runAsUser": 1000}))
    assert made == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_container_of_its_own_says_who_runs() -> None:
    """With one, it says who runs it, and under which filter of system calls."""
    given = {"runAsUser": 0, "runAsNonRoot": False, "seccompProfile": {"type": "Unconfined"}}
    made = container_security(SecurityContext.model_validate(given), whole=True)
    assert made["runAsUser"] == 0
    assert made["runAsNonRoot"] is False
    assert made["seccompProfile"] == {"type": "Unconfined"}
