"""Limits on images, checked against facts from the header before any pixel is decoded."""

from imagemill.dataclass import dataclass
from imagemill.errors import OverBudget, TooManyBytes, TooManyPixels
from imagemill.imaging.facts import Facts
from imagemill.imaging.sniff import Kind, check_beginning

_MIB = 1 << 20
# Bytes by estimate: with the process itself an animation then stays within 512 MB.
_MAX_ANIMATION_BYTES = 400 * _MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits for one image.

    The default memory is the share of a Lambda function with one whole core; a deployed function
    uses its own.
    """

    max_bytes: int = 100 * _MIB
    max_pixels: int = 200_000_000
    """Pixels of one frame. The largest phone cameras, 16320 × 12240, are below it."""
    max_whole_pixels: int = 100_000_000
    """Pixels of one frame of any format but JPEG: their decoders hold the whole image in memory."""
    max_side: int = 100_000
    """Longest side, px."""
    max_frames: int = 2_000
    """Frames of an animation that are shown; of a longer one, frames are left out."""
    max_animation_pixels: int = 500_000_000
    """Pixels of all frames that are shown; of a larger animation, frames are left out."""
    max_memory_bytes: int = 1_200 * _MIB
    """Peak above the memory that the process had before."""
    max_cpu_s: float = 6.4
    """Estimated CPU time on a core as fast as the measured one. It equals the CPU time of one image
    in ResizeImageFunction at its default size: `pipeline.concurrency.cpu_limit_s`."""
    camera_raw: bool = False
    """Camera raw files are shown by the preview inside them, instead of refused."""

    def check_beginning(self, head: bytes) -> None:
        """Raise an ImageRejected if a file with these first bytes cannot be an image."""
        check_beginning(head, camera_raw=self.camera_raw)


DEFAULT_LIMITS = Limits()


def check_bytes(size: int, limits: Limits) -> None:
    """Raise TooManyBytes if a file of `size` bytes exceeds the limit."""
    if size > limits.max_bytes:
        raise TooManyBytes(f"expected at most {limits.max_bytes:,} bytes, got {size:,}")


def check_size(width: int, height: int, limits: Limits, kind: Kind) -> None:
    """Raise TooManyPixels if an image of `width` × `height` px exceeds the limits of its kind."""
    most = limits.max_pixels
    # A JPEG decoder can produce an eighth of each side, row by row.
    if kind != "jpeg":
        most = min(most, limits.max_whole_pixels)
    if width * height > most:
        raise TooManyPixels(f"expected at most {most:,} pixels, got {width} × {height}")
    if max(width, height) > limits.max_side:
        raise TooManyPixels(
            f"expected sides of at most {limits.max_side:,} px, got {width} × {height}"
        )


def check_memory(estimated_bytes: int, limits: Limits) -> None:
    """Raise OverBudget if decoding is estimated to need more than the limit."""
    if estimated_bytes > limits.max_memory_bytes:
        raise OverBudget(
            f"expected to need at most {limits.max_memory_bytes // _MIB:,} MiB, "
            f"estimated {estimated_bytes // _MIB:,} MiB"
        )


def check_cpu(estimated_s: float, limits: Limits) -> None:
    """Raise OverBudget if rendering is estimated to take more CPU time than the limit."""
    if estimated_s > limits.max_cpu_s:
        raise OverBudget(
            f"expected to take at most {limits.max_cpu_s:.1f} s of CPU time, "
            f"estimated {estimated_s:.1f} s"
        )


def most_frames(facts: Facts, limits: Limits) -> int:
    """Return how many frames of an animation may be shown by the limits on frames and pixels."""
    most = limits.max_animation_pixels // max(1, facts.width * facts.height)
    return min(facts.frames, limits.max_frames, most)


def fits_animated(estimated_bytes: int, estimated_s: float, limits: Limits) -> bool:
    """Return True if an animation can be rendered within the limits on memory and time."""
    most_bytes = min(limits.max_memory_bytes, _MAX_ANIMATION_BYTES)
    return estimated_bytes <= most_bytes and estimated_s <= limits.max_cpu_s
