"""Stoat: settings with which the chat runs, and which are wrong all the same.

Source: stoatchat/stoatchat at 20250930-2, crates/core/config (Revolt.toml and src/lib.rs). Files are
merged in the order of LAYERS, the last one wins; what none of them gives comes from the defaults that
are compiled in, keys included, and those are public.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from compiler.check.rules.reading import below, containers, kind_of, mapping, name_of, namespace_of, sequence, text
from compiler.check.rules.rule import Pod, Problem, pods, rule
from compiler.diagnostics import Severity
from compiler.link.program import Program
from compiler.lower.manifest import Manifest
from compiler.spec.models.config import ConfigSpec
from compiler.spec.models.secret import SecretSpec
from compiler.spec.nodes import KeyPath

LAYERS = ("/home/nonroot/Revolt.toml", "/home/nonroot/Revolt.overrides.toml", "/Revolt.toml")
"""Where the programs look for their configuration; the working folder is /home/nonroot."""
IMAGE = re.compile(r"(?:\A|/)(?:revoltchat|stoatchat)/(?P<name>[a-z-]+)(?:[:@]|\Z)")
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "autumn": (("files", "encryption_key"),),
    "file-server": (("files", "encryption_key"),),
    "pushd": (("pushd", "vapid", "private_key"),),
    "server": (("pushd", "vapid", "public_key"),),
    "api": (("pushd", "vapid", "public_key"),),
}
"""Image -> the keys that it would silently take from its defaults.

autumn encrypts files; pushd signs messages; the API hands the public half to browsers. crond deletes
files without opening them, january, gifbox and bonfire use neither, so they hold none of these. Default
passwords (RabbitMQ's, S3's) are left out: a server with another one refuses them at once.
"""
TEMPLATE = re.compile(r'"\{\{.*?\}\}"|\{\{.*?\}\}')
INSIDE = (".svc", ".cluster.local", ".local")

Data = dict[str, Any]


def _parsed(content: str) -> Data | None:
    """TOML as data; None where it is none. What the controller fills in becomes a text."""
    try:
        return tomllib.loads(TEMPLATE.sub('"filled in"', content))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _files(program: Program, manifest: Manifest) -> Iterator[tuple[KeyPath, str, Data | None]]:
    """The TOML files of a ConfigMap or SealedSecret; None for one that nobody can read here."""
    kind = kind_of(manifest)
    if kind not in {"ConfigMap", "SealedSecret"}:
        return
    prefix: KeyPath = ("data",) if kind == "ConfigMap" else ("spec", "template", "data")
    contents = mapping(below(manifest.object, *map(str, prefix)))
    resource = program.resources.get(manifest.owner)
    for name, content in contents.items():
        if not name.endswith(".toml"):
            continue
        declared = None
        if resource is not None and isinstance(resource.spec, ConfigSpec | SecretSpec):
            declared = resource.spec.files.get(name)
        if kind == "SealedSecret" and declared is not None and declared.data is not None:
            # As written: what is filled in inside the cluster stands there as a reference.
            yield prefix, name, mapping(declared.data.value)
        else:
            yield prefix, name, _parsed(text(content))


@rule("minio-virtual-host-buckets", Severity.ERROR, "stoat")
def minio_virtual_host_buckets(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Stoat with an S3 server in the cluster, and buckets as host names.

    ## Why is this bad?
    Without `path_style_buckets: true` Stoat asks `revolt-uploads.stoat-minio`, a name that the cluster's
    DNS does not have. It starts all the same; each upload fails.

    ## Example
    ```yaml
    data: {files: {s3: {endpoint: "http://${workload.stoat-minio.host}:9000"}}}
    ```

    ## Use instead
    ```yaml
    data: {files: {s3: {endpoint: "http://${workload.stoat-minio.host}:9000", path_style_buckets: true}}}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: minio-virtual-host-buckets, reason: "MINIO_DOMAIN and its DNS names are set up"}]
    ```
    """
    for manifest in manifests:
        for prefix, file, data in _files(program, manifest):
            storage = mapping(below(data, "files", "s3"))
            endpoint = text(storage.get("endpoint"))
            if _is_inside(endpoint) and storage.get("path_style_buckets") is not True:
                field = "path_style_buckets" if "path_style_buckets" in storage else "endpoint"
                message = f"{file} names buckets by host, which an S3 server in the cluster has no DNS names for"
                hint = "write path_style_buckets: true beside `endpoint`"
                yield Problem(manifest, (*prefix, file, "files", "s3", field), message, hint)


def _is_inside(endpoint: str) -> bool:
    """Whether an address is a Service of the cluster."""
    try:
        host = urlsplit(endpoint).hostname or ""
    except ValueError:
        return False
    return bool(host) and ("." not in host or host.endswith(INSIDE) or "${workload." in endpoint)


@dataclass(frozen=True, slots=True)
class _File:
    """One TOML file of an object. `data` is None where nobody can read it here."""

    manifest: Manifest
    place: KeyPath
    data: Data | None


_Index = Mapping[tuple[str, str, str, str], _File]
"""Kind, namespace and name of an object, and the name of a file in it -> the file."""


def _index(program: Program, manifests: Sequence[Manifest]) -> _Index:
    return {
        (kind_of(manifest), namespace_of(manifest), name_of(manifest), file): _File(manifest, (*prefix, file), data)
        for manifest in manifests
        for prefix, file, data in _files(program, manifest)
    }


