"""cli: the command `platformc`, one module per verb; the only package that prints or reads the environment.

In      the command line.
Out     results on stdout, everything else on stderr, and an exit code.
Never   computes anything: a verb parses, calls a stage, and shows the result.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from platformc.cli.failures import show_failure
from platformc.cli.global_options import GLOBAL_OPTIONS, KINDS, gather
from platformc.cli.verbs import Verbs, examples

if TYPE_CHECKING:
    from platformc.language import Kinds

COMPLETION_VARIABLE = "_PLATFORMC_COMPLETE"
"""Set by the script that `platformc completion` prints, when a shell asks for completions."""

platformc = Verbs(
    name="platformc",
    help="Compile one declarative platform spec into the plain files that Argo CD syncs.",
    params=list(GLOBAL_OPTIONS),
    add_help_option=False,
    subcommand_metavar="VERB [ARGS]...",
    epilog=examples("platformc render", "platformc check --format github", "platformc rule image-tag-mutable"),
    context_settings={"max_content_width": 100},
)


def main(arguments: Sequence[str] | None = None, *, kinds: Kinds | None = None) -> int:
    """Run one verb and return its exit code. The only place where an exception becomes one.

    `kinds` are the records of all kinds, by default the compiler's own.
    """
    instruction = os.environ.get(COMPLETION_VARIABLE, "")
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(platformc, {}, "platformc", COMPLETION_VARIABLE, instruction)
    # One compilation makes millions of objects and hardly a cycle: collecting takes a third of the time and frees nothing.
    gc.disable()
    context = None
    try:
        context = platformc.make_context("platformc", list(sys.argv[1:] if arguments is None else arguments))
        context.meta[KINDS] = kinds
        with context:
            return int(platformc.invoke(context) or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
        try:
            return show_failure(error, (context and context.obj) or gather(context))
        except KeyboardInterrupt:
            return 130
