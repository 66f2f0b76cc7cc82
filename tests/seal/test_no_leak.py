"""No value that goes through `platformc seal` is left anywhere but in ciphertext, whatever happens on the way.

Every path a value can take, with a canary in it: then everything that was written or said is searched for the
canary, as it is and in the forms that programs write bytes in.
"""

from __future__ import annotations

import base64
import os
import pty
import select
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from sealing_platform import Case

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Canary/7+ü&'Zq\\9"
"""With characters that every way of writing treats in its own way."""
SECRETS = """\
apiVersion: platformc.dev/v1alpha1
kind: Secret
metadata: {name: db}
spec:
  keys:
    token: {description: From the portal.}
    strict: {optional: true, pattern: "[a-z]+", deny: [never], minLength: 3}
    key: {optional: true, generate: {type: key}}
    push: {optional: true, generate: {type: vapid, pair: push, part: private}}
  files:
    c.toml: {format: toml, data: {token: "${secret.db.token}", pw: "x ${secret.db.strict|urlencode}"}}
"""
CRASH = """\
import cryptography.hazmat.primitives.ciphers.aead as aead

class Broken:
    def __init__(self, key): pass
    @staticmethod
    def generate_key(bits): return bytes(bits // 8)
    def encrypt(self, nonce, data, more): raise ValueError(f"cannot encrypt {data!r}", data)

aead.AESGCM = Broken
"""
"""A library that fails with the value in its message: what it says must not be said on."""

AT_TERMINAL = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes stdin the terminal of its session, which is where passwords are asked for; then becomes the program.

