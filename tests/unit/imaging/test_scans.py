from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from imagemill.imaging import Rendered, render
from imagemill.imaging.formats.jpeg import segments
from imagemill.imaging.formats.jpeg_scans import without_fine_scans
from imagemill.recipe import Recipe

SCAN, FRAME, TABLES, STEPS = 0xDA, 0xC2, 0xC4, 0xDB

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
Draw = Callable[[int, int], Image.Image]
Scene = Callable[..., bytes]


@pytest.fixture
def scene(noise: Draw, save: Save) -> Scene:
    """A progressive file of something that has both shapes and grain, as photos have."""

    def draw(mode: str = "RGB", **options: object) -> bytes:
        shapes = noise(80, 60).filter(ImageFilter.GaussianBlur(2)).resize((800, 600))
        image = Image.blend(shapes, noise(800, 600), 0.1).convert(mode)
        return save(image, "JPEG", **{"quality": 88, "progressive": True, **options})

    return draw


def decoded(data: bytes, reduction: int) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.draft(None, (image.width // reduction, image.height // reduction))
    return image.convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def scans(data: bytes) -> list[bytes]:
    return [segment for marker, segment in segments(data) if marker == SCAN]


def changed(data: bytes, marker: int, at: int, value: int, which: int = -1) -> bytes:
    """Return the file with one byte of one segment of its kind changed."""
    segment = [found for kind, found in segments(data) if kind == marker][which]
    start = data.index(segment) + at
    return data[:start] + bytes([value]) + data[start + 1 :]


def inserted(data: bytes, segment: bytes) -> bytes:
    """Return the file with one more segment before its last scan."""
    start = data.index(scans(data)[-1])
    return data[:start] + segment + data[start:]


@pytest.mark.parametrize("reduction", [4, 8])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"subsampling": "4:4:4"},
        {"restart_marker_rows": 1},
        {"mode": "L"},
        {"quality": 30},
        {"quality": 97},
    ],
)
def test_what_is_left_out_is_not_seen(
    options: dict[str, object], reduction: int, scene: Scene
) -> None:
    data = scene(**options)

    shorter = without_fine_scans(data)

    assert shorter is not None
    assert len(shorter) < len(data)
    assert difference(decoded(shorter, reduction), decoded(data, reduction)) < 2


@pytest.mark.parametrize(("quality", "refined"), [(95, 0), (50, 3), (20, 4)])
def test_the_coarser_the_steps_the_more_bits_are_kept(
    quality: int, refined: int, scene: Scene
) -> None:
    shorter = without_fine_scans(scene(quality=quality)) or b""

    assert len([scan for scan in scans(shorter) if scan[4] == 1 and scan[9] >> 4]) == refined


def test_an_image_that_shrinks_little_is_shown_by_all_scans(
    scene: Scene, render_all: Render
) -> None:
    data = scene()
    whole = decoded(data, 2)

    rendition = render_all(data, "200:png").renditions[0]

    expected = whole.resize((200, 150), Image.Resampling.LANCZOS)
    assert difference(Image.open(BytesIO(rendition.data)), expected) == 0


def test_a_small_image_of_a_large_one_is_shown_by_few_scans(scene: Scene) -> None:
    data = scene()
    few = without_fine_scans(data) or b""

    rendition = render(data, Recipe.parse("100:png"), sandboxed=False).renditions[0]

    expected = decoded(few, 4).resize((100, 75), Image.Resampling.LANCZOS)
    assert difference(Image.open(BytesIO(rendition.data)), expected) == 0


@pytest.mark.parametrize("tenths", range(1, 10))
def test_a_progressive_file_cut_short_is_shown_whole_and_said_to_be_cut(
    tenths: int, scene: Scene, render_all: Render
) -> None:
    cut = scene()
    cut = cut[: max(len(cut) * tenths // 10, cut.index(scans(cut)[1]))]

    assert without_fine_scans(cut) is None
    assert render_all(cut, "100").warnings == ("truncated",)


def test_a_file_without_its_end_is_left_alone(scene: Scene) -> None:
    assert without_fine_scans(scene()[:-2]) is None


def test_bytes_after_the_end_do_not_matter(scene: Scene) -> None:
    data = scene()

    assert without_fine_scans(data + b"\xff\xd8junk") == without_fine_scans(data)


def test_a_file_with_nothing_to_leave_out_is_left_alone(scene: Scene) -> None:
    shorter = without_fine_scans(scene(quality=95)) or b""

    assert without_fine_scans(shorter) is None


@pytest.mark.parametrize("options", [{"progressive": False}, {"mode": "CMYK"}])
def test_other_kinds_of_files_are_left_alone(options: dict[str, object], scene: Scene) -> None:
    assert without_fine_scans(scene(**options)) is None


@pytest.mark.parametrize(
    ("marker", "at", "value", "which"),
    [
        pytest.param(FRAME, 1, 0xCA, 0, id="coded arithmetically"),
        pytest.param(FRAME, 9, 4, 0, id="four components"),
        pytest.param(FRAME, 13, 1, 0, id="one component twice"),
        pytest.param(STEPS, 4, 0x10, 0, id="steps of sixteen bits"),
        pytest.param(STEPS, 4, 3, 0, id="steps that nobody defined"),
        pytest.param(SCAN, 4, 9, -1, id="a scan of nine components"),
        pytest.param(SCAN, 5, 77, -1, id="a scan of an unknown component"),
        pytest.param(SCAN, 6, 3, -1, id="a scan by an unknown table"),
        pytest.param(SCAN, 7, 0, -1, id="mean and terms in one scan"),
        pytest.param(SCAN, 8, 64, -1, id="more terms than there are"),
        pytest.param(SCAN, 9, 0x31, -1, id="bits left out"),
        pytest.param(TABLES, 5, 3, -1, id="a table of more codes than fit"),
        pytest.param(TABLES, 1, 0xCC, -1, id="a table for arithmetic coding"),
        pytest.param(TABLES, 1, 0xDC, -1, id="a height that comes late"),
    ],
)
def test_a_file_that_leaves_a_doubt_is_left_alone(
    marker: int, at: int, value: int, which: int, scene: Scene
) -> None:
    data = scene()

    assert without_fine_scans(data) is not None
    assert without_fine_scans(changed(data, marker, at, value, which)) is None


def test_steps_that_change_on_the_way_leave_a_doubt(scene: Scene) -> None:
    data = scene()
    steps = next(segment for marker, segment in segments(data) if marker == STEPS)

    assert without_fine_scans(inserted(data, steps)) is None


def test_a_second_frame_leaves_a_doubt(scene: Scene) -> None:
    data = scene()
    frame = next(segment for marker, segment in segments(data) if marker == FRAME)

    assert without_fine_scans(inserted(data, frame)) is None


def test_a_comment_between_scans_leaves_none(scene: Scene) -> None:
    assert without_fine_scans(inserted(scene(), b"\xff\xfe\0\4hi")) is not None


def test_an_image_without_the_mean_of_a_component_is_left_alone(scene: Scene) -> None:
    data = scene()
    mean = scans(data)[0]

    assert without_fine_scans(data.replace(mean, b"")) is None
