"""What a module uses that could make one compilation differ from the next, read from its source.

In      the text of a module.
Out     the names of such modules, functions and attributes.
Never   imports what it reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

MODULES = frozenset(
    [
        "_thread",
        "asyncio",
        "calendar",
        "concurrent",
        "ctypes",
        "datetime",
        "fcntl",
        "getpass",
        "glob",
        "http",
        "locale",
        "multiprocessing",
        "platform",
        "pwd",
        "random",
        "requests",
        "resource",
        "secrets",
        "select",
        "selectors",
        "signal",
        "socket",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
        "urllib.error",
        "uuid",
        "zoneinfo",
    ]
)
"""Clocks, chance, networks, processes, threads, and what tells about the machine or the user."""

OF_OS = frozenset(
    [
        "environ",
        "environb",
        "getcwd",
        "getenv",
        "getlogin",
        "getpid",
        "getrandom",
        "getuid",
        "times",
        "uname",
        "urandom",
    ]
)
ATTRIBUTES = frozenset(
    ["cwd", "expanduser", "st_atime", "st_atime_ns", "st_ctime", "st_ctime_ns", "st_ino", "st_mtime", "st_mtime_ns"]
)
"""Of paths and of what `stat` gives: where we are, who we are, and when a file was written."""
CALLS = frozenset(["__import__", "compile", "eval", "exec", "hash", "id", "input"])
"""Of these, `hash` and `id` differ between two runs, the others run what nobody reviewed."""


def impure_names(text: str) -> Iterator[str]:
    """Everything of that kind in a module, each as often as it is written."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names if _banned(alias.name))
            case ast.ImportFrom(module=str(module)):
                if _banned(module):
                    yield module
                yield from (f"{module}.{each.name}" for each in node.names if _of_a_module(module, each.name))
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in OF_OS:
                yield f"os.{name}"
            case ast.Attribute(attr=name) if name in ATTRIBUTES:
                yield name
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield f"{name}()"


def _banned(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: length + 1]) in MODULES for length in range(len(parts)))


def _of_a_module(module: str, name: str) -> bool:
    return (module == "os" and name in OF_OS) or (not _banned(module) and f"{module}.{name}" in MODULES)
