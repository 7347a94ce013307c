"""Iterate over the frames of an animation, composed as Chromium composes them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging import apng
from imagemill.imaging.formats import gif_frames

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from imagemill.imaging.decode_and_resize import Decoded
    from imagemill.imaging.fit_bytes import Copy
    from imagemill.imaging.output_tags import OutputTags
    from imagemill.imaging.probing import Probed

# Frames of 10 ms or less are shown for 100 ms, as in every browser.
_TOO_SHORT_MS, _USUAL_MS = 10, 100


@dataclass(frozen=True, slots=True)
class Frame:
    """Pixels composed with the frames before, and how long they are shown."""

    pixels: Image.Image
    duration_ms: int
    is_damaged: bool = False
    """Part of the frame is missing."""


@dataclass(frozen=True, slots=True)
class Animations:
    """Encoded animations in the order of the plans; None for plans with a still image."""

    files: tuple[bytes | None, ...]
    is_damaged: bool = False
    """Frames, or parts of frames, are missing."""


@dataclass(frozen=True, slots=True)
class Animating:
    """An original and everything needed to encode its animation."""

    data: bytes
    probed: "Probed"
    drawn: "Decoded"
    tags: "OutputTags"
    copy: "Copy | None"
    sandboxed: bool
    """Frames may be resized in the sandbox."""


def frames(data: bytes, probed: "Probed") -> Iterator[Frame]:
    """Yield the frames of an animation; frames that cannot be decoded are left out.

    Use each frame before asking for the next one: both are drawn on the same pixels.
    """
    if isinstance(probed.image, gif_frames.GifImage):
        return _gif_frames(data, probed.image)
    if probed.animation is not None:
        return _apng_frames(probed.animation)
    return _decoded_frames(probed.image, probed.facts.frames)


def _gif_frames(data: bytes, image: "gif_frames.GifImage") -> Iterator[Frame]:
    for pixels, frame, is_damaged in gif_frames.compose(data, image.structure):
        yield Frame(pixels, _shown_ms(frame.duration_ms), is_damaged)


def _apng_frames(animation: apng.Apng) -> Iterator[Frame]:
    for pixels, frame in apng.compose(animation):
        yield Frame(pixels, _shown_ms(frame.duration_ms))


def _decoded_frames(image: "ImageFile", count: int) -> Iterator[Frame]:
    """Yield frames that the decoder composes; stop at the first damaged one."""
    for index in range(count):
        try:
            image.seek(index)
            image.load()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - frames before the damage are kept
            return
        yield Frame(image, _shown_ms(round(cast("float", image.info.get("duration") or 0))))


def _shown_ms(duration_ms: int) -> int:
    return _USUAL_MS if duration_ms <= _TOO_SHORT_MS else duration_ms
