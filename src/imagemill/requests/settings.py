"""The settings of a stack that its URLs of variants depend on."""

from typing import Literal

from imagemill.dataclass import dataclass

# Widths and heights of unsigned variants, px. 96 and 100 are sizes that front ends ask for as
# thumbnails; unpic's own suite expects them exactly.
DEFAULT_WIDTHS = (20, 40, 60, 96, 100, 120, 250, 330, 500, 640, 960, 1280, 1920, 2560)
# Qualities of unsigned variants, beside the default of each format.
DEFAULT_QUALITIES = (50, 75, 90)
# Length of HMAC-SHA256, bytes.
SIGNATURE_BYTES = 32
IiifProfile = Literal["level0", "level2"]


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The key of HMAC-SHA256 and the salt that precedes the signed text."""

    key: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules that the edge applies to a URL; `now` is the Unix time, s."""

    now: int
    keys: tuple[KeyPair, ...] = ()
    """The present key pair and the previous one; without any, no signed URL is valid."""
    widths: tuple[int, ...] = DEFAULT_WIDTHS
    """The ladder, ascending, px."""
    qualities: tuple[int, ...] = DEFAULT_QUALITIES
    iiif_profile: IiifProfile = "level2"
    private: bool = False
    """Only signed URLs are answered."""
    signature_bytes: int = SIGNATURE_BYTES
    """Length of a signature, bytes; shorter ones are truncated HMACs."""
