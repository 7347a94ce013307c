"""May this image be decoded? Decided from header facts, before a pixel is."""

from dataclasses import dataclass

from imagemill.errors import OverBudget, TooManyBytes, TooManyPixels
from imagemill.imaging.facts import Facts
from imagemill.imaging.sniff import Kind

_MIB = 1 << 20
# By estimate: with the process itself an animation stays within 512 MB.
_MAX_ANIMATION_BYTES = 400 * _MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one image may ask for.

    The memory is what a Lambda function of one whole core has for it; a function goes by its own.
    """

    max_bytes: int = 100 * _MIB
    max_pixels: int = 200_000_000
    """Of one frame. The largest cameras of phones, 16320 × 12240, stay below it."""
    max_whole_pixels: int = 100_000_000
    """Of one frame of any format but JPEG: their decoders hold the whole image in memory."""
    max_side: int = 100_000
    """Longest side, px."""
    max_frames: int = 2_000
    """Of an animation; beyond it only the first frame is shown."""
    max_animation_pixels: int = 100_000_000
    """Of all frames together; beyond it only the first frame is shown."""
    max_memory_bytes: int = 1_200 * _MIB
    """Peak over what the process had before."""
    max_cpu_s: float = 6.4
    """CPU time by estimate, on a core as fast as the one measured. It is what ResizeImageFunction
    of the default size is granted for one image: `workflows.room.cpu_limit_s`."""


DEFAULT_LIMITS = Limits()


def check_bytes(size: int, limits: Limits) -> None:
    """Raise TooManyBytes when a file of `size` bytes is over the limit."""
    if size > limits.max_bytes:
        raise TooManyBytes(f"expected at most {limits.max_bytes:,} bytes, got {size:,}")


def check_size(width: int, height: int, limits: Limits, kind: Kind) -> None:
    """Raise TooManyPixels when an image of `width` × `height` px is over the limits of its kind."""
    most = limits.max_pixels
    if kind != "jpeg":  # whose decoder can give an eighth of each side, row by row
        most = min(most, limits.max_whole_pixels)
    if width * height > most:
        raise TooManyPixels(f"expected at most {most:,} pixels, got {width} × {height}")
    if max(width, height) > limits.max_side:
        raise TooManyPixels(
            f"expected sides of at most {limits.max_side:,} px, got {width} × {height}"
        )


def check_memory(estimated_bytes: int, limits: Limits) -> None:
    """Raise OverBudget when decoding is estimated to need more than the limit."""
    if estimated_bytes > limits.max_memory_bytes:
        raise OverBudget(
            f"expected to need at most {limits.max_memory_bytes // _MIB:,} MiB, "
            f"estimated {estimated_bytes // _MIB:,} MiB"
        )


def check_cpu(estimated_s: float, limits: Limits) -> None:
    """Raise OverBudget when rendering is estimated to take more CPU time than the limit."""
    if estimated_s > limits.max_cpu_s:
        raise OverBudget(
            f"expected to take at most {limits.max_cpu_s:.1f} s of CPU time, "
            f"estimated {estimated_s:.1f} s"
        )


def may_animate(facts: Facts, limits: Limits) -> bool:
    """Whether there are few enough frames, and pixels in them, to be shown one after the other."""
    pixels = facts.frames * facts.width * facts.height
    return facts.frames <= limits.max_frames and pixels <= limits.max_animation_pixels


def fits_animated(estimated_bytes: int, estimated_s: float, limits: Limits) -> bool:
    """Whether all frames can be rendered within the limits; if not, the first may be."""
    most_bytes = min(limits.max_memory_bytes, _MAX_ANIMATION_BYTES)
    return estimated_bytes <= most_bytes and estimated_s <= limits.max_cpu_s
