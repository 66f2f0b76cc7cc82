"""session: what every form of `seal` uses: one environment's graph, its certificate, its files, a person.

In      a Request, the Sources, the time; a Console.
Out     a Session; another one after its files have changed.
Never   reads the clock: a run has one time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platformc.console import Console
from platformc.language import SEALED, Sources
from platformc.link import Program
from platformc.programs import one_environment, program_of, sound_sources
from platformc.request import Request
from platformc.seal.certificates import for_sealing
from platformc.seal.store import Store
from platformc.sealed_secrets import SOON, Certificate


@dataclass(frozen=True, slots=True)
class Session:
    """One run of `seal`."""

    request: Request
    program: Program
    store: Store
    console: Console
    now: datetime

    @property
    def environment(self) -> str:
        """The environment that is sealed for."""
        return self.program.platform.environment

    @property
    def specs(self) -> Path:
        """The specs folder."""
        return self.request.specs

    @property
    def certificate_place(self) -> str | None:
        """The environment's certificate, relative to the specs folder."""
        return self.program.platform.target.sealing.certificate

    def certificate(self) -> Certificate:
        """The certificate to seal for; reports if it expires soon."""
        found = for_sealing(self.specs, self.certificate_place, self.environment, self.now)
        if found.not_after - self.now < SOON:
            self.console.inform(f"the certificate expires on {found.not_after.date()}; fetch the newest one soon")
        return found

    def again(self) -> Session:
        """The same with the specs as they are now, after their sealed values have changed."""
        return open_session(self.request, sound_sources(self.request), [self.environment], self.console, self.now)


def open_session(
    request: Request, sources: Sources, environments: Sequence[str], console: Console, now: datetime
) -> Session:
    """Start a session. Raises UsageError if it is not clear which environment is meant."""
    environment = one_environment(sources, environments)
    program = program_of(sources, environment)
    prefix = f"{sources.specs}/"
    folder = f"{prefix}{SEALED}/{environment}/"
    store = Store(
        specs=request.specs,
        specs_name=sources.specs,
        environment=environment,
        places={
            identity: sealed.name_span.path.removeprefix(prefix) for identity, sealed in program.platform.sealed.items()
        },
        known={name.removeprefix(prefix): text for name, text in sources.texts.items() if name.startswith(folder)},
        tell=console.inform,
    )
    return Session(request, program, store, console, now)
