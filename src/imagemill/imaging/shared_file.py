"""A file that is received in the memory of the worker process that renders it."""

import math
import time

from imagemill.imaging.limits import Limits
from imagemill.imaging.rendered import Rendered
from imagemill.imaging.worker.messages import Job
from imagemill.imaging.worker.shared_memory import OriginalMemory
from imagemill.imaging.worker_process import Worker, WorkerPool, pool, render_isolated
from imagemill.recipe import Recipe


class SharedFile:
    """A file in the memory of a worker, which renders it without a copy.

    Write `content`, then render the file once. If it is dropped instead, the worker waits again.
    """

    def __init__(self, workers: WorkerPool, worker: Worker, memory: OriginalMemory) -> None:
        self.content = memory.content
        self._workers, self._memory = workers, memory
        self._worker: Worker | None = worker

    def __len__(self) -> int:
        return len(self.content)

    def __del__(self) -> None:
        if self._worker:
            self._workers.give_back(self._worker)

    def label(self, name: object) -> None:
        """Name the file, which is complete now: `find_file` finds it while no other replaces it."""
        self._memory.label = name

    def render(
        self, recipe: Recipe, limits: Limits, timeout_s: float, *, sandboxed: bool, described: bool
    ) -> Rendered:
        """Render as `render_isolated` does; in another worker if this one has ended meanwhile."""
        deadline_s = time.monotonic() + timeout_s
        worker, self._worker = self._worker, None
        if worker and worker.is_waiting():
            job = Job(b"", recipe, limits, sandboxed, described, math.ceil(timeout_s) + 1)
            return self._workers.run(worker, job, deadline_s, len(self))
        if worker:
            worker.end()
        return self._workers.render(
            bytes(self.content), recipe, limits, timeout_s, sandboxed=sandboxed, described=described
        )


File = bytes | SharedFile


def render_file(  # noqa: PLR0913 - those of `render_isolated`
    file: File,
    recipe: Recipe,
    limits: Limits,
    timeout_s: float,
    *,
    sandboxed: bool = True,
    described: bool = True,
) -> Rendered:
    """Render as `render_isolated` does, bytes or a file in the memory of a worker."""
    if isinstance(file, bytes):
        return render_isolated(
            file, recipe, limits, timeout_s, sandboxed=sandboxed, described=described
        )
    return file.render(recipe, limits, timeout_s, sandboxed=sandboxed, described=described)


def share_memory(size: int, workers: WorkerPool = pool) -> SharedFile | None:
    """Return memory of a worker for a file of `size` bytes.

    None if no worker waits, or if its memory is too small. Safe to call from several threads.
    """
    worker = workers.take()
    if worker is None:
        return None
    memory = worker.memory
    if memory is None or memory.place(size) is None:
        workers.give_back(worker)
        return None
    return SharedFile(workers, worker, memory)


def find_file(name: object, workers: WorkerPool = pool) -> SharedFile | None:
    """Return the file of this name if the worker that comes next still has it; None otherwise.

    Safe to call from several threads.
    """
    worker = workers.take()
    if worker is None:
        return None
    memory = worker.memory
    if memory is None or memory.label is None or memory.label != name:
        workers.give_back(worker)
        return None
    return SharedFile(workers, worker, memory)
