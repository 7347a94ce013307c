"""The result of rendering. It loads no decoder, so processes that do not decode can import it."""

from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass
from imagemill.imaging.facts import Facts, Hdr

if TYPE_CHECKING:
    from imagemill.imaging.plan import WebFormat
    from imagemill.imaging.sandboxed_jpeg import SandboxOutcome

CONTENT_TYPES: "dict[WebFormat, str]" = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
    "jxl": "image/jxl",
}


# Every code that `Rendered.warnings` may contain, in the order in which they appear there.
WARNINGS = (
    "truncated",
    "profile_ignored",
    "gain_map_ignored",
    "hdr",
    "first_frame_only",
    "fewer_frames",
    "larger_than_original",
    "over_max_bytes",
)


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded output image."""

    preset: str
    data: bytes
    width: int
    height: int
    format: "WebFormat"
    hdr: Hdr | None = None
    """How it is brighter than white on an HDR screen: by its gain map, or by the original's codes,
    PQ or HLG."""
    quality: int | None = None
    """Quality that was chosen to reach the preset's target; None if none was."""

    @property
    def content_type(self) -> str:
        """The media type of `data`."""
        return CONTENT_TYPES[self.format]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Everything made from one original; the renditions are in the order of the recipe."""

    facts: Facts
    renditions: tuple[Rendition, ...]
    warnings: tuple[str, ...]
    """Stable codes from `WARNINGS`."""
    placeholder: str
    """ThumbHash, as base64."""
    colour: str
    """Dominant colour as `#rrggbb`."""
    sandbox: "SandboxOutcome" = "not_asked"
    """"drawn" by the sandbox, "not_asked", or the reason why a library had to decode instead."""
    compiled: int = 0
    """Decoders that the worker process has compiled since its last image; 0 outside of a worker."""
