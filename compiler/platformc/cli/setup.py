"""setup: make sure that the tools that platformc runs are installed."""

from __future__ import annotations

from platformc.cli.global_options import Options
from platformc.cli.verbs import verb


@verb("setup", "platformc setup")
def command(options: Options) -> int:
    """Find kubeconform, or install it.

    Uses the one on PATH if it has the pinned version; otherwise builds it with Go; otherwise downloads
    the pinned release and checks its sha256. It is installed in the cache folder (PLATFORMC_CACHE, or
    platformc/ in XDG_CACHE_HOME or ~/.cache). Prints its path.
    """
    from platformc.check.kubeconform.install import VERSION, install_kubeconform

    binary = install_kubeconform(options.environment.variables, options.environment.cache, options.inform)
    options.terminal.out.write(f"kubeconform {VERSION} {binary}\n")
    return 0
