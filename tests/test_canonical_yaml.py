"""What the YAML writer promises: every reader gets back exactly what went in."""

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from platformc.canonical_yaml import emit

JSON = Any
Reader = Callable[[str], tuple[JSON, JSON]]

GO_READER = Path(__file__).resolve().parent / "go_reader"

TRAPS = """
y Y n N yes Yes YES yEs no No NO on On ON off Off OFF true True TRUE tRue false False FALSE null Null NULL nUll ~
0 1 -1 +1 00 012 0o17 0O17 0x1F 0X1f -0x1F 0b101 0B1 -0b1 1_000 _1 1_ 1__0 0x_1 1e3 1E3 1e+3 1e-3 1.e3 1.5e3 -1.5E-3 .5 -.5 +.5
._1 . .. ... 5. 1.30 1.0 1.2.3 1.2.3.4 1_0.5 1:30 1:30:59 190:20:30.15 -1:30 12:30:45 2001-12-14 2001-12-14t21:59:43.10-05:00
2001-1-1 2001-12-14T21:59:43Z 2026-08 .inf .Inf .INF -.inf +.inf .nan .NaN .NAN inf nan Infinity NaN = =x << <<x <
- -- --- ---x --flag=value -x -1x ? ?x : :x x: a:b a::b # #x x#y & &x * *x ! !x !!str | |x > >x % %x @ @x ` `x ' 'x " "x \\ \\n
[ ] [] [x] { } {} {x} , ,x ,, $x $(X) ${X} (x) x* +x + ~x /x ^x ;x 100m 128Mi 3d 4h 30s 0.0.0.0/0 10.0.0.1 8080:80 1,000 1e 0x 0b 0o
-_0 +_1 -__1_0 -_.5 -_0x1F +_1e3 -_ -_x -_1:30 fe80::1 123456789012 00e1 0e1 123e4567 deadbeef 9223372036854775807 18446744073709551616 0.0.0.0:3000 1.2:30 1.2.3:4:5
""".split()  # noqa: SIM905 - as a list it would be 180 lines
TRAPS += [
    "", " ", "  ", " x", "x ", "x  y", "a: b", "a:\tb", "a #b", "a# b", "- a", "? a", ": a", "--- a", "... a", "-\ta",
    "1 000", "2001-12-14 21:59:43.10 -5", "x\ty", "\tx", "x\t", "\0", "\x07", "\x1b[31m", "\x7f", "\x80", "\x85",
    "\x9f", "\xa0", "a\x85b", "\u2028", "a\u2029b", "\ufeff", "\ufeffx", "x\ufeff", "\u200bx", "\u202ereversed",
    "\xad", "\ufffe", "\uffff", "é", "日本語", "😀", "\U0001ffff", "\U0010ffff", "\U000e0041", "\ud7ff", "\ue000",
    "\u3000", "x" * 127, "x" * 129, "a b " * 300, "N" * 2000, "\n", "\n\n", " \n", "\t\n", "a\n", "a\n\n", "a\n\n\n",
    "\na", "\n\na\n", "a\nb", "a\nb\n", "a\n\n\nb", " a\nb", "a\n b\n", "\ta\nb", "a\n\tb\n", "\n\ta", "a \nb",
    "a\n \nb", "a\n  ", "a\n\t", " \na", "  \n a", "\n  \na", "a\r\nb\r\n", "a\rb", "a\nb\x85c", "# a\n# b\n",
    "---\na\n...\n", "a:\n- b\n", "a\n\x00", "é\n日本語\n", "a\n\u2028b", "a\xa0\nb", "a\n" + "x" * 500 + "\n",
    "%YAML 1.1\n", "a\n" * 50,
]  # fmt: skip

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bot
  namespace: stoat
  labels:
    app: bot
    app.kubernetes.io/name: bot
  annotations:
    argocd.argoproj.io/sync-wave: "0"
  finalizers:
  - example.org/hold
