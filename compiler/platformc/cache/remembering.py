"""remembering: find what an earlier run with the same inputs left, and store what this run leaves.

In      a Request, the user's cache folder; the Answer of a run that compiled, and the records of its environments.
Out     Asked: what is known before anything is compiled.
Never   returns an answer to a paranoid run; stores one with errors, or anything whose inputs changed in the meantime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from platformc.cache.answer import Answer
from platformc.cache.answers import recall, remember
from platformc.cache.inputs import CommittedFiles, Inputs, inputs_of
from platformc.cache.records import recall_record, remember_records
from platformc.diagnostics import BugReport
from platformc.language import read_source
from platformc.rendered_folder import folder_digest
from platformc.request import CROSSPLANE, Request


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what earlier runs with the same inputs left."""

    request: Request
    cache: Path
    inputs: Inputs | None
    """None if nothing can be remembered."""
    remembered: Answer | None
    committed: CommittedFiles | None = None
    """The files of a commit, if the request is about these."""

    @property
    def answer(self) -> Answer | None:
        """The answer that is known without compiling."""
        return None if self.request.paranoid else self.remembered

    @property
    def answer_of_rendered(self) -> Answer | None:
        """The same, if the output folder also is what rendering would make it."""
        answer = self.answer
        if answer is None or answer.rendered is None or answer.rendered != folder_digest(self.request.output):
            return None
        return answer

    def compare(self, answer: Answer) -> None:
        """Compare the answer of this run, which compiled, with the remembered one, if the run is paranoid.

        Raises BugReport if the earlier run with the same inputs had another answer.
        """
        if self.request.paranoid and self.remembered is not None:
            self._compare(replace(self.remembered, rendered=None), answer)

    def keep(self, answer: Answer) -> None:
        """Store the answer for the next run. Raises BugReport like `compare`, about what is rendered."""
        if self.inputs is None or answer.failed or not self.is_current:
            return
        known = self.remembered.rendered if self.remembered is not None else None
        if self.request.paranoid and not self.request.environments and answer.rendered and known:
            self._compare(known, answer.rendered)  # of all environments: otherwise it depends on older runs
        kept = replace(answer, rendered=answer.rendered or known)
        if kept != self.remembered:
            remember(self.cache, self.inputs.run, kept)

    def record(self, environment: str) -> bytes | None:
        """What an earlier run kept of an environment with the same inputs."""
        key = self.inputs.environments.get(environment) if self.inputs is not None else None
        return recall_record(self.cache, key) if key is not None else None

    def keep_records(self, records: Mapping[str, bytes]) -> None:
        """Store what this run keeps of environments, by their names."""
        if self.inputs is None or not records or not self.is_current:
            return
        keys = self.inputs.environments
        remember_records(self.cache, {keys[name]: record for name, record in records.items() if name in keys})

    @property
    def is_current(self) -> bool:
        """Whether the inputs still are those of before; reads them again."""
        return inputs_of(self.request, _schemas(self.cache), self.committed) == self.inputs

    def _compare(self, remembered: object, made: object) -> None:
        if remembered != made:
            hint = f"delete {self.cache / 'answers'}"
            raise BugReport("an earlier run with the same inputs had another outcome", hint)


def ask(cache: Path, request: Request, committed: CommittedFiles | None = None) -> Asked:
    """Look for an answer in the user's cache folder, about the request's folders or about files of a commit."""
    inputs = inputs_of(request, _schemas(cache), committed)
    return Asked(request, cache, inputs, recall(cache, inputs.run) if inputs is not None else None, committed)


class SourceTexts(Mapping[str, str]):
    """The files that findings point into, each read on demand, like the reader does."""

    def __init__(self, request: Request, answer: Answer) -> None:
        spans = (span for each in answer.findings for span in (each.at, *(one for one, _ in each.related)))
        folders = (f"{request.specs_name}/", f"{CROSSPLANE}/")
        self._root = request.root
        self._paths = frozenset(
            span.path for span in spans if span.path.startswith(folders) and span.path.endswith((".yaml", ".yml"))
        )
        self._read: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
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
    """The folder of the SchemaStore, whose module is slow to import."""
    return cache / "schemas"
