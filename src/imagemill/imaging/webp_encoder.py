"""Encode an animated WebP frame by frame, with the encoder in Pillow."""

from PIL import Image, _webp

from imagemill.dataclass import dataclass
from imagemill.imaging.encode import webp_method
from imagemill.imaging.formats import webp
from imagemill.imaging.output_tags import OutputTags

# Least and most frames between key frames, as in gif2webp of libwebp.
_KEY_FRAMES = (3, 5)
# Largest duration of a frame, ms (24 bits), and play count (16 bits).
_MAX_MS = (1 << 24) - 1
_MAX_PLAYS = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """Quality of the frames, 1 to 100, and effort, 0 to 6 or None for the default."""

    quality: int
    effort: int | None


class WebpEncoder:
    """Encodes frames of one size; libwebp keeps a few, and the encoded bytes of the others."""

    def __init__(
        self, size: tuple[int, int], plays: int, settings: Settings, tags: OutputTags, mode: str
    ) -> None:
        self._tags = tags
        self._mode = mode
        self._settings = settings
        self._shown_ms = 0
        self._encoder = _webp.WebPAnimEncoder(
            size,
            0,  # background: transparent
            min(plays, _MAX_PLAYS),
            False,  # noqa: FBT003 - minimize_size
            *_KEY_FRAMES,
            False,  # noqa: FBT003 - allow_mixed
            False,  # noqa: FBT003 - verbose
        )

    def add(self, pixels: Image.Image, duration_ms: int) -> None:
        """Add the next frame: L, LA, RGB or RGBA."""
        self._put(pixels.convert(self._mode), webp_method(self._settings.effort))
        self._shown_ms += min(max(duration_ms, 0), _MAX_MS)

    def finish(self, most_bytes: int | None = None) -> bytes:  # noqa: ARG002 - assembled once
        """Return the file."""
        self._put(None, 0)
        options = self._tags.options("webp", is_grey=False)
        exif = self._tags.exif
        data = self._encoder.assemble(options.get("icc_profile") or b"", exif, b"")
        return webp.declare_alpha(data) if self._mode == "RGBA" else data

    def _put(self, pixels: Image.Image | None, method: int) -> None:
        image = pixels.getim() if pixels is not None else None
        quality = self._settings.quality
        self._encoder.add(image, self._shown_ms, False, quality, 100, method)  # noqa: FBT003
