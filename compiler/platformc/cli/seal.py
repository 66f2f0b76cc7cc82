"""seal: seal secrets beside the spec: values passed or generated, certificates fetched, old ciphertext renewed."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from platformc.cli.cluster_options import access_of, cluster_options_of
from platformc.cli.compile_options import one_environment_option, sources_of
from platformc.cli.console import CommandLine
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import BugReport, PlatformcError, UsageError
from platformc.request import Request

CLUSTER = "cluster"


@verb(
    "seal",
    "platformc seal -e production",
    "platformc seal -e production discord-bot-secrets DISCORD_TOKEN",
    "platformc seal -e production discord-bot-secrets --from-file LITELLM_API_KEY=key.txt",
    "pass show bot/token | platformc seal -e production discord-bot-secrets DISCORD_TOKEN --stdin",
    "platformc seal -e production redis --rotate password",
    "platformc seal -e production --fetch-certificate",
)
@one_environment_option
@click.option(
    "--from-file", multiple=True, metavar="KEY=PATH", help="Read the value from a file, or from stdin for `-`."
)
@click.option(
    "--from-env-file", metavar="PATH", help="Read values from lines KEY=value of a file, or of stdin for `-`."
)
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the value of the one KEY from stdin.")
@click.option("--rotate", multiple=True, metavar="KEY", help="Give a key and all its copies a new value.")
@click.option("--force-rotate", is_flag=True, help="Rotate even keys with `rotation: never`.")
@click.option(
    "--stale", is_flag=True, help="List values that are sealed for another certificate than the environment's."
)
@click.option("--reseal", is_flag=True, help="Let the controller reseal those values for its newest key.")
@click.option("--prune", is_flag=True, help="Remove sealed values that no Secret has a key for.")
@click.option("--import", "imported", metavar="FILE", help="Import values that kubeseal has sealed.")
@click.option(
    "--fetch-certificate",
    "certificate",
    is_flag=False,
    flag_value=CLUSTER,
    metavar="[URL|FILE]",
    help="Store the controller's certificate, by default from the cluster.",
)
@click.option("--fingerprint", metavar="SHA256:…", help="The fingerprint that a fetched certificate must have.")
@click.option(
    "--controller",
    metavar="NAMESPACE/NAME",
    help="The controller's Service.  [default: kube-system/sealed-secrets-controller]",
)
@cluster_options_of("the environment's cluster")
@click.argument("names", nargs=-1, metavar="[SECRET [KEY]...]")
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    names: tuple[str, ...],
    from_file: tuple[str, ...],
    from_env_file: str | None,
    from_stdin: bool,
    rotate: tuple[str, ...],
    force_rotate: bool,
    stale: bool,
    reseal: bool,
    prune: bool,
    imported: str | None,
    certificate: str | None,
    fingerprint: str | None,
    controller: str | None,
    kubeconfig: str | None,
    context: str | None,
    timeout: float,
) -> int:
    """Seal values for an environment, and store the ciphertext below specs/sealed/.

    Without arguments, it goes through all missing values, describes each, generates those that can be
    generated, and asks for the others. With SECRET it does so for one Secret, with KEYs only for those
    keys. Values are typed without being shown, or read from files or stdin; never from the command line,
    which others can read.

    Exits with 1 if a value was rejected or is still missing.
    """
    only_formats(options, "text")
    modes = {
        "--stale": stale,
        "--reseal": reseal,
        "--prune": prune,
        "--import": imported is not None,
        "--fetch-certificate": certificate is not None,
    }
    chosen = [name for name, given in modes.items() if given]
    values = bool(from_file or from_env_file or from_stdin or rotate or force_rotate)
    if len(chosen) > 1 or (chosen and values):
        raise UsageError(f"{chosen[0]} cannot be combined with other options", "remove the other options")
    if fingerprint and certificate is None:
        raise UsageError("--fingerprint works only with --fetch-certificate", "remove it")
    try:
        from platformc import seal

        sources = sources_of(options)
        request = Request(options.root, options.specs, options.output, kinds=options.kinds)
        session = seal.open_session(request, sources, environments, CommandLine(options), datetime.now(UTC))
        if stale:
            seal.list_stale(session, names)
        elif prune:
            seal.prune(session)
        elif imported is not None:
            seal.import_file(session, imported)
        elif certificate is not None or reseal:
            from platformc.live import SealingController

            access = access_of(options, kubeconfig, context, timeout)
            asked = SealingController(access, controller) if controller else SealingController(access)
            if reseal:
                seal.reseal(session, names, asked)
            else:
                seal.fetch(session, None if certificate == CLUSTER else certificate, fingerprint, asked)
        else:
            given = seal.Given(from_file, from_env_file, from_stdin=from_stdin)
            return 0 if seal.seal(session, names, given, rotate, force=force_rotate) else 1
    except (PlatformcError, click.ClickException, click.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - a library's message about a value may contain it
        raise BugReport(type(error).__name__).with_traceback(error.__traceback__) from None
    return 0
