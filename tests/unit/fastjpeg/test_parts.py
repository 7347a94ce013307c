"""A part of an image, decoded alone, against the same part of the whole image."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from random import Random

import pytest
from fakes import jpegs
from PIL import Image

from imagemill.imaging.fastjpeg import Planes, Refused, decode_planes
from imagemill.imaging.fastjpeg.sandbox import take

Box = tuple[int, int, int, int]
SIZE = (801, 603)
MARKER = 0xFF
SCENE = jpegs.scene(*SIZE)
# Parts and the boxes drawn from them: a corner, the middle, the last columns and rows.
PARTS: list[tuple[Box, Box]] = [
    ((0, 0, 320, 256), (0, 0, 200, 150)),
    ((256, 256, 600, 500), (350, 350, 501, 402)),
    ((512, 256, 801, 603), (650, 400, 801, 603)),
]
FILES = {
    "baseline": jpegs.save(SCENE, quality=85),
    "4:4:4": jpegs.save(SCENE, quality=85, subsampling="4:4:4"),
    "4:1:1": jpegs.save(SCENE, quality=85, subsampling="4:1:1"),
    "grey": jpegs.save(SCENE.convert("L"), quality=85),
    "restarts": jpegs.save(SCENE, quality=85, restart_marker_blocks=7),
    "three scans": jpegs.interleaved_by_none(SCENE.convert("YCbCr").split()),
    "progressive": jpegs.save(SCENE, quality=85, progressive=True),
    "progressive 4:4:4": jpegs.save(SCENE, quality=85, progressive=True, subsampling="4:4:4"),
    "progressive restarts": jpegs.save(
        SCENE, quality=85, progressive=True, restart_marker_blocks=7
    ),
}


@contextmanager
def opened(data: bytes, eighths: int, part: Box | None) -> Iterator[Planes]:
    width, height = Image.open(BytesIO(data)).size
    planes_of = (width * eighths // 8, height * eighths // 8)
    with decode_planes(
        data,
        (width, height),
        luma=planes_of,
        chroma=planes_of,
        is_progressive=True,
        part=part,
    ) as planes:
        yield planes


def drawn(data: bytes, eighths: int, part: Box | None, box: Box) -> bytes:
    size = (max(1, (box[2] - box[0]) // 3), max(1, (box[3] - box[1]) // 3))
    with opened(data, eighths, part) as planes:
        return planes.resize(box, size) + planes.draw_samples(box, size, 6).data


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("part", "box"), PARTS)
@pytest.mark.parametrize("eighths", [1, 2, 4, 8])
def test_a_part_is_drawn_as_from_the_whole_image(
    name: str, part: Box, box: Box, eighths: int
) -> None:
    data = FILES[name]

    assert drawn(data, eighths, part, box) == drawn(data, eighths, None, box)


@pytest.mark.parametrize("name", ["baseline", "progressive"])
def test_a_part_needs_the_memory_of_its_own_size(name: str) -> None:
    image = SCENE.resize((4_000, 3_000), Image.Resampling.NEAREST)
    data = jpegs.save(image, quality=60, progressive=name == "progressive")
    sandbox = take(1 << 40)

    sandbox.decode(data, 4_000, 3_000, 4_000, 3_000, part=(1_024, 1_024, 1_536, 1_536))

    # The planes of the whole image have 18 MB, the coefficients of all blocks 36 MB. An instance
    # may have grown to some megabytes before.
    assert sandbox.memory_bytes < 9_000_000


def damaged(data: bytes, share: float) -> bytes:
    """Return the file with ones, which are no Huffman code, at a share of its last scan's data."""
    start = data.rindex(b"\xff\xda") + 14
    at = start + int((len(data) - start) * share)
    at += data[at - 1] == MARKER
    return data[:at] + b"\xff\0" * 20 + data[at + 40 :]


@pytest.mark.parametrize("name", ["baseline", "restarts", "progressive"])
def test_damage_below_a_part_is_not_read(name: str) -> None:
    data, (part, box) = FILES[name], PARTS[0]

    assert drawn(damaged(data, 0.9), 8, part, box) == drawn(data, 8, part, box)
    with pytest.raises(Refused):
        drawn(damaged(data, 0.9), 8, None, box)


@pytest.mark.parametrize("name", ["baseline", "restarts", "progressive"])
def test_damage_above_a_part_is_refused(name: str) -> None:
    part, box = PARTS[2]

    with pytest.raises(Refused):
        drawn(damaged(FILES[name], 0.1), 8, part, box)


@pytest.mark.parametrize(
    "part",
    [(8, 0, 320, 256), (0, 8, 320, 256), (0, 0, 802, 256), (0, 0, 320, 604), (320, 0, 320, 64)],
)
def test_a_part_that_begins_within_an_mcu_or_ends_outside_is_refused(part: Box) -> None:
    with pytest.raises(Refused) as caught, opened(FILES["baseline"], 8, part):
        pass

    assert caught.value.reason == "unsupported"


def test_a_box_outside_the_part_is_refused() -> None:
    with (
        pytest.raises(Refused) as caught,
        opened(FILES["baseline"], 8, (256, 256, 512, 512)) as planes,
    ):
        planes.resize((255, 256, 512, 512), (10, 10))

    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize("name", ["baseline", "three scans", "progressive"])
def test_a_part_of_a_mutated_file_is_drawn_or_refused(name: str) -> None:
    chance = Random(3)  # noqa: S311 - not a secret
    small = SCENE.resize((161, 121))
    data = jpegs.save(small, progressive=name == "progressive")
    if name == "three scans":
        data = jpegs.interleaved_by_none(small.convert("YCbCr").split())
    outcomes: set[int | str] = set()
    for _ in range(400):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            mutated[chance.randrange(100, len(mutated))] = chance.randrange(256)
        try:
            with decode_planes(
                bytes(mutated),
                Image.open(BytesIO(data)).size,
                luma=(161, 121),
                chroma=(161, 121),
                is_progressive=True,
                part=(64, 32, 128, 96),
            ) as planes:
                outcomes.add(len(planes.resize((64, 32, 128, 96), (8, 8))))
        except Refused as refusal:
            outcomes.add(refusal.reason)

    # Never "trapped", which would be a bug in the decoder.
    assert outcomes <= {256, "corrupt", "unsupported", "damaged"}
    assert 256 in outcomes
