"""Nothing that compiles uses a clock, chance, the network, a process or the environment (D1)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import platformc
import pytest
from impure_names import impure_names

PACKAGE = Path(platformc.__file__).parent

VERBS_ALONE = ("cli", "live", "seal")
"""Packages that compile nothing: they talk to people and clusters; or make secrets, once (D5)."""

IN_THE_CLUSTER = {"lower/renew_pull_secret.py"}
"""Programs of their own, which the compiler copies and never imports."""

REASONS = {
    "cache/storage.py": {
        "os.getuid": "whose cache it is, where there is no HOME",
        "tempfile": "a cache is written beside and renamed",
    },
    "http_fetch.py": {
        "http.client": "`schemas fetch`, `setup` and `seal` ask web servers; compiling does not",
        "ssl": "the same",
        "urllib.error": "the same",
        "urllib.request": "the same",
    },
    "check/schemas/download.py": {"http": "the names of answers"},
    "check/kubeconform/process.py": {
        "subprocess": "validation runs the real kubeconform; it adds findings, never bytes",
        "tempfile": "kubeconform reads documents from a folder",
    },
    "sealed_secrets/certificate.py": {"datetime": "the dates in a certificate; nobody asks for today's"},
    "check/sealing_certificate.py": {"datetime": "compares them with the day that the command line gives"},
    "lower/renew_pull_secret.py": {
        "datetime": "no part of the compiler: it is copied into a ConfigMap, and runs in the cluster",
        "os.environ": "the same",
        "ssl": "the same",
        "urllib.error": "the same",
        "urllib.request": "the same",
    },
    "check/lowered.py": {"datetime": "a type alone: the day that the command line gives"},
    "compiling.py": {"datetime": "a type alone: the day that the command line gives"},
    "compile_worker.py": {"multiprocessing.connection": "a type alone: how a process is asked"},
    "processes.py": {
        "multiprocessing": "environments are compiled at once, and their results put in order",
        "multiprocessing.connection": "the same",
        "signal": "Ctrl-C is for the process that started the others",
    },
    "cores.py": {"threading": "whether a process can be copied"},
    "request.py": {"datetime": "the same"},
    "cache/recent_files.py": {"st_mtime_ns": "which file goes first; what is forgotten is worked out again"},
    "check/kubeconform/install.py": {
        "fcntl": "two runs do not install kubeconform at once",
        "platform": "which kubeconform to install",
        "st_ctime_ns": "whether the program on PATH is still the one whose version was asked",
        "st_mtime_ns": "the same",
        "subprocess": "`kubeconform -v`",
        "tempfile": "a download is written beside and renamed",
    },
    "check/policies/controllers.py": {"id()": "a manifest's place in a map, which is only looked up"},
    "check/schemas/lock.py": {"concurrent.futures": "`schemas fetch` downloads several at once"},
    "git/repository.py": {"subprocess": "git reads the files of a commit, which are the same each time"},
    "language/origin.py": {"id()": "one scalar once; the order is that of finding them"},
    "language/overlay.py": {"id()": "an item without a key is like no other; nothing is sorted by it"},
    "tree/lock.py": {
        "datetime": "the lock tells who holds it since when; it is no output",
        "fcntl": "the lock itself",
        "os.getpid": "who holds it",
        "socket": "on which machine",
        "time": "waiting for it",
    },
}
"""What a module below compiler/ may use all the same, with the reason. Unused entries are errors."""


def found() -> dict[str, set[str]]:
    """Module -> what it uses, of all modules that take part in compiling."""
    made: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        if name.parts[0] not in VERBS_ALONE and (names := set(impure_names(path.read_text(encoding="utf-8")))):
            made[name.as_posix()] = names
    return made


def test_every_use_has_a_reason() -> None:
    """Exactly what REASONS lists: nothing more, and nothing that is no longer there."""
    assert found() == {name: set(reasons) for name, reasons in REASONS.items()}


def test_the_environment_is_read_in_one_package() -> None:
    """Variables are read in cli/, and come to the stages as values."""
    readers = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).as_posix() not in IN_THE_CLUSTER
        and {"os.environ", "os.getenv", "os.environb"} & set(impure_names(path.read_text(encoding="utf-8")))
    }
    assert readers == {"cli"}


def test_people_and_the_clock_are_asked_in_one_package() -> None:
    """Below cli/ nobody prints, asks a person, or asks what time it is: a Console and a date are handed in."""
    asking = {
        path.relative_to(PACKAGE).as_posix(): found
        for path in PACKAGE.rglob("*.py")
        if not path.is_relative_to(PACKAGE / "cli") and path.relative_to(PACKAGE).as_posix() not in IN_THE_CLUSTER
        if (found := set(_asked(path.read_text(encoding="utf-8"))))
    }
    assert asking == {"tree/lock.py": {"datetime.now"}}, "the lock tells since when it is held"
    assert set(_asked("import sys, getpass\nprint(sys.stdin)\ndate.today()")) == {
        "print()",
        "sys.stdin",
        "getpass",
        "date.today",
    }


def _asked(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name == "getpass")
            case ast.ImportFrom(module="getpass"):
                yield "getpass"
            case ast.Call(func=ast.Name(id="print" | "input" as name)):
                yield f"{name}()"
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdin" | "stdout" | "stderr" as name):
                yield f"sys.{name}"
            case ast.Attribute(
                value=ast.Name(id="datetime" | "date" as owner), attr="now" | "today" | "utcnow" as name
            ):
                yield f"{owner}.{name}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import time", ["time"]),
        ("def late():\n    from datetime import datetime", ["datetime"]),
        ("import os.path, random as chance", ["random"]),
        ("from urllib import request", ["urllib.request"]),
        ("from urllib.parse import quote", []),
        ("from importlib import resources", []),
        ("import os\nos.environ['A']", ["os.environ"]),
        ("from os import getenv", ["os.getenv"]),
        ("sorted(things, key=id)", []),
        ("sorted(things, key=lambda one: hash(one))", ["hash()"]),
        ("path.stat().st_mtime", ["st_mtime"]),
        ("Path.cwd()", ["cwd"]),
        ("resource.id", []),
    ],
)
def test_what_is_found(text: str, expected: list[str]) -> None:
    """The reader sees planted uses, and takes nothing harmless for one."""
    assert list(impure_names(text)) == expected
