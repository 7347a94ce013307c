"""The limits of the functions that render."""

from imagemill.config import ResizeSettings, TransformSettings
from imagemill.imaging import Limits
from imagemill.pipeline.concurrency import cpu_limit_s, divide_memory


def limits_of(settings: ResizeSettings | TransformSettings) -> Limits:
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
