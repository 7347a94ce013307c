"""The settings of the AVIF encoder, libaom, in Pillow: by effort, and tuned for SSIMULACRA 2."""

from functools import cache
from itertools import pairwise

from PIL import _avif

# libaom's speed without an effort, and by effort: 10 is no faster than 9, and 5 takes four times
# the time of 6 for 5% of the bytes.
_SPEED, _SPEEDS = 9, (9, 9, 8, 7, 6, 6, 5)
# Without trellis quantisation libaom saves a sixth of its time for 1% more bytes.
_SHORTCUTS = {"disable-trellis-quant": "1"}
# Options for the colour of a still image: 2% fewer bytes at the same SSIMULACRA 2. Then the first
# version of libaom that is known to have them, and a quality that does not allow them: lossless.
_TUNING = {"color:tune": "ssimulacra2", "color:deltaq-strength": "60"}
_TUNED_FROM, _LOSSLESS = (3, 14), 100
# Qualities that look the same without and with these options: means of twelve photos at 500 px.
_TUNED_QUALITIES = (
    *((1, 1), (10, 9), (20, 18), (30, 26), (50, 46), (62, 57)),
    *((65, 60), (70, 67), (80, 78), (90, 88), (99, 98)),
)


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
    return _tuned(quality), _SHORTCUTS | _TUNING


@cache
def libaom_version() -> tuple[int, ...]:
    """Return the numbers of libaom's version; () if Pillow has another encoder."""
    is_available = _avif.encoder_codec_available("aom")
    return version_in(_avif.codec_versions()) if is_available else ()


def version_in(codecs: str) -> tuple[int, ...]:
    """Return the version of libaom in the text of libavif, such as "aom [enc]:3.14.1"."""
    name = codecs.partition("aom [enc]:")[2].partition(",")[0].partition("-")[0]
    return tuple(int(part) for part in name.lstrip("v").split(".") if part.isdigit())


def _tuned(quality: int) -> int:
    for (low, from_), (high, to) in pairwise(_TUNED_QUALITIES):
        if quality <= high:
            return round(from_ + (to - from_) * (quality - low) / (high - low))
    return quality
