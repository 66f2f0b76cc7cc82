"""parallel: several environments, compiled here one after the other, or by several processes at once.

In      Sources, names of environments, how they are compiled.
Out     what compiling each made, in the order of the names; the same whoever made it.
Never   raises what a process met: an environment that a process does not return is compiled here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial

from platformc.compiling import Built
from platformc.cores import FORK, SPAWN, Method, start_method
from platformc.language import Sources
from platformc.request import Request
from platformc.work import Load, Made, Work, compile_one

LEAST = {FORK: 400, SPAWN: 4000}
"""Documents, in all environments together, from which processes pay. One takes about 0.6 ms to compile. A copy of this
process is ready after 20 ms; one that starts anew has to import and to read everything first."""


def compile_each(
    sources: Sources, names: Sequence[str], work: Work, jobs: int, *, built: Built, load: Load
) -> Generator[Made, None, None]:
    """Compile environments in at most `jobs` processes. Files of those to be validated are passed to `built`.

    `load` reads the sources of a request again, where a process cannot inherit them. To be closed by whoever does
    not take all of them.
    """
    method = start_method()
    count = _processes(len(names) * len(sources.documents), len(names), jobs, work.request, method)
    if count == 1 or work.keep_objects:
        yield from (compile_one(sources, name, work, built) for name in names)
        return
    from platformc.compile_worker import digest_of, serve, unpacked  # noqa: PLC0415 - a small platform starts no process
    from platformc.processes import answers  # noqa: PLC0415 - as above

    inherited = sources if method == FORK else None
    digest = b"" if method == FORK else digest_of(sources)
    with closing(answers(names, partial(serve, work, inherited, load, digest), count, method)) as found:
        for name, answer in zip(names, found, strict=True):
            if answer is None:
                yield compile_one(sources, name, work, built)
                continue
            made, to_validate, version = unpacked(answer)
            if to_validate is not None:
                built(to_validate, version)
            yield made


def _processes(documents: int, environments: int, jobs: int, request: Request, method: Method) -> int:
    """How many processes pay; 1 stands for none but this one."""
    if documents < LEAST[method] or (method == SPAWN and request.kinds is not None):
        return 1
    return max(1, min(jobs, environments))
