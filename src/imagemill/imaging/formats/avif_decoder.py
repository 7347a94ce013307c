"""Pillow's AVIF decoder, with the clean aperture applied and its planes freed early."""

from io import BytesIO
from typing import Any

from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile, _Tile

from imagemill.imaging.formats.avif import Aperture, read_aperture


class CroppedAvif(AvifImageFile):
    """AVIF image cropped to its clean aperture, which libavif leaves to the application.

    The order is that of MIAF whatever the order of the boxes: aperture, rotation, mirror. The pixel
    aspect ratio (`pasp`) is not applied, as in Chromium.
    """

    _aperture: Aperture | None = None
    _stored_size: tuple[int, int] = (0, 0)

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - set by Pillow before it calls this
        data = self.fp.read()
        self.fp.seek(0)
        super()._open()
        aperture = read_aperture(data)
        self._stored_size = self._size
        if aperture and aperture.right <= self.width and aperture.bottom <= self.height:
            self._aperture = aperture
            self._size = (
                aperture.right - aperture.left,
                aperture.bottom - aperture.top,
            )

    def load(self) -> Any:  # noqa: ANN401 - Pillow's own type of pixel access
        """Decode the pixels. The decoder of a still image is freed as soon as it has given them."""
        if not self.tile:
            return super().load()
        self._size = self._stored_size
        self.tile = [_Tile("raw", (0, 0, *self._size), 0, self.mode)]
        pixels = self._load_still() if self.n_frames == 1 else super().load()
        if self._aperture is None:
            return pixels
        edges = self._aperture
        self.im = self.im.crop((edges.left, edges.top, edges.right, edges.bottom))
        self._size = self.im.size
        return super().load()

    def _load_still(self) -> Any:  # noqa: ANN401 - Pillow's own type of pixel access
        self.fp = BytesIO(self._decoder.get_frame(0)[0])
        vars(self)["_decoder"] = None
        return ImageFile.load(self)


def can_decode(data: bytes, size: tuple[int, int]) -> bool:
    """Return True if a file decodes, without repair, to an image of that size."""
    try:
        with CroppedAvif(BytesIO(data)) as image:
            image.load()
            return image.size == size
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - hostile bytes raise nearly any exception
        return False
