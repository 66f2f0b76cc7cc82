"""setup: make sure that the tools platformc calls are there."""

from __future__ import annotations

from platformc.cli.global_options import Options
from platformc.cli.verbs import verb


@verb("setup", "platformc setup")
def command(options: Options) -> int:
    """Find kubeconform, or install it.

    Takes the one on PATH where it is the pinned version; else builds it with Go; else downloads the
    pinned release and checks its sha256. What is installed goes to the cache folder
    (PLATFORMC_CACHE, else platformc/ in XDG_CACHE_HOME or ~/.cache). Prints where it is.
    """
    from platformc.check.kubeconform.install import VERSION, install_kubeconform

    binary = install_kubeconform(options.environment.variables, options.environment.cache, options.inform)
    options.screen.out.write(f"kubeconform {VERSION} {binary}\n")
    return 0
