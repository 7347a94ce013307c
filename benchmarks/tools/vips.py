"""pyvips: libvips' thumbnailer, to sRGB, on one thread and without its cache."""

from collections.abc import Sequence
from typing import Any

import pyvips as vips

from benchmarks.targets import Target, largest
from benchmarks.tools.serve import Make

_ICC = "icc-profile-data"


def pyvips() -> Make:
    """Return a function that decodes once, for the largest target, and shrinks the others."""
    vips.cache_set_max(0)

    def run(data: bytes, targets: Sequence[Target]) -> list[bytes]:
        most = largest(targets)
        whole = vips.Image.thumbnail_buffer(data, most.width, **(_profile(data) | _options(most)))
        if len(targets) > 1:
            whole = whole.copy_memory()
        return [_written(_shrunk(whole, each, most), each, data) for each in targets]

    return run


def _shrunk(whole: Any, target: Target, most: Target) -> Any:  # noqa: ANN401 - pyvips has no types
    if (target.width, target.height, target.fit) == (most.width, most.height, most.fit):
        return whole
    return whole.thumbnail_image(target.width, **_options(target))


def _options(target: Target) -> dict[str, object]:
    crop = {"crop": "centre"} if target.fit == "cover" else {}
    gamut = {"export_profile": "p3"} if "gamut=keep" in target.words else {}
    return {"height": target.height, "size": "down", **crop, **gamut}


def _profile(data: bytes) -> dict[str, str]:
    """Return the option that converts to sRGB; without an embedded profile it would only cost."""
    header = vips.Image.new_from_buffer(data, "")
    return {"export_profile": "srgb"} if header.get_typeof(_ICC) else {}


def _written(image: Any, target: Target, data: bytes) -> bytes:  # noqa: ANN401
    to = _format_of(data) if target.format == "keep" else target.format
    options = {
        "jpeg": {"Q": target.quality, "optimize_coding": True},
        "webp": {"Q": target.quality},
        "avif": {"Q": target.quality},
    }
    return bytes(image.write_to_buffer(f".{to}", keep="icc", **options.get(to, {})))


def _format_of(data: bytes) -> str:
    loader = str(vips.Image.new_from_buffer(data, "").get("vips-loader"))
    return next(to for to in ("jpeg", "png", "webp", "gif", "avif") if to in loader.lower())
