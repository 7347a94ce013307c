"""Render in a child process, so that a decoder that crashes or hangs harms nothing else.

The child is a fork: it has the image and every loaded decoder at once, and ends with its image.
That costs a few milliseconds per image for the fork and for memory that is new to the child.
Forking beside other threads is safe here: the child decodes, answers through its own pipe and ends,
and uses no lock, log, connection or client that another thread may hold.
"""

import math
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from threading import Lock

from imagemill.errors import Crashed, ImagemillError, TimedOut
from imagemill.imaging import Limits, Rendered, render
from imagemill.imaging.preload import preload_formats
from imagemill.recipe import Recipe

Render = Callable[[bytes, Recipe, Limits], Rendered]
# Held while the sending end of a pipe is open in the parent, because another child would inherit it
# and keep it open, and while decoders are imported, because a child forked meanwhile would wait for
# the import lock forever.
_FORKING = Lock()


@dataclass(frozen=True, slots=True)
class _Job:
    """The work of a child, and the number of seconds after which it ends in any case."""

    work: Render
    data: bytes
    recipe: Recipe
    limits: Limits
    most_s: int


def render_isolated(
    data: bytes, recipe: Recipe, limits: Limits, timeout_s: float, work: Render = render
) -> Rendered:
    """Render like `render`, in a child process that ends within `timeout_s`.

    Raises the errors of `render`, Crashed if the child dies before it answers, TimedOut if it is
    killed for taking too long.
    """
    job = _Job(work, data, recipe, limits, math.ceil(timeout_s) + 1)
    child, receiving = _start(job)
    with receiving:
        try:
            answer = _received(receiving, timeout_s)
        finally:
            _end(child)
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _start(job: _Job) -> tuple[int, Connection]:
    """Fork; return the child's process id and the end of the pipe that receives its answer."""
    with _FORKING:
        preload_formats(job.data, job.recipe)
        receiving, sending = Pipe(duplex=False)
        child = os.fork()
        if not child:
            try:
                _answer(receiving, sending, job)
            finally:
                os._exit(0)
        sending.close()
    return child, receiving


def _end(child: int) -> None:
    # The process is gone already where a host reaps all children by itself.
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _received(receiving: Connection, timeout_s: float) -> Rendered | Exception:
    if not receiving.poll(timeout_s):
        raise TimedOut(f"the image was not rendered within {timeout_s:.0f} s")
    try:
        answer: Rendered | Exception = receiving.recv()
    except EOFError as fault:
        raise Crashed("the process ended before the image was rendered") from fault
    return answer


def _answer(receiving: Connection, sending: Connection, job: _Job) -> None:
    """Send the result; an unexpected error is sent by its name.

    A child whose parent was killed ends too: it holds no end of the pipe that would keep it waiting
    for a reader, and an alarm ends a decoder that hangs.
    """
    receiving.close()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(job.most_s)
    try:
        sending.send(job.work(job.data, job.recipe, job.limits))
    except ImagemillError as fault:
        sending.send(fault)
    except BrokenPipeError:
        return
    # The outermost edge of the child: every error is reported.
    except Exception as fault:  # noqa: BLE001
        sending.send(RuntimeError(f"{type(fault).__name__} while rendering: {fault}"))
    sending.close()
