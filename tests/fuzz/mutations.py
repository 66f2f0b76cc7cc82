"""Mutations: one spec file, damaged in one of many ways; the same random numbers give the same damage.

In      the bytes of a file, a source of random numbers, what other files hold.
Out     other bytes, and the name of the mutation.
Never   reads a file; knows what a compiler makes of it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from platformc.language.nodes import Mapping, Node, Scalar, plain, scalars
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile

TOKENS = (
    b"{", b"}", b"[", b"]", b": ", b"- ", b"? ", b", ", b"#", b"&a ", b"*a", b"<<: ", b"!!binary ", b"!x ", b"|\n", b">-\n",
    b"---\n", b"...\n", b"%YAML 1.1\n", b"'", b'"', b"\t", b"\r\n", b"\r", b"\x00", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9", b"\xe2\x80\xae", b"${", b"$${", b"}", b"\\", b"~", b"null",
)  # fmt: skip
"""Bytes that mean something to a reader of YAML, of UTF-8 or of references."""

WORDS: tuple[str, ...] = (
    "", " ", "~", "null", "true", "no", "0", "-1", "1", "65536", "99999999999", "1.5", "1e999", ".nan", "0x1f", "1:30",
    "2024-01-01", "''", '""', "[]", "{}", "[[]]", "[null]", "{a: null}", "{a: {}}", '"\\ud800"', '"\\0"', '"\\e[31m"',
    '"\\u202e"', '"a\\nb"', '"\\xff"', "a b", "A", "-", "a-", "/", "/..", "..", "../..", "~1", "\N{PILE OF POO}", "é", "x" * 300,
    "none", "all", "default", "platform", "${", "$${x}", "${}", "${a}", "${a.b}", "${values}", "${values.}",
    "${values.nothing}", "${values.domain}", "${values.domain.x}", "${platform.aws}", "${platform.valuesSchema}",
    "${platform.name}", "${environment.name}", "${environment.values}", "${workload.x.host}", "${workload.redis.host}",
    "${workload.redis.url.redis}", "${workload.redis.ports.x}", "${workload.redis.ports.redis.x}",
    "${workload.discord-bot.host}", "${workload.stoat-api.url}", "${table.chat-history.arn}", "${table.chat-history}",
    "${queue.agentic-events.url}", "${identity.discord-bot}", "${identity.discord-bot.accessKeyID}",
    "${secret.redis.password}", "${secret.redis.password|urlencode}", "${secret.redis.password|x}", "${secret.redis}",
    "${secret.stoat-secrets.x}", "${config.stoat-config}", "${config.stoat-config.Revolt.toml}", "${config.x}",
    '${secret.redis["password"]}', "${repository.discord-bot.url}", "${service.litellm.url}", "$(A)", "$(PORT)",
    "secret.redis.password", "workload.redis", "100m..50m", "..", "1Gi..", "..1Gi", "1d", "-1s", "10.0.0.0/8", "10.0.0.1/8",
    "::/0", "0.0.0.0/0", "{a: 1}", "[1, a]", "{$patch: delete}", "[{$patch: delete}]", "[{name: a}, {name: a}]",
    "{name: redis}", "{httpGet: /x}", "*x", "&x y", "!!str 1", "|\n  a\n", "? a", "a: b", "- a", "@", "`", "%",
)  # fmt: skip
"""Texts to stand in the place of a value: short, hostile, or of another type."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What the specs hold: keys and scalars to move to where they do not belong."""

    keys: tuple[str, ...]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, texts: list[str]) -> Pool:
        """Collect every key and every value, in order, each once."""
        keys: dict[str, None] = {}
        values: dict[str, Any] = {}
        for text in texts:
            for document in read_documents(SourceFile("pool", text))[0]:
                for node in _nodes(document.root):
                    if isinstance(node, Mapping):
                        keys.update(dict.fromkeys(node.entries))
                    values.setdefault(repr(plain(node)), plain(node))
        return cls(tuple(keys), tuple(values.values()))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    below = node.entries.values() if isinstance(node, Mapping) else () if isinstance(node, Scalar) else node.items
    for one in below:
        yield from _nodes(one)


Change = Callable[[random.Random, bytes, Pool], bytes]


def _flipped(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 3))):
        made[chance.randrange(len(made))] = chance.choice((chance.randrange(256), chance.randrange(32, 127)))
    return bytes(made)


def _inserted(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 70)) + data[at:]


def _cut(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice((1, 2, 10, 100, len(data))) :]


