"""Stoat: settings with which the chat server runs although they are wrong.

Source: stoatchat/stoatchat at 20250930-2, crates/core/config (Revolt.toml and src/lib.rs). Files are
merged in the order of LAYERS, the last one wins; a setting that no file has comes from the defaults that
are compiled in, including keys, and those are public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from platformc.check.policies.configuration_files import (
    ConfigurationFile,
    Data,
    Files,
    configuration_files,
    index,
    mounted,
)
from platformc.check.policies.object_fields import below, containers, mapping, name_of, text
from platformc.check.policies.policy import Pod, Problem, pods, policy
from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest

LAYERS = ("/home/nonroot/Revolt.toml", "/home/nonroot/Revolt.overrides.toml", "/Revolt.toml")
"""Where Stoat's processes look for their configuration; the working directory is /home/nonroot."""
IMAGE = re.compile(r"(?:\A|/)(?:revoltchat|stoatchat)/(?P<name>[a-z-]+)(?:[:@]|\Z)")
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "autumn": (("files", "encryption_key"),),
    "file-server": (("files", "encryption_key"),),
    "pushd": (("pushd", "vapid", "private_key"),),
    "server": (("pushd", "vapid", "public_key"),),
    "api": (("pushd", "vapid", "public_key"),),
}
"""Image -> the keys that it would silently take from its defaults.

autumn encrypts files; pushd signs messages; the API gives the public half to browsers. crond deletes
files without opening them, and january, gifbox and bonfire use neither, so they need none of these keys.
Default passwords (RabbitMQ's, S3's) are not listed: a server with another password rejects them at once.
"""
INSIDE = (".svc", ".cluster.local", ".local")


@policy("minio-virtual-host-buckets", Severity.ERROR, "stoat")
def minio_virtual_host_buckets(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Stoat with an S3 server in the cluster, and buckets as host names.

    ## Why is this bad?
    Without `path_style_buckets: true` Stoat connects to `revolt-uploads.stoat-minio`, a name that the
    cluster's DNS does not know. It starts anyway, and every upload fails.

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
        for file in configuration_files(program, manifest):
            if file.format != "toml":
                continue
            storage = mapping(below(file.data, "files", "s3"))
            endpoint = text(storage.get("endpoint"))
            if _is_inside(endpoint) and storage.get("path_style_buckets") is not True:
                field = "path_style_buckets" if "path_style_buckets" in storage else "endpoint"
                message = f"{file.name} uses buckets as host names, which the cluster's DNS does not resolve"
                hint = "write path_style_buckets: true beside `endpoint`"
                yield Problem(manifest, (*file.place, "files", "s3", field), message, hint)


def _is_inside(endpoint: str) -> bool:
    """Whether a URL points to a Service of the cluster."""
    try:
        host = urlsplit(endpoint).hostname or ""
    except ValueError:
        return False
    return bool(host) and ("." not in host or host.endswith(INSIDE) or "${workload." in endpoint)


def _layers(pod: Pod, container: Data, files: Files) -> list[ConfigurationFile | None]:
    """Return the files that a container's configuration is merged from, winner last; None for an unknown file."""
    found = {path: files.get(holder, {}).get(file) for path, holder, file in mounted(pod, container)}
    return [found[layer] for layer in LAYERS if layer in found]


def _stoat_containers(manifests: Sequence[Manifest]) -> Iterator[tuple[Pod, KeyPath, Data, str]]:
    """Yield the containers that run an image of Stoat, with the image's name."""
    for pod in pods(manifests):
        for path, container in containers(pod, ["containers"]):
            image = IMAGE.search(text(container.get("image")))
            if image is not None:
                yield pod, path, container, image["name"]


@policy("stoat-default-keys", Severity.ERROR, "stoat")
def stoat_default_keys(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Stoat workload that uses a key published in Stoat's source code.

    ## Why is this bad?
    An unset `files.encryption_key` or `pushd.vapid` key is not an error for Stoat: it uses the compiled-in key,
    which everybody has. Files are then practically unencrypted, and anybody can send push messages in the
    server's name. Setting a key later makes the old files unreadable.

    ## Example
    ```yaml
    kind: Workload
    spec:
      image: ghcr.io/revoltchat/autumn:20250930-2
      mounts: {/Revolt.toml: {config: stoat-config, key: Revolt.toml}}      # does not set files.encryption_key
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
    allow: [{rule: stoat-default-keys, reason: "a demo that is deleted tonight"}]
    ```
    """
    programs = tuple(_stoat_containers(manifests))
    files = index(program, manifests) if programs else {}
    for pod, path, container, image in programs:
        layers = _layers(pod, container, files)
        if any(file is None or file.data is None for file in layers):
            continue  # a file that is sealed as a whole may contain any key
        for key in NEEDED.get(image, ()):
            given = [value for file in layers if file is not None and (value := below(file.data, *key)) is not None]
            if not given or given[-1] == "":
                message = (
                    f"{name_of(pod.manifest)} takes {'.'.join(key)} from Stoat's source, where everybody can read it"
                )
                hint = "set it in a file of a Secret, mounted at /home/nonroot/Revolt.overrides.toml"
                yield Problem(pod.manifest, (*path, "image"), message, hint)
