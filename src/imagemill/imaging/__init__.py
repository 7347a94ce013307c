"""Pictures: bytes in, renditions out. Knows no cloud."""

from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import DEFAULT_LIMITS, Limits
from imagemill.imaging.probe import probe
from imagemill.imaging.render import Rendered, Rendition, render

__all__ = ["DEFAULT_LIMITS", "Facts", "Limits", "Rendered", "Rendition", "probe", "render"]
