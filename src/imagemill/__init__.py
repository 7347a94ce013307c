"""Image processing, and the pipeline that runs it on AWS: `from imagemill import render, Recipe`.

Names are loaded on first use: a module of a function does not load the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagemill.errors import ImageRejected
    from imagemill.imaging import DEFAULT_LIMITS, Facts, Limits, Rendered, Rendition, probe, render
    from imagemill.imaging.worker_process import render_isolated
    from imagemill.recipe import Recipe
else:
    _HOMES = {
        "DEFAULT_LIMITS": "imaging",
        "Facts": "imaging",
        "ImageRejected": "errors",
        "Limits": "imaging",
        "Recipe": "recipe",
        "Rendered": "imaging",
        "Rendition": "imaging",
        "probe": "imaging",
        "render": "imaging",
        "render_isolated": "imaging.worker_process",
    }

    def __getattr__(name: str) -> object:
        """Load the module that has `name`; PEP 562."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "DEFAULT_LIMITS",
    "Facts",
    "ImageRejected",
    "Limits",
    "Recipe",
    "Rendered",
    "Rendition",
    "probe",
    "render",
    "render_isolated",
]
