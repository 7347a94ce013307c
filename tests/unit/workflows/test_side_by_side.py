import threading

from imagemill.workflows.side_by_side import results


def test_every_result_comes_once() -> None:
    assert sorted(results(abs, [-3, 2, -1], workers=2)) == [1, 2, 3]


def test_work_runs_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=5)

    def meet(_: int) -> bool:
        meeting.wait()
        return True

    assert list(results(meet, [1, 2], workers=2)) == [True, True]


def test_leaving_early_starts_no_more_work() -> None:
    started: list[int] = []
    moment = threading.Event()

    def work(number: int) -> None:
        started.append(number)
        moment.wait(5 * number)

    some = results(work, range(1000), workers=1)
    next(some)
    threading.Timer(0.1, moment.set).start()

    some.close()

    assert started == [0, 1]
