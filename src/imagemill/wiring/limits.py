"""The limits of the functions that render."""

from typing import Protocol

from imagemill.imaging import Limits
from imagemill.pipeline.concurrency import cpu_limit_s, divide_memory


class RenderSettings(Protocol):
    """The settings of a function that renders; limits in bytes, pixels and frames."""

    @property
    def max_bytes(self) -> int:
        """Largest original."""

    @property
    def max_pixels(self) -> int:
        """Largest JPEG original."""

    @property
    def max_frames(self) -> int:
        """Frames of an animation."""

    @property
    def memory_mb(self) -> int:
        """Memory of the function."""

    @property
    def camera_raw(self) -> bool:
        """Whether raw files are shown by their preview."""


def limits_of(settings: RenderSettings) -> Limits:
    """Return the limits for one image; the same for both, so that a variant of each can be made."""
    return Limits(
        max_bytes=settings.max_bytes,
        max_pixels=settings.max_pixels,
        max_whole_pixels=settings.max_pixels // 2,
        max_frames=settings.max_frames,
        max_memory_bytes=divide_memory(settings.memory_mb).render_bytes,
        max_cpu_s=cpu_limit_s(settings.memory_mb),
        camera_raw=settings.camera_raw,
    )


def unpack_original(data: bytes, sha256: str) -> bytes | None:
    """Return the JPEG with this SHA-256 that an archived original holds; None if it holds none."""
    # Most originals are not archived, and the sandbox of JPEG XL takes time to load.
    from imagemill.wiring.archived import unpack  # noqa: PLC0415

    return unpack(data, sha256)
