import struct
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

Save = Callable[..., bytes]
MEASURE = """
import re, sys
from pathlib import Path
from imagemill.imaging import Limits, render
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.imaging.probing import open_probed
from imagemill.recipe import Recipe

recipe = Recipe.parse(sys.argv[3])
small, large = (Path(name).read_bytes() for name in sys.argv[1:3])
render(small, recipe)
status = Path("/proc/self/status")
Path("/proc/self/clear_refs").write_text("5")
before = int(re.search(r"VmRSS:\\s+(\\d+)", status.read_text())[1])
render(large, recipe)
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) - before
probed = open_probed(large, Limits())
plans = make_plans(probed.facts, recipe)
is_png = probed.kind == "png"
print(peak * 1024, estimate_memory(probed.facts, plans, sandboxed=is_png))
"""
FILES: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 90},
    "JPEG, progressive": {"quality": 90, "progressive": True},
    "PNG": {"compress_level": 1},
    "WEBP": {"method": 0},
    "GIF": {},
    "TIFF": {},
    "BMP": {},
    "JPEG2000": {},
    "JPEG2000, not to be reduced": {"num_resolutions": 1, "irreversible": True},
    "AVIF": {"speed": 10, "quality": 40},
    "AVIF, colour in full": {"speed": 10, "quality": 40, "subsampling": "4:4:4"},
}
# Twice as large, both figures double, and the test takes twice as long.
SMALL, LARGE = (16, 16), (2000, 1500)
ICON_OF_ONE = struct.Struct("<HHHBBBBHHII")
BITMAP_HEADER = struct.Struct("<IiiHHIIiiII")


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others do not tell the peak")


@pytest.mark.parametrize("file", FILES)
def test_the_memory_used_is_at_most_110_percent_of_the_estimate(
    file: str, save: Save, tmp_path: Path
) -> None:
    kind = file.partition(",")[0]
    small, large = (save(grain(size), kind, **FILES[file]) for size in (SMALL, LARGE))

    used, estimated = measured(tmp_path, small, large)

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


@pytest.mark.parametrize("option", ["sharpen2", "gray"])
def test_a_large_image_that_is_edited_is_estimated(option: str, save: Save, tmp_path: Path) -> None:
    sizes = ((16, 16), (1600, 1200))
    small, large = (save(grain(size).convert("RGBA"), "PNG", compress_level=1) for size in sizes)

    used, estimated = measured(tmp_path, small, large, f"x=1600:jpeg:{option}")

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


def test_a_heic_photo_is_estimated(save: Save, tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    fast = {"preset": "ultrafast"}
    small, large = (
        save(grain(size), "HEIF", quality=10, enc_params=fast) for size in (SMALL, LARGE)
    )

    used, estimated = measured(tmp_path, small, large)

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


@pytest.mark.parametrize("options", [{"chroma": 422}, {"chroma": 444}, {"tile_size": 512}])
@pytest.mark.parametrize("mode", ["RGB;16", "RGBA;16"])
def test_a_heic_of_ten_bits_is_estimated(
    mode: str, options: dict[str, int], save: Save, tmp_path: Path
) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    bands = len(mode.split(";", maxsplit=1)[0])
    samples = bytes(LARGE[0] * LARGE[1] * bands * 2)
    large = BytesIO()
    # The decoder allocates the same memory for any content and any encoder preset.
    fast = {"preset": "ultrafast"}
    heif.from_bytes(mode, LARGE, samples).save(large, quality=20, enc_params=fast, **options)

    used, estimated = measured(tmp_path, save(grain(SMALL), "HEIF"), large.getvalue())

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


def test_an_icon_is_estimated_by_the_image_in_it(save: Save, tmp_path: Path) -> None:
    small, large = (
        icon(save(grain(size).convert("RGBA"), "PNG", compress_level=1)) for size in (SMALL, LARGE)
    )

    used, estimated = measured(tmp_path, small, large)

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


def test_the_largest_bitmap_that_an_icon_may_hold_is_estimated(tmp_path: Path) -> None:
    used, estimated = measured(tmp_path, icon(bitmap(SMALL)), icon(bitmap((1024, 1024))))

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


def test_a_cmyk_jpeg_is_estimated(save: Save, tmp_path: Path) -> None:
    small, large = (save(grain(size).convert("CMYK"), "JPEG") for size in (SMALL, LARGE))

    used, estimated = measured(tmp_path, small, large)

    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)


def grain(size: tuple[int, int]) -> Image.Image:
    return Image.effect_noise((300, 200), 90).convert("RGB").resize(size)


def icon(image: bytes) -> bytes:
    return ICON_OF_ONE.pack(0, 1, 1, 0, 0, 0, 0, 1, 32, len(image), ICON_OF_ONE.size) + image


def bitmap(size: tuple[int, int]) -> bytes:
    """Return a bitmap as stored in icons: no file header, twice the height, then a mask."""
    width, height = size
    pixels = grain(size).convert("RGBA").tobytes("raw", "BGRA")
    header = BITMAP_HEADER.pack(40, width, 2 * height, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return header + pixels + bytes((width + 31) // 32 * 4 * height)


def measured(folder: Path, small: bytes, large: bytes, recipe: str = "500") -> tuple[int, int]:
    """Return the peak memory of rendering the large file after the small one, and its estimate."""
    for name, data in (("small", small), ("large", large)):
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, folder / "small", folder / "large", recipe],
        check=True,
        capture_output=True,
        text=True,
    )
    used, estimated = map(int, done.stdout.split())
    return used, estimated
