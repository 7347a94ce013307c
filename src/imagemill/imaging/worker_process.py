"""Render in worker processes, so that a decoder that crashes or hangs harms no other image.

A worker renders many images. It shares no memory with the function's process, which has the
credentials and the connections, and is replaced when it crashes, hangs or grows. Images that are
rendered at the same time have a worker each.
"""

import atexit
import math
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

from imagemill.errors import Crashed, TimedOut
from imagemill.imaging.limits import Limits
from imagemill.imaging.rendered import Rendered
from imagemill.imaging.worker.environment import forget_environment, worker_environment
from imagemill.imaging.worker.messages import Answer, InvalidMessage, Job, encode_job, read_answer
from imagemill.imaging.worker.shared_memory import (
    MEMORY_FILE,
    SOCKET_FILE,
    OriginalMemory,
    create_memory,
)
from imagemill.imaging.worker_connection import WorkerConnection
from imagemill.recipe import Recipe

# The function that workers call, as `module:function`.
_RENDERER = "imagemill.imaging.gzipped:render_stored"
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "from imagemill.imaging.worker.main import main; main(sys.argv[1], int(sys.argv[2]))"
)
# Options of Python: no variables of the environment, no search for site packages.
_OPTIONS = ("-I", "-S")
_STDOUT = 1
# The descriptors that a worker finds its files at: the socket, and the shared memory.
_PLACES = (SOCKET_FILE, MEMORY_FILE)


def render_isolated(  # noqa: PLR0913 - those of `render`, and a time
    data: bytes,
    recipe: Recipe,
    limits: Limits,
    timeout_s: float,
    *,
    sandboxed: bool = True,
    described: bool = True,
) -> Rendered:
    """Render like `gzipped.render_stored`, in a worker process that is ended after `timeout_s`.

    Raises ImageRejected as `render` does, Crashed if the worker ends before it answers, TimedOut if
    it takes too long. Safe to call from several threads.
    """
    return pool.render(data, recipe, limits, timeout_s, sandboxed=sandboxed, described=described)


def fork_worker() -> None:
    """Start the first worker as a fork, which has the modules that this process has loaded.

    This saves a cold start the second import of them. Call it before there are threads, clients and
    images, which a fork would copy. Not necessary: `render_isolated` starts the workers it needs.
    """
    pool.fork()


class WorkerPool:
    """Worker processes that wait for images; for all threads of a process."""

    def __init__(self, renderer: str = _RENDERER) -> None:
        self._renderer = renderer
        self._idle: deque[Worker] = deque()

    @property
    def idle(self) -> list[int]:
        """The process ids of the workers that wait."""
        return [worker.pid for worker in self._idle]

    def fork(self) -> None:
        """Start a worker as a fork of this process, unless one waits already."""
        if not self._idle:
            self._idle.append(Worker(_forked, self._renderer))

    def render(  # noqa: PLR0913 - as above
        self,
        data: bytes,
        recipe: Recipe,
        limits: Limits,
        timeout_s: float,
        *,
        sandboxed: bool,
        described: bool = True,
    ) -> Rendered:
        """Render in a waiting worker or in a new one; see `render_isolated`."""
        deadline_s = time.monotonic() + timeout_s
        job = Job(data, recipe, limits, sandboxed, described, math.ceil(timeout_s) + 1)
        return self.run(self.take() or Worker(_spawned, self._renderer), job, deadline_s)

    def run(
        self, worker: "Worker", job: Job, deadline_s: float, placed: int | None = None
    ) -> Rendered:
        """Render in a worker that was taken, until a time of the monotonic clock.

        `placed` is that of `encode_job`. Raises as `render_isolated`.
        """
        try:
            answer = worker.work(job, deadline_s, placed)
        except BaseException:
            worker.end()
            raise
        if answer.is_last:
            worker.end()
        else:
            self._idle.append(worker)
        if isinstance(answer.result, Exception):
            raise answer.result
        return answer.result

    def close(self) -> None:
        """End the waiting workers."""
        while worker := self._pop():
            worker.end()

    def forget(self) -> None:
        """Leave the workers to another process, of which this one is a fork."""
        while worker := self._pop():
            worker.close()

    def take(self) -> "Worker | None":
        """Return the worker that was used last; one that has died meanwhile is cleared away."""
        while worker := self._pop():
            if worker.is_waiting():
                return worker
            worker.end()
        return None

    def give_back(self, worker: "Worker") -> None:
        """Let a worker that was taken wait again."""
        self._idle.append(worker)

    def _pop(self) -> "Worker | None":
        try:
            return self._idle.pop()
        except IndexError:
            return None


