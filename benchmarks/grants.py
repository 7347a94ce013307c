"""The largest image of each format that a function accepts at each memory size.

The estimate takes the facts that the function reads from a header. Here they come from a small
image in each format, with the size of a large one put in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from itertools import takewhile

from PIL import Image

from imagemill.config import DEFAULT_MAX_PIXELS
from imagemill.costs.durations import CORE_MB, duration_model
from imagemill.costs.work import Format
from imagemill.imaging import Limits, probe
from imagemill.imaging.facts import Facts
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.pipeline.concurrency import divide_memory
from imagemill.recipe import DEFAULT_RECIPE

# Memory sizes of a function that are compared, MB.
SIZES_MB = (512, 640, 768, 896, 1_024, 1_280, 1_536, 1_769, 2_048, 3_008)
# Size of the images of the largest phone cameras, MP; the default memory must accept them.
PROMISED_MEGAPIXELS = 50
# Pixel limit for JPEG, MP.
MOST_MEGAPIXELS = DEFAULT_MAX_PIXELS // 1_000_000
# Pixel limit for all other formats, MP.
MOST_MEGAPIXELS_WHOLE = Limits().max_whole_pixels // 1_000_000
_MEASURED: dict[str, Format] = {
    "JPEG": "jpeg",
    "HEIF": "heic",
    "AVIF": "avif",
    "WEBP": "webp",
    "PNG": "png",
}
_PIXELS = 1_000_000
_SMALL = (64, 48)
_RATIO = 4 / 3


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format with options; `bytes_per_pixel` is the typical file size per pixel.

    With `is_promised` the default memory size must accept `PROMISED_MEGAPIXELS` of it.
    """

    name: str
    # Pillow's name of the format.
    format: str
    bytes_per_pixel: float
    mode: str = "RGB"
    options: dict[str, object] = field(default_factory=dict)
    is_promised: bool = True


KINDS = (
    Kind("JPEG", "JPEG", 0.35),
    Kind("progressive JPEG", "JPEG", 0.35, options={"progressive": True, "subsampling": 0}),
    Kind("HEIC", "HEIF", 0.2),
    Kind("AVIF", "AVIF", 0.2),
    Kind("WebP", "WEBP", 0.2),
    Kind("lossless WebP", "WEBP", 1.2, options={"lossless": True}),
    Kind("WebP with alpha", "WEBP", 0.2, mode="RGBA", is_promised=False),
    Kind("PNG", "PNG", 2),
    Kind("PNG with alpha", "PNG", 2, mode="RGBA"),
    # Decoded to 8 bits: only the file is larger than that of a PNG of 8 bits.
    Kind("PNG of 16 bits", "PNG", 6, is_promised=False),
    Kind("TIFF, unpacked", "TIFF", 3, is_promised=False),
    Kind("GIF", "GIF", 0.7, mode="P", is_promised=False),
)
PROMISED = tuple(kind for kind in KINDS if kind.is_promised)


def is_granted(kind: Kind, megapixels: int, memory_mb: int) -> bool:
    """Return whether a function of this memory size accepts an image of this kind and size."""
    facts = _enlarged(_small(kind.name), kind, megapixels)
    plans = make_plans(facts, DEFAULT_RECIPE)
    # The sandbox decodes large JPEGs: their renditions are much smaller than the image.
    is_sandboxed = kind.format == "JPEG"
    return (
        estimate_memory(facts, plans, sandboxed=is_sandboxed)
        <= divide_memory(memory_mb).render_bytes
    )


def largest(kind: Kind, memory_mb: int) -> int:
    """Return the size of the largest accepted image in MP, at most the pixel limit."""
    most = MOST_MEGAPIXELS if kind.format == "JPEG" else MOST_MEGAPIXELS_WHOLE
    sizes = range(1, most + 1)
    return max(takewhile(lambda size: is_granted(kind, size, memory_mb), sizes), default=0)


def least(kinds: Iterable[Kind], megapixels: int = PROMISED_MEGAPIXELS) -> int:
    """Return the smallest memory size in MB that accepts an image of each kind."""
    wanted = tuple(kinds)
    return next(
        size for size in SIZES_MB if all(is_granted(kind, megapixels, size) for kind in wanted)
    )


def slowest(memory_mb: int) -> tuple[Kind, int, float]:
    """Return the slowest of the largest promised images: its kind, its MP and its seconds.

    The seconds follow the model of costs/durations.json, with the default recipe.
    """
    share = min(1.0, memory_mb / CORE_MB)
    found = [(kind, largest(kind, memory_mb)) for kind in PROMISED]
    took = [(kind, most, _work_ms(kind, most) / share / 1000) for kind, most in found]
    return max(took, key=lambda each: each[2])


def _work_ms(kind: Kind, megapixels: float) -> float:
    return duration_model().work_ms(megapixels, _MEASURED[kind.format], DEFAULT_RECIPE)


def _enlarged(facts: Facts, kind: Kind, megapixels: int) -> Facts:
    width = round((megapixels * _PIXELS * _RATIO) ** 0.5)
    height = megapixels * _PIXELS // width
    size = round(kind.bytes_per_pixel * width * height)
    return replace(facts, width=width, height=height, bytes=size)


@cache
def _small(name: str) -> Facts:
    kind = next(each for each in KINDS if each.name == name)
    if kind.format == "HEIF":
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra

        register_heif_opener()
    file = BytesIO()
    image = Image.linear_gradient("L").resize(_SMALL).convert("RGB")
    if kind.mode == "RGBA":
        image.putalpha(Image.radial_gradient("L").resize(_SMALL))
    image = image.quantize() if kind.mode == "P" else image
    image.save(file, kind.format, **kind.options)
    return probe(file.getvalue())
