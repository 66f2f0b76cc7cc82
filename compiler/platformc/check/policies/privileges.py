"""Privileges: what a process may do to its node, beyond the restricted Pod Security Standard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from platformc.check.policies.object_fields import (
    below,
    container_name,
    containers,
    mapping,
    number,
    sequence,
    text,
    texts,
)
from platformc.check.policies.policy import Pod, Problem, object_policy, pods
from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.lower import Manifest

HARMLESS_CAPABILITIES = frozenset({"NET_BIND_SERVICE"})
"""What Kubernetes' "restricted" Pod Security Standard lets a container add."""
CONFINED = frozenset({"RuntimeDefault", "Localhost"})
HOST_NAMESPACES = (
    ("hostNetwork", "the node's network"),
    ("hostPID", "the node's processes"),
    ("hostIPC", "the node's shared memory"),
)


def _security(container: dict[str, Any]) -> dict[str, Any]:
    return mapping(container.get("securityContext"))


def _user(pod: Pod, container: dict[str, Any]) -> tuple[int | None, KeyPath]:
    """Return the user ID that a container runs as, and where it is set; the container's own setting wins."""
    own = number(_security(container).get("runAsUser"))
    if own is not None:
        return own, ("securityContext", "runAsUser")
    return number(below(pod.spec, "securityContext", "runAsUser")), ()