What a shell starts in the background ignores Ctrl-C, and so would what that starts.
"""


def forms(value: bytes) -> Iterator[bytes]:
    """The bytes as they are, and as programs write bytes: base64 at each offset, URLs, hex, JSON, repr."""
    yield value
    for offset in range(3):  # whatever stands before it in the same run of base64
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            run = encode(bytes(offset) + value)
            yield run[4 if offset else 0 : len(run) - 4]
    text = value.decode()
    written = (quote(text), quote(text, safe=""), quote_plus(text), value.hex(), repr(text)[1:-1], repr(value)[2:-1])
    yield from (each.encode() for each in written)
    yield text.encode("unicode_escape")


@dataclass(frozen=True)
class Ran:
    """What a run said, and how it ended."""

    output: bytes
    code: int


class Place:
    """A repository under git, and everything else that a process may write to, all of it below one folder."""

    def __init__(self, root: Path, *, crash: bool = False) -> None:
        self.case = Case(root / "repository", {"app/secrets.yaml": SECRETS})
        self.root = root
        self.variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "COLUMNS": "120",
        }
        for name, variable in (
            ("home", "HOME"),
            ("tmp", "TMPDIR"),
            ("cache", "PLATFORMC_CACHE"),
            ("xdg", "XDG_CACHE_HOME"),
        ):
            (root / name).mkdir()
            self.variables[variable] = str(root / name)
        if crash:
            (root / "crash").mkdir()
            (root / "crash" / "sitecustomize.py").write_text(CRASH, encoding="utf-8")
            self.variables["PYTHONPATH"] = f"{root / 'crash'}{os.pathsep}{ROOT}"
        self.git("init", "--quiet")
        self.commit()

    def git(self, *words: str) -> bytes:
        """Run git in the repository."""
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        ran = subprocess.run(
            ["git", *names, *words], cwd=self.case.root, env=self.variables, capture_output=True, check=True
        )
        return ran.stdout

    def commit(self) -> None:
        """Commit whatever lies in the repository."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=all")

    def command(self, *words: str) -> list[str]:
        """The command line of `platformc seal`."""
        return [sys.executable, "-m", "compiler", "--specs", str(self.case.specs), "seal", *words]

    def run(self, *words: str, stdin: bytes = b"") -> Ran:
        """Run it with stdin that is no terminal."""
        ran = subprocess.run(
            self.command(*words), env=self.variables, cwd=self.case.root, input=stdin, capture_output=True, check=False
        )
        return Ran(ran.stdout + ran.stderr, ran.returncode)

    def typed(self, *words: str, keys: list[bytes], interrupt: bool = False) -> Ran:
        """Run it at a terminal; each of `keys` is typed when it asks."""
        terminal, theirs = pty.openpty()
        program = [sys.executable, "-c", AT_TERMINAL, *self.command(*words)]
        process = subprocess.Popen(
            program,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=self.variables,
            cwd=self.case.root,
            start_new_session=True,
        )
        os.close(theirs)
        output, left, asked = b"", list(keys), 0
        end = time.monotonic() + 60
        while time.monotonic() < end:
            ready, _, _ = select.select([terminal], [], [], 0.2)
            if not ready:
                continue
            try:
                data = os.read(terminal, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            output += data
            while _prompts(output) > asked:
                asked += 1
                if left:
                    os.write(terminal, left.pop(0) + b"\n")
                elif interrupt:
                    process.send_signal(signal.SIGINT)
        os.close(terminal)
        return Ran(output, process.wait(timeout=30))

    def assert_clean(self, ran: Ran, value: bytes = CANARY.encode(), *, given: tuple[Path, ...] = ()) -> None:
        """The value is nowhere: not in what was said, nor in any file below, nor in git's objects."""
        self.commit()
        searched = {"output": ran.output}
        for path in self.root.rglob("*"):
            if path.is_file() and path not in given:
                data = path.read_bytes()
                searched[str(path)] = data
                if "objects" in path.parts:
                    searched[f"{path} (git)"] = _inflated(data)
        assert len(searched) > 10
        found = {name for name, data in searched.items() for form in forms(value) if len(form) > 7 and form in data}
        assert found == set()


def _prompts(output: bytes) -> int:
    """How often a value was asked for."""
    return output.count(b"token: ") + output.count(b"token once more: ")


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A repository of its own."""
    return Place(tmp_path)


def test_the_search_finds_what_is_there(place: Place) -> None:
    """A search that finds nothing would make every test below agree with everything."""
    for number, form in enumerate(forms(b"\x00a" + CANARY.encode() + b"bc")):
        if CANARY.encode() in form or number in {0, 1}:
            with pytest.raises(AssertionError):
                place.assert_clean(Ran(form, 0))
    (place.case.root / "file").write_bytes(base64.b64encode(b"password=" + CANARY.encode() + b"\n"))
    with pytest.raises(AssertionError):
        place.assert_clean(Ran(b"", 0))
    (place.case.root / "file").unlink()
    with pytest.raises(AssertionError):  # it is gone from the folder, and still in git
        place.assert_clean(Ran(b"", 0))


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
@pytest.mark.parametrize("way", ["stdin", "file", "env-file"])
def test_a_value_that_is_sealed(place: Place, way: str, verbose: tuple[str, ...]) -> None:
    """It stands nowhere but where the person had it."""
    outside = place.root / "given"
    value = CANARY.encode()
    words, stdin = {
        "stdin": (("db", "token", "--stdin"), value),
        "file": (("db", "--from-file", f"token={outside}"), b""),
        "env-file": (("db", "--from-env-file", str(outside)), b""),
    }[way]
    outside.write_bytes(value if way == "file" else b"token=" + value + b"\n")
    ran = place.run(*words, *verbose, stdin=stdin)
    assert ran.code == 0, ran.output
    assert place.case.value("db", "token") == value
    place.assert_clean(ran, given=(outside,))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("db", "strict", "--stdin"), 1),
        (("db", "key", "--stdin"), 1),
        (("db", "push", "--stdin"), 1),
        (("db", "nothing", "--stdin"), 64),
        (("nothing", "token", "--stdin"), 64),
        (("db", "--from-env-file", "-"), 64),
        (("--import", "/dev/stdin"), 1),
        (("--fetch-certificate", "/dev/stdin"), 69),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_value_that_is_refused(place: Place, words: tuple[str, ...], code: int) -> None:
    """No error shows a part of it, with -v neither."""
    for verbose in ((), ("-v",)):
        ran = place.run(*words, *verbose, stdin=CANARY.encode())
        assert ran.code in {code, 69}, ran.output
        place.assert_clean(ran)


def test_a_value_where_nothing_can_be_written(place: Place) -> None:
    """The disk refuses: nothing half-written stays behind."""
    (place.case.specs / "sealed").write_text("a file in the place of the folder\n", encoding="utf-8")
    ran = place.run("db", "token", "--stdin", stdin=CANARY.encode())
    assert ran.code == 69
    place.assert_clean(ran)


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
def test_a_crash(tmp_path: Path, verbose: tuple[str, ...]) -> None:
    """A library fails with the value in its message; the report names the place alone."""
    place = Place(tmp_path, crash=True)
    ran = place.run("db", "token", "--stdin", *verbose, stdin=CANARY.encode())
    assert ran.code == 70, ran.output
    assert b"platformc has a bug" in ran.output
    assert b"ValueError" in ran.output
    assert (b"Traceback" in ran.output) == bool(verbose)
    place.assert_clean(ran)


def test_a_value_that_is_typed(place: Place) -> None:
    """The terminal does not show it, the question says what it is for."""
    ran = place.typed("db", "token", keys=[CANARY.encode(), CANARY.encode()])
    assert ran.code == 0, ran.output
    assert b"From the portal." in ran.output
    assert place.case.value("db", "token") == CANARY.encode()
    place.assert_clean(ran)


def test_a_value_that_is_typed_wrong_and_again(place: Place) -> None:
    """Twice something else, then twice alike."""
    value = CANARY.encode()
    ran = place.typed("db", "token", keys=[value, value + b"x", value, value])
    assert ran.code == 0, ran.output
    assert b"the two are not the same" in ran.output
    place.assert_clean(ran)


def test_an_interrupt(place: Place) -> None:
    """Ctrl-C at the second question: nothing is sealed, and nothing of the first answer is left."""
    ran = place.typed("db", "token", keys=[CANARY.encode()], interrupt=True)
    assert ran.code == 130, ran.output
    assert b"interrupted" in ran.output
    assert not place.case.path("db").exists()
    place.assert_clean(ran)


def test_generated_values_are_shown_nowhere(place: Place) -> None:
    """Nobody has to know them."""
    ran = place.run("db", "--rotate", "push", "-v")
    assert ran.code == 0, ran.output
    place.assert_clean(ran, place.case.value("db", "push"))
