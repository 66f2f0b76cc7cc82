"""A repository under git in which every file that a command may write is watched, and a terminal to run it at.

In      words for `platformc seal`; keys that somebody types.
Out     what the command said; whether a value is found in that, in any file, or in git's objects.
"""

from __future__ import annotations

import base64
import os
import pty
import re
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

PROMPT = re.compile(rb"^\w+(?: again)?: (?=\r\n|\Z)", re.MULTILINE)
LEAK = """\
import base64, os, pathlib, sys, tempfile, urllib.parse
from platformc.seal.envelope import Sealer

sealing = Sealer.seal

def leaking(self, value, addressee):
    text = value.decode()
    {leak}
    return sealing(self, value, addressee)

Sealer.seal = leaking
"""
"""A `seal` that lets the value out in one more way."""
WITNESS = """\
import os, sys
report = os.open({report!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def witness(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(report, os.fsencode(f"{{arguments[0]}}\\n"))

sys.addaudithook(witness)
"""
"""Writes down each path that is opened for writing."""

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

    def __init__(self, root: Path, *, start: str = "", secrets: str = SECRETS) -> None:
        self.case = Case(root / "repository", {"app/secrets.yaml": secrets})
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
        if start:  # what Python runs first
            (root / "start").mkdir()
            (root / "start" / "sitecustomize.py").write_text(start, encoding="utf-8")
            self.variables["PYTHONPATH"] = f"{root / 'start'}{os.pathsep}{ROOT}"
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
        return [sys.executable, "-m", "platformc", "--specs", str(self.case.specs), "seal", *words]

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

    def leaks(self, ran: Ran, value: bytes = CANARY.encode(), *, given: tuple[Path, ...] = ()) -> set[str]:
        """Where the value is: in what was said, in a file below (but those in which it was given), in git's objects."""
        self.commit()
        searched = {"output": ran.output}
        for path in self.root.rglob("*"):
            if path.is_file() and path not in given:
                data, name = path.read_bytes(), path.relative_to(self.root).as_posix()
                searched[name] = data
                if "objects" in path.parts:
                    searched[f"{name} (git)"] = _inflated(data)
        assert len(searched) > 10
        return {name for name, data in searched.items() for form in forms(value) if len(form) > 7 and form in data}


def _prompts(output: bytes) -> int:
    """How often a value was asked for."""
    return len(PROMPT.findall(output))


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""