spec:
  replicas: 1
  template:
    metadata:
      labels:
        a: "1"
        b: "N"
    spec:
      enableServiceLinks: false
      containers:
      - name: bot
        image: registry.example.org/bot:1.4.2@sha256:0f
        args:
        - --listen
        - 0.0.0.0:3000
        - "yes"
        env:
        - name: URL
          value: redis://:$(PASSWORD)@redis:6379/0
        - name: EMPTY
          value: ""
        resources:
          requests:
            cpu: 100m
            memory: 256Mi
      volumes:
      - name: tmp
        emptyDir: {}
      tolerations: []
status:
  replicas: 0
"""

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: edge
immutable: true
data:
  Caddyfile: |
    {
    \tadmin off
    }

    :80 {
    \treverse_proxy web:5000
    }
  Revolt.toml: |-
    [database]
    mongodb = "mongodb://database"

      [api.smtp]
      port = 587
  blank.txt: |+
    two breaks at the end

  crlf.txt: "a\\r\\nb\\r\\n"
  indented.txt: |2
      starts with spaces
"""


class Marked(str):
    """Text that carries where it came from, as the compiler's second lowering makes it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "the mark leaked"

    __repr__ = __str__


class MarkedNumber(int):
    """A number that carries where it came from."""

    def __repr__(self) -> str:
        return "the mark leaked"


class Kind(dict[str, JSON]):
    """A map of somebody's own class."""


class Items(list[JSON]):
    """A list of somebody's own class."""


@pytest.fixture(scope="session")
def go_reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Ask sigs.k8s.io/yaml and yaml.v3, in one process of our Go program, what a text means."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no `go` on PATH to build the Go reader with")
    program = tmp_path_factory.mktemp("go_reader") / "go_reader"
    build = subprocess.run(
        [go, "build", "-o", program, "."], cwd=GO_READER, capture_output=True, text=True, check=False
    )
    assert build.returncode == 0, build.stderr
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        question, answer = process.stdin, process.stdout

        def read(text: str) -> tuple[JSON, JSON]:
            question.write(json.dumps(text) + "\n")
            question.flush()
            reading = json.loads(answer.readline())
            assert "error" not in reading, f"{reading['error']} in {text!r}"
            return json.loads(reading["kubernetes"], parse_int=whole), json.loads(reading["version3"], parse_int=whole)

        yield read
        question.close()


