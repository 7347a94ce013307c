"""Image processing: bytes in, renditions out. It knows nothing of AWS.

Modules are loaded on first use: a caller that only sniffs bytes does not load Pillow.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagemill.imaging.facts import Facts
    from imagemill.imaging.limits import DEFAULT_LIMITS, Limits
    from imagemill.imaging.pipeline import render
    from imagemill.imaging.probing import probe
    from imagemill.imaging.rendered import Rendered, Rendition
else:
    _HOMES = {
        "DEFAULT_LIMITS": "limits",
        "Facts": "facts",
        "Limits": "limits",
        "Rendered": "rendered",
        "Rendition": "rendered",
        "probe": "probing",
        "render": "pipeline",
    }

    def __getattr__(name: str) -> object:
        """Load the module that has `name`; PEP 562."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = ["DEFAULT_LIMITS", "Facts", "Limits", "Rendered", "Rendition", "probe", "render"]
