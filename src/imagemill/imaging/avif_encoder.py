"""Encode an AVIF image sequence frame by frame, with the encoder in Pillow."""

from PIL import Image, _avif

from imagemill.imaging import avif_options
from imagemill.imaging.formats import avif, avif_sequence
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.vector_registers import release_vector_registers
from imagemill.imaging.webp_encoder import Settings

# Slowest speed of libaom for frames. From 7 on it encodes in one pass without looking ahead; speed
# 6 takes 12 times the time and keeps dozens of frames in memory.
_SLOWEST = 7
_MAX_PLAYS = 65_535


class AvifEncoder:
    """Encodes frames of one size; libaom keeps a few, and libavif the encoded bytes of the others.

    `plays` is how often the sequence is played, 0 for forever.
    """

    def __init__(
        self, size: tuple[int, int], plays: int, settings: Settings, tags: OutputTags, mode: str
    ) -> None:
        self._mode = mode
        self._plays = min(plays, _MAX_PLAYS)
        self._codes = tags.codes
        options = avif_options.frame_options(avif_options.libaom_version())
        self._encoder = _avif.AvifEncoder(
            size,
            "4:2:0",
            settings.quality,
            max(avif_options.speed(settings.effort), _SLOWEST),
            1,  # threads
            "auto",
            "full",
            0,  # tile rows
            0,  # tile columns
            False,  # noqa: FBT003 - alpha_premultiplied
            True,  # noqa: FBT003 - autotiling
            b"",  # profile: the codes say sRGB
            tags.exif,
            1,  # orientation
            b"",
            tuple(options.items()),
        )

    def add(self, pixels: Image.Image, duration_ms: int) -> None:
        """Add the next frame: L, LA, RGB or RGBA."""
        frame = pixels.convert(self._mode)
        is_single = False
        data = frame.tobytes("raw", self._mode)
        self._encoder.add(data, max(duration_ms, 1), frame.size, self._mode, is_single)
        release_vector_registers()

    def finish(self, most_bytes: int | None = None) -> bytes:  # noqa: ARG002 - it has no tag
        """Return the file; the same frames give the same bytes."""
        data = avif_sequence.finished(self._encoder.finish(), self._plays)
        release_vector_registers()
        return avif.with_codes(data, self._codes) if self._codes else data
