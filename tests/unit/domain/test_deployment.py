from imagemill.domain.deployment import OVERLAP_MS, Deployment, following

FIRST = Deployment("a", 1_000, frozenset({"p", "q"}))


def test_the_first_deployment_has_dropped_nothing() -> None:
    assert following(None, "a", ["p", "q"], 1_000) == FIRST


def test_the_same_deployment_stays_as_it_is() -> None:
    assert following(FIRST, "a", ["p", "q"], 9_000) is FIRST


def test_another_deployment_knows_what_the_former_one_may_still_store() -> None:
    later = following(FIRST, "b", ["p", "r"], 9_000)

    assert (later.since, later.revision) == (9_000, 2)
    assert later.recently_dropped(9_000 + OVERLAP_MS - 1) == {"q"}
    assert later.recently_dropped(9_000 + OVERLAP_MS) == set()


def test_a_preset_that_comes_back_is_not_dropped() -> None:
    later = following(following(FIRST, "b", ["p"], 9_000), "c", ["p", "q"], 10_000)

    assert later.recently_dropped(10_000) == set()


def test_what_was_dropped_long_ago_is_forgotten() -> None:
    later = following(FIRST, "b", ["p"], 9_000)
    much_later = following(later, "c", ["r"], 9_000 + OVERLAP_MS)

    assert set(much_later.dropped) == {"p"}


def test_a_later_deployment_is_newer_even_by_a_clock_that_goes_backwards() -> None:
    assert following(FIRST, "b", ["p"], 500).since > FIRST.since


def test_a_deployment_is_recent_for_as_long_as_former_workers_may_be_at_work() -> None:
    assert FIRST.is_recent(1_000 + OVERLAP_MS - 1)
    assert not FIRST.is_recent(1_000 + OVERLAP_MS)


def test_a_later_deployment_is_the_next_in_order_where_the_clock_stands_still() -> None:
    assert following(FIRST, "b", ["p"], 1_000).since == 1_001
