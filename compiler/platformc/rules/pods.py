"""Pods: rules about whether the parts of a pod fit together."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "pods")

CONTAINER_CLASH = _rule("container-clash")
INVALID_CONTAINERS = _rule("invalid-containers")
INVALID_MOUNT = _rule("invalid-mount")
INVALID_PROBE = _rule("invalid-probe")
MOUNT_CLASH = _rule("mount-clash")
PORT_CLASH = _rule("port-clash")
PROBE_PORT = _rule("probe-port")
REQUEST_ABOVE_LIMIT = _rule("request-above-limit")
UNKNOWN_VARIABLE = _rule("unknown-variable")
UNKNOWN_VOLUME = _rule("unknown-volume")
VARIABLE_CYCLE = _rule("variable-cycle")
