from imagemill.catalog.stamp import Stamp
from imagemill.workflows.process import Renditions

KEY = "500/holiday 2026/été+sun (1).JPG"


def stamp(sequencer: str) -> Stamp:
    return Stamp(sequencer, "r1", "image/jpeg", "inline")


def test_the_first_rendition_is_stored(renditions: Renditions) -> None:
    assert renditions.put(KEY, b"one", stamp("0A"))


def test_the_same_event_may_store_again(renditions: Renditions) -> None:
    renditions.put(KEY, b"one", stamp("0A"))

    assert renditions.put(KEY, b"one", stamp("0A"))


def test_a_newer_event_replaces_and_an_older_one_yields(renditions: Renditions) -> None:
    renditions.put(KEY, b"one", stamp("0A99"))

    assert renditions.put(KEY, b"two", stamp("0B"))
    assert not renditions.put(KEY, b"one", stamp("0A99"))


def test_what_is_discarded_makes_room(renditions: Renditions) -> None:
    renditions.put(KEY, b"two", stamp("0B"))

    renditions.discard(KEY, "0B")

    assert renditions.put(KEY, b"one", stamp("0A"))


def test_discarding_keeps_what_is_newer(renditions: Renditions) -> None:
    renditions.put(KEY, b"two", stamp("0B"))

    renditions.discard(KEY, "0A99")

    assert not renditions.put(KEY, b"one", stamp("0A"))


def test_discarding_what_is_not_there_is_no_fault(renditions: Renditions) -> None:
    renditions.discard(KEY, "0A")

    assert renditions.put(KEY, b"one", stamp("0A"))
