"""What a file says about itself before a pixel is decoded."""

from dataclasses import dataclass

from imagemill.imaging.sniff import Kind

HDR_TRANSFERS = (16, 18)
"""PQ and HLG among the codes of ITU-T H.273."""


@dataclass(frozen=True, slots=True)
class Facts:
    """An image's header, read. `width` and `height` are px as displayed, `bytes` is the file's."""

    format: Kind
    bytes: int
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    """EXIF orientation still to be applied, 1 to 8; those of HEIC are applied by its decoder."""
    mode: str = "RGB"
    """Pillow's name for the pixel layout the decoder gives."""
    has_alpha: bool = False
    has_profile: bool = False
    loops: int = 0
    """Times an animation is played; 0 is for ever."""
    is_progressive: bool = False
    is_buffered: bool = False
    """A JPEG in several scans, progressive or not: its decoder keeps all coefficients in memory."""
    coefficient_bytes: int = 6
    """Bytes a pixel of those coefficients: fewer where colour is subsampled."""
    max_reduction: int = 1
    """The most that the decoder can divide the sides by while it decodes, a power of two."""
    codes: tuple[int, int] | None = None
    """Primaries and transfer as codes of ITU-T H.273, where they say more than the profile."""
    gamma: int | None = None
    """Of a PNG without colour codes and sRGB chunk, 100,000 for linear; None where it is sRGB's."""
    chromaticities: tuple[int, ...] | None = None
    """x and y of white, red, green and blue, in 1/100,000, beside `gamma`; None where sRGB's."""
    quality: int | None = None
    """Of a JPEG, 1 to 100, estimated from its quantisation tables."""
    is_lossless: bool = False
    """A WebP packed without loss."""
    decoder_bytes: int = 0
    """What a pixel takes at the peak of decoding AVIF, HEIC or JPEG 2000, the image included."""
    has_gain_map: bool = False
    """A map of brightness beyond white lies beside the image; it is not applied."""
    is_cut: bool = False
    """An animation whose file ends early, or lacks frames that it announces."""
    is_plainly_composed: bool = True
    """An animation that every viewer composes alike, so that a copy of it is as good as new."""
    bytes_per_band: int = 0
    """Memory for the rows decoded at a time, where the decoder shrinks them as they come."""
    extra_cpu_s: float = 0.0
    """CPU time, seconds, that the header reveals beyond that of pixels and bytes: many scans of a
    JPEG, many directories of a TIFF. Set where the format is probed."""
    captured_at: str | None = None
    """Local time of the camera as ISO 8601, without a zone."""
    camera: str | None = None
    copyright: str | None = None
    artist: str | None = None

    @property
    def is_animated(self) -> bool:
        """Whether frames are shown one after the other; those of a TIFF are pages."""
        return self.frames > 1 and self.format != "tiff"

    @property
    def is_hdr(self) -> bool:
        """Whether there is brightness beyond white: PQ, HLG or a gain map."""
        is_coded = self.codes is not None and self.codes[1] in HDR_TRANSFERS
        return is_coded or self.has_gain_map

    @property
    def carries_gamma(self) -> bool:
        """Whether a PNG made of it keeps its numbers and its gAMA: only its gamma is unusual."""
        is_only_word = not self.has_profile and not self.chromaticities
        return self.format == "png" and self.gamma is not None and is_only_word

    @property
    def is_drawn(self) -> bool:
        """Whether it has a palette, as drawings have, or only black and white."""
        return self.mode in ("1", "P", "PA")

    @property
    def is_sideways(self) -> bool:
        """Whether the stored rows are the displayed columns: orientations 5 to 8."""
        return self.orientation >= 5  # noqa: PLR2004 - EXIF 2.32, tag 274
