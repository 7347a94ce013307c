"""The file formats. A module is loaded when it is first used, because an image has one format.

`from imagemill.imaging.formats import png` returns a stand-in that loads the module; type checkers
see the module itself.
"""

from importlib import import_module
from types import ModuleType

_LOADED_LATER = (
    "avif",
    "avif_sequence",
    "gif",
    "gif_frames",
    "ico",
    "jp2",
    "jp2_colour",
    "jxl",
    "png",
    "webp",
)


class _Later(ModuleType):
    """Stands in for a module, and loads it when an attribute is read."""

    def __getattr__(self, name: str) -> object:
        found: object = getattr(import_module(self.__name__), name)
        # From now on this method is not called for it.
        setattr(self, name, found)
        return found


def __getattr__(name: str) -> ModuleType:
    """Return the stand-in of a module that is not loaded; PEP 562."""
    if name not in _LOADED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _Later(f"{__name__}.{name}")
