"""explain: why a line of the output is as it is, or what a line of the spec reaches."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from platformc.cli.compile_options import environment_option
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import FindingsError, Severity, UsageError
from platformc.diagnostics.suggestions import did_you_mean

if TYPE_CHECKING:
    from platformc.language.load import Sources
    from platformc.origins.explain import Explainer, Explanation

PLACE = re.compile(r"(?P<file>.+?\.ya?ml)(?::(?P<line>\d+)(?::(?P<column>\d+))?)?\Z")
STEP = re.compile(r"\.?(?:\[(?:(?P<position>\d+)|\"(?P<quoted>[^\"]+)\")\]|(?P<name>[^.\[\]\"]+))")


@verb(
    "explain",
    "platformc explain rendered/production/stoat/discord-bot/deployment-stoat-api.yaml:54",
    "platformc explain deployment/stoat-api.spec.template.spec.containers[0].image",
    "platformc explain -e staging table/discord-sessions",
    "platformc explain specs/stoat/services.yaml:21",
)
@environment_option
@click.argument("place", metavar="FILE[:LINE[:COL]] | KIND/NAME[.path]")
def command(options: Options, place: str, environments: tuple[str, ...]) -> int:
    """Say why a value of the output is as it is.

    For a line of a rendered file, or a value of an object: the value, then the places in the spec that
    it was made from, what they replaced, and the edges that caused it, or the convention it belongs to.
    A line of a file in a ConfigMap or SealedSecret is answered for that line alone.
    For a line of the spec: every value of the output that it reaches.
    """
    only_formats(options, "text", "json")
    sources = _sources(options)
    explanations = _explain(options, sources, place, environments)
    if not explanations:
        raise UsageError(f"nothing to explain at {place}", "name a line that holds a value")
    if options.format == "json":
        found = [_as_data(one) for one in explanations]
        options.screen.out.write(json.dumps({"schemaVersion": 1, "explanations": found}, indent=2) + "\n")
    else:
        from platformc.cli.explain_text import as_text

        options.screen.out.write(as_text(explanations, options.output.name, options.screen.out.painted))
    return 0


def _sources(options: Options) -> Sources:
    from platformc.pipeline import Request, load_sources

    sources = load_sources(Request(options.root, options.specs, options.output))
    errors = [finding for finding in sources.findings if finding.severity is Severity.ERROR]
    if errors:
        raise FindingsError(errors)
    return sources


def _explain(options: Options, sources: Sources, place: str, environments: tuple[str, ...]) -> tuple[Explanation, ...]:
    match = PLACE.match(place)
    if match is None:
        return _of_object(sources, place, environments)
    line = int(match["line"]) if match["line"] else None
    column = int(match["column"]) if match["column"] else None
    file = Path(match["file"]).absolute()
    if file.is_relative_to(options.output):
        return _of_rendered_file(options, sources, file, line, column)
    if file.is_relative_to(options.root):
        return _of_spec_file(sources, file.relative_to(options.root).as_posix(), (line, column), environments)
    raise UsageError(f"{match['file']} is neither a spec nor a rendered file of this repository")


def _explainer(sources: Sources, environment: str) -> Explainer:
    from platformc.origins.explain import Explainer

    if environment not in sources.environments:
        raise UsageError(f"there is no environment {environment}", did_you_mean(environment, sources.environments))
    return Explainer(sources, environment)


def _of_rendered_file(
    options: Options, sources: Sources, file: Path, line: int | None, column: int | None
) -> tuple[Explanation, ...]:
    from platformc.language.reader import read_documents
    from platformc.language.source import read_source
    from platformc.origins.lines import line_inside, path_at

    environment, _, below = file.relative_to(options.output).as_posix().partition("/")
    explainer = _explainer(sources, environment)
    if below not in explainer.files:
        hint = did_you_mean(below, explainer.files) or "run `platformc render`"
        raise UsageError(f"the spec gives no file {environment}/{below}", hint)
    if line is None:
        return explainer.explain(below, ())
    source, _ = read_source(file, file.name)
    documents = read_documents(source)[0] if source else ()
    path = path_at(documents[0].root, line, column) if documents else None
    if path is None:
        return ()
    found = explainer.explain(below, path)
    if not found:
        raise UsageError(
            f"the spec gives nothing for this line of {environment}/{below} any more", "run `platformc render`"
        )
    inner = line_inside(documents[0].root, path, line)
    return found if inner is None else explainer.explain_line(below, path, inner)


def _of_spec_file(
    sources: Sources, file: str, place: tuple[int | None, int | None], environments: tuple[str, ...]
) -> tuple[Explanation, ...]:
    if file not in sources.texts:
        raise UsageError(f"{file} is not a file of the spec", did_you_mean(file, sources.texts))
    chosen = environments or tuple(sources.environments)
    found = tuple(one for name in chosen for one in _explainer(sources, name).reached(file, *place))
    if not found:
        where = file if place[0] is None else f"{file}:{place[0]}"
        raise UsageError(f"no value of the output comes from {where}", "name a line that holds a value")
    return found


def _of_object(sources: Sources, place: str, environments: tuple[str, ...]) -> tuple[Explanation, ...]:
    found: list[Explanation] = []
    known: dict[str, None] = {}
    for name in environments or tuple(sources.environments):
        explainer = _explainer(sources, name)
        for file, manifest in explainer.files.items():
            named = f"{manifest.object['kind']}/{manifest.object['metadata']['name']}"
            known[named] = None
            if _names(place, named):
                found += explainer.explain(file, _path(place[len(named) :]))
    if not found and not any(_names(place, name) for name in known):
        hint = did_you_mean(place.partition(".")[0], known) or "`platformc render --stdout` prints them all"
        raise UsageError(f"no object is named `{place}`", hint)
    if not found:
        raise UsageError(f"nothing stands at `{place}`", "without the path, all of the object is explained")
    return tuple(found)


def _names(place: str, name: str) -> bool:
    """Whether a place is an object of that name, or a value of it."""
    return place.lower().startswith(name.lower()) and place[len(name) : len(name) + 1] in {"", ".", "["}


def _path(text: str) -> tuple[str | int, ...]:
    """The steps of `.spec.containers[0].name`; a key with dots stands in `["…"]`. Raises UsageError."""
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = STEP.match(text, end)
        if match is None:
            raise UsageError(f"`{text}` is not a path", 'write .spec.containers[0].name, and ["…"] for a key with dots')
        steps.append(int(match["position"]) if match["position"] else match["quoted"] or match["name"])
        end = match.end()
    return tuple(steps)


def _as_data(one: Explanation) -> dict[str, Any]:
    return {
        "environment": one.environment,
        "file": one.file,
        "object": one.object,
        "path": list(one.path),
        "line": one.line,
        "value": one.value,
        "origins": [_origin_as_data(origin) for origin in one.origins],
        "convention": None
        if one.convention is None
        else {"id": one.convention.id, "title": one.convention.title, "reason": one.convention.reason},
        "access": [
            {"kind": word.kind, "word": word.word, "targets": list(word.targets), "actions": list(word.actions)}
            for word in one.access
        ],
        "partOf": [_origin_as_data(origin) for origin in one.part_of],
        "allowed": None
        if one.allowed is None
        else {"rendered": list(one.allowed.rendered), "madeOf": list(one.allowed.made_of)},
    }


def _origin_as_data(origin: Any) -> dict[str, Any]:
    return {
        "file": origin.at.path,
        "line": origin.at.line,
        "column": origin.at.column,
        "text": origin.text,
        "document": origin.document,
        "path": list(origin.path),
        "extended": None if origin.extended is None else str(origin.extended),
        "isCause": origin.is_cause,
        "replaced": [_origin_as_data(before) for before in origin.replaced],
        "constants": [_origin_as_data(part) for part in origin.constants],
    }
