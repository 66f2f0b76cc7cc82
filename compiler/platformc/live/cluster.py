"""cluster: one cluster's API, as far as the verbs need it. The only place where kr8s is imported.

In      a kubeconfig and the name of a context.
Out     objects as plain data; objects applied by server-side apply, for `bootstrap` alone.
Finds   nothing: whatever a cluster refuses ends the run with ToolError, in words, never with a traceback.
Never   writes but in `apply`; leaves a client key behind that kr8s had to put in a file.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import kr8s
from kr8s.asyncio import Api

from platformc.diagnostics import BugReport, ToolError

FIELD_MANAGER = "platformc"
NOT_FOUND, UNAUTHORIZED, FORBIDDEN, CONFLICT = 404, 401, 403, 409

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a cluster."""

    kubeconfig: str
    """Files, separated by `:`, as KUBECONFIG has them."""
    context: str | None = None
    """Which of its contexts; None for the current one."""
    timeout: float = 10.0
    """Seconds that one answer may take."""

    @property
    def name(self) -> str:
        """How messages call the cluster."""
        return f"the context {self.context}" if self.context else "the current context"


@dataclass(frozen=True, slots=True)
class KindOnCluster:
    """Where the API server has a kind."""

    plural: str
    namespaced: bool


@dataclass(slots=True, eq=False)
class Cluster:
    """An open connection. Every method raises ToolError where the cluster cannot or will not answer."""

    access: Access
    api: Api
    _kinds: dict[str, Mapping[str, KindOnCluster]] = field(default_factory=dict)

    async def kinds(self, api_version: str) -> Mapping[str, KindOnCluster]:
        """The kinds of an API version; empty where the cluster does not have it."""
        if api_version not in self._kinds:
            found = await self._ask("GET", _base(api_version))
            self._kinds[api_version] = {
                one["kind"]: KindOnCluster(one["name"], one["namespaced"])
                for one in (found or {}).get("resources", ())
                if "/" not in one["name"]  # subresources
            }
        return self._kinds[api_version]

    async def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """One object, or None where it is not there, nor its kind."""
        known = (await self.kinds(api_version)).get(kind)
        return None if known is None else await self._ask("GET", _path(api_version, known, namespace, name))

    async def list(
        self, api_version: str, kind: str, namespace: str, selector: str = ""
    ) -> list[dict[str, Any]] | None:
        """The objects of a kind in a namespace, or None where the cluster does not have the kind."""
        known = (await self.kinds(api_version)).get(kind)
        if known is None:
            return None
        parameters = {"labelSelector": selector} if selector else {}
        found = await self._ask("GET", _path(api_version, known, namespace), params=parameters)
        return [{"apiVersion": api_version, "kind": kind, **one} for one in (found or {}).get("items", ())]

    async def apply(self, content: bytes, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
        """Apply one object, as YAML, in the manner of `kubectl apply --server-side --force-conflicts`."""
        known = (await self.kinds(api_version)).get(kind)
        if known is None:
            raise ToolError(f"{self.access.name} has no kind {kind} ({api_version})", hint="install Argo CD first")
        applied = await self._ask(
            "PATCH",
            _path(api_version, known, namespace, name),
            params={"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            content=content,
        )
        if applied is None:
            raise ToolError(f"{self.access.name} has no namespace {namespace}", hint="install Argo CD first")
        return applied

    async def through_service(self, method: str, service: str, path: str, **request: Any) -> bytes:
        """What a Service answers through the API server's proxy; `service` is the path of that."""
        with _failures(self.access, f"{method} {path}"):
            async with self.api.call_api(
                method, version="", base=service, url=path, raise_for_status=False, **request
            ) as response:
                if not response.is_success:
                    message = f"the Service behind {path} responded with {response.status_code}"
                    raise ToolError(message, output=f"{method} {service}/{path}")
                return bytes(response.content)
        raise BugReport("a failure of a cluster was swallowed")

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any] | None:
        """One answer; None for 404, which is an answer, too."""
        with _failures(self.access, f"{method} {path}"):
            try:
                base, _, last = path.rpartition("/")
                async with self.api.call_api(method, version="", base=base, url=last, **request) as response:
                    found: dict[str, Any] = response.json()
                    return found
            except kr8s.ServerError as error:
                status = error.response.status_code if error.response is not None else 0
                if status == NOT_FOUND:
                    return None
                raise ToolError(_refusal(self.access, status, str(error)), output=f"{method} {path}") from error
        raise BugReport("a failure of a cluster was swallowed")


def run(access: Access, work: Callable[[Cluster], Coroutine[Any, Any, Result]]) -> Result:
    """Connect, do the work, and close; all in an event loop of its own."""

    async def connected() -> Result:
        async with connect(access) as cluster:
            return await work(cluster)

    return asyncio.run(connected())


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Cluster]:
    """Open a connection to a cluster."""
    # What `kr8s.asyncio.api` makes, without its look at /version: it has no time limit yet, and warns of what is new.
    # No service account: inside of a pod, too, the cluster that is meant is the one that is named.
    with _private_files():
        with _kubeconfig(access):
            api = Api(kubeconfig=access.kubeconfig, context=access.context, serviceaccount="", bypass_factory=True)
            await api.auth
        api.timeout = access.timeout
        try:
            yield Cluster(access, api)
        finally:
            session = api._session  # noqa: SLF001 - kr8s closes it nowhere, and an open one is a warning at the end
            if session is not None:
                await session.aclose()


