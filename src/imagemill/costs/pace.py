"""How long an image takes: a straight line through what records say of those that were made."""

from dataclasses import dataclass

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs.durations import CORE_MB, LinearFit, tempo
from imagemill.domain.record import ImageRecord

DEFAULT_BYTES_PER_MEGAPIXEL = 350_000.0
_LEAST_SPREAD = 0.01
"""Variance of the sizes, in megapixels squared, from which on a slope means something."""
_PIXELS = 1_000_000


@dataclass(slots=True)
class Pace:
    """Sums over images: x is an image's megapixels, y its milliseconds."""

    images: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    bytes: int = 0

    def learn(self, record: ImageRecord) -> None:
        """Take an image into account that was made and measured; others are passed over."""
        x = megapixels(record)
        if record.status != "ready" or record.processing_ms is None or x is None:
            return
        self.images += 1
        self.x += x
        self.y += record.processing_ms
        self.xx += x * x
        self.xy += x * record.processing_ms
        self.bytes += record.original.bytes if record.original else 0

    def ms(self, size: int, pixels: float | None) -> float:
        """Return how long an image of these bytes, and megapixels if known, will take (ms)."""
        base, slope = self.line
        return base + slope * (self.megapixels(size) if pixels is None else pixels)

    def megapixels(self, size: int) -> float:
        """Return how large a file of so many bytes probably is."""
        return size / (self.bytes / self.x if self.x else DEFAULT_BYTES_PER_MEGAPIXEL)

    @property
    def line(self) -> tuple[float, float]:
        """Milliseconds an image, and milliseconds a megapixel."""
        usual = assumed()
        if not self.images:
            return usual.base, usual.slope
        mean_x, mean_y = self.x / self.images, self.y / self.images
        spread = self.xx / self.images - mean_x**2
        slope = usual.slope
        if spread > _LEAST_SPREAD:
            slope = max(0.0, (self.xy / self.images - mean_x * mean_y) / spread)
        return max(0.0, mean_y - slope * mean_x), slope


def assumed() -> LinearFit:
    """Return what is assumed until something was measured: a JPEG and one preset, alone.

    In a function of the default memory.
    """
    wait, work = tempo().wait, tempo().work["jpeg"]
    share = min(1.0, DEFAULT_MEMORY_MB / CORE_MB)
    return LinearFit(max(0.0, wait.base + work.base / share), wait.slope + work.slope / share)


def megapixels(record: ImageRecord) -> float | None:
    """Return the pixels of all frames of the original, in millions; None if not known."""
    original = record.original
    if original is None or not original.width or not original.height:
        return None
    return original.width * original.height * (original.frames or 1) / _PIXELS
