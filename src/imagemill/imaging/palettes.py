"""Decide whether an image in a palette looks like the image before."""

from functools import reduce

from PIL import Image, ImageChops, ImageStat

# Mean error in levels of 255 that a palette may cause: in an image that had a palette before, and
# in any other.
_UNSEEN_IN_DRAWING, _UNSEEN = 2.0, 1.0
# Error in levels of 255 at any one pixel that gives smooth gradients no bands.
_UNSEEN_BAND = 6
# For images that had no palette: the share of pixels that may have a larger error, and the largest.
# Where flat areas meet, the edges are such pixels; SSIMULACRA 2 of a logo stays above 90.
_SHARE_BEYOND, _LARGEST = 0.02, 32


def is_unseen_in_drawing(was: Image.Image, quantised: Image.Image) -> bool:
    """Return True if an image that had a palette may have this one."""
    return _mean(_changes(was, quantised)) <= _UNSEEN_IN_DRAWING


def is_unseen(was: Image.Image, quantised: Image.Image) -> bool:
    """Return True if an image that had no palette looks the same in this one."""
    changes = _changes(was, quantised)
    counts = reduce(ImageChops.lighter, changes.split()).histogram()
    beyond = sum(counts[_UNSEEN_BAND + 1 :])
    return (
        _mean(changes) <= _UNSEEN
        and beyond <= _SHARE_BEYOND * sum(counts)
        and not any(counts[_LARGEST + 1 :])
    )


def is_without_bands(was: Image.Image, quantised: Image.Image) -> bool:
    """Return True if the palette changes so little that smooth gradients get no bands."""
    changes = _changes(was, quantised)
    largest = max(high for _, high in ImageStat.Stat(changes).extrema)
    return _mean(changes) <= _UNSEEN_IN_DRAWING and largest <= _UNSEEN_BAND


def _mean(changes: Image.Image) -> float:
    return max(ImageStat.Stat(changes).mean)


def _changes(was: Image.Image, quantised: Image.Image) -> Image.Image:
    """Return the differences as they show: with premultiplied alpha."""
    before, after = (image.convert("RGBA").convert("RGBa") for image in (was, quantised))
    return ImageChops.difference(before, after)
