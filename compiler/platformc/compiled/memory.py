"""memory: the environments that earlier runs compiled from the same inputs.

In      the cache of earlier runs; the folder that they rendered to.
Out     CompiledEnvironments, and their files if these are in the folder.
Never   returns anything to a paranoid run, which compares instead; keeps an environment with errors, or without
        what a run asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from platformc.cache import Asked
from platformc.compiled.encoding import dump_environment, parse_environment
from platformc.compiled.environment import CompiledEnvironment
from platformc.compiled.reading import DamagedError
from platformc.diagnostics import BugReport


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs left for this one."""

    asked: Asked
    rendered: Path | None
    """The output folder, if the files of an environment are needed; None if what is found in it is enough."""

    def recall(self, environment: str, *, validated: bool) -> CompiledEnvironment | None:
        """Return an environment that need not be compiled. `validated`: kubeconform's results are needed."""
        found = None if self.asked.request.paranoid else self._found(environment)
        if found is None or (validated and found.valid is None):
            return None
        return found if validated else found.compiled

    def keep(self, made: Iterable[CompiledEnvironment]) -> None:
        """Store what this run compiled, for later runs.

        Raises BugReport in a paranoid run if an earlier run with the same inputs had another outcome.
        """
        if self.asked.request.paranoid:
            made = [one for one in made if not self._is_known(one)]
        self.asked.keep_records({one.name: dump_environment(one) for one in made if not one.failed})

    def _found(self, environment: str) -> CompiledEnvironment | None:
        record = self.asked.record(environment)
        if record is None:
            return None
        try:
            found = parse_environment(record)
        except DamagedError:
            return None
        return found if found.name == environment and not found.failed else None

    def _is_known(self, made: CompiledEnvironment) -> bool:
        """Whether an earlier run knew as much about an environment; what both know must be the same."""
        known = self._found(made.name)
        if known is None:
            return False
        validated = known.valid is not None and made.valid is not None
        if known.compiled != made.compiled or (validated and known != made):
            hint = f"delete {self.asked.cache / 'environments'}"
            raise BugReport(f"an earlier run with the same inputs compiled {made.name} to something else", hint)
        return known.valid is not None or made.valid is None
