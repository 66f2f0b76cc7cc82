"""seal_session: what every form of `seal` works with: one environment's graph, its certificate, its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from platformc.cli.compile_options import sources_of
from platformc.cli.global_options import Options

if TYPE_CHECKING:
    from platformc.link import Program
    from platformc.seal.store import Store
    from platformc.sealed_secrets.certificate import Certificate


@dataclass(slots=True)
class Session:
    """One run of `seal`."""

    options: Options
    environment: str
    program: Program
    store: Store

    @property
    def certificate_place(self) -> str | None:
        """The environment's certificate, relative to the specs folder."""
        return self.program.platform.target.sealing.certificate

    def certificate(self) -> Certificate:
        """The certificate to seal for; says so where it ends soon."""
        from platformc.seal.certificates import for_sealing
        from platformc.sealed_secrets.certificate import SOON

        now = datetime.now(UTC)
        found = for_sealing(self.options.specs, self.certificate_place, self.environment, now)
        if found.not_after - now < SOON:
            self.options.inform(f"the certificate ends on {found.not_after.date()}: fetch the newest one soon")
        return found

    def reload(self) -> None:
        """Read the specs again, after their sealed values have changed."""
        again = open_session(self.options, [self.environment])
        self.program, self.store = again.program, again.store

    def out(self, line: str) -> None:
        """Write one line of the result."""
        self.options.screen.out.write(f"{line}\n")


def open_session(options: Options, environments: Sequence[str]) -> Session:
    """Read the specs. Raises UsageError where it is not clear which environment is meant."""
    from platformc.language.load import SEALED
    from platformc.programs import one_environment, program_of
    from platformc.seal.store import Store

    sources = sources_of(options)
    environment = one_environment(sources, environments)
    program = program_of(sources, environment)
    prefix = f"{sources.specs}/"
    folder = f"{prefix}{SEALED}/{environment}/"
    store = Store(
        specs=options.specs,
        specs_name=sources.specs,
        environment=environment,
        places={
            identity: sealed.name_span.path.removeprefix(prefix) for identity, sealed in program.platform.sealed.items()
        },
        known={name.removeprefix(prefix): text for name, text in sources.texts.items() if name.startswith(folder)},
        tell=options.inform,
    )
    return Session(options, environment, program, store)
