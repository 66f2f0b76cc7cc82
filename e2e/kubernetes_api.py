"""kubernetes_api: what tests ask the API server, one function a question.

In      objects as plain data.
Out     objects as the API server keeps them, and its warnings.
Finds   RefusedError, with the API server's own words and all causes that it tells.
Never   defaults, fixes or hides anything: what is sent is what was given.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import httpx

from e2e.certificates import Pair

JSON = Any
Found = TypeVar("Found")

FIELD_MANAGER = "platformc-e2e"
NOT_FOUND = 404
PATIENCE = 180
"""Seconds until what is not so counts as never: what a busy machine may need, since a look that finds it waits no longer."""
APPLY_YAML = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


class RefusedError(Exception):
    """The API server said no. `code` is HTTP's, the text is the server's message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an object, and what the API server warned about."""

    object: JSON
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """How the API server names a kind in its paths."""

    plural: str
    namespaced: bool


@dataclass(slots=True)
class KubernetesAPI:
    """A connection with all rights."""

    client: httpx.Client
    _resources: dict[tuple[str, str], Resource] = field(default_factory=dict)

    def apply(self, thing: JSON, *, dry_run: bool = False, force: bool = True) -> Applied:
        """Apply an object server-side as Argo CD does, with strict fields: an unknown or double one is refused."""
        parameters = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict", "force": str(force).lower()}
        if dry_run:
            parameters["dryRun"] = "All"
        answer = self.client.patch(
            self.path_of(thing), params=parameters, content=json.dumps(thing), headers={"Content-Type": APPLY_YAML}
        )
        return Applied(_body(answer), _warnings(answer))

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> JSON | None:
        """An object, or None where there is none."""
        answer = self.client.get(self.path(api_version, kind, name, namespace))
        return None if answer.status_code == NOT_FOUND else _body(answer)

    def list(self, api_version: str, kind: str, namespace: str = "", *, labels: str = "") -> list[JSON]:
        """All objects of a kind, in one namespace or in all."""
        parameters = {"labelSelector": labels} if labels else {}
        found: list[JSON] = _body(self.client.get(self.path(api_version, kind, "", namespace), params=parameters))[
            "items"
        ]
        return [{"apiVersion": api_version, "kind": kind, **each} for each in found]

    def merge(self, thing: JSON, change: JSON, *, subresource: str = "") -> JSON:
        """Merge a change into an object that is there: into its status, where `subresource` says so."""
        path = self.path_of(thing) + (f"/{subresource}" if subresource else "")
        return _body(self.client.patch(path, content=json.dumps(change), headers={"Content-Type": MERGE}))

    def set_status(self, thing: JSON, status: JSON) -> JSON:
        """Patch an object's status, as its controller would."""
        return self.merge(thing, {"status": status}, subresource="status")

    def delete(self, thing: JSON, *, propagation: str = "Background") -> None:
        """Delete an object; one that is not there is fine."""
        answer = self.client.request("DELETE", self.path_of(thing), params={"propagationPolicy": propagation})
        if answer.status_code != NOT_FOUND:
            _body(answer)

    def create(self, path: str, content: JSON) -> JSON:
        """Post to a path: a review or a token, which are no objects."""
        return _body(self.client.post(path, json=content))

    def path_of(self, thing: JSON) -> str:
        """Where an object is."""
        metadata = thing["metadata"]
        return self.path(thing["apiVersion"], thing["kind"], metadata["name"], metadata.get("namespace", ""))

    def path(self, api_version: str, kind: str, name: str = "", namespace: str = "") -> str:
        """Where an object of a kind is, or all of a kind. Raises RefusedError for a kind that is not served."""
        resource = self._resource(api_version, kind)
        parts = [_group_path(api_version)]
        if resource.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts.append(resource.plural)
        if name:
            parts.append(name)
        return "/".join(parts)

    def kinds(self, suffix: str) -> tuple[tuple[str, str], ...]:
        """API version and kind of whatever is served now by groups whose names end like this."""
        groups = _body(self.client.get("/apis"))["groups"]
        versions = [each["preferredVersion"]["groupVersion"] for each in groups if each["name"].endswith(suffix)]
        return tuple(
            (version, each["kind"])
            for version in versions
            for each in _body(self.client.get(_group_path(version)))["resources"]
            if "/" not in each["name"]
        )

    def _resource(self, api_version: str, kind: str) -> Resource:
        """Ask once for each kind; one that is not served may be later."""
        key = (api_version, kind)
        if key not in self._resources:
            answer = self.client.get(_group_path(api_version))
            served = [] if answer.status_code == NOT_FOUND else _body(answer)["resources"]
            for each in served:
                if "/" not in each["name"]:
                    self._resources[api_version, each["kind"]] = Resource(each["name"], each["namespaced"])
        if key not in self._resources:
            raise RefusedError(NOT_FOUND, f"no matches for kind {kind} in {api_version}")
        return self._resources[key]


def connect(url: str, authority: Path, client: Pair) -> KubernetesAPI:
    """Make a connection; nothing is asked yet."""
    context = ssl.create_default_context(cafile=str(authority))
    context.load_cert_chain(client.certificate, client.key)
    return KubernetesAPI(httpx.Client(base_url=url, verify=context, timeout=30, trust_env=False))


def eventually(
    what: str, look: Callable[[], Found], *, seconds: float = PATIENCE, seen: Callable[[], object] | None = None
) -> Found:
    """Look until something true is found, and give it; AssertionError when time is up.

    `seen` tells what stands there instead. A lost connection is looked over: servers are restarted on purpose.
    """
    end = monotonic() + seconds
    while True:
        problem = ""
        try:
            found = look()
        except httpx.TransportError as error:
            problem = f"\n{error}"
        else:
            if found:
                return found
        if monotonic() > end:
            instead = f"\nseen instead: {json.dumps(seen(), indent=1)}" if seen is not None else ""
            raise AssertionError(f"after {seconds:.0f} s, still not so: {what}{problem}{instead}")
        sleep(0.2)


def conditions(thing: JSON | None) -> Mapping[str, str]:
    """The conditions of an object: type -> status; none where there is no status or no object."""
    found = ((thing or {}).get("status") or {}).get("conditions") or []
    return {each["type"]: each["status"] for each in found}


def _group_path(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _body(answer: httpx.Response) -> JSON:
    if answer.is_success:
        return answer.json()
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        message = answer.text
    raise RefusedError(answer.status_code, message)


def _warnings(answer: httpx.Response) -> tuple[str, ...]:
    """RFC 7234's header, one for each warning: `299 - "text"`."""
    return tuple(value.split(" ", 2)[2].strip('"').replace('\\"', '"') for value in answer.headers.get_list("Warning"))
