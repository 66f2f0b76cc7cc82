"""Layers: configuration that a process merges from a Config's file and a Secret's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from platformc.check.policies.configuration_files import (
    ConfigurationFile,
    Data,
    Files,
    index,
    is_filled_in,
    mounted,
)
from platformc.check.policies.object_fields import below, container_name, containers, mapping, name_of, sequence, text
from platformc.check.policies.policy import Pod, Problem, pods, policy
from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest


@policy("config-repeats-secret", Severity.ERROR, "secret-values")
def config_repeats_secret(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Key of a Config's file that is also in a Secret's file for the same container.

    The rule compares files of the same format, one of a Config and one of a Secret, that one container mounts.
    It reports a key in both if the Secret fills it with a sealed value. If the files' names begin alike, such
    as `app.toml` and `app.secret.toml`, they are layers of one configuration, and the rule reports every key
    in both.

    ## Why is this bad?
    A process that merges its files uses the value of one of them. If that is the Config's, an empty text that
    was left as a reminder replaces the password, and the process runs without one or not at all. If it is the
    Secret's, the Config shows its readers a value that is not used.

    ## Example
    ```yaml
    kind: Config
    metadata: {name: bot-config}
    spec: {files: {bot.toml: {format: toml, data: {database: {host: db, password: ""}}}}}
    ---
    kind: Secret
    metadata: {name: bot-secrets}
    spec:
      keys: {PASSWORD: {description: "The database's password."}}
      files: {bot.secret.toml: {format: toml, data: {database: {password: "${secret.bot-secrets.PASSWORD}"}}}}
    ```

    ## Use instead
    ```yaml
    kind: Config
    metadata: {name: bot-config}
    spec: {files: {bot.toml: {format: toml, data: {database: {host: db}}}}}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: config-repeats-secret, reason: "two processes of one image read one file each"}]
    ```
    """
    files: Files | None = None
    said: set[tuple[str, KeyPath]] = set()
    for pod in pods(manifests):
        if not _mounts_both(pod):
            continue
        files = index(program, manifests) if files is None else files
        for _, container in containers(pod):
            for key, config, secret in _repeated(pod, container, files):
                place = (*config.place, *key)
                if (name_of(config.manifest), place) in said:
                    continue
                said.add((name_of(config.manifest), place))
                message = (
                    f"{'.'.join(map(str, key))} is set here and in {secret.name} of the Secret"
                    f" {name_of(secret.manifest)}, and {container_name(container)} reads both"
                )
                yield Problem(config.manifest, place, message, "remove it here, even if it is empty")


def _mounts_both(pod: Pod) -> bool:
    """Whether a pod has volumes of both kinds; the files of all other pods need no parsing."""
    volumes = [mapping(one) for one in sequence(pod.spec.get("volumes"))]
    return any(text(below(one, "configMap", "name")) for one in volumes) and any(
        text(below(one, "secret", "secretName")) for one in volumes
    )


def _repeated(
    pod: Pod, container: Data, files: Files
) -> Iterator[tuple[KeyPath, ConfigurationFile, ConfigurationFile]]:
    """Yield the keys that are in a Config's file and in a Secret's file, both mounted by one container."""
    seen: dict[str, list[tuple[str, ConfigurationFile]]] = {"ConfigMap": [], "SealedSecret": [], "": []}
    for path, holder, name in mounted(pod, container):
        several = files.get(holder, {})
        if not name:
            seen[holder[0]] += several.items()
        elif name in several:
            seen[holder[0]].append((path.rpartition("/")[2], several[name]))
    configs, secrets = seen["ConfigMap"], seen["SealedSecret"]
    for (config_name, config), (secret_name, secret) in product(configs, secrets):
        if not config.format or config.format != secret.format:
            continue
        layers = _beginning(config_name) == _beginning(secret_name)
        for key, value in _shared(config.data, secret.data):
            if layers or is_filled_in(value):
                yield key, config, secret


def _beginning(file: str) -> str:
    """Return the part of a file name that layers have in common, as `.env` and `.env.local` do."""
    return file.lstrip(".").partition(".")[0].lower()


def _shared(config: Any, secret: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the paths of the values that both set, each with the Secret's value; maps are compared key by key."""
    for key, value in mapping(config).items():
        if key in mapping(secret):
            if isinstance(value, dict) and isinstance(secret[key], dict):
                yield from _shared(value, secret[key], (*path, key))
            else:
                yield (*path, key), secret[key]