def _repeated(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    start = chance.randrange(len(data))
    end = start + chance.choice((1, 2, 10, 100, 1000))
    return data[:end] + data[start:end] * chance.choice((1, 1, 20)) + data[end:]


def _line_dropped(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    lines = data.split(b"\n")
    start = chance.randrange(len(lines))
    del lines[start : start + chance.choice((1, 1, 2, 5))]
    return b"\n".join(lines)


def _line_moved(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    lines = data.split(b"\n")
    line = lines[chance.randrange(len(lines))]
    if chance.random() < 0.5:
        lines.remove(line)
    lines.insert(chance.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def _line_indented(chance: random.Random, data: bytes, _pool: Pool) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    before = lines[at]
    lines[at] = chance.choice((b"  " + before, b" " + before, before[2:], before[1:], b"\t" + before, b"- " + before))
    return b"\n".join(lines)


def _value_replaced(chance: random.Random, data: bytes, pool: Pool) -> bytes:
    """Put a word, or a value from elsewhere, in the place of a scalar, and leave the rest as it is written."""
    text = data.decode()
    lines = text.split("\n")
    found = [one for document in _read(text) for _, one in scalars(document) if one.span.line == one.span.end_line]
    for _ in range(chance.choice((1, 1, 2, 4))):
        span = chance.choice(found).span
        other = chance.choice(pool.values)
        word = chance.choice(WORDS) if chance.random() < 0.7 else yaml.safe_dump(other, default_flow_style=True).strip()
        line = lines[span.line - 1]
        lines[span.line - 1] = line[: span.column - 1] + word.removesuffix("\n...") + line[span.end_column - 1 :]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _key_replaced(chance: random.Random, data: bytes, pool: Pool) -> bytes:
    """Write another key: a near miss, one from elsewhere, or none."""
    text = data.decode()
    lines = text.split("\n")
    found = [
        span
        for document in _read(text)
        for node in _nodes(document)
        if isinstance(node, Mapping)
        for span in node.keys.values()
    ]
    span = chance.choice(found)
    line = lines[span.line - 1]
    key = line[span.column - 1 : span.end_column - 1]
    other = chance.choice((chance.choice(pool.keys), key[:-1], f"{key}s", key.swapcase(), chance.choice(WORDS)))
    lines[span.line - 1] = line[: span.column - 1] + other + line[span.end_column - 1 :]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _structure(chance: random.Random, data: bytes, pool: Pool) -> bytes:
    """Change the data and write it anew: drop, rename, retype, double, add, swap."""
    documents = [plain(document) for document in _read(data.decode())]
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if documents:
            _change(chance, documents, pool)
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=200).encode()


class _Dumper(yaml.CSafeDumper):
    """Writes equal values twice, without an anchor."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _change(chance: random.Random, documents: list[Any], pool: Pool) -> None:
    holder, step = chance.choice([*_places(documents)])
    value = holder[step]
    action = chance.randrange(8)
    if action == 0:
        del holder[step]
    elif action == 1 and isinstance(holder, dict):
        holder[chance.choice(pool.keys)] = holder.pop(step)
    elif action == 2:
        holder[step] = chance.choice(
            (None, True, 0, -1, 1.5, "", "x", [], {}, [value], {"x": value}, [value, value], str(value))
        )
    elif action == 3 and isinstance(holder, list):
        holder.append(copy.deepcopy(value))
    elif action == 4 and isinstance(holder, dict):
        holder[chance.choice(pool.keys)] = copy.deepcopy(chance.choice(pool.values))
    elif action == 5:
        other, there = chance.choice([*_places(documents)])
        if not _holds(value, other) and not _holds(other[there], holder):
            holder[step], other[there] = other[there], value
    elif action == 6:
        documents.append(copy.deepcopy(chance.choice(documents)))
    else:
        holder[step] = copy.deepcopy(chance.choice(pool.values))


def _holds(value: Any, part: Any) -> bool:
    if value is part:
        return True
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(one, part) for one in below)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every map or list with each of its keys or positions."""
    below = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in below:
        yield value, step
        yield from _places(value[step])


def _read(text: str) -> list[Node]:
    return [document.root for document in read_documents(SourceFile("read", text))[0]]


CHANGES: tuple[tuple[Change, int], ...] = (
    (_flipped, 2),
    (_inserted, 2),
    (_cut, 1),
    (_repeated, 1),
    (_line_dropped, 2),
    (_line_moved, 2),
    (_line_indented, 2),
    (_value_replaced, 10),
    (_key_replaced, 4),
    (_structure, 10),
)
"""Each mutation with how often it is wanted."""


def mutated(chance: random.Random, data: bytes, pool: Pool) -> tuple[bytes, str]:
    """The file after one mutation, and what the mutation is called."""
    (change,) = chance.choices([change for change, _ in CHANGES], [weight for _, weight in CHANGES])
    return change(chance, data, pool), change.__name__.strip("_")
