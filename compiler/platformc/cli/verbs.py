"""verbs: the table of verbs, and how click finds them, documents them and suggests them.

In      the words of a command line.
Out     click commands; a verb's module is imported only when that verb or its help runs.
Never   does a verb's work, prints, or imports a stage of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NoReturn

import click

from platformc.cli.global_options import GLOBAL_OPTIONS, pass_options
from platformc.diagnostics import UsageError, did_you_mean

VERBS = {
    "bootstrap": "Print or apply what Argo CD needs before it can do the rest.",
    "check": "Compile the platform and report findings; write nothing.",
    "completion": "Print the completion script for a shell.",
    "diff": "Report what a change does to the running platform, and why.",
    "explain": "Explain where a value of the output comes from.",
    "graph": "Show what uses what, or what a change affects.",
    "outputs": "Print the values that the platform publishes for people and scripts.",
    "render": "Compile the platform and write its files, or print them.",
    "rule": "Explain one rule.",
    "rules": "List all rules.",
    "schemas": "Fetch, add or list the schemas of kinds that are not Kubernetes' own.",
    "seal": "Seal values for an environment, or renew sealed ones.",
    "setup": "Find or install the tools that platformc runs.",
    "status": "Show the state of the platform on its clusters.",
}
"""Verb -> its line in the list. The module is platformc.cli.<verb>; its command is named `command`."""


class Verb(click.Command):
    """A verb whose help has the options of every verb in a separate section."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; a mistake that click relates to no verb is related to this one, so that its help is suggested."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verb's own options first."""
        _write_options(self, ctx, formatter)


class VerbGroup(click.Group):
    """A verb with subcommands, which it suggests if one is misspelled."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands first: they are what users look for."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the whole first sentence of each."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Verbs"):
            formatter.write_dl([(name, each.get_short_help_str(limit=120)) for name, each in commands if each])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or suggest the one that was probably meant."""
        name = args[0]
        if name not in self.list_commands(ctx) and not ctx.resilient_parsing:
            _unknown_verb(ctx.command_path, name, self.list_commands(ctx))
        return super().resolve_command(ctx, args)


class Verbs(VerbGroup):
    """Loads a verb's module only when that verb runs: `platformc --help` reads one table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs of the table, sorted."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import the module of one verb."""
        if cmd_name not in VERBS:
            return None
        command = import_module(f"platformc.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"platformc.cli.{cmd_name}.command is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the table without importing the verbs."""
        with formatter.section("Verbs"):
            formatter.write_dl(sorted(VERBS.items()))


def verb(name: str, *commands: str) -> Callable[[Callable[..., int]], Verb]:
    """Make a verb from a function that takes Options, then its own parameters by name, and returns an exit code.

    Its docstring is the description in `--help`; `commands` are the examples there.
    """

    def make(function: Callable[..., int]) -> Verb:
        make_verb = click.command(
            name, cls=Verb, params=list(GLOBAL_OPTIONS), add_help_option=False, epilog=examples(*commands)
        )
        return make_verb(pass_options(function))

    return make


def examples(*commands: str) -> str:
    """Write the examples section of a help page."""
    return "\n".join(["\b", "Examples:", *(f"  {each}" for each in commands)])


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    parameters = [each for each in command.get_params(ctx) if isinstance(each, click.Option)]
    own = [record for each in parameters if each not in GLOBAL_OPTIONS and (record := each.get_help_record(ctx))]
    shared = [record for each in parameters if each in GLOBAL_OPTIONS and (record := each.get_help_record(ctx))]
    for title, records in (("Options", own), ("Options of every verb", shared)):
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


def _unknown_verb(path: str, name: str, known: list[str]) -> NoReturn:
    hint = did_you_mean(name, known) or f"known are: {', '.join(known)}"
    raise UsageError(f"{path} has no verb `{name}`", hint)
