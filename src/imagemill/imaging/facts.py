"""Facts about an image, read from its header before any pixel is decoded."""

from typing import Literal

from imagemill.dataclass import dataclass
from imagemill.imaging.sniff import Kind
from imagemill.preset import DEFAULT_DEPTH

Hdr = Literal["gain_map", "pq", "hlg"]

# H.273 transfer codes of PQ and HLG.
HDR_TRANSFERS: dict[int, Hdr] = {16: "pq", 18: "hlg"}


@dataclass(frozen=True, slots=True)
class Facts:
    """The header of an image. `width` and `height` are px as displayed, `bytes` the file size."""

    format: Kind
    bytes: int
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    """EXIF orientation that must still be applied, 1 to 8; HEIC's decoder applies its own."""
    mode: str = "RGB"
    """Pillow's mode of the decoded pixels."""
    depth: int = DEFAULT_DEPTH
    """Bits per sample of a PNG, AVIF, HEIC or TIFF; 8 for other formats."""
    has_alpha: bool = False
    has_profile: bool = False
    loops: int = 0
    """How often an animation is played; 0 means forever."""
    is_progressive: bool = False
    is_buffered: bool = False
    """A JPEG with several scans, progressive or not: all coefficients are kept in memory."""
    coefficient_bytes: int = 6
    """Bytes of those coefficients per pixel; fewer if colour is subsampled."""
    max_reduction: int = 1
    """Largest divisor of the sides that the decoder can apply while decoding, a power of two."""
    is_reducible: bool = False
    """A WebP that libwebp can decode at any smaller size: a still image without transparency."""
    codes: tuple[int, int] | None = None
    """H.273 codes of primaries and transfer, if they take precedence over the profile."""
    gamma: int | None = None
    """Gamma of a PNG without colour codes and sRGB chunk, times 100,000; None if it is sRGB's."""
    chromaticities: tuple[int, ...] | None = None
    """x and y of white, red, green and blue, times 100,000, with `gamma`; None if sRGB's."""
    quality: int | None = None
    """Quality of a JPEG, 1 to 100, estimated from its quantisation tables."""
    is_lossless: bool = False
    """A WebP encoded losslessly."""
    decoder_bytes: int = 0
    """Peak memory of decoding per decoded pixel, the decoded image included; 0 if it follows from
    format and mode."""
    kept_bytes: int = 0
    """Memory of the decoder per pixel of the file, whatever size it produces."""
    has_gain_map: bool = False
    """The file has a gain map for HDR screens, which is not applied."""
    gain_map_pixels: int = 0
    """Pixels of a gain map that renditions can keep; 0 without one."""
    gain_map_bytes: int = 0
    """Bytes of its image in the file."""
    is_gain_map_ignored: bool = False
    """The file declares a gain map that cannot be used."""
    is_cut: bool = False
    """An animation whose file ends early or lacks announced frames."""
    coded_pixels: int = 0
    """Pixels of all frames as stored in the file; 0 if each frame is as large as the image."""
    is_plainly_composed: bool = True
    """Every viewer composes the animation alike, so that a copy of the file can be a rendition."""
    bytes_per_band: int = 0
    """Memory for one band of rows, if the decoder reduces the image band by band."""
    extra_cpu_s: float = 0.0
    """CPU time in seconds beyond that of pixels and bytes, known from the header: many scans of a
    JPEG, many directories of a TIFF. Set when the format is probed."""
    captured_at: str | None = None
    """The camera's local time as ISO 8601, without a time zone."""
    camera: str | None = None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    """Of the lens itself, not of the equivalent for 35 mm film."""
    raw_format: str | None = None
    """Format of a camera raw file, such as `dng`; the other facts are those of its preview."""
    raw_bytes: int = 0
    """Size of the camera raw file; `bytes` is that of its preview."""
    copyright: str | None = None
    artist: str | None = None

    @property
    def is_animated(self) -> bool:
        """True if the frames are shown one after the other; the frames of a TIFF are pages."""
        return self.frames > 1 and self.format != "tiff"

    @property
    def is_deep(self) -> bool:
        """True for a still image with more than 8 bits per sample."""
        return self.depth > DEFAULT_DEPTH and not self.is_animated

    @property
    def hdr(self) -> Hdr | None:
        """How the file is brighter than white; None if it is not."""
        if self.codes is not None and self.codes[1] in HDR_TRANSFERS:
            return HDR_TRANSFERS[self.codes[1]]
        return "gain_map" if self.has_gain_map else None

    @property
    def carries_gamma(self) -> bool:
        """True if a PNG rendition keeps its values and gAMA: only the gamma is unusual."""
        is_only_word = not self.has_profile and not self.chromaticities
        return self.format == "png" and self.gamma is not None and is_only_word

    @property
    def is_drawn(self) -> bool:
        """True for a palette, which drawings have, and for black and white."""
        return self.mode in ("1", "P", "PA")

    @property
    def is_sideways(self) -> bool:
        """True if rows and columns are swapped for display: orientations 5 to 8."""
        return self.orientation >= 5  # noqa: PLR2004 - EXIF 2.32, tag 274
