"""What the core sends and takes over gRPC: the evaluator's answers, with protobuf's types in between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from crossplane.function import resource
from crossplane.function.proto.v1 import run_function_pb2

from composing.platform_claims import EVERY_FIELD, claims_of, kinds, resources_of
from e2e.function_server import PatchAndTransform


def asked(
    kind: str, spec: Mapping[str, Any], there: Mapping[str, tuple[Mapping[str, Any], Mapping[str, bytes]]]
) -> run_function_pb2.RunFunctionRequest:
    """A request for a claim of that kind, whose resources `there` are there already, with their connection details."""
    composition = kinds("namespaced")[kind].composition
    request = run_function_pb2.RunFunctionRequest()
    request.input.update(composition["spec"]["pipeline"][0]["input"])
    resource.update(request.observed.composite, {"kind": kind, "spec": dict(spec)})
    for name, (thing, connection) in there.items():
        resource.update(request.observed.resources[name], dict(thing))
        for key, value in connection.items():
            request.observed.resources[name].connection_details[key] = value
    return request


def answer(request: run_function_pb2.RunFunctionRequest) -> run_function_pb2.RunFunctionResponse:
    """What the function says."""
    return asyncio.run(PatchAndTransform().RunFunction(request, None))


def test_it_gives_what_the_evaluator_gives() -> None:
    """Numbers stay whole: the core would refuse 5.0 for an integer."""
    (claim,) = [one for one in claims_of(EVERY_FIELD) if one["kind"] == "Table"]
    (wanted,) = [one.object for one in resources_of("namespaced", EVERY_FIELD) if one.claim["kind"] == "Table"]
    made = answer(asked("Table", claim["spec"], {}))
    assert not made.results
    assert resource.struct_to_dict(made.desired.resources["table"].resource) == wanted
    assert made.desired.resources["table"].ready == run_function_pb2.READY_UNSPECIFIED


def test_it_tells_what_is_there() -> None:
    """Readiness, outputs, the Secret."""
    conditions = [{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "True"}]
    key = {"metadata": {"name": "x"}, "status": {"conditions": conditions, "atProvider": {"id": "AKIA"}}}
    (claim,) = [one for one in claims_of(EVERY_FIELD) if one["kind"] == "Identity"]
    spec = {**claim["spec"], "crossplane": {}}
    made = answer(asked("Identity", spec, {"access-key": (key, {"username": b"AKIA", "password": b"\xff"})}))
    assert made.desired.resources["access-key"].ready == run_function_pb2.READY_TRUE
    assert resource.struct_to_dict(made.desired.composite.resource) == {
        "status": {"accessKeyId": "AKIA", "resources": {"accessKey": conditions}}
    }
    secret = resource.struct_to_dict(made.desired.resources["connection-secret"].resource)
    assert secret["data"] == {"AWS_ACCESS_KEY_ID": "QUtJQQ==", "AWS_SECRET_ACCESS_KEY": "/w=="}


def test_what_it_does_not_know_is_fatal() -> None:
    """The core then shows it at the claim, and changes nothing."""
    request = asked("Table", {}, {})
    request.input["patchSets"] = [{"name": "common"}]
    (result,) = answer(request).results
    assert result.severity == run_function_pb2.SEVERITY_FATAL
    assert result.message == "UnknownInputError: input: patchSets"


def test_what_cannot_be_composed_is_fatal() -> None:
    """A value that the Composition's map has nothing for."""
    (result,) = answer(asked("Table", {"deletionPolicy": "Keep"}, {})).results
    assert result.severity == run_function_pb2.SEVERITY_FATAL
    assert "`spec.deletionPolicy` is `Keep`" in result.message


def test_another_step_before_it_is_fatal() -> None:
    """The real function would lay its own resources over that one's."""
    request = asked("Table", {}, {})
    resource.update(request.desired.resources["other"], {"kind": "Other"})
    (result,) = answer(request).results
    assert result.message == "UnknownInputError: another step before this one"
