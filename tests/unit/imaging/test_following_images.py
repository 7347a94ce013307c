"""A JPEG may be followed by another image, such as a gain map, without any index."""

import ctypes

import pytest
from fakes import jpegs

from imagemill.imaging.gain_maps import jpeg_images

PHOTO = jpegs.save(jpegs.scene(64, 48))
LIBRARIES = (None, jpeg_images.searching_library())


def test_an_image_behind_the_first_is_found_by_a_thorough_look_only() -> None:
    both = PHOTO + PHOTO

    assert jpeg_images.may_have_gain_map(both, thorough=True)
    assert not jpeg_images.may_have_gain_map(both, thorough=False)


@pytest.mark.parametrize("library", LIBRARIES, ids=["bytes", "C library"])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (PHOTO + PHOTO, True),
        (PHOTO + b"\xff\xd8\xff", True),
        (PHOTO, False),
        (PHOTO + b"\0" + PHOTO, False),
        (PHOTO + b"\xff\xd8", False),
        (b"", False),
        (b"\0\xff\xd9\xff\xd8\xff", True),
    ],
)
def test_both_searches_agree(library: ctypes.CDLL | None, data: bytes, found: bool) -> None:
    assert jpeg_images.has_next_image(data, library) is found
