"""named: explain FILE:LINE or KIND/NAME.path.

In      a word of the command line, the folders of a Request, the Sources.
Out     Explanations of the values there, or of those that a line of the spec affects.
Finds   words without a meaning: UsageError with similar ones.
Never   reads the working folder: relative paths start in the folder that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from platformc.diagnostics import UsageError, did_you_mean
from platformc.language import Sources, read_documents, read_source
from platformc.origins.explain import Explainer, Explanation
from platformc.origins.lines import line_inside, path_at
from platformc.request import Request

PLACE = re.compile(r"(?P<file>.+?\.ya?ml)(?::(?P<line>\d+)(?::(?P<column>\d+))?)?\Z")
STEP = re.compile(r"\.?(?:\[(?:(?P<position>\d+)|\"(?P<quoted>[^\"]+)\")\]|(?P<name>[^.\[\]\"]+))")


def explain_place(
    request: Request, sources: Sources, place: str, *, environments: Sequence[str], here: Path
) -> tuple[Explanation, ...]:
    """Explain a place, in these environments or in all; at least one value.

    Raises UsageError for an unknown place, or one without a value.
    """
    match = PLACE.match(place)
    if match is None:
        found = _of_object(sources, place, environments)
    else:
        line = int(match["line"]) if match["line"] else None
        column = int(match["column"]) if match["column"] else None
        file = here / match["file"]
        if file.is_relative_to(request.output):
            found = _of_rendered_file(request, sources, file, line, column)
        elif file.is_relative_to(request.root):
            name = file.relative_to(request.root).as_posix()
            found = _of_spec_file(sources, name, (line, column), environments)
        else:
            raise UsageError(f"{match['file']} is neither a file of the spec nor a rendered file of this repository")
    if not found:
        raise UsageError(f"there is nothing to explain at {place}", "choose a line with a value")
    return found


def _explainer(sources: Sources, environment: str) -> Explainer:
    if environment not in sources.environments:
        raise UsageError(f"there is no environment {environment}", did_you_mean(environment, sources.environments))
    return Explainer(sources, environment)


def _of_rendered_file(
    request: Request, sources: Sources, file: Path, line: int | None, column: int | None
) -> tuple[Explanation, ...]:
    environment, _, below = file.relative_to(request.output).as_posix().partition("/")
    explainer = _explainer(sources, environment)
    if below not in explainer.files:
        hint = did_you_mean(below, explainer.files) or "run `platformc render`"
        raise UsageError(f"the spec does not render the file {environment}/{below}", hint)
    if line is None:
        return explainer.explain(below, ())
    source, _ = read_source(file, file.name)
    documents = read_documents(source)[0] if source else ()
    path = path_at(documents[0].root, line, column) if documents else None
    if path is None:
        return ()
    found = explainer.explain(below, path)
    if not found:
        raise UsageError(f"the spec no longer renders this line of {environment}/{below}", "run `platformc render`")
    inner = line_inside(documents[0].root, path, line)
    return found if inner is None else explainer.explain_line(below, path, inner)


def _of_spec_file(
    sources: Sources, file: str, place: tuple[int | None, int | None], environments: Sequence[str]
) -> tuple[Explanation, ...]:
    if file not in sources.texts:
        raise UsageError(f"{file} is not a file of the spec", did_you_mean(file, sources.texts))
    chosen = environments or tuple(sources.environments)
    found = tuple(one for name in chosen for one in _explainer(sources, name).reached(file, *place))
    if not found:
        where = file if place[0] is None else f"{file}:{place[0]}"
        raise UsageError(f"no value of the output comes from {where}", "choose a line with a value")
    return found


def _of_object(sources: Sources, place: str, environments: Sequence[str]) -> tuple[Explanation, ...]:
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
        hint = did_you_mean(place.partition(".")[0], known) or "`platformc render --stdout` prints all of them"
        raise UsageError(f"there is no object `{place}`", hint)
    if not found:
        raise UsageError(f"there is nothing at `{place}`", "remove the path to explain the whole object")
    return tuple(found)


def _names(place: str, name: str) -> bool:
    """Whether a place is an object of that name, or a value of it."""
    return place.lower().startswith(name.lower()) and place[len(name) : len(name) + 1] in {"", ".", "["}


def _path(text: str) -> tuple[str | int, ...]:
    """The steps of `.spec.containers[0].name`; a key with dots is written `["…"]`. Raises UsageError."""
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = STEP.match(text, end)
        if match is None:
            raise UsageError(f"`{text}` is not a path", 'write .spec.containers[0].name, and ["…"] for a key with dots')
        steps.append(int(match["position"]) if match["position"] else match["quoted"] or match["name"])
        end = match.end()
    return tuple(steps)
