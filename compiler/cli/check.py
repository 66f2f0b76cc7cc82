"""check: everything that `render` does except writing; the findings are the result."""

from __future__ import annotations

from compiler.cli.compile_options import compile_options, compile_with, counted, tell_validation
from compiler.cli.formats import format_findings
from compiler.cli.global_options import Options
from compiler.cli.verbs import verb


@verb("check", "platformc check", "platformc check -e staging", "platformc check --format github --strict-schemas")
@compile_options
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    allow_unsealed: bool,
    strict_schemas: bool,
    no_validate: bool,
    paranoid: bool,
) -> int:
    """Compile the platform and report every finding; write nothing.

    Findings go to stdout in the format asked for. Exits with 1 if one of them is an error.
    """
    outcome = compile_with(
        options,
        environments,
        allow_unsealed=allow_unsealed,
        strict_schemas=strict_schemas,
        no_validate=no_validate,
        paranoid=paranoid,
    )
    options.screen.out.write(format_findings(outcome.findings, outcome.texts, options, options.screen.out))
    if outcome.failed:
        return 1
    validated = f", {counted(outcome.validated.valid, 'object')} valid" if outcome.validated else ""
    options.inform(f"checked {counted(len(outcome.trees), 'environment')}{validated}")
    tell_validation(options, outcome)
    return 0
