"""Secret values: secrets in clear text that must be sealed.

No message, hint or place shows a value: they name what contains it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from platformc.check.policies.object_fields import (
    below,
    container_name,
    containers,
    group_of,
    kind_of,
    mapping,
    name_of,
    sequence,
    text,
)
from platformc.check.policies.policy import Problem, pods, policy
from platformc.check.policies.secret_words import assigned, has_url_password, is_literal, names_a_secret, shape
from platformc.diagnostics import Severity
from platformc.language.models.config import ConfigSpec
from platformc.language.models.secret import SecretSpec
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest

SEALED_HINT = "make it a key of a Secret, and write ${secret.NAME.KEY} here"
SCHEMA_GROUPS = frozenset({"apiextensions.k8s.io", "apiextensions.crossplane.io"})
"""API groups that define kinds: their texts are documentation."""


def _harmless(program: Program) -> frozenset[str]:
    """Return texts that are no secret under any name: names of Secrets, and public values."""
    names = {resource.name for resource in program.platform.resources if resource.id.kind == "Secret"}
    public = {
        key.public
        for sealed in program.platform.sealed.values()
        for key in sealed.spec.keys.values()
        if key.public is not None
    }
    return frozenset(names | public)


@policy("secret-literal-in-env", Severity.ERROR, "secret-values")
def secret_literal_in_env(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Environment variable with a secret in clear text.

    ## Why is this bad?
    The spec and the output are in git: everybody who may read the repository has the secret, forever.
    The rule recognises well-known forms of keys and tokens, and names that end in PASSWORD, TOKEN, SECRET,
    API_KEY and the like.

    ## Example
    ```yaml
    env: {DISCORD_TOKEN: "hunter2"}
    ```

    ## Use instead
    ```yaml
    env: {DISCORD_TOKEN: "${secret.bot.DISCORD_TOKEN}"}
    ```
    Then create a new secret, because the old one is known.

    ## How to allow it
    ```yaml
    allow: [{rule: secret-literal-in-env, reason: "the vendor's test key, which is public"}]
    ```
    """
    harmless = _harmless(program)
    for pod in pods(manifests):
        for path, container in containers(pod):
            for position, variable in enumerate(sequence(container.get("env"))):
                name, value = text(mapping(variable).get("name")), text(mapping(variable).get("value"))
                what = shape(value)
                if not what and not (names_a_secret(name) and value not in harmless and is_literal(name, value)):
                    continue
                message = f"the variable {name} contains {_article(what) if what else 'a secret'} in clear text"
                yield Problem(pod.manifest, (*path, "env", position, "value"), message, SEALED_HINT)


def _article(what: str) -> str:
    return f"an {what}" if what[0] in "aeiouAEIO" else f"a {what}"


