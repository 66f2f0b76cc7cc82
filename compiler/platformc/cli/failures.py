"""failures: the message and the exit code of a run that ends with an exception.

In      the exception; the options, as far as they were read.
Out     lines on stderr; an exit code as in docs/commands.md: 1, 64, 69, 70 or 130.
Never   shows a traceback without -v, or the text of an unexpected exception: it could contain anything.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

import platformc
from platformc.cli.global_options import Options
from platformc.diagnostics import FindingsError, PlatformcError, ToolError, UsageError, meant_hint

INTERRUPTED = 130
BUG = 70


def show_failure(error: BaseException, options: Options) -> int:
    """Print what went wrong and return the exit code for it."""
    match error:
        case click.exceptions.Exit():
            code = error.exit_code
        case KeyboardInterrupt() | click.Abort():
            options.terminal.err.write("\ninterrupted\n" if options.terminal.err.terminal else "interrupted\n")
            code = INTERRUPTED
        case click.exceptions.NoArgsIsHelpError():
            options.terminal.err.write(f"{error.message}\n")
            code = UsageError.exit_code
        case click.ClickException():
            code = show_failure(usage_error(error), options)
        case FindingsError():
            from platformc.cli.formats import format_findings

            options.terminal.err.write(format_findings(error.findings, {}, options, options.terminal.err))
            code = error.exit_code
        case PlatformcError() if error.exit_code != BUG:
            options.problem("\n".join([error.message, *_tool_lines(error)]), error.hint)
            code = error.exit_code
        case _:
            code = _report_bug(error, options)
    return code


def usage_error(error: click.ClickException) -> UsageError:
    """Put click's message in our form: lower case, no full stop, the fix as a hint."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "platformc"
    hint = f"see `{path} --help`"
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities
        if near:
            hint = meant_hint(f"`{near[0]}`")
        return UsageError(f"{path} has no option `{error.option_name}`", hint)
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint)


def _tool_lines(error: PlatformcError) -> list[str]:
    if not isinstance(error, ToolError) or not error.command:
        return error.output.splitlines() if isinstance(error, ToolError) else []
    status = "" if error.status is None else f" (exit code {error.status})"
    return [f"command: {' '.join(error.command)}{status}", *error.output.splitlines()]


def _report_bug(error: BaseException, options: Options) -> int:
    """Report that it is our fault, where it happened and what to send; the traceback with -v."""
    import platform
    import traceback

    # The last frame of ours; an error inside a library is shown at its caller.
    home = f"{Path(platformc.__file__).parent}{os.sep}"
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(home)]
    place = ""
    if ours:
        module = Path(ours[-1].filename.removeprefix(home)).as_posix()
        place = f" at platformc/{module}:{ours[-1].lineno}"
    said = f": {error.message}" if isinstance(error, PlatformcError) else ""
    options.problem(
        f"platformc has a bug: {type(error).__name__}{said}{place}"
        f" (platformc {platformc.__version__}, Python {platform.python_version()})",
        "report this line and the spec that caused it" + ("" if options.verbose else "; -v shows where it happened"),
    )
    if options.verbose:
        options.terminal.err.write("".join(traceback.format_exception(error)))
    return BUG
