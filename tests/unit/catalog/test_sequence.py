from hypothesis import given
from hypothesis import strategies as st

from imagemill.catalog.sequence import OLDEST, canonical

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
