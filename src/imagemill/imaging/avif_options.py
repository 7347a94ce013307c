"""The settings of the AVIF encoders, libaom and SVT-AV1, by effort and quality.

A quality looks the same whichever encoder makes the file: means of SSIMULACRA 2 of twelve photos at
500 px, for the scale of libaom without tuning.
"""

from functools import cache
from itertools import pairwise

from PIL import _avif

from imagemill.imaging.libavif import Coding

# libaom's speed without an effort, and by effort: 10 is no faster than 9, and 5 takes four times
# the time of 6 for 5% of the bytes.
_SPEED, _SPEEDS = 9, (9, 9, 8, 7, 6, 6, 5)
# Presets of SVT-AV1 without an effort, and by effort as far as it saves time: 8 has 10% fewer bytes
# than libaom's speed 9, and 6 has 9% fewer than its speed 8 in the same time.
_PRESET, _PRESETS = 8, (9, 9, 7, 6)
# The same for 10 bits, which only SVT-AV1 encodes.
_DEEP_PRESETS = (*_PRESETS, 5, 5, 4)
# Pixels below which libaom encodes at the fastest efforts: SVT-AV1 takes 2 ms for its threads.
_SVT_PIXELS, _SLOW_EFFORT = 40_000, 2
# Without trellis quantisation libaom saves a sixth of its time for 1% more bytes.
_SHORTCUTS = {"disable-trellis-quant": "1"}
# Options for the colour of a still image: 2% fewer bytes at the same SSIMULACRA 2. Then the first
# version of libaom that is known to have them, and a quality that does not allow them: lossless.
_TUNING = {"color:tune": "ssimulacra2", "color:deltaq-strength": "60"}
_TUNED_FROM, _LOSSLESS = (3, 14), 100
# The tuning of SVT-AV1 for still images, and the first version that has it.
_SVT_TUNING, _SVT_FROM = {"tune": "4"}, (4,)
# Least and largest width and height of SVT-AV1, px.
_SVT_WIDTHS, _SVT_HEIGHTS = (4, 16_384), (4, 8_704)
_Curve = tuple[tuple[int, float], ...]
# Qualities that look the same without and with these options.
_TUNED_QUALITIES: _Curve = (
    *((1, 1), (10, 9), (20, 18), (30, 26), (50, 46), (62, 57)),
    *((65, 60), (70, 67), (80, 78), (90, 88), (99, 98)),
)
# The same for samples that keep their luminance.
_QUALITIES_OF_SAMPLES: _Curve = (
    *((1, 1), (10, 9), (20, 17.7), (30, 25.5), (40, 35.5), (50, 45), (56, 51)),
    *((62, 55), (70, 63.5), (80, 73.5), (90, 81.6), (99, 90)),
)
# The rate factors of SVT-AV1 for such samples.
_RATE_FACTORS: _Curve = (
    *((1, 63), (10, 59.25), (20, 55.25), (30, 50.75), (40, 44), (50, 38.25), (56, 34)),
    *((62, 31.25), (70, 25.75), (80, 18.75), (90, 12.75), (99, 7.75)),
)
_STEPS_OF_FACTOR = 4


def speed(effort: int | None) -> int:
    """Return libaom's speed for an effort of 0 to 6, or for none."""
    return _SPEED if effort is None else _SPEEDS[effort]


def frame_options(version: tuple[int, ...]) -> dict[str, str]:
    """Return options for the frames of an animation; `version` is that of libaom, () without it."""
    return _SHORTCUTS if version else {}


def still_options(quality: int, version: tuple[int, ...]) -> tuple[int, dict[str, str]]:
    """Return the encoder's quality for a still image of ours, and options that go with it.

    `version` is that of libaom, () without it.
    """
    if quality == _LOSSLESS or version < _TUNED_FROM:
        return quality, frame_options(version)
    return round(_at(_TUNED_QUALITIES, quality)), _SHORTCUTS | _TUNING


def coding_of_samples(
    quality: int, effort: int | None, size: tuple[int, int], codecs: str
) -> Coding | None:
    """Return the coding of samples that keep their luminance, by the better encoder for the effort.

    `codecs` are those of libavif. None if the encoders are too old, or for the highest quality.
    """
    if quality == _LOSSLESS:
        return None
    preset = _preset(effort, size)
    if preset is not None and version_in(codecs, "svt") >= _SVT_FROM and _fits(size):
        return Coding("svt", preset, quality, _SVT_TUNING | {"crf": _rate_factor(quality)})
    if version_in(codecs, "aom") < _TUNED_FROM:
        return None
    own = round(_at(_QUALITIES_OF_SAMPLES, quality))
    return Coding("aom", speed(effort), own, _SHORTCUTS | _TUNING)


def coding_of_jpeg(quality: int, effort: int | None, codecs: str) -> Coding | None:
    """Return the coding of samples that a JPEG has; None as for `coding_of_samples`."""
    version = version_in(codecs)
    if quality == _LOSSLESS or version < _TUNED_FROM:
        return None
    own, options = still_options(quality, version)
    return Coding("aom", speed(effort), own, options)


def coding_of_deep(quality: int, effort: int | None, size: tuple[int, int]) -> Coding | None:
    """Return the coding of pixels with 10 bits; None for a size that SVT-AV1 does not take."""
    if not _fits(size):
        return None
    preset = _PRESET if effort is None else _DEEP_PRESETS[effort]
    return Coding("svt", preset, quality, _SVT_TUNING | {"crf": _rate_factor(quality)})


@cache
def libaom_version() -> tuple[int, ...]:
    """Return the numbers of libaom's version; () if Pillow has another encoder."""
    is_available = _avif.encoder_codec_available("aom")
    return version_in(_avif.codec_versions()) if is_available else ()


def version_in(codecs: str, name: str = "aom") -> tuple[int, ...]:
    """Return the version of an encoder in the text of libavif, such as "aom [enc]:3.14.1"."""
    version = codecs.partition(f"{name} [enc]:")[2].partition(",")[0].partition("-")[0]
    return tuple(int(part) for part in version.lstrip("v").split(".") if part.isdigit())


def _preset(effort: int | None, size: tuple[int, int]) -> int | None:
    """Return SVT-AV1's preset; None if libaom has fewer bytes at the effort, or half the time."""
    if (effort or 0) < _SLOW_EFFORT and size[0] * size[1] < _SVT_PIXELS:
        return None
    if effort is None:
        return _PRESET
    return _PRESETS[effort] if effort < len(_PRESETS) else None


def _fits(size: tuple[int, int]) -> bool:
    (least_width, most_width), (least_height, most_height) = _SVT_WIDTHS, _SVT_HEIGHTS
    return least_width <= size[0] <= most_width and least_height <= size[1] <= most_height


def _rate_factor(quality: int) -> str:
    """Return a rate factor in quarters."""
    return str(round(_STEPS_OF_FACTOR * _at(_RATE_FACTORS, quality)) / _STEPS_OF_FACTOR)


def _at(curve: _Curve, quality: int) -> float:
    """Return the value of a curve, straight between its points."""
    for (low, from_), (high, to) in pairwise(curve):
        if quality <= high:
            return from_ + (to - from_) * (quality - low) / (high - low)
    return to
