"""secret_files: a Secret's `files` as templates that the controller fills in.

In      a Secret of the Program, its references bound.
Out     Go templates (text/template with sprig) that produce, for every value that `seal` accepts, a file
        of their format; where and how each key is used.
Never   knows a value. A template uses only keys that the Secret declares: for any other key, the controller
        does not fail but writes nothing (bitnami/sealed-secrets, sealedsecret_expansion.go).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformc.language import Reference, Resource, pieces
from platformc.language.models.secret import SecretFile, SecretSpec
from platformc.language.models.types import Template
from platformc.language.origin import derive
from platformc.link import Program, SecretValue
from platformc.lower.files import written
from platformc.lower.values import UNBOUND

QUOTED = "toJson"
"""A JSON string is also a string of TOML and of YAML."""
QUOTED_FORMATS = frozenset({"toml", "json", "yaml"})

_STRING = r'"(?:[^"\\]|\\.)*"'
_ACTION = re.compile(rf"\{{\{{ (?P<string>{_STRING}|printf {_STRING}|)(?P<rest>(?:{_STRING}|[^\"}}])*) \}}\}}")
_KEY = re.compile(rf'index \. (?P<key>{_STRING})(?P<filter> \| urlquery \| replace "\+" "%20")?')


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One use of a key in a file. `format` is empty if the file is text."""

    file: str
    format: str
    filter: str


def contents(program: Program, resource: Resource[SecretSpec]) -> dict[str, str]:
    """The files by name, as templates of the controller."""
    return {name: _content(program, resource, file) for name, file in resource.spec.files.items()}


def uses(resource: Resource[SecretSpec]) -> Mapping[str, tuple[Use, ...]]:
    """How the Secret's own files use its keys; keys that no file uses are absent."""
    found: dict[str, list[Use]] = {}
    for name, file in resource.spec.files.items():
        for text in texts(file):
            for piece in pieces(text):
                if isinstance(piece, Reference) and piece.word == "secret" and piece.rest:
                    found.setdefault(piece.rest[0], []).append(Use(name, file.format or "", piece.filter))
    return {key: tuple(sorted(set(several))) for key, several in found.items()}


def texts(file: SecretFile) -> list[str]:
    """Every text of a file that can contain references."""
    if file.data:
        return _texts(file.data.value)
    return [derive(str(file.text.text), file.text.text)] if file.text else []


def texts_with(resource: Resource[SecretSpec], name: str, key: str) -> list[str]:
    """The texts of one of the Secret's files that use a key; none if there is no such file."""
    file = resource.spec.files.get(name)
    return [text for text in texts(file) if key in _keys(text)] if file else []


def _keys(text: str) -> set[str]:
    """The keys of Secrets that a text names."""
    return {
        piece.rest[0]
        for piece in pieces(text)
        if isinstance(piece, Reference) and piece.word == "secret" and piece.rest
    }


def _texts(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for below in data.values() for text in _texts(below)]
    if isinstance(data, list):
        return [text for item in data for text in _texts(item)]
    return [data] if isinstance(data, str) else []


def _content(program: Program, resource: Resource[SecretSpec], file: SecretFile) -> str:
    if file.text is not None:
        bound = [
            program.values.get((resource.id, piece.text))
            for piece in pieces(str(file.text.text))
            if isinstance(piece, Reference)
        ]
        return derive(_inline(program, resource, file.text), file.text.text, *bound)
    actions: list[str] = []
    data = _marked(program, resource, file.data.value if file.data else {}, actions)
    made = escaped(written(data, file.format or ""))
    for number, action in enumerate(actions):
        placeholder = _placeholder(number)
        if file.format in QUOTED_FORMATS:
            filled = f"{{{{ {action} | {QUOTED} }}}}"
            made = made.replace(f'"{placeholder}"', filled).replace(placeholder, filled)
        else:
            quote = "'" if file.format == "dotenv" else ""
            made = made.replace(placeholder, f"{quote}{{{{ {action} }}}}{quote}")
    return derive(made, data, file.format)


def with_placeholders(template: str) -> str:
    """Return a template of ours as the file will look, with `<KEY>` in place of each value.

    >>> with_placeholders('url = {{ printf "redis://:%s@redis" (index . "PW" | urlquery | replace "+" "%20") | toJson }}')
    'url = "redis://:<PW|urlencode>@redis"'
    """
    return _ACTION.sub(_shown, template)


def _shown(action: re.Match[str]) -> str:
    found = [
        f"<{json.loads(key['key'])}{'|urlencode' if key['filter'] else ''}>" for key in _KEY.finditer(action["rest"])
    ]
    string = action["string"].removeprefix("printf ")
    text = str(json.loads(string)) if string else "%s"
    if action["string"] == string and string:
        return text  # an escaped brace
    made = text % tuple(found)
    return json.dumps(made, ensure_ascii=False) if action["rest"].endswith(f"| {QUOTED}") else made


def _placeholder(number: int) -> str:
    """A text that every format writes unchanged and that no value contains."""
    return f"platformcPlaceholder{number:06d}End"


def _marked(program: Program, resource: Resource[SecretSpec], data: Any, actions: list[str]) -> Any:
    """The data with a placeholder for each text with a secret."""
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
    """A Go template expression for the text: one key, or `printf` over several."""
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
        # Go's urlquery writes a space as `+`, which is literal in the user info of a URL; a real `+` is already %2B.
        return f'{expression} | urlquery | replace "+" "%20"'
    return expression


def _go_string(text: str) -> str:
    """A Go string literal."""
    made = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{made}"'


def escaped(text: str) -> str:
    """Text that a template outputs unchanged: no `{{` starts an action, nor a final `{` with what follows it."""
    made = text.replace("{{", '{{ "{{" }}')
    return f'{made[:-1]}{{{{ "{{" }}}}' if made.endswith("{") else made


def _inline(program: Program, resource: Resource[SecretSpec], template: Template) -> str:
    made = literal = ""
    for piece in pieces(str(template.text)):
        bound = program.values.get((resource.id, piece.text)) if isinstance(piece, Reference) else None
        if isinstance(piece, Reference) and isinstance(bound, SecretValue):
            made += f"{escaped(literal)}{{{{ {_key(bound.key, piece.filter)} }}}}"
            literal = ""
        else:
            literal += _clear(program, resource, piece)
    return made + escaped(literal)
