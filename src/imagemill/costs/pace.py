"""Processing time per image: a straight line fitted to the times in the records."""

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs.durations import Batch, LinearFit, duration_model
from imagemill.dataclass import dataclass
from imagemill.domain.record import ImageRecord

# Bytes per megapixel of a typical JPEG photo, used until records give a measured mean. Assumed.
DEFAULT_BYTES_PER_MEGAPIXEL = 350_000.0
# Variance of the image sizes, megapixels², below which no slope is fitted: images of one size say
# nothing about other sizes.
_LEAST_SPREAD = 0.01
# Sizes of JPEG photos in megapixels, from which the assumed line is drawn: phones and cameras.
_TYPICAL = (8, 24)
_PIXELS = 1_000_000


@dataclass(slots=True)
class Pace:
    """Sums for a linear regression over images: x is megapixels, y is milliseconds."""

    images: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    bytes: int = 0

    def learn(self, record: ImageRecord) -> None:
        """Add a record's image; ignores records that are not ready or have no processing time."""
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
        """Return the expected ms for an image of `size` bytes and, if known, `pixels` MP."""
        base, slope = self.line
        return base + slope * (self.megapixels(size) if pixels is None else pixels)

    def megapixels(self, size: int) -> float:
        """Return the estimated megapixels of a file of `size` bytes."""
        return size / (self.bytes / self.x if self.x else DEFAULT_BYTES_PER_MEGAPIXEL)

    @property
    def line(self) -> tuple[float, float]:
        """Milliseconds per image, and milliseconds per megapixel."""
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
    """Return the line to use before any record has a measured time.

    It goes through the durations of a small and a large JPEG alone in a batch, with the default
    recipe and memory; between the two and beyond the durations lie on it.
    """
    small, large = (
        duration_model().ms(Batch(size, memory_mb=DEFAULT_MEMORY_MB)) for size in _TYPICAL
    )
    slope = (large - small) / (_TYPICAL[1] - _TYPICAL[0])
    return LinearFit(small - slope * _TYPICAL[0], slope)


def megapixels(record: ImageRecord) -> float | None:
    """Return the megapixels of all frames of the original; None if unknown."""
    original = record.original
    if original is None or not original.width or not original.height:
        return None
    return original.width * original.height * (original.frames or 1) / _PIXELS
