"""rule: print the page of one rule."""

from __future__ import annotations

import json

import click
from click.shell_completion import CompletionItem

from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import UsageError, did_you_mean


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from platformc.check import all_rules

    return [CompletionItem(rule.id, help=rule.summary) for rule in all_rules() if rule.id.startswith(incomplete)]


@verb("rule", "platformc rule image-tag-mutable")
@click.argument("name", metavar="ID", shell_complete=_complete)
def command(options: Options, name: str) -> int:
    """Explain one rule: what it finds, why that is bad, what to write instead, how to allow it.

    The page is Markdown. Every finding starts with the id of its rule, in brackets.
    """
    only_formats(options, "text", "json")
    from platformc.check import all_rules

    rules = {rule.id: rule for rule in all_rules()}
    if name not in rules:
        raise UsageError(f"there is no rule `{name}`", did_you_mean(name, rules) or "`platformc rules` lists them")
    rule = rules[name]
    if options.format == "json":
        page = {"id": rule.id, "severity": rule.severity.value, "family": rule.family, "summary": rule.summary}
        options.terminal.out.write(json.dumps({"schemaVersion": 1, **page, "page": rule.page}, indent=2) + "\n")
    else:
        options.terminal.out.write(f"# {rule.id} ({rule.severity})\n\n{rule.page.strip()}\n")
    return 0