@contextmanager
def _private_files() -> Iterator[None]:
    """A folder for the files that kr8s makes of keys in a kubeconfig; it deletes none of them."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="platformc-") as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


@contextmanager
def _failures(access: Access, asked: str) -> Iterator[None]:
    """Tell what kr8s and httpx raise in words of ours."""
    try:
        yield
    except (kr8s.APITimeoutError, httpx.TimeoutException, TimeoutError) as error:
        message = f"{access.name} did not respond within {access.timeout:g} seconds"
        raise ToolError(
            message, output=asked, hint="check that the cluster is up, or wait longer with --timeout SECONDS"
        ) from error
    except (httpx.TransportError, ssl.SSLError) as error:
        hint = "check that the cluster is up, or choose another context with --context NAME"
        raise ToolError(
            f"cannot reach the cluster of {access.name}: {_said(error)}", output=asked, hint=hint
        ) from error
    except kr8s.ServerError as error:
        status = error.response.status_code if error.response is not None else 0
        raise ToolError(_refusal(access, status, str(error)), output=asked) from error
    except OSError as error:
        raise ToolError(f"cannot reach the cluster of {access.name}: {_said(error)}", output=asked) from error
    except ValueError as error:
        raise ToolError(f"{access.name} sent a response that is not JSON", output=asked) from error


@contextmanager
def _kubeconfig(access: Access) -> Iterator[None]:
    """Tell what kr8s raises for a kubeconfig that is missing or makes no sense."""
    try:
        yield
    except Exception as error:
        hint = "choose a file with --kubeconfig or KUBECONFIG, and one of its contexts with --context"
        raise ToolError(f"the kubeconfig {access.kubeconfig} cannot be used: {_said(error)}", hint=hint) from error


def _refusal(access: Access, status: int, message: str) -> str:
    if status == UNAUTHORIZED:
        return f"{access.name} rejects your credentials (401): {message}"
    if status == FORBIDDEN:
        return f"{access.name} does not allow this (403): {message}"
    if status == CONFLICT:
        return f"{access.name} reports a conflict (409): {message}"
    return f"{access.name} rejects the request ({status}): {message}"


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _base(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _path(api_version: str, kind: KindOnCluster, namespace: str, name: str = "") -> str:
    place = f"/namespaces/{namespace}" if kind.namespaced and namespace else ""
    return f"{_base(api_version)}{place}/{kind.plural}" + (f"/{name}" if name else "")
