"""remembering: the answer of an earlier run with the same inputs, and keeping the one of this run.

In      the options and a Request.
Out     Asked: what is known before anything is compiled.
Never   takes an answer with --paranoid; keeps one with errors, or one whose inputs changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from platformc.cache.answer import Answer
from platformc.cache.answers import recall, remember
from platformc.cache.inputs import key_of
from platformc.cli.compile_options import compile_with
from platformc.cli.global_options import Options
from platformc.diagnostics.errors import BugReport
from platformc.rendered_folder import folder_digest
from platformc.request import CROSSPLANE, Request

if TYPE_CHECKING:
    from platformc.pipeline import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what an earlier run with the same inputs said."""

    request: Request
    cache: Path
    key: str | None
    """None where nothing can be remembered."""
    remembered: Answer | None

    @property
    def answer(self) -> Answer | None:
        """What can be told without compiling."""
        return None if self.request.paranoid else self.remembered

    @property
    def answer_of_rendered(self) -> Answer | None:
        """The same, where the output folder also holds what rendering would leave there."""
        answer = self.answer
        if answer is None or answer.rendered is None or answer.rendered != folder_digest(self.request.output):
            return None
        return answer


def ask(options: Options, request: Request) -> Asked:
    """Look for an answer."""
    cache = options.environment.cache
    key = key_of(request, _schemas(cache))
    return Asked(request, cache, key, recall(cache, key) if key else None)


def compiled(options: Options, asked: Asked) -> Outcome:
    """Compile. With --paranoid BugReport is raised where the earlier run with the same inputs said something else."""
    outcome = compile_with(options, asked.request)
    if asked.request.paranoid and asked.remembered is not None:
        _compare(asked, replace(asked.remembered, rendered=None), outcome.answer)
    return outcome


def keep(asked: Asked, answer: Answer) -> None:
    """Keep the answer for the next run. Raises BugReport as `compiled` does, for what is rendered."""
    if asked.key is None or answer.failed or key_of(asked.request, _schemas(asked.cache)) != asked.key:
        return
    known = asked.remembered.rendered if asked.remembered is not None else None
    if asked.request.paranoid and not asked.request.environments and answer.rendered and known:
        _compare(asked, known, answer.rendered)  # of all environments: else it depends on older runs
    kept = replace(answer, rendered=answer.rendered or known)
    if kept != asked.remembered:
        remember(asked.cache, asked.key, kept)


def tell_remembered(options: Options) -> None:
    """Say with -v why no stage is told: nothing was compiled."""
    if options.verbose:
        options.screen.err.write(
            "nothing has changed since a run that is remembered; --paranoid compiles all the same\n"
        )


def _compare(asked: Asked, remembered: object, made: object) -> None:
    if remembered != made:
        hint = f"delete {asked.cache / 'answers'}"
        raise BugReport("an earlier run with the same inputs is remembered to have had another outcome", hint)


class SourceTexts(Mapping[str, str]):
    """The files that findings point into, each read when it is asked for, as the reader reads them."""

    def __init__(self, request: Request, answer: Answer) -> None:
        spans = (span for each in answer.findings for span in (each.at, *(one for one, _ in each.related)))
        folders = (f"{request.specs_name}/", f"{CROSSPLANE}/")
        self._root = request.root
        self._paths = frozenset(
            span.path for span in spans if span.path.startswith(folders) and span.path.endswith((".yaml", ".yml"))
        )
        self._read: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        from platformc.language.source import read_source

        if path not in self._read:
            source = read_source(self._root / path, path)[0] if path in self._paths else None
            if source is None:
                raise KeyError(path)
            self._read[path] = source.text
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _schemas(cache: Path) -> Path:
    """The folder of the SchemaStore, whose module takes long to load."""
    return cache / "schemas"
