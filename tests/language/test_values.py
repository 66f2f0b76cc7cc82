from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest
from platformc.language.nodes import at, plain
from platformc.language.values import Values, check_values
from spec_samples import mapping

ENVIRONMENT = "specs/environments/e.yaml"


def _checked(schema: str, values: str) -> Values:
    environment = mapping(f"metadata: {{name: e}}\nspec:\n  values: {values}\n", ENVIRONMENT)
    return check_values(mapping(schema), at(environment, ("spec", "values")), environment)


def test_defaults_and_what_is_asked_for() -> None:
    """A default stands in for what is not given; without one the name is known as absent."""
    values = _checked("a: {type: string, default: x}\nb: {type: integer}\nc: {type: integer}\n", "{c: 3}")
    assert plain(values.given) == {"a": "x", "c": 3}
    assert [*values.absent] == ["b"]
    assert values.findings == ()


@pytest.mark.parametrize(
    ("schema", "values", "rules"),
    [
        ("a: {type: string}", "{a: 1}", ["invalid-value"]),
        ("a: {type: string, format: hostname}", "{a: not a host}", ["invalid-value"]),
        ("a: {type: strin}", "{a: x}", ["invalid-values-schema"]),
        ("a: text", "{a: x}", ["invalid-values-schema"]),
        ("a: {$ref: '#/definitions/none'}", "{a: x}", ["invalid-values-schema"]),
        ("a: {pattern: '('}", "{a: x}", ["invalid-values-schema"]),
        ("a: {pattern: '^(?=a)(a+)+$'}", f"{{a: {'a' * 60}b}}", ["invalid-value"]),
        ("a: {default: 1, type: string}", "{}", ["invalid-value"]),
        ("a: {}", "{b: 1}", ["unknown-value"]),
        ("a: {properties: {x: {type: integer}}}", "{a: {x: y}}", ["invalid-value"]),
        ("a: {$ref: '#'}", "{a: x}", []),
    ],
)
def test_values_are_held_against_their_schema(schema: str, values: str, rules: list[str]) -> None:
    """One finding each, in a file."""
    found = _checked(schema, values).findings
    assert [finding.rule for finding in found] == rules
    assert all(finding.at.path in {ENVIRONMENT, "specs/sample.yaml"} for finding in found)
    assert all("\n" not in finding.message for finding in found)


def test_a_long_value_is_not_repeated() -> None:
    """The message shows its two ends."""
    (finding,) = _checked("a: {type: integer}", f"{{a: {'x' * 5000}}}").findings
    assert len(finding.message) < 500
    assert finding.message.startswith("a: ")


class _Counting(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - filled by the server's thread

    def do_GET(self) -> None:
        """Answer with a schema that fits nothing."""
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"type": "integer"}')


@pytest.mark.parametrize("key", ["$ref", "$schema"])
def test_schemas_cannot_reach_out(key: str, tmp_path: Path) -> None:
    """Neither an address nor a file is opened: compiling reads the specs alone."""
    other = tmp_path / "schema.json"
    other.write_text('{"type": "integer"}', encoding="utf-8")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Counting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            for address in (f"http://127.0.0.1:{server.server_port}/x", other.as_uri()):
                (finding,) = _checked(f"a: {{{key}: '{address}'}}", "{a: x}").findings
                assert finding.rule == "invalid-values-schema"
                assert address in finding.message
        finally:
            server.shutdown()
            thread.join()
    assert _Counting.asked == []
