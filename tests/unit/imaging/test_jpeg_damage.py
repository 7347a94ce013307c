"""A damaged JPEG gives a warning, although libjpeg decodes it without an error."""

from collections.abc import Callable

import pytest
from fakes import jpegs

from imagemill.imaging import Rendered, render
from imagemill.recipe import Recipe

pytest.importorskip("wasmtime")

SCENE = jpegs.scene(800, 600)
LARGE, SMALL = "16000", "100"
WAYS: dict[str, dict[str, object]] = {
    "4:2:0": {"subsampling": "4:2:0"},
    "4:4:4": {"subsampling": "4:4:4", "optimize": True},
    "restarts": {"restart_marker_rows": 2},
    "progressive": {"progressive": True},
    "progressive, restarts": {"progressive": True, "restart_marker_blocks": 40},
}
Change = Callable[[bytes], bytes]


def warnings_of(data: bytes, recipe: str) -> tuple[str, ...]:
    return rendered(data, recipe).warnings


def rendered(data: bytes, recipe: str) -> Rendered:
    return render(data, Recipe.parse(recipe))


def scan_of(data: bytes) -> int:
    """Return the offset of the largest scan."""
    return data.index(max(jpegs.marked(jpegs.split(data), jpegs.SOS), key=len))


def overwritten(data: bytes) -> bytes:
    """Overwrite 300 bytes in the middle of the largest scan, like a defective memory card."""
    parts = jpegs.marked(jpegs.split(data), jpegs.SOS)
    at = scan_of(data) + len(max(parts, key=len)) // 2
    return data[:at] + b"\x3c" * 300 + data[at + 300 :]


def shortened(data: bytes) -> bytes:
    at = scan_of(data) + 1_000
    return data[:at] + data[at + 4_000 :]


def with_end_in_the_middle(data: bytes) -> bytes:
    at = scan_of(data) + 3_000
    return data[:at] + jpegs.END + data[at:]


def with_a_scan_twice(data: bytes) -> bytes:
    """Repeat a thousand bytes, like a badly resumed upload."""
    at = scan_of(data) + 2_000
    return data[: at + 1_000] + data[at:]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("recipe", [LARGE, SMALL])
def test_an_intact_file_has_no_warning(way: str, recipe: str) -> None:
    for image in (SCENE, SCENE.convert("L"), SCENE.convert("CMYK")):
        assert warnings_of(jpegs.save(image, **WAYS[way]), recipe) == ()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "change", [overwritten, shortened, with_end_in_the_middle, with_a_scan_twice]
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_damage_in_the_coded_data_gives_a_warning(way: str, change: Change, mode: str) -> None:
    data = jpegs.save(SCENE.convert(mode), quality=90, **WAYS[way])

    found = rendered(change(data), LARGE)

    assert found.warnings == ("truncated",)
    assert (found.renditions[0].width, found.renditions[0].height) == (800, 600)


@pytest.mark.parametrize("way", ["4:2:0", "4:4:4", "restarts"])
def test_damage_gives_a_warning_for_a_small_rendition_too(way: str) -> None:
    found = rendered(overwritten(jpegs.save(SCENE, **WAYS[way])), SMALL)

    assert (found.sandbox, found.warnings) == ("damaged", ("truncated",))


def test_damage_in_an_unused_scan_gives_no_warning() -> None:
    parts = jpegs.split(jpegs.save(SCENE, progressive=True))
    last = max(index for index, part in enumerate(parts) if part[1] == jpegs.SOS)
    parts[last] = parts[last][:500] + b"\x3c" * 300 + parts[last][800:]

    found = rendered(b"".join(parts), SMALL)

    assert (found.sandbox, found.warnings) == ("drawn", ())


@pytest.mark.parametrize("recipe", [LARGE, SMALL])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\xff\xd1", b"\xff\xd4"),
        lambda data: data.replace(b"\xff\xd1", b""),
        lambda data: data.replace(b"\xff\xd1", b"\xff\xd1\xff\xd2"),
    ],
    ids=["wrong", "missing", "too many"],
)
def test_restart_markers_out_of_order_give_a_warning(change: Change, recipe: str) -> None:
    data = jpegs.save(SCENE, restart_marker_rows=2)

    assert warnings_of(change(data), recipe) == ("truncated",)


def test_a_frame_height_that_does_not_match_its_data_gives_a_warning() -> None:
    data = jpegs.save(SCENE)
    size = bytes((2, 88, 3, 32))
    low, high = (data.replace(size, bytes((rows, 88, 3, 32)), 1) for rows in (1, 3))

    assert warnings_of(low, LARGE) == warnings_of(high, LARGE) == ("truncated",)


@pytest.mark.parametrize("recipe", [LARGE, SMALL])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + bytes(5_000),
        lambda data: data.removesuffix(jpegs.END) + bytes(8) + jpegs.END,
        lambda data: data.removesuffix(jpegs.END) + b"\xff" * 8 + jpegs.END,
        lambda data: data.removesuffix(jpegs.END) + b"\xff\xd3" + jpegs.END,
        lambda data: data[:20] + bytes(40) + data[20:],
    ],
    ids=["after the end", "padding", "fill", "last restart", "between segments"],
)
def test_bytes_outside_the_image_are_not_damage(change: Change, recipe: str) -> None:
    assert warnings_of(change(jpegs.save(SCENE)), recipe) == ()


@pytest.mark.parametrize("factors", [b"\x31\x11\x11", b"\x13\x11\x11", b"\x11\x22\x11"])
def test_unusual_sampling_is_checked_as_well(factors: bytes) -> None:
    greys = SCENE.resize((240, 240)).convert("YCbCr").split()
    across, down = max(f >> 4 for f in factors), max(f & 15 for f in factors)
    planes = tuple(
        plane.resize((240 * (f >> 4) // across, 240 * (f & 15) // down))
        for plane, f in zip(greys, factors, strict=True)
    )
    data = bytearray(jpegs.interleaved_by_none(planes))
    frame = data.index(b"\xff\xc0") + 5
    data[frame : frame + 4] = bytes((0, 240, 0, 240))
    for index, factor in enumerate(factors):
        data[frame + 6 + 3 * index] = factor
    at = data.rindex(b"\xff\xda") + 500

    assert warnings_of(bytes(data), LARGE) == ()
    assert warnings_of(bytes(data[:at] + b"\x3c" * 300 + data[at + 300 :]), LARGE) == ("truncated",)
