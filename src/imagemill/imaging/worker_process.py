"""Rendering in a child process: a decoder that crashes or hangs takes nothing else with it.

The child is a fork, so it has the image and every loaded decoder at once, and it is gone when
its image is done. It costs a few milliseconds an image: the fork, and memory that is new to it.
Forking beside other threads is safe here: the child decodes, answers through a pipe of its own and
ends, and touches no lock, log, connection or client that another thread may have held.
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
# Held while a sending end is open here, which another's child would keep open, and while decoders
# are loaded: a child that is forked meanwhile would wait for their import's lock for ever.
_FORKING = Lock()


@dataclass(frozen=True, slots=True)
class _Job:
    """What a child is to do, and after how many seconds it ends whatever happens."""

    work: Render
    data: bytes
    recipe: Recipe
    limits: Limits
    most_s: int


def render_isolated(
    data: bytes, recipe: Recipe, limits: Limits, timeout_s: float, work: Render = render
) -> Rendered:
    """Render as `render` does, in a child process that ends within `timeout_s`.

    Raises what `render` raises; Crashed when the child dies before it answers, TimedOut when it is
    ended for taking too long.
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
    """Fork; returns the child's process id, and the end at which its answer arrives."""
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
    with suppress(ProcessLookupError, ChildProcessError):  # where a host reaps all by itself
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _received(receiving: Connection, timeout_s: float) -> Rendered | Exception:
    if not receiving.poll(timeout_s):
        raise TimedOut(f"the image was not done within {timeout_s:.0f} s")
    try:
        answer: Rendered | Exception = receiving.recv()
    except EOFError as fault:
        raise Crashed("the decoder ended before it was done") from fault
    return answer


def _answer(receiving: Connection, sending: Connection, job: _Job) -> None:
    """Send what became of the image; a fault of ours that nobody foresaw is sent by its name.

    A child whose parent was killed ends too: it holds no end of the pipe that could keep it
    waiting for a reader, and an alarm ends a decoder that hangs.
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
    except Exception as fault:  # noqa: BLE001  # the child's outermost edge
        sending.send(RuntimeError(f"{type(fault).__name__} while rendering: {fault}"))
    sending.close()
