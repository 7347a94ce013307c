"""Where the planes of samples begin in memory, for C libraries that read them in place."""

import ctypes

from imagemill.imaging.fastjpeg import Samples


def plane_addresses(samples: Samples) -> tuple[int, int, int]:
    """Return the addresses of Y, Cb and Cr, valid as long as `samples.data` exists.

    Raises ValueError if the planes have another size than the image.
    """
    across, down = samples.chroma_size
    luma, chroma = samples.width * samples.height, across * down
    if len(samples.data) != luma + 2 * chroma:
        raise ValueError("planes have another size than the image")
    start = ctypes.cast(ctypes.c_char_p(samples.data), ctypes.c_void_p).value or 0
    return start, start + luma, start + luma + chroma
