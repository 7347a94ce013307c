"""What a file says about itself before a pixel is decoded."""

from dataclasses import dataclass

from imagemill.imaging.sniff import Kind


@dataclass(frozen=True, slots=True)
class Facts:
    """A picture's header, read. `width` and `height` are px as displayed, `bytes` is the file's."""

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
    max_reduction: int = 1
    """The most that the decoder can divide the sides by while it decodes, a power of two."""
    is_hdr: bool = False
    """Brightness beyond white (PQ, HLG), which is shown here without tone mapping."""
    captured_at: str | None = None
    """Local time of the camera as ISO 8601, without a zone."""
    camera: str | None = None

    @property
    def is_animated(self) -> bool:
        """Whether frames are shown one after the other; those of a TIFF are pages."""
        return self.frames > 1 and self.format != "tiff"

    @property
    def is_sideways(self) -> bool:
        """Whether the stored rows are the displayed columns: orientations 5 to 8."""
        return self.orientation >= 5  # noqa: PLR2004 - EXIF 2.32, tag 274
