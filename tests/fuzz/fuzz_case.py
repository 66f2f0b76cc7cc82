"""One case of the fuzzer: a part of the real specs with one file damaged, compiled, and judged.

In      a number, which decides everything.
Out     what is wrong with what the compiler did; nothing where it did well.
Never   compiles more of the specs than the damaged file can reach: a case must be cheap.
"""

from __future__ import annotations

import random
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from mutations import Pool, mutated
from platformc.diagnostics import Finding, Severity, Span
from platformc.diagnostics.github import render_github
from platformc.diagnostics.json_format import render_json
from platformc.diagnostics.sarif import render_sarif
from platformc.diagnostics.text import render_text
from platformc.pipeline import Outcome, Request, Tools, compile_platform

SPECS = Path(__file__).parents[2] / "specs"

COMMON = ("platform.yaml", "addons.yaml", "registry/*", "discord-bot/application.yaml")
PRODUCTION = (*COMMON, "environments/production.yaml", "sealed/production/*")
PARTS: Mapping[str, tuple[str, ...]] = {
    "aws": (*PRODUCTION, "discord-bot/queues.yaml", "discord-bot/tables.yaml"),
    "redis": (*PRODUCTION, "discord-bot/redis.yaml"),
    "sandbox": (*PRODUCTION, "discord-bot/sandbox.yaml"),
    "bot": (*PRODUCTION, "discord-bot/*"),
    "stoat": (*PRODUCTION, "discord-bot/redis.yaml", "stoat/*"),
    "staging": (*COMMON, "environments/staging.yaml", "sealed/staging/*", "discord-bot/*", "stoat/*"),
}
"""Parts of the specs that compile alone, each one environment; the last one has all documents."""

WEIGHTS = (4, 4, 4, 5, 3, 1)
OUTPUTS = re.compile(rb"^  outputs:.*\n(?:    .*\n|\n)*", re.MULTILINE)
"""The platform's outputs name documents of every part."""

IMAGE = re.compile(rb"^( +(?:image|waitImage): [^\s@]+)$", re.MULTILINE)
DIGEST = rb"\1@sha256:" + b"0" * 64
"""A warning has to be placed, for which everything is lowered once more: small parts have none."""

RULE = re.compile(r"[a-z]+(-[a-z]+)+\Z")
TELLTALE = re.compile(
    r"pydantic|Traceback|<class '|<function | object at 0x|PydanticUndefined|NoneType|Mapping\(|Scalar\("
)
"""What a message shows that was not written for people."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the specs on disk, and the files that a case may damage."""

    root: Path
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that all cases of one run share."""

    parts: tuple[Part, ...]
    pool: Pool


def bench(folder: Path) -> Bench:
    """Copy the parts of the specs below `folder`."""
    parts = []
    for name, patterns in PARTS.items():
        files = sorted({path for pattern in patterns for path in SPECS.glob(pattern) if path.is_file()})
        root = folder / name
        for path in (*files, *SPECS.glob("sealing/*")):
            target = root / "specs" / path.relative_to(SPECS)
            target.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            target.write_bytes(data if name == "staging" else IMAGE.sub(DIGEST, OUTPUTS.sub(b"", data)))
        parts.append(Part(root, tuple(path.relative_to(SPECS).as_posix() for path in files)))
    texts = [path.read_text(encoding="utf-8") for path in sorted(SPECS.rglob("*.yaml"))]
    return Bench(tuple(parts), Pool.of(texts))


def compiled(root: Path) -> Outcome:
    """Compile all environments of a repository, without validation."""
    request = Request(root, root / "specs", root / "rendered", validate=False)
    return compile_platform(request, Tools(root / "cache", ""), lambda _line: None)


def run_case(number: int, where: Bench) -> str:
    """Damage one file, compile, repair it; what is wrong with the outcome, or an empty text."""
    chance = random.Random(number)  # noqa: S311 - examples, not secrets
    (part,) = chance.choices(where.parts, WEIGHTS)
    name = chance.choice(part.files)
    path = part.root / "specs" / name
    before = path.read_bytes()
    data, change = mutated(chance, before, where.pool)
    path.write_bytes(data)
    try:
        wrong = list(dict.fromkeys(_wrong(compiled(part.root), part.root)))
    except Exception:  # noqa: BLE001 - whatever is raised is what the case looks for
        wrong = [traceback.format_exc()]
    finally:
        path.write_bytes(before)
    head = f"case {number}: {change} of {part.root.name}/specs/{name}"
    return "\n  ".join([head, *wrong]) if wrong else ""


def _wrong(outcome: Outcome, root: Path) -> Iterator[str]:
    """What no outcome may be, however damaged the specs are."""
    for finding in outcome.findings:
        yield from _wrong_finding(finding, outcome.texts, root)
    if not render_text(outcome.findings, outcome.texts, color=True, width=100) and outcome.findings:
        yield "findings without a text"
    for written in (render_json(outcome.findings), render_github(outcome.findings), render_sarif(outcome.findings)):
        written.encode()
    with_errors = {finding.environment for finding in outcome.findings if finding.severity is Severity.ERROR}
    for tree in outcome.trees:
        if {"", tree.environment} & with_errors:
            yield f"a tree of {tree.environment} in spite of errors"
        for path, file in tree.files.items():
            read = yaml.load(file.content, Loader=yaml.CSafeLoader)
            if not isinstance(read, dict) or read["kind"] != file.id.kind or read["metadata"]["name"] != file.id.name:
                yield f"{path} reads back as another object"
    if not with_errors and {tree.environment for tree in outcome.trees} != set(outcome.sources.environments):
        yield "no error, and no tree"


def _wrong_finding(finding: Finding, texts: Mapping[str, str], root: Path) -> Iterator[str]:
    for span in (finding.at, *(span for span, _ in finding.related)):
        if not _is_place(span, texts, root):
            yield f"no such place: {span!r} of {finding}"
    if not RULE.match(finding.rule):
        yield f"not an id: {finding}"
    if not finding.message.strip():
        yield f"not a message: {finding}"
    if TELLTALE.search(f"{finding.message} {finding.hint}"):
        yield f"not for people: {finding}"


def _is_place(span: Span, texts: Mapping[str, str], root: Path) -> bool:
    """Whether a person finds what is meant: an existing line and column, or a file as a whole."""
    text = texts.get(span.path)
    if text is None:
        is_whole = span == Span(span.path)
        return (root / span.path).exists() or is_whole
    lines = text.split("\n")
    if not 1 <= span.line <= span.end_line <= len(lines):
        return False
    if (span.end_line, span.end_column) < (span.line, span.column):
        return False
    first, last = lines[span.line - 1], lines[span.end_line - 1]
    return 1 <= span.column <= len(first) + 1 and 1 <= span.end_column <= len(last) + 2