class Worker:
    """A worker process and the connection to it; for one thread at a time."""

    def __init__(self, start: "_Start", renderer: str) -> None:
        with ExitStack() as stack:
            mine, theirs = socket.socketpair()
            stack.enter_context(theirs)
            memory_file = create_memory()
            if memory_file is not None:
                stack.callback(os.close, memory_file)
            files = [theirs.fileno()] if memory_file is None else [theirs.fileno(), memory_file]
            self.pid = start(renderer, files)
            self._connection = WorkerConnection(mine, memory_file)

    def is_waiting(self) -> bool:
        """Return False if the worker has ended, or sent something without being asked."""
        return self._connection.is_quiet()

    @property
    def memory(self) -> OriginalMemory | None:
        """The memory for originals; None where it cannot be shared."""
        return self._connection.memory

    def work(self, job: Job, deadline_s: float, placed: int | None = None) -> Answer:
        """Return the answer to a job; raises Crashed or TimedOut, after which `end` must follow.

        `deadline_s` is a time of the monotonic clock; `placed` is that of `encode_job`.
        """
        connection = self._connection
        try:
            connection.send(encode_job(job, connection.memory, placed), deadline_s)
            return read_answer(
                lambda size: connection.read(size, deadline_s), job.limits.max_memory_bytes
            )
        except TimeoutError as fault:
            raise TimedOut("the image was not rendered in time") from fault
        except (OSError, EOFError) as fault:
            raise Crashed("the process ended before the image was rendered") from fault
        except InvalidMessage as fault:
            raise Crashed(f"the process did not answer as expected: {fault}") from fault

    def end(self) -> None:
        """Kill the process, whatever it does, and close the connection."""
        # The process is gone already where a host reaps all children by itself.
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


# Starts a process that gets open files, the socket and possibly the shared memory, and returns its
# id; the renderer is named by `module:function`.
_Start = Callable[[str, Sequence[int]], int]


def _spawned(renderer: str, files: Sequence[int]) -> int:
    """Start a worker as a program of its own.

    Unlike a fork, this takes the same time for a process of any size, and is safe beside threads.
    """
    return os.posix_spawn(
        sys.executable,
        [sys.executable, *_OPTIONS, "-c", _PROGRAM, renderer, str(len(files)), *sys.path],
        worker_environment(os.environ),
        file_actions=[
            *((os.POSIX_SPAWN_DUP2, file, at) for file, at in zip(files, _PLACES, strict=False)),
            (os.POSIX_SPAWN_OPEN, _STDOUT, os.devnull, os.O_WRONLY, 0),
        ],
    )


def _forked(renderer: str, files: Sequence[int]) -> int:
    """Start a worker as a fork of this process, without its credentials."""
    child = os.fork()
    if child:
        return child
    try:
        for file, at in zip(files, _PLACES, strict=False):
            os.dup2(file, at)
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
        forget_environment()
        # Not before: this process would load the decoders itself.
        from imagemill.imaging.worker.main import main  # noqa: PLC0415

        main(renderer, len(files))
    except BaseException:  # noqa: BLE001 - printed as at the end of every other process
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(0)


# The workers of this process.
pool = WorkerPool()
atexit.register(pool.close)
os.register_at_fork(after_in_child=pool.forget)
