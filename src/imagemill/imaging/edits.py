"""The changes to an image besides crop and size, as plain values."""

from imagemill.dataclass import dataclass
from imagemill.imaging.geometry import Box, Fitted, Size
from imagemill.imaging.orientation import as_displayed, turn_of
from imagemill.preset import Preset, Tone


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes to a resized image, in this order. The canvas is that after the turn."""

    turn: int = 1
    """Mirroring and rotation as an EXIF orientation, 1 to 8; applied while resizing."""
    background: str | None = None
    """Colour behind transparent pixels and of the padding, as six hexadecimal digits."""
    canvas: Size | None = None
    """Size with padding; None without."""
    place: Box | None = None
    """The box of the image in the canvas."""
    tone: Tone = "colour"
    blur: float = 0
    """Standard deviation, px of the rendition."""
    sharpen: float = 0
    """Standard deviation, px of the rendition."""

    @property
    def are_none(self) -> bool:
        """True if the image stays as it was resized, and upright."""
        return self == NO_EDITS

    @property
    def keep_values(self) -> bool:
        """True if every pixel of the result is one of the resized image."""
        return self == Edits(turn=self.turn)


NO_EDITS = Edits()


def edits_of(preset: Preset, fitted: Fitted, *, has_alpha: bool) -> Edits:
    """Return the edits of a preset; without the background where nothing shows it."""
    turn = turn_of(mirror=preset.mirror, rotation=preset.rotation)
    whole = Box(0, 0, fitted.canvas.width, fitted.canvas.height)
    is_padded = fitted.place != whole
    return Edits(
        turn=turn,
        background=preset.background if has_alpha or is_padded else None,
        canvas=as_displayed(whole, fitted.canvas, turn).size if is_padded else None,
        place=as_displayed(fitted.place, fitted.canvas, turn) if is_padded else None,
        tone=preset.tone,
        blur=preset.blur,
        sharpen=preset.sharpen,
    )
