"""compile_options: the common parts of verbs that read the spec: their options, and the run itself.

In      options of the command line.
Out     a Request, its Outcome, and the lines about what was validated and what was not; or only Sources.
Never   writes into the output folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from platformc.cli.global_options import Options, gather
from platformc.diagnostics import UsageError
from platformc.request import Request

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from platformc.cache import Answer, Asked
    from platformc.language import Sources
    from platformc.pipeline import Outcome
    from platformc.snapshot import Comparison


def _complete_environment(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the names of the files and folders in specs/environments."""
    folder = gather(context).specs / "environments"
    names = {path.stem if path.suffix else path.name for path in folder.glob("*")} if folder.is_dir() else set()
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _environment(text: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    return click.option(
        "-e",
        "--environment",
        "environments",
        multiple=True,
        metavar="NAME",
        shell_complete=_complete_environment,
        help=text,
    )


environment_option = _environment("Only this environment; can be repeated.  [default: all]")
against_option = click.option(
    "--against",
    metavar="REF",
    help="Compare with a commit, such as origin/main: what the change does to data is a finding.",
)
one_environment_option = _environment("The environment; optional if there is only one.")


def compile_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that decide what is compiled and how strictly it is checked."""
    for option in (
        click.option(
            "--jobs",
            type=click.IntRange(1),
            metavar="N",
            help="Compile at most this many environments at once.  [default: the number of cores]",
        ),
        click.option("--paranoid", is_flag=True, help="Recompute what is cached, and compare."),
        click.option("--no-validate", is_flag=True, help="Do not run kubeconform."),
        click.option("--strict-schemas", is_flag=True, help="Report an error for a kind without a schema."),
        click.option("--allow-unsealed", is_flag=True, help="Allow Secrets whose values are not sealed yet."),
        environment_option,
    ):
        function = option(function)
    return function


def request_of(
    options: Options,
    environments: tuple[str, ...],
    *,
    allow_unsealed: bool,
    strict_schemas: bool,
    no_validate: bool,
    paranoid: bool,
    today: date | None = None,
    needs_specs: bool = True,
) -> Request:
    """Return the pipeline's Request for the options. Raises UsageError if there is no spec to compile."""
    if needs_specs and not options.specs.is_dir():
        raise UsageError(
            f"there is no folder {options.specs}",
            "run platformc at the root of the repository, or set the folder with --specs DIR",
        )
    return Request(
        root=options.root,
        specs=options.specs,
        output=options.output,
        environments=environments,
        allow_unsealed=allow_unsealed,
        validate=not no_validate,
        strict_schemas=strict_schemas,
        paranoid=paranoid,
        today=today,
        kinds=options.kinds,
    )


def sources_of(options: Options) -> Sources:
    """Read the spec, for a verb that compiles nothing. Raises UsageError if there is none."""
    if not options.specs.is_dir():
        raise UsageError(f"there is no folder {options.specs}", "set the folder with --specs DIR")
    from platformc.programs import sound_sources

    return sound_sources(Request(options.root, options.specs, options.output, kinds=options.kinds))


def compile_with(
    options: Options,
    request: Request,
    asked: Asked | None = None,
    rendered: Path | None = None,
    jobs: int | None = None,
) -> Outcome:
    """Run the pipeline, and report its progress.

    Environments that `asked` knows are not compiled: their files are read from `rendered`, or not needed. The others
    are compiled by at most `jobs` processes, by default one for each core.
    """
    from platformc.compiled import Memory
    from platformc.cores import available_cores
    from platformc.pipeline import compile_platform

    memory = Memory(asked, rendered) if asked is not None else None
    with options.progress() as progress:
        outcome = compile_platform(request, options.tools, progress, memory, jobs=jobs or available_cores())
    if memory is not None:
        memory.keep(outcome.memorable)
    return outcome


def compile_against(options: Options, request: Request, ref: str) -> tuple[Outcome, Comparison]:
    """Run the pipeline on the working tree and on a commit, and compare them.

    Raises UsageError for a name that stands for no commit.
    """
    from platformc.pipeline import compile_platform
    from platformc.safety import against_commit

    with options.progress() as progress:
        outcome = compile_platform(request, options.tools, progress, keep_objects=True)
        return outcome, against_commit(request, outcome, ref, options.tools, progress)


def tell_remembered(options: Options) -> None:
    """Report with -v why there are no stages: nothing was compiled."""
    if options.verbose:
        options.terminal.err.write("nothing has changed since an earlier run; --paranoid compiles anyway\n")


def counted(count: int, noun: str) -> str:
    """Write a count with its noun.

    >>> counted(1, "environment"), counted(2, "environment")
    ('1 environment', '2 environments')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def tell_validation(options: Options, answer: Answer) -> None:
    """Report what was not validated, and how to get the schemas for it."""
    left_out = []
    if answer.kinds_without_schema:
        objects, kinds = counted(answer.objects_without_schema, "object"), ", ".join(answer.kinds_without_schema)
        left_out.append(f"{objects} not validated, because there are no schemas: {kinds}")
    if answer.composed_without_schema:
        kinds = ", ".join(answer.composed_without_schema)
        left_out.append(f"Compositions not checked against what they compose, because there are no schemas: {kinds}")
    if left_out:
        how = "  get them with `platformc schemas fetch`, or with `platformc schemas add DIR` from a folder of CRDs"
        options.inform("\n".join([*left_out, how]))
