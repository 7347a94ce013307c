import gzip
import tracemalloc
from dataclasses import replace

import pytest
from fakes.images import jpeg

from imagemill.errors import CorruptImage, ImageRejected, NotAnImage, TooManyBytes
from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.imaging.gzipped import render_stored, unpacked
from imagemill.recipe import Recipe

RECIPE = Recipe.parse("20")
LIMITS = replace(DEFAULT_LIMITS, max_bytes=1 << 20)


def test_a_gzipped_image_is_rendered_like_the_image_itself() -> None:
    plain = render_stored(jpeg(), RECIPE, LIMITS)

    packed = render_stored(gzip.compress(jpeg()) + b"behind it", RECIPE, LIMITS)

    assert packed == plain == render(jpeg(), RECIPE, LIMITS)


def test_a_gzip_bomb_is_refused_before_it_takes_memory() -> None:
    bomb = gzip.compress(bytes(200 << 20), 1)
    tracemalloc.start()

    with pytest.raises(TooManyBytes, match="gzip"):
        render_stored(bomb, RECIPE, LIMITS)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * LIMITS.max_bytes


def test_the_limit_is_exact_to_the_byte() -> None:
    packed = gzip.compress(b"12345")

    assert unpacked(packed, 5) == b"12345"
    with pytest.raises(TooManyBytes):
        unpacked(packed, 4)


def test_a_gzip_file_that_ends_early_is_decompressed_up_to_its_end() -> None:
    data = bytes(range(256)) * 8

    assert unpacked(gzip.compress(data, 0)[:-100], LIMITS.max_bytes) == data[: -100 + 8]


@pytest.mark.parametrize("at", [2, 3, -6, -2])
def test_a_damaged_file_is_refused_as_damaged(at: int) -> None:
    packed = bytearray(gzip.compress(jpeg()))
    packed[at] ^= 0xFF

    with pytest.raises(ImageRejected) as refusal:
        render_stored(bytes(packed), RECIPE, LIMITS)

    assert isinstance(refusal.value, CorruptImage)


@pytest.mark.parametrize("content", [b"words", gzip.compress(jpeg())])
def test_gzipped_bytes_must_be_an_image(content: bytes) -> None:
    with pytest.raises(NotAnImage):
        render_stored(gzip.compress(content), RECIPE, LIMITS)
