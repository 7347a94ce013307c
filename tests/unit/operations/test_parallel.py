import sys
import threading
import time
import traceback

from imagemill.operations.parallel import results


def test_every_result_is_returned_once() -> None:
    assert sorted(results(abs, [-3, 2, -1], workers=2)) == [1, 2, 3]


def test_work_runs_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=60)

    def meet(_: int) -> bool:
        meeting.wait()
        return True

    assert list(results(meet, [1, 2], workers=2)) == [True, True]


def test_leaving_early_starts_no_more_work() -> None:
    started: list[int] = []
    second, left = threading.Event(), threading.Event()

    def work(number: int) -> None:
        started.append(number)
        if number:
            second.set()
            left.wait(60)

    some = results(work, range(1000), workers=1)
    next(some)
    second.wait(60)
    leaving = threading.Thread(target=some.close)
    leaving.start()
    while "join" not in calls_of(leaving):
        time.sleep(0.01)

    left.set()

    leaving.join()
    assert started == [0, 1]


def calls_of(thread: threading.Thread) -> set[str]:
    """Return the names of the functions on the stack of a thread."""
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001  # documented
    return {inner.name for inner in traceback.extract_stack(frame)} if frame else set()