@policy("secret-literal-in-arguments", Severity.ERROR, "secret-values")
def secret_literal_in_arguments(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Command line with a secret in clear text.

    ## Why is this bad?
    The spec and the output are in git. Arguments also appear in the process list of the node, in `kubectl
    describe`, and in crash reports.

    ## Example
    ```yaml
    args: [--password=hunter2]
    ```

    ## Use instead
    ```yaml
    env: {PASSWORD: "${secret.bot.PASSWORD}"}   # preferably read from here, or from a file in `mounts`
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: secret-literal-in-arguments, reason: "the vendor's test key, which is public"}]
    ```
    """
    harmless = _harmless(program)
    for pod in pods(manifests):
        for path, container in containers(pod):
            for field, items in _commands(container):
                for position, what in _in_arguments(items, harmless):
                    message = f"an argument of {container_name(container)} contains {what} in clear text"
                    hint = "pass it in a variable or file from a Secret"
                    yield Problem(pod.manifest, (*path, *field, position), message, hint)


def _commands(container: dict[str, Any]) -> Iterator[tuple[KeyPath, list[Any]]]:
    """Yield the command lines of a container: its own, and those of its probes."""
    yield ("command",), sequence(container.get("command"))
    yield ("args",), sequence(container.get("args"))
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        yield (probe, "exec", "command"), sequence(below(container, probe, "exec", "command"))


def _in_arguments(items: list[Any], harmless: frozenset[str]) -> Iterator[tuple[int, str]]:
    option = ""
    for position, item in enumerate(items):
        argument = text(item)
        name, option = option, ""
        if what := shape(argument):
            yield position, _article(what)
        elif name and not argument.startswith("-"):
            if argument not in harmless and is_literal(name, argument):
                yield position, f"the value of {name}"
        elif found := next(assigned(argument, harmless), None):
            yield position, f"the value of {found}"
        elif (
            names_a_secret(argument)
            and (argument.startswith("-") or argument == argument.lower())
            and " " not in argument
        ):
            option = argument.lstrip("-")


@policy("secret-literal-in-file", Severity.ERROR, "secret-values")
def secret_literal_in_file(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """File of a Config or a Secret with a secret in clear text.

    ## Why is this bad?
    A Config is not encrypted anywhere, and in a Secret's files only `${secret…}` is: the text around it is in
    git, and in the cluster for everybody who may read it.

    ## Example
    ```yaml
    kind: Config
    spec: {files: {bot.toml: {format: toml, data: {database: {password: hunter2}}}}}
    ```

    ## Use instead
    ```yaml
    kind: Secret
    spec:
      keys: {DATABASE_PASSWORD: {description: "The database's password."}}
      files: {bot.toml: {format: toml, data: {database: {password: "${secret.bot.DATABASE_PASSWORD}"}}}}
    ```
    For a value that is public by design, such as the public half of a key pair, use a key with `public: true`.

    ## How to allow it
    ```yaml
    allow: [{rule: secret-literal-in-file, reason: "an example that no process reads"}]
    ```
    """
    harmless = _harmless(program)
    for manifest in manifests:
        for prefix, file, content in _files(manifest):
            data = _declared(program, manifest, file)
            found = _in_text(content, harmless) if data is None else _in_data(data, harmless)
            for path, what in found:
                message = f"the file {file} of {manifest.owner.name} contains {what} in clear text"
                yield Problem(
                    manifest,
                    (*prefix, file, *path),
                    message,
                    "make it a key of a Secret, and move the file to the Secret's `files`",
                )


def _files(manifest: Manifest) -> Iterator[tuple[KeyPath, str, str]]:
    if kind_of(manifest) == "ConfigMap":
        prefix: KeyPath = ("data",)
        files = manifest.object.get("data")
    elif kind_of(manifest) == "SealedSecret":
        prefix = ("spec", "template", "data")
        files = below(manifest.object, *map(str, prefix))
    else:
        return
    for name, content in mapping(files).items():
        yield prefix, name, text(content)


def _declared(program: Program, manifest: Manifest, file: str) -> Any:
    """Return the data that a file is made from; None if it is written as text, or not by us."""
    resource = program.resources.get(manifest.owner)
    if resource is None or not isinstance(resource.spec, ConfigSpec | SecretSpec):
        return None
    declared = resource.spec.files.get(file)
    return declared.data.value if declared is not None and declared.data is not None else None


def _in_data(data: Any, harmless: frozenset[str], path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield secrets in data. References are no secrets: constants are replaced by now, and sealed keys are safe."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _in_data(value, harmless, (*path, key))
    elif isinstance(data, list):
        for position, item in enumerate(data):
            yield from _in_data(item, harmless, (*path, position))
    elif isinstance(data, str) and data not in harmless:
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        if what := shape(data):
            yield path, _article(what)
        elif names_a_secret(name) and is_literal(name, data):
            yield path, f"the value of {name}"


def _in_text(content: str, harmless: frozenset[str]) -> Iterator[tuple[KeyPath, str]]:
    """Yield the first secret in a text: the whole text is one place."""
    if what := shape(content):
        yield (), _article(what)
    elif found := next(assigned(content, harmless), None):
        yield (), f"the value of {found}"


@policy("secret-literal-in-url", Severity.ERROR, "secret-values")
def secret_literal_in_url(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """URL with a password in clear text.

    ## Why is this bad?
    The spec and the output are in git; processes also write URLs to their logs, and Argo CD shows them.

    ## Example
    ```yaml
    env: {DATABASE_URL: "postgres://bot:hunter2@db/bot"}
    ```

    ## Use instead
    ```yaml
    env:
      DATABASE_PASSWORD: ${secret.bot.DATABASE_PASSWORD}
      DATABASE_URL: postgres://bot:$(DATABASE_PASSWORD)@db/bot
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: secret-literal-in-url, reason: "a public read-only login of a public mirror"}]
    ```
    """
    for manifest in manifests:
        if group_of(manifest) in SCHEMA_GROUPS:
            continue
        for path in _passwords(manifest.object, ()) if _any_password(manifest.object) else ():
            what = _holder(manifest, path)
            yield Problem(manifest, path, f"{what} contains a URL with a password in clear text", SEALED_HINT)


def _holder(manifest: Manifest, path: KeyPath) -> str:
    """Return what people call the place: a variable by its name."""
    if len(path) > 1 and path[-1] == "value":
        parent: Any = manifest.object
        for step in path[:-1]:
            parent = parent[step]
        if text(mapping(parent).get("name")):
            return f"the variable {mapping(parent)['name']}"
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f"{field} of {kind_of(manifest)} {name_of(manifest)}"


def _any_password(value: Any) -> bool:
    """Whether an object contains a URL with a password: called for every object, so it tracks no places."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            if has_url_password(each):
                return True
        elif isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list):
            left += each
    return False


def _passwords(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the places of all URLs with a password."""
    if isinstance(value, str):
        if has_url_password(value):
            yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _passwords(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _passwords(item, (*path, position))


@policy("secret-unsealed", Severity.ERROR, "secret-values")
def secret_unsealed(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Kubernetes Secret with its values, which base64 does not hide.

    ## Why is this bad?
    base64 is an encoding, not encryption: everybody who may read the repository can read the values.

    ## Example
    ```yaml
    kind: RawManifest
    spec:
      objects:
        - {apiVersion: v1, kind: Secret, metadata: {name: bot}, stringData: {token: hunter2}}
    ```

    ## Use instead
    ```yaml
    kind: Secret
    metadata: {name: bot}
    spec: {keys: {token: {description: "The bot's login."}}}
    ```
    and `platformc seal`.

    ## How to allow it
    ```yaml
    allow: [{rule: secret-unsealed, reason: "it contains a public certificate that a process expects in a Secret"}]
    ```
    """
    for manifest in manifests:
        if kind_of(manifest) == "Secret" and manifest.object.get("apiVersion") == "v1":
            given = [field for field in ("data", "stringData") if manifest.object.get(field)]
            if given:
                message = f"the Secret {name_of(manifest)} contains its values in clear text"
                yield Problem(manifest, (given[0],), message, "write a document of kind Secret, and seal its values")