def _layers(pod: Pod, container: Data, index: _Index) -> list[tuple[str, _File | None]]:
    """The files that a container's configuration is merged from, the winning one last; None for an unknown one."""
    volumes = {text(mapping(one).get("name")): mapping(one) for one in sequence(pod.spec.get("volumes"))}
    found: dict[str, _File | None] = {}
    for one in sequence(container.get("volumeMounts")):
        mount = mapping(one)
        place, file = text(mount.get("mountPath")), text(mount.get("subPath"))
        volume = volumes.get(text(mount.get("name")), {})
        if place in LAYERS:
            namespace = namespace_of(pod.manifest)
            config = ("ConfigMap", namespace, text(below(volume, "configMap", "name")), file)
            secret = ("SealedSecret", namespace, text(below(volume, "secret", "secretName")), file)
            found[place] = index.get(config) or index.get(secret)
    return [(layer, found[layer]) for layer in LAYERS if layer in found]


def _stoat_containers(manifests: Sequence[Manifest]) -> Iterator[tuple[Pod, KeyPath, Data, str]]:
    """The containers that run a program of Stoat, with the name of its image."""
    for pod in pods(manifests):
        for path, container in containers(pod, ["containers"]):
            image = IMAGE.search(text(container.get("image")))
            if image is not None:
                yield pod, path, container, image["name"]


@rule("stoat-default-keys", Severity.ERROR, "stoat")
def stoat_default_keys(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Program of Stoat that runs on a key which is printed in its source.

    ## Why is this bad?
    An unset `files.encryption_key` or `pushd.vapid` key is no error for Stoat: it takes the one that is
    compiled in, which everybody has. Files are then as good as not encrypted, and everybody can send push
    messages in the server's name. A key that is set later makes the old files unreadable.

    ## Example
    ```yaml
    kind: Workload
    spec:
      image: ghcr.io/revoltchat/autumn:20250930-2
      mounts: {/Revolt.toml: {config: stoat-config, key: Revolt.toml}}      # says nothing of files.encryption_key
    ```

    ## Use instead
    ```yaml
    mounts:
      /Revolt.toml: {config: stoat-config, key: Revolt.toml}
      /home/nonroot/Revolt.overrides.toml: {secret: stoat-secrets, key: Revolt.overrides.toml}
    ```
    with `files: {encryption_key: "${secret.stoat-secrets.STOAT_ENCRYPTION_KEY}"}` in the Secret's file.

    ## How to allow it
    ```yaml
    allow: [{rule: stoat-default-keys, reason: "a demonstration that is thrown away tonight"}]
    ```
    """
    programs = tuple(_stoat_containers(manifests))
    index = _index(program, manifests) if programs else {}
    for pod, path, container, image in programs:
        layers = [file for _, file in _layers(pod, container, index)]
        if any(file is None or file.data is None for file in layers):
            continue  # a file that is sealed as a whole may hold everything
        for key in NEEDED.get(image, ()):
            given = [value for file in layers if file is not None and (value := below(file.data, *key)) is not None]
            if not given or given[-1] == "":
                message = (
                    f"{name_of(pod.manifest)} takes {'.'.join(key)} from Stoat's source, where everybody can read it"
                )
                hint = "give it in a file of a Secret, mounted at /home/nonroot/Revolt.overrides.toml"
                yield Problem(pod.manifest, (*path, "image"), message, hint)


@rule("stoat-secret-overridden", Severity.ERROR, "stoat")
def stoat_secret_overridden(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Key of Stoat's secret configuration that the open one overrides.

    ## Why is this bad?
    `/Revolt.toml` wins over `Revolt.overrides.toml`. An empty text there, left as a reminder, replaces the
    password, and the program runs without one or not at all.

    ## Example
    ```yaml
    kind: Config
    spec: {files: {Revolt.toml: {format: toml, data: {rabbit: {host: stoat-rabbitmq, password: ""}}}}}
    ```

    ## Use instead
    ```yaml
    kind: Config
    spec: {files: {Revolt.toml: {format: toml, data: {rabbit: {host: stoat-rabbitmq}}}}}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: stoat-secret-overridden, reason: "a test runs with another user than the Secret's"}]
    ```
    """
    programs = tuple(_stoat_containers(manifests))
    index = _index(program, manifests) if programs else {}
    said: set[KeyPath] = set()
    for pod, _, container, _ in programs:
        layers = [file for _, file in _layers(pod, container, index) if file is not None and file.data is not None]
        for position, upper in enumerate(layers):
            if kind_of(upper.manifest) != "ConfigMap":
                continue
            for lower in layers[:position]:
                if kind_of(lower.manifest) != "SealedSecret":
                    continue
                for key in _shared(upper.data, lower.data):
                    place = (*upper.place, *key)
                    if (name_of(upper.manifest), *place) in said:
                        continue
                    said.add((name_of(upper.manifest), *place))
                    message = f"{'.'.join(key)} stands here too and overrides the one in {name_of(lower.manifest)}"
                    yield Problem(upper.manifest, place, message, "remove it here, even where it is empty")


def _shared(upper: Any, lower: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of the values that both layers give; maps are merged."""
    for key, value in mapping(upper).items():
        if key in mapping(lower):
            if isinstance(value, dict) and isinstance(lower[key], dict):
                yield from _shared(value, lower[key], (*path, key))
            else:
                yield (*path, key)
