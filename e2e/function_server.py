"""function_server: function-patch-and-transform, as far as our Compositions use it, for the real Crossplane core.

In      what the core sends over gRPC: a Composition's input, the composite, the managed resources that there are.
Out     what should be there: the answer of the evaluator that `make test` holds against the real function.
Finds   a fatal result, which the core shows in the composite's condition Synced, for whatever cannot be composed.
Never   serves anybody without a certificate of the test authority.

The real function's image comes from a registry, and its module is served by no Go proxy; hence this one (D50).

`python -m e2e.function_server ADDRESS CERTIFICATES`
"""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

from crossplane.function import resource, response, runtime
from crossplane.function.proto.v1 import run_function_pb2, run_function_pb2_grpc
from platformc.composing.evaluator import CannotComposeError, Desired, ObservedResource, compose
from platformc.composing.function_input import UnknownInputError, read_input

JSON: TypeAlias = Any


class PatchAndTransform(run_function_pb2_grpc.FunctionRunnerServiceServicer):
    """The service that the core calls."""

    async def RunFunction(  # noqa: N802 - gRPC's name
        self, request: run_function_pb2.RunFunctionRequest, _context: object
    ) -> run_function_pb2.RunFunctionResponse:
        """Compose once."""
        answer = response.to(request)
        try:
            desired = _run(request)
        except (CannotComposeError, UnknownInputError) as error:
            response.fatal(answer, f"{type(error).__name__}: {error}")
            return answer
        for name, made in desired.resources.items():
            resource.update(answer.desired.resources[name], made.object)
            if made.ready:
                answer.desired.resources[name].ready = run_function_pb2.READY_TRUE
        # Of the composite, the core takes the status alone.
        resource.update(answer.desired.composite, {"status": desired.status})
        for key, value in desired.connection.items():
            answer.desired.composite.connection_details[key] = value
        return answer


def _run(request: run_function_pb2.RunFunctionRequest) -> Desired:
    if request.desired.resources:
        raise UnknownInputError("another step before this one")
    observed = {
        name: ObservedResource(_plain(one.resource), dict(one.connection_details))
        for name, one in request.observed.resources.items()
    }
    return compose(read_input(_plain(request.input)), _plain(request.observed.composite.resource), observed)


def _plain(struct: Any) -> JSON:
    """An object as JSON; protobuf has one type for all numbers, so whole ones are made integers again."""
    return _with_integers(resource.struct_to_dict(struct))


def _with_integers(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _with_integers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_integers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def main(address: str, certificates: str) -> None:
    """Serve until the process is told to end."""
    runtime.serve(PatchAndTransform(), address, creds=runtime.load_credentials(certificates), insecure=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
