"""The decision about a request for a variant."""

from dataclasses import replace

import pytest

from imagemill.domain.keys import image_id
from imagemill.domain.record import Fault, ImageRecord, Original, Status
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.errors import Gone, NotFound, NotReady, RecordedRejection, RequestFault, WorkFailed
from imagemill.preset import Preset
from imagemill.recipe import DEFAULT_RECIPE
from imagemill.transform.decide import Action, Facts, LookAgain, Make, Serve, Wait, decide, ready

RECORD = ImageRecord(
    id=image_id("a"),
    key="a",
    filename="a",
    status="ready",
    sequencer="02",
    uploaded_at="",
    original=Original(9, 60, 40, "jpeg", 1),
)
OLD, CURRENT = Precedence("01", 7, "r"), Precedence("02", 7, "r")
WANTED = Preset("variant", 20, 20)


def state(precedence: Precedence, *, is_removed: bool = False) -> StoredState:
    return StoredState('"e"', precedence, 9, is_removed)


@pytest.mark.parametrize(
    ("has_lease", "sequencer", "stored", "action"),
    [
        (True, "02", None, Make),
        (True, "02", state(OLD), Make),
        (True, "02", state(OLD, is_removed=True), Make),
        (True, "02", state(CURRENT, is_removed=True), Make),
        # Another deployment has made the same version.
        (True, "02", state(replace(CURRENT, deployed_at=9, recipe="s")), Serve),
        (True, "01", state(CURRENT), Serve),
        (False, "02", state(CURRENT), Serve),
        (False, "02", state(OLD), Wait),
        (False, "02", None, Wait),
        (True, "01", None, LookAgain),
    ],
)
def test_the_action_for_a_ready_image(
    *, has_lease: bool, sequencer: str, stored: StoredState | None, action: type[Action]
) -> None:
    found = decide(Facts(has_lease, sequencer, RECORD, stored), WANTED, DEFAULT_RECIPE)

    assert isinstance(found, action)


@pytest.mark.parametrize(
    ("status", "error", "fault", "code"),
    [
        ("pending", None, NotReady, "not_ready"),
        ("deleted", None, Gone, "gone"),
        ("rejected", Fault("corrupt", "too damaged"), RecordedRejection, "corrupt"),
        ("failed", Fault("crashed", "it crashed"), WorkFailed, "failed"),
    ],
)
def test_an_image_that_is_not_ready_has_no_variants(
    status: Status, error: Fault | None, fault: type[RequestFault], code: str
) -> None:
    with pytest.raises(fault) as raised:
        ready(RECORD.id, replace(RECORD, status=status, error=error))

    assert raised.value.code == code


def test_an_unknown_image_has_no_variants() -> None:
    with pytest.raises(NotFound, match="there is no image"):
        ready(RECORD.id, None)
