"""global_options: the options of every verb, accepted before the verb and after it.

In      what click parsed, on each level of the command line.
Out     one Options value; the option nearest to the verb's own words wins.
Never   reads a file: the verbs that need folders check that they exist.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from platformc import __version__
from platformc.cli.environment import Environment, read_environment
from platformc.cli.terminal import Progress, Terminal, open_terminal
from platformc.diagnostics import UsageError

if TYPE_CHECKING:
    from platformc.check import Tools
    from platformc.language import Kinds

FORMATS = ("text", "json", "github", "sarif", "markdown")
OF_FINDINGS = ("text", "json", "github", "sarif")
"""The formats of verbs whose result are findings."""
COLORS = ("auto", "always", "never")
SPECS = "specs"
OUTPUT = "rendered"
KINDS = "platformc.kinds"
"""The key in click's context of the records that `main` was given."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of every verb."""

    specs: Path
    """Absolute; its parent is the root of the repository."""
    output: Path
    """Absolute."""
    format: str
    quiet: bool
    verbose: bool
    terminal: Terminal
    environment: Environment
    kinds: Kinds | None = None
    """The records of all kinds; None for the compiler's own."""

    @property
    def root(self) -> Path:
        """The root of the repository: specs/, argocd/ and crossplane/ are side by side in it."""
        return self.specs.parent

    @property
    def tools(self) -> Tools:
        """What compiling uses besides the repository."""
        from platformc.check import Tools

        return Tools(cache=self.environment.cache, path=self.environment.path)

    def progress(self) -> Progress:
        """Show what is being done, as far as it is wanted; for a `with` block."""
        return Progress(self.terminal, quiet=self.quiet, verbose=self.verbose)

    def inform(self, text: str) -> None:
        """Write a line about the run to stderr; nothing with --quiet, or beside findings in a format for tools."""
        if not self.quiet and self.format not in ("json", "sarif"):
            self.terminal.err.write(f"{text}\n")

    def problem(self, message: str, hint: str = "") -> None:
        """Write an error without a place in a file to stderr."""
        from platformc.diagnostics.text import render_problem

        self.terminal.err.write(render_problem(message, hint, color=self.terminal.err.color))


def _print_help(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's
    if wanted and not context.resilient_parsing:
        gather(context).terminal.out.write(f"{context.get_help()}\n")
        context.exit()


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's
    if wanted and not context.resilient_parsing:
        gather(context).terminal.out.write(f"platformc {__version__}\n")
        context.exit()


GLOBAL_OPTIONS: tuple[click.Parameter, ...] = (
    click.Option(
        ["--specs"],
        metavar="DIR",
        type=click.Path(),
        help=f"Folder of the spec; its parent folder is the repository.  [default: {SPECS}]",
    ),
    click.Option(
        ["--output"],
        metavar="DIR",
        type=click.Path(),
        help=f"Output folder.  [default: {OUTPUT}, beside the spec]",
    ),
    click.Option(
        ["--format"],
        type=click.Choice(FORMATS),
        help="Format of the result; each verb has some of these.  [default: text]",
    ),
    click.Option(["--color"], type=click.Choice(COLORS), help="When to use colour.  [default: auto]"),
    click.Option(["--no-color"], is_flag=True, help="The same as --color never."),
    click.Option(["-q", "--quiet"], is_flag=True, help="Print only results and errors."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Print stages and their timings to stderr."),
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Print the version and exit.",
    ),
    click.Option(
        ["-h", "--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_help,
        help="Print this help and exit.",
    ),
)

NAMES = frozenset(str(each.name) for each in GLOBAL_OPTIONS)


def gather(context: click.Context | None) -> Options:
    """Return Options from what was parsed so far, from this level up; without a context, the defaults."""
    root = context.find_root() if context is not None else None
    levels: list[dict[str, Any]] = []
    while context is not None:
        levels.append(context.params)
        context = context.parent

    def given(name: str) -> Any:
        return next((level[name] for level in levels if level.get(name)), None)

    environment = read_environment(os.environ)
    here = working_folder()
    specs = Path(os.path.normpath(here / (given("specs") or SPECS)))  # `specs/../specs` has another parent
    output = here / given("output") if given("output") else specs.parent / OUTPUT
    color = "never" if given("no_color") else given("color") or "auto"
    return Options(
        specs=specs,
        output=output,
        format=given("format") or "text",
        quiet=bool(given("quiet")),
        verbose=bool(given("verbose")),
        terminal=open_terminal(environment, color),
        environment=environment,
        kinds=root.meta.get(KINDS) if root is not None else None,
    )


def working_folder() -> Path:
    """The folder that relative paths start from; `/` if it was deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("/")


def pass_options(function: Callable[..., int]) -> Callable[..., int]:
    """Call a verb with Options first, then its own parameters by name."""

    @wraps(function)
    def run(**values: Any) -> int:
        context = click.get_current_context()
        options = gather(context)
        # For reports of an error of this run: colour and verbosity as requested.
        context.find_root().obj = options
        return function(options, **{name: value for name, value in values.items() if name not in NAMES})

    return run


def only_formats(options: Options, *formats: str) -> None:
    """Reject a format that the verb cannot write. Raises UsageError."""
    if options.format not in formats:
        raise UsageError(
            f"this command does not support the format `{options.format}`", f"use --format {' or '.join(formats)}"
        )
