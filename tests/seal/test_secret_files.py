"""Files made inside the cluster: filled in by the real engine, then read by real readers of their formats."""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from kubeseal_round_trip import Kubeseal
from platformc.language.models.secret import SecretKey, SecretSpec
from platformc.language.platform import Resource
from platformc.language.resolution import resolve
from platformc.link import link
from platformc.link.program import Program
from platformc.lower.secret_files import Use, contents, escaped, uses, with_placeholders
from platformc.pipeline import Request, load_sources
from platformc.seal.judge import judge
from platformc.sealed_secrets.scope import sealing_scope_of
from sealing_platform import API, Case

KEYS = ("one", "two.key", "THREE")
FILES = f"""\
{API}
kind: Secret
metadata: {{name: db}}
spec:
  keys: {{one: {{}}, two.key: {{}}, THREE: {{}}}}
  files:
    a.toml:
      format: toml
      data:
        plain: "{{{{ not a template }}}}"
        dollar: "$${{not.a.reference}} 100%"
        secret: ${{secret.db.one}}
        list: ["${{secret.db.THREE}}", "a-${{secret.db.one}}-%s-\\"quoted\\"\\\\-${{secret.db.THREE}}"]
        table: {{"odd key {{{{": '${{secret.db["two.key"]}}'}}
    b.json:
      format: json
      data: {{secret: "${{secret.db.one}}", more: [{{"{{{{ .x }}}}": "<${{secret.db.THREE}}>"}}]}}
    c.yaml:
      format: yaml
      data: {{secret: "${{secret.db.one}}", more: [{{on: "no ${{secret.db.THREE}}"}}, "${{secret.db.one}}"]}}
    url.txt:
      text: "{{${{secret.db.one|urlencode}}:${{secret.db.THREE|urlencode}}}}"
    raw.txt:
      text: |
        {{{{{{ {{{{ printf "x" }}}} {{${{secret.db.one}}}}
        last {{
"""
LINES = f"""\
{API}
kind: Secret
metadata: {{name: db}}
spec:
  keys: {{one: {{}}, two.key: {{}}, THREE: {{}}}}
  files:
    d.env: {{format: env, data: {{SECRET: "${{secret.db.one}}", BOTH: 'a=${{secret.db.THREE}}#${{secret.db["two.key"]}}'}}}}
    e.env: {{format: dotenv, data: {{SECRET: "${{secret.db.one}}", BOTH: "a ${{secret.db.THREE}} b"}}}}
"""
ODD = [
    "",
    " ",
    "\"'\\{}%$ +/@:",
    "{{ .one }}",
    "}}",
    "${x}",
    "%s%d%%",
    "\n\t\r",
    "päß 日本 🔑 \u2028",
    "</script>&",
    "'''",
    "null",
    "1e3",
]


@cache
def program_of(text: str, folder: Path) -> tuple[Program, Resource[SecretSpec]]:
    """The graph of a platform with this Secret."""
    case = Case(folder, {"app/secrets.yaml": text})
    program = link(resolve(load_sources(Request(case.root, case.specs, case.root / "rendered")), "production"))
    assert (*program.platform.findings, *program.findings) == ()
    (secret,) = [one for one in program.platform.resources if one.id.kind == "Secret"]
    return program, secret


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the platform of these tests lies."""
    return tmp_path_factory.mktemp("files")


def refused(secret: Resource[SecretSpec], values: Mapping[str, str]) -> bool:
    """Whether `seal` would not take one of the values for the files that it is used in."""
    declared = SecretKey(pattern="(?s).*")
    return any(list(judge("db", key, declared, values[key].encode(), uses(secret).get(key, ()))) for key in values)


def filled(
    kubeseal: Kubeseal, program: Program, secret: Resource[SecretSpec], values: Mapping[str, str | bytes]
) -> dict[str, bytes]:
    """The Secret's data, as the controller would make it."""
    encoded = {key: value.encode() if isinstance(value, str) else value for key, value in values.items()}
    return kubeseal.recovered(sealing_scope_of(program, secret), encoded, contents(program, secret))


@pytest.fixture(scope="module")
def kubeseal(tmp_path_factory: pytest.TempPathFactory) -> Kubeseal:
    """The real one."""
    return Kubeseal.in_folder(tmp_path_factory.mktemp("key"))


TEXTS = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
VALUES = st.fixed_dictionaries(dict.fromkeys(KEYS, TEXTS))


