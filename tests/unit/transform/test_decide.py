"""The decision about a request for a variant."""

from dataclasses import replace

import pytest
from fakes.variants import request_of

from imagemill.domain.keys import image_id
from imagemill.domain.record import Fault, ImageRecord, Original, Status, StoredRendition
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.errors import Gone, NotFound, NotReady, RecordedRejection, RequestFault, WorkFailed
from imagemill.preset import Preset
from imagemill.recipe import Recipe
from imagemill.recipe_rules import DEFAULT_RULES, RecipeRules
from imagemill.requests.faults import InvalidUrl, SignatureRequired
from imagemill.transform.decide import (
    Action,
    Facts,
    LookAgain,
    Make,
    Serve,
    Wait,
    check_region,
    decide,
    ready,
)

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
    found = decide(Facts(has_lease, sequencer, RECORD, stored), WANTED, DEFAULT_RULES)

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


@pytest.mark.parametrize(
    "canonical",
    [
        "max.jpg",
        "640x.jpg",
        "60x_exact_strict.jpg",
        "60x40_exact_strict.jpg",
        "x40_exact_strict.jpg",
        "10x_exact_crop50x30x10x10_strict.jpg",
        "50x30_exact_crop900x900x10x10_strict.jpg",
        "30x_exact_pcrop50x50x0x0_strict.jpg",
        "40x_exact_square_strict.jpg",
        "max_crop1x1x59x39.jpg",
    ],
)
def test_a_part_of_the_original_can_be_made(canonical: str) -> None:
    check_region(request_of("a", canonical), RECORD)


@pytest.mark.parametrize(
    ("canonical", "option"),
    [
        ("61x_exact_strict.jpg", "size"),
        ("60x41_exact_strict.jpg", "size"),
        ("51x_exact_crop50x30x10x10_strict.jpg", "size"),
        ("51x30_exact_crop900x900x10x10_strict.jpg", "size"),
        ("31x_exact_pcrop50x50x0x0_strict.jpg", "size"),
        ("41x_exact_square_strict.jpg", "size"),
        ("max_crop1x1x60x0.jpg", "region"),
        ("max_crop1x1x0x40.jpg", "region"),
        ("max_pcrop1x1x100x0.jpg", "region"),
    ],
)
def test_a_part_outside_or_smaller_than_a_strict_box_is_refused(
    canonical: str, option: str
) -> None:
    with pytest.raises(InvalidUrl) as raised:
        check_region(request_of("a", canonical), RECORD)

    assert raised.value.option == option


def test_without_a_recorded_size_every_part_is_tried() -> None:
    check_region(request_of("a", "max_crop1x1x60x0.jpg"), replace(RECORD, original=None))


@pytest.mark.parametrize(
    ("key", "rule", "source"),
    [("a", None, "20"), ("b", None, "original"), ("b", "hero", "20"), ("raw", None, "original")],
)
def test_a_rendition_of_the_rule_of_the_image_is_a_source(
    key: str, rule: str | None, source: str
) -> None:
    recipes = RecipeRules.parse("[hero] a -> 20; raw -> ignore; * -> 9")
    record = replace(
        RECORD,
        key=key,
        rule=rule,
        recipe=Recipe.parse("20").hash,
        renditions={"20": StoredRendition(f"20/{key}", 9, 20, 13, "jpeg")},
    )

    found = Facts(has_lease=True, sequencer="02", record=record, stored=None)
    action = decide(found, Preset("variant", 5, 5), recipes)

    assert isinstance(action, Make)
    assert action.source.name == source


# An image of 1300 × 700 px has 3 × 2 tiles, and 2 × 1 at scale 2.
WIDE = replace(RECORD, original=Original(1, 1300, 700, "jpeg", 1))


@pytest.mark.parametrize(
    "canonical",
    [
        "276x512_exact_crop276x512x1024x0_tile.jpg",
        "512x188_exact_crop512x188x0x512_tile.jpg",
        "276x188_exact_crop276x188x1024x512_tile.jpg",
        "512x350_exact_crop1024x700x0x0_tile.jpg",
        "138x350_exact_crop276x700x1024x0_tile.jpg",
        "325x175_exact_crop1300x700x0x0_tile.jpg",
    ],
)
def test_a_smaller_tile_at_an_edge_can_be_made(canonical: str) -> None:
    check_region(request_of("a", canonical), WIDE)


@pytest.mark.parametrize(
    "canonical",
    [
        "275x512_exact_crop275x512x1024x0_tile.jpg",
        "277x512_exact_crop277x512x1024x0_tile.jpg",
        "512x187_exact_crop512x187x0x512_tile.jpg",
        "1x1_exact_crop1x1x0x0_tile.jpg",
        "100x512_exact_crop100x512x0x0_tile.jpg",
        "512x512_exact_crop512x512x1024x0_tile.jpg",
        "max_tile.jpg",
    ],
)
def test_another_smaller_part_needs_a_signature(canonical: str) -> None:
    with pytest.raises(SignatureRequired):
        check_region(request_of("a", canonical), WIDE)
