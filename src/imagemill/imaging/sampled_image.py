"""A JPEG's samples that have been drawn, as the source of smaller ones."""

from imagemill.dataclass import dataclass
from imagemill.imaging.fastjpeg import Samples, resize_samples
from imagemill.imaging.geometry import Box, Size


@dataclass(frozen=True, slots=True)
class SampledImage:
    """Upright samples, and the part of the displayed original that they show, px."""

    samples: Samples
    crop: Box

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.samples.width * self.samples.height

    def serves(self, crop: Box, shown: Size, least: Size) -> bool:
        """Return True if it shows `crop`, and the whole image at its scale has `least` px.

        `shown` is the size of the displayed original.
        """
        own = self.crop
        return (
            own.contains(crop)
            and self.samples.width * shown.width >= least.width * own.width
            and self.samples.height * shown.height >= least.height * own.height
        )

    def resize(self, crop: Box, size: Size, *, has_narrow: bool) -> Samples:
        """Return `crop`, px of the displayed original, at `size` px; raises Refused.

        With `has_narrow` in the narrow range as well.
        """
        across = self.samples.width / self.crop.width
        down = self.samples.height / self.crop.height
        part = (
            (crop.left - self.crop.left) * across,
            (crop.top - self.crop.top) * down,
            (crop.right - self.crop.left) * across,
            (crop.bottom - self.crop.top) * down,
        )
        return resize_samples(self.samples, part, (size.width, size.height), has_narrow=has_narrow)
