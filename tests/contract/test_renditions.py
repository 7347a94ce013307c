from imagemill.catalog.stamp import Placed, Stamp
from imagemill.workflows.workshop import Renditions

KEY = "500/holiday 2026/été+sun (1).JPG"


def stamp(sequencer: str) -> Stamp:
    return Stamp(sequencer, "r1", "image/jpeg", "inline")


def test_the_first_rendition_stands_alone(renditions: Renditions) -> None:
    placed = renditions.put(KEY, b"one", stamp("0A"))

    assert (placed, renditions.sequencer(KEY)) == (Placed.ALONE, "0A")


def test_where_nothing_was_put_nothing_stands(renditions: Renditions) -> None:
    assert renditions.sequencer(KEY) is None


def test_the_same_event_may_store_again(renditions: Renditions) -> None:
    renditions.put(KEY, b"one", stamp("0A"))

    assert renditions.put(KEY, b"one", stamp("0A")) is Placed.OVER


def test_a_newer_event_replaces_and_an_older_one_yields(renditions: Renditions) -> None:
    renditions.put(KEY, b"one", stamp("0A99"))

    placed = [renditions.put(KEY, b"two", stamp("0B")), renditions.put(KEY, b"one", stamp("0A99"))]

    assert (placed, renditions.sequencer(KEY)) == ([Placed.OVER, Placed.YIELDED], "0B")


def test_a_newer_event_replaces_equal_bytes_too(renditions: Renditions) -> None:
    renditions.put(KEY, b"one", stamp("0A"))

    renditions.put(KEY, b"one", stamp("0B"))

    assert renditions.sequencer(KEY) == "0B"


def test_what_is_discarded_makes_room(renditions: Renditions) -> None:
    renditions.put(KEY, b"two", stamp("0B"))

    discarded = renditions.discard(KEY, "0B")

    assert discarded
    assert renditions.put(KEY, b"one", stamp("0A")) is Placed.ALONE


def test_discarding_keeps_what_is_newer(renditions: Renditions) -> None:
    renditions.put(KEY, b"two", stamp("0B"))

    discarded = renditions.discard(KEY, "0A99")

    assert (discarded, renditions.sequencer(KEY)) == (False, "0B")


def test_discarding_what_is_not_there_is_no_fault(renditions: Renditions) -> None:
    assert not renditions.discard(KEY, "0A")
