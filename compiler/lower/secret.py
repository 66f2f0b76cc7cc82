"""Secret -> SealedSecret: ciphertext copied byte for byte, files as templates of the controller.

D5: rendering never encrypts. The controller opens the values inside the cluster, then fills the
templates (Go templates with the sprig functions; bitnami/sealed-secrets, pkg/apis, `spec.template.data`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiler.link.attributes import SecretValue
from compiler.link.program import Program
from compiler.lower.files import written
from compiler.lower.manifest import Manifest
from compiler.lower.metadata import WAVE_OF_SECRETS, labels, metadata
from compiler.lower.values import UNBOUND
from compiler.spec.models.secret import SecretFile, SecretSpec
from compiler.spec.models.types import Template
from compiler.spec.origin import derive
from compiler.spec.platform import Resource
from compiler.spec.references import Reference, pieces

SCOPE_ANNOTATIONS = {
    "strict": {},
    "namespace-wide": {"sealedsecrets.bitnami.com/namespace-wide": "true"},
    "cluster-wide": {"sealedsecrets.bitnami.com/cluster-wide": "true"},
}
"""The controller reads the scope from the SealedSecret's own annotations (facts: strict has none)."""

QUOTED = "toJson"
"""JSON's text form is a text of TOML and of YAML as well."""


def lower(program: Program, resource: Resource[SecretSpec]) -> Iterator[Manifest]:
    """One SealedSecret. Keys that are not sealed are left out: a finding says so."""
    sealed = program.platform.sealed.get((resource.namespace, resource.name))
    stored = sealed.spec.keys if sealed else {}
    scope = SCOPE_ANNOTATIONS[scope_of(program, resource)]
    template: dict[str, Any] = {
        "metadata": {
            "name": resource.name,
            "namespace": resource.namespace,
            "labels": labels(program, resource),
            **({"annotations": dict(scope)} if scope else {}),
        },
        "type": resource.spec.type,
    }
    files = contents(program, resource)
    if files:
        template["data"] = files
    yield Manifest(
        {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": metadata(program, resource, resource.name, wave=WAVE_OF_SECRETS, annotations=scope),
            "spec": {
                "encryptedData": {key: stored[key].ciphertext for key in resource.spec.keys if key in stored},
                "template": template,
            },
        },
        resource.id,
        resource.id.application,
    )


def scope_of(program: Program, resource: Resource[SecretSpec]) -> str:
    """Where the Secret's sealed values may be opened."""
    return resource.spec.scope or program.platform.target.sealing.scope


def contents(program: Program, resource: Resource[SecretSpec]) -> dict[str, str]:
    """The files by name, as templates of the controller."""
    return {name: _content(program, resource, file) for name, file in resource.spec.files.items()}


def _content(program: Program, resource: Resource[SecretSpec], file: SecretFile) -> str:
    if file.text is not None:
        return derive(_inline(program, resource, file.text), file.text.text)
    actions: list[str] = []
    data = _marked(program, resource, file.data.value if file.data else {}, actions)
    made = _escaped(written(data, file.format or ""))
    quoted = file.format in {"toml", "json", "yaml"}
    for number, action in enumerate(actions):
        placeholder = _placeholder(number)
        if quoted:
            made = made.replace(f'"{placeholder}"', f"{{{{ {action} | {QUOTED} }}}}")
        made = made.replace(placeholder, f"{{{{ {action} | {QUOTED} }}}}" if quoted else f"{{{{ {action} }}}}")
    return derive(made, data)


def _placeholder(number: int) -> str:
    """A text that every format writes as it is and that no value holds."""
    return f"platformcPlaceholder{number:06d}End"


def _marked(program: Program, resource: Resource[SecretSpec], data: Any, actions: list[str]) -> Any:
    """The data with a placeholder for each text that holds a secret."""
    if isinstance(data, dict):
        return {key: _marked(program, resource, below, actions) for key, below in data.items()}
    if isinstance(data, list):
        return [_marked(program, resource, item, actions) for item in data]
    if not isinstance(data, str) or "${" not in data:
        return data
    found = pieces(data)
    bound = [program.values.get((resource.id, piece.text)) for piece in found if isinstance(piece, Reference)]
    if not any(isinstance(one, SecretValue) for one in bound):
        if len(found) == 1 and isinstance(found[0], Reference):
            return derive(UNBOUND if bound[0] is None else bound[0], data)
        return derive("".join(_clear(program, resource, piece) for piece in found), data, *bound)
    actions.append(_action(program, resource, data))
    return derive(_placeholder(len(actions) - 1), data, *bound)


def _clear(program: Program, resource: Resource[SecretSpec], piece: object) -> str:
    if isinstance(piece, Reference):
        return str(program.values.get((resource.id, piece.text), UNBOUND))
    return str(piece)


def _action(program: Program, resource: Resource[SecretSpec], template: str) -> str:
    """A Go template expression that gives the text: one key, or `printf` over several."""
    pattern, arguments = "", []
    for piece in pieces(template):
        bound = program.values.get((resource.id, piece.text)) if isinstance(piece, Reference) else None
        if isinstance(piece, Reference) and isinstance(bound, SecretValue):
            pattern += "%s"
            arguments.append(_key(bound.key, piece.filter))
        else:
            pattern += _clear(program, resource, piece).replace("%", "%%")
    if pattern == "%s":
        return arguments[0]
    return " ".join([f"printf {_go_string(pattern)}", *(f"({argument})" for argument in arguments)])


def _key(key: str, filter_name: str) -> str:
    expression = f"index . {_go_string(key)}"
    if filter_name == "urlencode":
        # Go's urlquery writes a space as `+`, which user info in a URL takes literally; a real `+` is %2B by then.
        return f'{expression} | urlquery | replace "+" "%20"'
    return expression


def _go_string(text: str) -> str:
    """A Go string literal."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def _escaped(text: str) -> str:
    """`{{` that is meant literally."""
    return text.replace("{{", '{{ "{{" }}')


def _inline(program: Program, resource: Resource[SecretSpec], template: Template) -> str:
    made = ""
    for piece in pieces(str(template.text)):
        bound = program.values.get((resource.id, piece.text)) if isinstance(piece, Reference) else None
        if isinstance(piece, Reference) and isinstance(bound, SecretValue):
            made += f"{{{{ {_key(bound.key, piece.filter)} }}}}"
        else:
            made += _escaped(_clear(program, resource, piece))
    return made
