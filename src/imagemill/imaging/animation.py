"""Frames, one after the other: composed by the decoder, with the time each is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile


@dataclass(frozen=True, slots=True)
class Frame:
    """What is shown, composed with the frames before it, and for how long."""

    pixels: Image.Image
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Film:
    """Frames of one size, shown `plays` times, 0 for ever.

    `poster` is what viewers without animation see of an APNG, where that is no frame.
    """

    frames: list[Frame]
    plays: int
    poster: Image.Image | None = None


def has_poster(picture: Image.Image) -> bool:
    """Whether an APNG shows viewers without animation a picture that is no frame of it."""
    return bool(picture.info.get("default_image"))


def frames(picture: "ImageFile", count: int) -> Iterator[Frame]:
    """Yield the first `count` frames; stops early where the file is damaged.

    A frame is to be used before the next is asked for: the decoder draws on the same pixels.
    """
    size = picture.size
    first = 1 if has_poster(picture) else 0
    for index in range(first, first + count):
        try:
            picture.seek(index)
            if picture.size != size:
                return
            picture.load()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - whatever the damage, the frames before it still play
            return
        yield Frame(picture, round(picture.info.get("duration") or 0))
