"""completion: print the script that makes a shell complete platformc's command line."""

from __future__ import annotations

import click

from platformc.cli.global_options import Options
from platformc.cli.verbs import verb
from platformc.diagnostics import BugReport

INSTALL = {
    "bash": "platformc completion bash > ~/.local/share/bash-completion/completions/platformc",
    "fish": "platformc completion fish > ~/.config/fish/completions/platformc.fish",
    "zsh": 'platformc completion zsh > "${fpath[1]}/_platformc"',
}
"""Shell -> the command that installs its script where the shell finds it."""


@verb("completion", 'eval "$(platformc completion bash)"', *INSTALL.values())
@click.argument("shell", type=click.Choice(sorted(INSTALL)))
def command(options: Options, shell: str) -> int:
    """Print the completion script for a shell.

    The script completes verbs, options, environments and rules. In bash it needs 4.4 or later.
    """
    from click.shell_completion import get_completion_class

    from platformc.cli import COMPLETION_VARIABLE, platformc

    kind = get_completion_class(shell)
    if kind is None:
        raise BugReport(f"click has no completion for {shell}")
    script = kind(platformc, {}, "platformc", COMPLETION_VARIABLE).source().strip("\n")
    # Below the script: zsh wants its #compdef in the first line.
    options.terminal.out.write(f"{script}\n\n# To install:\n#   {INSTALL[shell]}\n")
    return 0