def read(text: str) -> JSON:
    """What PyYAML's C reader makes of a text."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def whole(digits: str) -> int | float:
    """A JSON number without a fraction. Go writes the float -0.0 as -0, which no integer can hold."""
    return -0.0 if digits == "-0" else int(digits)


def typed(value: JSON) -> str:
    """A value as JSON text: in Python True == 1 == 1.0, here they differ."""
    return json.dumps(value, sort_keys=True)


def as_in_go(value: JSON) -> JSON:
    """A value as Go's JSON shows it: a float without a fraction is a whole number, and beyond 64 bits all are floats."""
    if isinstance(value, dict):
        return {key: as_in_go(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_in_go(item) for item in value]
    if isinstance(value, float) or (isinstance(value, int) and not -(2**63) <= value < 2**64):
        return ("float", float(value).hex())
    return value


def like(actual: JSON, expected: JSON) -> JSON:
    """Turn numbers into floats where a float is expected; everything else keeps its type."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: like(item, expected.get(key)) for key, item in actual.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(actual) == len(expected):
        return [like(item, wanted) for item, wanted in zip(actual, expected, strict=True)]
    if isinstance(expected, tuple) and type(actual) in {int, float}:
        return ("float", float(actual).hex())
    return actual


def assert_go_agrees(go_reader: Reader, document: JSON) -> None:
    """Both Go readers read back what we wrote, types included."""
    expected = as_in_go(document)
    kubernetes, version3 = go_reader(emit(document))
    assert typed(like(kubernetes, expected)) == typed(expected)
    assert typed(like(version3, expected)) == typed(expected)


text = st.one_of(
    st.sampled_from(TRAPS),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(alphabet="+-_.01789:exXoObBTZ", max_size=8),
    st.text(alphabet="abN01.:-#\n\t '\"{}[]&*!|>%@`?,=~_+ex\\/", max_size=14),
)
scalar = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    text,
)
tree = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=12
)
documents = st.dictionaries(
    st.sampled_from(["apiVersion", "kind", "metadata", "data", "labels", "status"]) | text, tree
)


class TestRoundTrip:
    """What was written is what is read."""

    @given(documents)
    def test_pyyaml_agrees(self, document: JSON) -> None:
        """PyYAML reads back what we wrote, types included."""
        assert typed(read(emit(document))) == typed(document)

    @given(document=documents)
    def test_go_agrees(self, go_reader: Reader, document: JSON) -> None:
        """The readers of kubectl and yaml.v3 read back what we wrote, types included."""
        assert_go_agrees(go_reader, document)

    @pytest.mark.parametrize("shape", ["value", "key", "item", "deep"])
    def test_traps_with_pyyaml(self, shape: str) -> None:
        """Everything that looks like something else stays text, wherever it stands."""
        for trap in TRAPS:
            document = self.shaped(shape, trap)
            assert typed(read(emit(document))) == typed(document), trap

    @pytest.mark.parametrize("shape", ["value", "key", "item", "deep"])
    def test_traps_with_go(self, go_reader: Reader, shape: str) -> None:
        """The same for Go, which reads a plain N as false and 1_000 as a number."""
        for trap in TRAPS:
            assert_go_agrees(go_reader, self.shaped(shape, trap))

    @staticmethod
    def shaped(shape: str, trap: str) -> JSON:
        """One text in several places of a document."""
        return {
            "value": {"a": trap, "b": trap},
            "key": {trap: "x", "z": {trap: {trap: [trap]}}},
            "item": {"a": [trap, [trap, {"b": trap}], trap]},
            "deep": {"a": [[[trap]], {"b": [{trap: trap, "c": [{"d": trap}]}]}]},
        }[shape]

    def test_a_very_long_key_survives(self, go_reader: Reader) -> None:
        """Readers give up on `key:` after 1,024 characters, so such keys take the explicit form."""
        for value in ("x", "a\nb\n", {"b": "c"}, ["d"], [{"e" * 1200: "f", "g": "h"}]):
            document = {"a" * 1500: value, "b": 1}
            assert typed(read(emit(document))) == typed(document)
            assert_go_agrees(go_reader, document)

    @pytest.mark.parametrize("value", [0.0, -0.0, 1.0, 1e16, 1e-7, 1.5e300, 5e-324, 0.1, 123456789.123])
    def test_floats_stay_floats(self, value: float) -> None:
        """A float never reads back as text or as an integer, not even 1e16, which YAML 1.1 takes for text."""
        (result,) = read(emit({"a": value})).values()
        assert (type(result), math.copysign(1, result), result) == (float, math.copysign(1, value), value)


class TestForm:
    """What the text looks like."""

    def test_deployment(self) -> None:
        """Known keys come first, user data is sorted, lists stand as kubectl prints them."""
        document = {
            "status": {"replicas": 0},
            "spec": {
                "replicas": 1,
                "template": {
                    "metadata": {"labels": {"b": "N", "a": "1"}},
                    "spec": {
                        "enableServiceLinks": False,
                        "containers": [
                            {
                                "name": "bot",
                                "image": "registry.example.org/bot:1.4.2@sha256:0f",
                                "args": ["--listen", "0.0.0.0:3000", "yes"],
                                "env": [
                                    {"name": "URL", "value": "redis://:$(PASSWORD)@redis:6379/0"},
                                    {"name": "EMPTY", "value": ""},
                                ],
                                "resources": {"requests": {"memory": "256Mi", "cpu": "100m"}},
                            }
                        ],
                        "volumes": [{"name": "tmp", "emptyDir": {}}],
                        "tolerations": [],
                    },
                },
            },
            "metadata": {
                "finalizers": ["example.org/hold"],
                "annotations": {"argocd.argoproj.io/sync-wave": "0"},
                "labels": {"app.kubernetes.io/name": "bot", "app": "bot"},
                "namespace": "stoat",
                "name": "bot",
            },
            "kind": "Deployment",
            "apiVersion": "apps/v1",
        }
        assert emit(document) == DEPLOYMENT

    def test_config_texts(self) -> None:
        """Files in a ConfigMap are literal blocks that a reviewer can read, where YAML can hold them as such."""
        data = {
            "indented.txt": "  starts with spaces\n",
            "Caddyfile": "{\n\tadmin off\n}\n\n:80 {\n\treverse_proxy web:5000\n}\n",
            "crlf.txt": "a\r\nb\r\n",
            "Revolt.toml": '[database]\nmongodb = "mongodb://database"\n\n  [api.smtp]\n  port = 587',
            "blank.txt": "two breaks at the end\n\n",
        }
        document = {
            "data": data,
            "immutable": True,
            "metadata": {"name": "edge"},
            "kind": "ConfigMap",
            "apiVersion": "v1",
        }
        assert emit(document) == CONFIG
        assert read(CONFIG) == document

    @given(documents)
    def test_bytes_depend_on_the_value_alone(self, document: JSON) -> None:
        """Maps of user data may come in any order, and what was read back is written the same."""
        document["labels"] = {"b": "1", "a": "2"}
        first = emit(document)
        document["labels"] = {"a": "2", "b": "1"}
        assert emit(document) == first == emit(json.loads(json.dumps(document)))

    @given(documents)
    def test_no_line_is_folded_or_left_ragged(self, document: JSON) -> None:
        """The text ends with a line break, holds no carriage return and nothing invisible."""
        result = emit(document)
        assert result.endswith("\n")
        assert not any(character in result for character in "\r\x00\x85\xa0\u2028\u2029\u202e\ufeff")

    def test_long_text_stays_on_one_line(self) -> None:
        """Folding would make the diff of a long command depend on its length."""
        assert emit({"a": "word " * 400 + "end"}).count("\n") == 1

    def test_subclasses_are_written_as_what_they_extend(self) -> None:
        """Marked values give the same bytes as plain ones, or explaining would change the output."""
        marked = Kind(
            {Marked("metadata"): Kind({Marked("z"): Items([Marked("N"), MarkedNumber(7), Marked("a\nb\n")])})}
        )
        marked["labels"] = Kind(b=Marked("x"), a=Marked("y" * 200))
        marked["more"] = [Kind(a=Items(["b"])), Items([Items(["c"])]), Kind(), Items(), Marked("")]
        plain = {
            "metadata": {"z": ["N", 7, "a\nb\n"]},
            "labels": {"b": "x", "a": "y" * 200},
            "more": [{"a": ["b"]}, [["c"]], {}, [], ""],
        }
        assert emit(marked) == emit(plain)

    def test_empty_document(self) -> None:
        """Even nothing is a document."""
        assert emit({}) == "{}\n"


class TestRefusals:
    """What cannot be written."""

    @pytest.mark.parametrize("surrogate", ["\ud800", "x\udfffy", "a\n\udc00b", "\U0001f600\ud83d"])
    def test_lone_surrogate(self, surrogate: str) -> None:
        """Text that UTF-8 cannot hold is refused as value and as key, and the text is not repeated."""
        for document in ({"a": surrogate}, {surrogate: "a"}, {"a": [surrogate]}):
            with pytest.raises(ValueError, match=r"^the lone surrogate U\+D"):
                emit(document)

    @pytest.mark.parametrize("key", [1, True, None, 1.5, b"a", ("a",)])
    def test_key_that_is_no_text(self, key: JSON) -> None:
        """Readers disagree about other keys, also in a map whose keys are sorted."""
        keyed: list[JSON] = [{key: "a"}, {"a": {key: "b"}}, {"labels": {key: "b", "a": "c"}}, {"a": [{key: []}]}]
        for document in keyed:
            with pytest.raises(TypeError, match="a key of a manifest must be text"):
                emit(document)

    @pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
    def test_not_a_number(self, value: float) -> None:
        """JSON, which the API server speaks, has no infinity and no NaN."""
        with pytest.raises(ValueError, match="infinity and NaN"):
            emit({"a": value})

    @pytest.mark.parametrize("value", [b"bytes", ("a",), {"a"}, object()])
    def test_other_types(self, value: JSON) -> None:
        """What is not JSON data is a mistake of the caller, not something to guess about."""
        with pytest.raises(TypeError, match="has no place in a manifest"):
            emit({"a": [value]})