@settings(max_examples=60)
@given(values=VALUES)
def test_data_means_what_the_spec_says(kubeseal: Kubeseal, folder: Path, values: dict[str, str]) -> None:
    """Parsed, every value is the one that was sealed, and the text around it is as written."""
    program, secret = program_of(FILES, folder / "files")
    if refused(secret, values):
        return
    found = filled(kubeseal, program, secret, values)
    one, two, three = (values[key] for key in KEYS)
    assert tomllib.loads(found["a.toml"].decode()) == {
        "plain": "{{ not a template }}",
        "dollar": "${not.a.reference} 100%",
        "secret": one,
        "list": [three, f'a-{one}-%s-"quoted"\\-{three}'],
        "table": {"odd key {{": two},
    }
    assert json.loads(found["b.json"]) == {"secret": one, "more": [{"{{ .x }}": f"<{three}>"}]}
    assert yaml.safe_load(found["c.yaml"]) == {"secret": one, "more": [{"on": f"no {three}"}, one]}
    head, _, tail = found["url.txt"].decode().partition(":")
    assert (unquote_to_bytes(head[1:]).decode(), unquote_to_bytes(tail[:-1]).decode()) == (one, three)
    assert found["raw.txt"].decode() == f'{{{{{{ {{{{ printf "x" }}}} {{{one}}}\nlast {{\n'
    assert {key: found[key].decode() for key in KEYS} == values


@settings(max_examples=40)
@given(values=VALUES)
def test_lines_mean_what_the_spec_says(kubeseal: Kubeseal, folder: Path, values: dict[str, str]) -> None:
    """`env` has the value to the end of the line, as docker and kubectl read it; `dotenv` in quotes, as a shell does."""
    program, secret = program_of(LINES, folder / "lines")
    if refused(secret, values):
        return
    found = filled(kubeseal, program, secret, values)
    one, two, three = (values[key] for key in KEYS)
    lines = [line.partition("=")[::2] for line in found["d.env"].decode().split("\n")[:-1]]
    assert lines == [("SECRET", one), ("BOTH", f"a={three}#{two}")]
    shell = shlex.split(found["e.env"].decode(), posix=True)
    assert shell == [f"SECRET={one}", f"BOTH=a {three} b"]


def test_every_byte_can_stand_in_a_url(kubeseal: Kubeseal, folder: Path) -> None:
    """Also a space and a plus, which Go's urlquery writes alike."""
    program, secret = program_of(FILES, folder / "files")
    found = filled(kubeseal, program, secret, {"one": bytes(range(256)), "two.key": b"", "THREE": b" +%20"})
    head, _, tail = found["url.txt"].decode("ascii").partition(":")
    assert unquote_to_bytes(head[1:]) == bytes(range(256))
    assert tail == "%20%2B%2520}"
    assert not set("@/ +?#[]") & set(head[1:])


def test_the_engine_writes_something_for_a_key_that_is_missing(kubeseal: Kubeseal, folder: Path) -> None:
    """So the compiler must not let one through: no error would tell."""
    program, secret = program_of(FILES, folder / "files")
    found = filled(kubeseal, program, secret, {"two.key": "y", "THREE": "z"})
    assert tomllib.loads(found["a.toml"].decode())["secret"] == ""


@pytest.mark.parametrize(
    ("file", "value", "said"),
    [
        ("toml", b"\xff", "is not UTF-8 text"),
        ("toml", b"\x7f", "contains a control character"),
        ("yaml", "\x85".encode(), "contains a control character"),
        ("env", b"two\nlines", "has several lines"),
        ("dotenv", b"it's", "parsers of files like"),
    ],
)
def test_what_a_file_could_not_hold_is_refused(file: str, value: bytes, said: str) -> None:
    """While the value is known; the message names the file."""
    found = list(judge("db", "one", SecretKey(), value, [Use(f"x.{file}", file, "")]))
    assert any(said in one and f"x.{file}" in one for one in found), found
    assert list(judge("db", "one", SecretKey(), value, [Use("url", "", "urlencode")])) == []


@given(text=st.text("{} a\n", max_size=12))
def test_escaping_keeps_braces_apart(text: str) -> None:
    """No `{{` is left but those of the escapes, also where an action follows."""
    made = escaped(text) + '{{ index . "x" }}'
    for action in ('{{ "{{" }}', '{{ "{" }}', '{{ index . "x" }}'):
        made = made.replace(action, "")
    assert "{{" not in made


def test_people_read_placeholders(folder: Path) -> None:
    """`explain` shows the file as it reads, each value by the name of its key."""
    program, secret = program_of(FILES, folder / "files")
    shown = {name: with_placeholders(text) for name, text in contents(program, secret).items()}
    assert tomllib.loads(shown["a.toml"]) == {
        "plain": "{{ not a template }}",
        "dollar": "${not.a.reference} 100%",
        "secret": "<one>",
        "list": ["<THREE>", 'a-<one>-%s-"quoted"\\-<THREE>'],
        "table": {"odd key {{": "<two.key>"},
    }
    assert json.loads(shown["b.json"]) == {"secret": "<one>", "more": [{"{{ .x }}": "<<THREE>>"}]}
    assert shown["url.txt"] == "{<one|urlencode>:<THREE|urlencode>}"
    assert shown["raw.txt"] == '{{{ {{ printf "x" }} {<one>}\nlast {\n'
