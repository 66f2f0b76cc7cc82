"""Rules about what programs may do to their node."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_case import Case, assert_clean, assert_found_once
from small_platform import HERE, pod, workload

OPEN = "\nrunAsUser: 1000\n"

CASES = (
    Case(
        "privileged-container",
        (pod({"securityContext": f"{{privileged: true, readOnlyRootFilesystem: true}}  {HERE}"}),),
        (workload(securityContext="{runAsUser: 1000, privileged: false}"),),
        at="true",
    ),
    Case(
        "privilege-escalation",
        (workload(securityContext=f"{OPEN}allowPrivilegeEscalation: true  {HERE}"),),
        (workload(securityContext=f"{OPEN}allowPrivilegeEscalation: false"),),
        at="true",
    ),
    Case(
        "privilege-escalation",
        (pod({"securityContext": f"{{readOnlyRootFilesystem: true, capabilities: {{drop: [ALL]}}}}  {HERE}"}),),
        (pod(),),
        name="absent",
    ),
    Case(
        "capability-added",
        (workload(securityContext=f"{OPEN}capabilities: {{add: [NET_BIND_SERVICE, NET_ADMIN]}}  {HERE}"),),
        (workload(securityContext=f"{OPEN}capabilities: {{add: [NET_BIND_SERVICE]}}"),),
        at="NET_ADMIN",
    ),
    Case(
        "capability-kept",
        (workload(securityContext=f"{OPEN}capabilities: {{drop: [NET_RAW]}}  {HERE}"),),
        (workload(securityContext=f"{OPEN}capabilities: {{drop: [ALL]}}"),),
        at="NET_RAW",
    ),
    Case(
        "seccomp-unconfined",
        (workload(securityContext=f"{OPEN}seccompProfile: {{type: Unconfined}}  {HERE}"),),
        (workload(securityContext=f"{OPEN}seccompProfile: {{type: RuntimeDefault}}"),),
        at="Unconfined",
    ),
    Case(
        "seccomp-unconfined",
        (pod({"name": f"tool  {HERE}", "securityContext": None}, securityContext="{runAsUser: 1000}"),),
        (pod(),),
        at="tool",
        also=frozenset({"privilege-escalation", "capability-kept", "writable-root-filesystem"}),
        name="absent",
    ),
    Case(
        "root-user",
        (workload(securityContext=f"\nrunAsUser: 0  {HERE}\nrunAsNonRoot: false"),),
        (workload(securityContext="{runAsUser: 65532}"),),
        at="0",
    ),
    Case(
        "user-missing",
        (pod(securityContext=f"{{seccompProfile: {{type: RuntimeDefault}}}}  {HERE}"),),
        (workload(securityContext="{runAsUser: 1000, fsGroup: 1000}"),),
    ),
    Case(
        "writable-root-filesystem",
        (workload(securityContext=f"{OPEN}readOnlyRootFilesystem: false  {HERE}"),),
        (workload(scratch="[/tmp]"),),
        at="false",
    ),
    Case("host-access", (pod(hostNetwork=f"true  {HERE}"),), (pod(hostNetwork="false"),), at="true", name="network"),
    Case("host-access", (pod(hostPID=f"true  {HERE}"),), (pod(),), at="true"),
    Case(
        "host-access",
        (pod(volumes=f"[{{name: logs, hostPath: {{path: /var/log}}}}]  {HERE}"),),
        (pod(volumes="[{name: logs, emptyDir: {}}]"),),
        at="/var/log",
        name="path",
    ),
    Case(
        "host-access",
        (pod({"ports": f"[{{containerPort: 80, hostPort: 8080}}]  {HERE}"}),),
        (pod({"ports": "[{containerPort: 80}]"}),),
        at="8080",
        name="port",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_found_once(case: Case, tmp_path: Path) -> None:
    """What is wrong is found once, where it is wrong."""
    assert_found_once(case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_clean(case: Case, tmp_path: Path) -> None:
    """What is right is let through."""
    assert_clean(case, tmp_path)
