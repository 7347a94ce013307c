"""AVIF image sequences: frames, play count, and copies without metadata."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from imagemill.errors import CorruptImage
from imagemill.imaging import Rendered, Rendition, probe
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.formats import avif_sequence
from imagemill.imaging.formats.avif import check_coded_sizes, read_decoder_bytes, with_codes
from imagemill.imaging.formats.avif_samples import read_tracks
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

COLOURS = [(220, 30, 30), (30, 200, 40), (30, 40, 210)]

Save = Callable[..., bytes]
RenderAll = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]


@pytest.fixture
def sequence(save: Save) -> bytes:
    frames = [Image.new("RGB", (120, 80), ink) for ink in COLOURS]
    return save(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=150)


def gif_of(save: Save, **options: int) -> bytes:
    frames = [Image.new("RGB", (120, 80), ink) for ink in COLOURS]
    return save(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=150, **options)


@pytest.mark.parametrize(
    ("options", "plays"), [({"loop": 0}, 0), ({}, 1), ({"loop": 1}, 2), ({"loop": 4}, 5)]
)
def test_the_play_count_is_kept_from_gif_to_avif_and_to_webp(
    options: dict[str, int], plays: int, save: Save, render_one: RenderOne
) -> None:
    made = render_one(gif_of(save, **options), "60:avif").data
    again = Image.open(BytesIO(render_one(made, "30:webp").data))

    assert probe(made).loops == plays
    assert again.info["loop"] == plays


def test_a_sequence_does_not_hold_the_time_of_day(
    sequence: bytes, save: Save, render_one: RenderOne
) -> None:
    made = render_one(gif_of(save, loop=0), "60:avif").data

    clock = sequence[sequence.index(b"mvhd") + 8 :][:16]
    at = made.index(b"mvhd") + 8
    assert clock != bytes(16)
    assert made[at : at + 16] == bytes(16)


def test_a_sequence_that_fits_is_copied(sequence: bytes, render_all: RenderAll) -> None:
    rendered = render_all(sequence)

    assert rendered.renditions[0].data == sequence
    assert rendered.warnings == ()


def test_a_sequence_with_boxes_that_may_hold_metadata_is_encoded_again(
    sequence: bytes, render_all: RenderAll
) -> None:
    data = sequence.replace(b"vmhd", b"udta")

    rendered = render_all(data)

    assert b"udta" in data
    assert b"udta" not in rendered.renditions[0].data
    assert rendered.facts.frames == 3


@pytest.mark.parametrize(("name", "other"), [(b"vmhd", b"udta"), (b"ccst", b"uuid")])
def test_only_boxes_for_frames_and_their_timing_are_known_to_hold_no_metadata(
    name: bytes, other: bytes, sequence: bytes
) -> None:
    assert avif_sequence.has_only_frames(sequence)
    assert not avif_sequence.has_only_frames(sequence.replace(name, other))


def test_a_sequence_keeps_its_colour_codes_in_every_box(
    sequence: bytes, render_one: RenderOne
) -> None:
    wide = with_codes(sequence, (12, 13))

    made = render_one(wide, "60").data

    assert wide.count(b"nclx\x00\x0c\x00\x0d") == 2
    assert made.count(b"nclx\x00\x0c\x00\x0d") == 2


def test_more_effort_for_frames_stays_in_one_pass(save: Save, render_one: RenderOne) -> None:
    most, medium = (
        render_one(gif_of(save, loop=0), f"60:avif:e{effort}").data for effort in (6, 3)
    )

    assert most == medium


@pytest.mark.parametrize("flags", [b"\x01\0\0\0", b"\x01\0\0\1"])
def test_edit_lists_that_end_early_are_played_forever(flags: bytes, sequence: bytes) -> None:
    at = sequence.index(b"elst") + 4
    damaged = sequence[:at] + flags + sequence[at + 4 : at + 8]

    assert avif_sequence.read_plays(damaged) == 0


def test_a_still_image_is_no_sequence(save: Save, sequence: bytes) -> None:
    still = save(Image.new("RGB", (120, 80)), "AVIF")

    assert not avif_sequence.is_sequence(still)
    assert avif_sequence.is_sequence(sequence)
    assert avif_sequence.read_plays(still) == 0


def test_the_decoder_keeps_the_planes_of_eight_frames(sequence: bytes) -> None:
    once, eightfold = (read_decoder_bytes(sequence, "avif", 3, frames) for frames in (1, 3))

    assert once - 7 == 2
    assert eightfold - 7 == 8 * 2


def test_a_copy_takes_no_time_for_encoding_but_converted_colours_do(sequence: bytes) -> None:
    facts = replace(probe(sequence), width=1000, height=1000, frames=50)
    copied, converted = (
        estimate_cpu_s(each, make_plans(each, Recipe.parse("2000")))
        for each in (facts, replace(facts, codes=(12, 13)))
    )

    assert converted - copied == pytest.approx(50 * 350e-9 * 1000 * 1000)


def test_frames_that_code_far_more_pixels_than_their_track_declares_are_refused(
    save: Save,
) -> None:
    frames = [Image.new("RGB", (1200, 1000), ink) for ink in COLOURS]
    whole = save(frames[0], "AVIF", save_all=True, append_images=frames[1:], speed=10)
    at = whole.index(b"av01", whole.index(b"stsd")) + 4 + 24
    small = whole[:at] + b"\0\1\0\1" + whole[at + 4 :]

    check_coded_sizes(whole)
    with pytest.raises(CorruptImage, match="codes"):
        check_coded_sizes(small)


def test_the_samples_of_a_track_are_where_its_tables_say(sequence: bytes) -> None:
    [track] = read_tracks(sequence)

    assert track.size == (120, 80)
    assert len(track.samples) == len(COLOURS)
    ends = [end for _, end in track.samples]
    assert [start for start, _ in track.samples[1:]] == ends[:-1]
    assert ends[-1] == len(sequence)


@pytest.mark.parametrize("name", [b"stsz", b"stsc", b"stco", b"stsd"])
def test_tables_that_lie_take_bounded_work(name: bytes, sequence: bytes) -> None:
    at = sequence.index(name) + 8
    data = sequence[:at] + b"\xff" * 12 + sequence[at + 12 :]

    assert all(len(track.samples) <= 10_000 for track in read_tracks(data))
