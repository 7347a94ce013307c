from hypothesis import given
from hypothesis import strategies as st

from imagemill.domain.sequencer import OLDEST, between, canonical

SEQUENCERS = st.text("0123456789ABCDEFabcdef", max_size=24)


@given(SEQUENCERS, SEQUENCERS)
def test_canonical_sequencers_order_as_padded_text(one: str, other: str) -> None:
    width = max(len(one), len(other))
    padded = [text.upper().ljust(width, "0") for text in (one, other)]

    assert (canonical(one) < canonical(other)) == (padded[0] < padded[1])
    assert (canonical(one) == canonical(other)) == (padded[0] == padded[1])


def test_a_longer_sequencer_is_not_newer_for_being_longer() -> None:
    assert canonical("0055AED6DCD90281E6") > canonical("0055AED6DCD90281E5FF")


@given(SEQUENCERS)
def test_no_sequencer_is_older_than_the_oldest(sequencer: str) -> None:
    assert canonical(sequencer) >= OLDEST


def test_a_place_lies_between_its_sequencer_and_every_later_one() -> None:
    place = between("0055A", "x")

    assert canonical("0055A") < place < canonical("0055A00000001") < canonical("0055A1")


def test_places_do_not_grow() -> None:
    places = ["0055A"]
    for number in range(1_000):
        places.append(between(places[-1], f"token{number % 2}"))

    assert places == sorted(places)
    assert len(set(map(len, places[1:]))) == 1


def test_the_same_work_gets_the_same_place() -> None:
    place = between("0055A", "x")

    assert between(place, "x") == place
    assert between(place, "y") > place


def test_the_place_after_one_of_a_former_version_is_later() -> None:
    former = "0055A.1f2e3d4c"

    assert former < between(former, "x") < canonical("0055A01")


def test_successive_places_are_numbered_and_contain_the_token() -> None:
    first = between("0055A", "x")

    assert (first, between(first, "y")) == ("0055A.00000001.x", "0055A.00000002.y")
