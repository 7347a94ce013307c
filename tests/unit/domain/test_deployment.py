from imagemill.domain.deployment import OVERLAP_MS, Deployment, following

FIRST = Deployment("a", 1_000, frozenset({"p", "q"}))


def test_the_first_deployment_has_dropped_nothing() -> None:
    assert following(None, "a", ["p", "q"], 1_000) == FIRST


def test_the_same_deployment_is_not_registered_again() -> None:
    assert following(FIRST, "a", ["p", "q"], 9_000) is FIRST


def test_a_new_deployment_lists_the_presets_that_the_former_one_may_still_store() -> None:
    later = following(FIRST, "b", ["p", "r"], 9_000)

    assert (later.since, later.revision) == (9_000, 2)
    assert later.recently_dropped(9_000 + OVERLAP_MS - 1) == {"q"}
    assert later.recently_dropped(9_000 + OVERLAP_MS) == set()


def test_a_preset_that_is_used_again_is_not_dropped() -> None:
    later = following(following(FIRST, "b", ["p"], 9_000), "c", ["p", "q"], 10_000)

    assert later.recently_dropped(10_000) == set()


def test_presets_dropped_more_than_an_hour_ago_are_forgotten() -> None:
    later = following(FIRST, "b", ["p"], 9_000)
    much_later = following(later, "c", ["r"], 9_000 + OVERLAP_MS)

    assert set(much_later.dropped) == {"p"}


def test_a_later_deployment_is_newer_even_if_the_clock_was_set_back() -> None:
    assert following(FIRST, "b", ["p"], 500).since > FIRST.since


def test_a_deployment_is_recent_while_workers_of_the_former_one_may_run() -> None:
    assert FIRST.is_recent(1_000 + OVERLAP_MS - 1)
    assert not FIRST.is_recent(1_000 + OVERLAP_MS)


def test_a_later_deployment_is_newer_even_within_the_same_millisecond() -> None:
    assert following(FIRST, "b", ["p"], 1_000).since == 1_001


def test_changed_rules_drop_the_presets_that_are_still_used_by_other_rules() -> None:
    by_prefix = following(FIRST, "b", ["p", "q"], 9_000, "rules")
    changed = following(by_prefix, "c", ["p", "q"], 10_000, "other rules")

    assert by_prefix.recently_dropped(9_000) == {"p", "q"}
    assert (changed.rules, set(changed.dropped)) == ("other rules", {"p", "q"})
    assert set(changed.dropped.values()) == {10_000}


def test_the_same_rules_of_another_version_drop_only_unused_presets() -> None:
    by_prefix = following(None, "b", ["p", "q"], 9_000, "rules")

    assert following(by_prefix, "c", ["p"], 10_000, "rules").recently_dropped(10_000) == {"q"}