@object_policy("privileged-container", Severity.ERROR, "privileges")
def privileged_container(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container with all privileges on its node.

    ## Why is this bad?
    A privileged container sees the node's devices and can mount its disk. Whoever takes over the process
    has taken over the node, and every pod and Secret on it.

    ## Example
    ```yaml
    securityContext: {runAsUser: 1000, privileged: true}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 1000}
    ```
    One capability is nearly always enough; see `platformc rule capability-added`.

    ## How to allow it
    ```yaml
    allow: [{rule: privileged-container, reason: "it formats the node's disks"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            if _security(container).get("privileged") is True:
                yield Problem(
                    pod.manifest,
                    (*path, "securityContext", "privileged"),
                    f"the container {container_name(container)} has all privileges on its node",
                    "remove `privileged`",
                )


@object_policy("privilege-escalation", Severity.ERROR, "privileges")
def privilege_escalation(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container whose processes may gain more privileges than they started with.

    ## Why is this bad?
    A `setuid` binary in the image, such as `sudo` or `ping`, can turn an ordinary user into root.
    Kubernetes allows this by default, so an object must forbid it.

    ## Example
    ```yaml
    securityContext: {runAsUser: 1000, allowPrivilegeEscalation: true}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 1000}
    ```
    In a RawManifest write `allowPrivilegeEscalation: false` for each container.

    ## How to allow it
    ```yaml
    allow: [{rule: privilege-escalation, reason: "the mail server changes to the recipient's user"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            security = _security(container)
            # Kubernetes sets it for a privileged container anyway, and that has a finding of its own.
            if security.get("allowPrivilegeEscalation") is not False and security.get("privileged") is not True:
                yield Problem(
                    pod.manifest,
                    (*path, "securityContext", "allowPrivilegeEscalation"),
                    f"processes in the container {container_name(container)} may gain more privileges",
                    "set allowPrivilegeEscalation: false",
                )


@object_policy("capability-added", Severity.ERROR, "privileges")
def capability_added(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container with a Linux capability that ordinary processes do not need.

    ## Why is this bad?
    A capability is a piece of root: NET_ADMIN redirects traffic, SYS_PTRACE reads other processes' memory,
    SYS_ADMIN is nearly all of it. NET_BIND_SERVICE, which only opens ports below 1024, is not reported.

    ## Example
    ```yaml
    securityContext: {runAsUser: 1000, capabilities: {add: [NET_ADMIN]}}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 1000}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: capability-added, reason: "the VPN creates its own network device"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            added = sequence(below(_security(container), "capabilities", "add"))
            for position, capability in enumerate(added):
                if text(capability) and capability not in HARMLESS_CAPABILITIES:
                    yield Problem(
                        pod.manifest,
                        (*path, "securityContext", "capabilities", "add", position),
                        f"the container {container_name(container)} adds the capability {capability}",
                        "remove it",
                    )


@object_policy("capability-kept", Severity.ERROR, "privileges")
def capability_kept(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container that keeps the default capabilities of the container runtime.

    ## Why is this bad?
    The runtime's default set lets a process change file owners, forge network packets and listen on
    well-known ports. Processes that need none of this lose nothing when all capabilities are dropped.

    ## Example
    ```yaml
    securityContext: {runAsUser: 1000, capabilities: {drop: [NET_RAW]}}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 1000}          # drops ALL
    ```
    In a RawManifest write `capabilities: {drop: [ALL]}` for each container.

    ## How to allow it
    ```yaml
    allow: [{rule: capability-kept, reason: "the image changes owners in its volume at start"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            security = _security(container)
            dropped = {capability.upper() for capability in texts(below(security, "capabilities", "drop"))}
            if "ALL" not in dropped and security.get("privileged") is not True:
                yield Problem(
                    pod.manifest,
                    (*path, "securityContext", "capabilities", "drop"),
                    f"the container {container_name(container)} keeps the runtime's default capabilities",
                    "drop them: capabilities: {drop: [ALL]}",
                )


@object_policy("seccomp-unconfined", Severity.ERROR, "privileges")
def seccomp_unconfined(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container that may use every system call.

    ## Why is this bad?
    Most container escapes go through a system call that no ordinary process uses. The runtime's default
    profile blocks those; without a profile, or with `Unconfined`, nothing does.

    ## Example
    ```yaml
    securityContext: {runAsUser: 1000, seccompProfile: {type: Unconfined}}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 1000}          # RuntimeDefault
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: seccomp-unconfined, reason: "the profiler needs perf_event_open"}]
    ```
    """
    for pod in pods(manifests):
        shared = text(below(pod.spec, "securityContext", "seccompProfile", "type"))
        if shared and shared not in CONFINED:
            place = (*pod.path, "securityContext", "seccompProfile", "type")
            yield Problem(pod.manifest, place, "the pod may use every system call", "remove the profile")
        for path, container in containers(pod):
            own = text(below(_security(container), "seccompProfile", "type"))
            if (own and own not in CONFINED) or (not own and not shared):
                yield Problem(
                    pod.manifest,
                    (*path, "securityContext", "seccompProfile", "type"),
                    f"the container {container_name(container)} may use every system call",
                    "set seccompProfile: {type: RuntimeDefault}",
                )


@object_policy("root-user", Severity.ERROR, "privileges")
def root_user(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container that runs as root.

    ## Why is this bad?
    User 0 in a container is user 0 on the node: with one hole in the kernel or the runtime, the process owns
    the machine. Images that start as root nearly always also run as another user.

    ## Example
    ```yaml
    securityContext: {runAsUser: 0, runAsNonRoot: false}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 999, fsGroup: 999}     # `docker run --rm --entrypoint cat IMAGE /etc/passwd` lists its users
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: root-user, reason: "upstream's init script rejects any other user"}]
    ```
    """
    for pod in pods(manifests):
        shared = number(below(pod.spec, "securityContext", "runAsUser"))
        if shared == 0:
            place = (*pod.path, "securityContext", "runAsUser")
            yield Problem(pod.manifest, place, "the pod runs as root", "write another numeric user ID")
        for path, container in containers(pod):
            user, place = _user(pod, container)
            if user == 0 and place:
                message = f"the container {container_name(container)} runs as root"
                yield Problem(pod.manifest, (*path, *place), message, "write another numeric user ID")


@object_policy("user-missing", Severity.ERROR, "privileges")
def user_missing(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container without a numeric user ID.

    ## Why is this bad?
    Without `runAsUser` the image decides. If it sets its user by name, Kubernetes cannot tell whether that is
    root and refuses to start the container (CreateContainerConfigError); if it sets none, the user is root.

    ## Example
    ```yaml
    kind: Workload
    metadata: {name: bot}
    spec: {image: "ghcr.io/example/bot:1.4.2"}
    ```

    ## Use instead
    ```yaml
    spec:
      image: ghcr.io/example/bot:1.4.2
      securityContext: {runAsUser: 65532}       # `docker inspect -f '{{.Config.User}}' IMAGE` prints it
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: user-missing, reason: "the user ID differs from node to node"}]
    ```
    """
    for pod in pods(manifests):
        without = [container for _, container in containers(pod) if _user(pod, container)[0] is None]
        if without:
            yield Problem(
                pod.manifest,
                (*pod.path, "securityContext", "runAsUser"),
                f"no user ID is set for {' and '.join(container_name(container) for container in without[:3])}",
                "set securityContext: {runAsUser: …} to the image's numeric user ID",
            )


@object_policy("writable-root-filesystem", Severity.ERROR, "privileges")
def writable_root_filesystem(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container that can change its own executables.

    ## Why is this bad?
    An intruder can leave a modified executable behind, and files written outside a volume fill the node's
    disk and are gone at the next start.

    ## Example
    ```yaml
    securityContext: {runAsUser: 1000, readOnlyRootFilesystem: false}
    ```

    ## Use instead
    ```yaml
    securityContext: {runAsUser: 1000}
    scratch: [/tmp, /var/cache/app]             # the folders that it actually writes to
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: writable-root-filesystem, reason: "it writes its configuration beside its executables"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            if _security(container).get("readOnlyRootFilesystem") is not True:
                yield Problem(
                    pod.manifest,
                    (*path, "securityContext", "readOnlyRootFilesystem"),
                    f"the container {container_name(container)} can write to its whole file system",
                    "set readOnlyRootFilesystem: true, and list the folders that it writes to in `scratch`",
                )


@object_policy("host-access", Severity.ERROR, "privileges")
def host_access(manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Pod that shares a part of its node: network, processes, memory, files or a port.

    ## Why is this bad?
    On the node's network no NetworkPolicy applies, and the cloud's metadata service answers. A folder of the
    node may contain other pods' Secrets. A port of the node is open wherever the node can be reached.

    ## Example
    ```yaml
    kind: RawManifest
    spec:
      objects:
        - {apiVersion: v1, kind: Pod, metadata: {name: agent}, spec: {hostNetwork: true}}
    ```

    ## Use instead
    Use a Service for a port and a volume for files. Do not use the host's namespaces.

    ## How to allow it
    ```yaml
    allow: [{rule: host-access, reason: "it measures the node itself"}]
    ```
    """
    for pod in pods(manifests):
        for field, what in HOST_NAMESPACES:
            if pod.spec.get(field) is True:
                yield Problem(pod.manifest, (*pod.path, field), f"the pod shares {what}", f"remove `{field}`")
        for position, volume in enumerate(sequence(pod.spec.get("volumes"))):
            if "hostPath" in mapping(volume):
                place = (*pod.path, "volumes", position, "hostPath", "path")
                message = f"the volume {text(mapping(volume).get('name'))} is a folder of the node"
                yield Problem(pod.manifest, place, message, "use a persistentVolumeClaim or an emptyDir")
        for path, container in containers(pod):
            for position, port in enumerate(sequence(container.get("ports"))):
                if number(mapping(port).get("hostPort")):
                    message = f"the container {container_name(container)} uses a port of its node"
                    place = (*path, "ports", position, "hostPort")
                    yield Problem(pod.manifest, place, message, "use a Service")


PRIVILEGES = (
    privileged_container,
    privilege_escalation,
    capability_added,
    capability_kept,
    seccomp_unconfined,
    root_user,
    user_missing,
    writable_root_filesystem,
    host_access,
)
"""The rules of this family, the gravest first."""
