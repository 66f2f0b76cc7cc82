"""processes: several tasks at once, in processes that inherit what they need; answers come in the order of the tasks.

In      the names of tasks; a function that answers them in a process of its own.
Out     the answer to each as bytes; None where there is none, whatever the reason: whoever asks then does it himself.
Never   waits for a process that has ended, leaves one behind, or shows what happened in one.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait

from platformc.cores import FORK, SPAWN, Method

Answer = Callable[[Connection], None]
"""Receives names and sends bytes until nobody asks any more; see `answer_each`."""


def answers(names: Sequence[str], answer: Answer, count: int, method: Method) -> Generator[bytes | None, None, None]:
    """Have `count` processes answer all names; each gets the next one as soon as it is done.

    To be closed by whoever does not take all answers. Started anew (SPAWN), a process gets `answer` by pickling.
    """
    workers: dict[Connection, multiprocessing.process.BaseProcess] = {}
    waiting = deque(names)
    at_work: dict[Connection, str] = {}
    received: dict[str, bytes | None] = {}
    try:
        with _interrupts_held():  # for ever in the processes: one that works for nobody any more is killed
            for _ in range(count):
                if not _start(workers, answer, method):
                    break
        for worker in workers:
            _assign(worker, waiting, at_work, received)
        for name in names:
            while name not in received and at_work:
                ready = wait(list(at_work))
                for worker in [one for one in at_work if one in ready]:
                    received[at_work.pop(worker)] = answered = _received(worker)
                    if answered is not None:
                        _assign(worker, waiting, at_work, received)
            yield received.pop(name, None)
    finally:
        for worker, process in workers.items():
            worker.close()
            process.kill()
            process.join()


def answer_each(connection: Connection, make: Callable[[str], bytes]) -> None:
    """Answer names in a process until nobody asks any more. A task that fails ends the process."""
    try:
        while True:
            connection.send_bytes(make(connection.recv()))
    except Exception:  # noqa: BLE001 - whoever asked does it again, and finds out what is wrong
        return


def _start(workers: dict[Connection, multiprocessing.process.BaseProcess], answer: Answer, method: Method) -> bool:
    """Start one more process, if the system has room for it."""
    context = multiprocessing.get_context(FORK) if method == FORK else multiprocessing.get_context(SPAWN)
    ours, theirs = context.Pipe()
    # A copy of this process also has copies of our ends; only when all of them are closed does a process see that
    # nobody asks any more.
    inherited = (*workers, ours) if method == FORK else ()
    process = context.Process(target=_run, args=(answer, theirs, inherited), daemon=True)
    try:
        process.start()
    except OSError:
        ours.close()
        return False
    finally:
        theirs.close()
    workers[ours] = process
    return True


def _run(answer: Answer, connection: Connection, inherited: Sequence[Connection]) -> None:
    for one in inherited:
        one.close()
    answer(connection)


def _assign(
    worker: Connection, waiting: deque[str], at_work: dict[Connection, str], received: dict[str, bytes | None]
) -> None:
    if not waiting:
        return
    name = waiting.popleft()
    try:
        worker.send(name)
    except OSError:  # it has ended
        received[name] = None
    else:
        at_work[worker] = name


def _received(worker: Connection) -> bytes | None:
    try:
        return worker.recv_bytes()
    except (EOFError, OSError):
        return None


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold back Ctrl-C in this thread, and in what is started meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
