"""The words of imgproxy's grammar, and ours."""

from imagemill.preset import Fit, OutputFormat, Point

RESIZING_TYPES: dict[str, Fit] = {
    "fit": "inside",
    "fill": "cover",
    "fill-down": "cover",
    "force": "exact",
}
FORMATS: dict[str, OutputFormat] = {
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "png": "png",
    "webp": "webp",
    "avif": "avif",
    "jxl": "jxl",
}
GRAVITIES: dict[str, Point] = {
    "ce": (0.5, 0.5),
    "no": (0.5, 0.0),
    "noea": (1.0, 0.0),
    "ea": (1.0, 0.5),
    "soea": (1.0, 1.0),
    "so": (0.5, 1.0),
    "sowe": (0.0, 1.0),
    "we": (0.0, 0.5),
    "nowe": (0.0, 0.0),
}
SHORT_NAMES = {
    "rs": "resize",
    "s": "size",
    "rt": "resizing_type",
    "w": "width",
    "h": "height",
    "el": "enlarge",
    "ex": "extend",
    "g": "gravity",
    "c": "crop",
    "z": "zoom",
    "rot": "rotate",
    "fl": "flip",
    "q": "quality",
    "f": "format",
    "ext": "format",
    "bg": "background",
    "bl": "blur",
    "sh": "sharpen",
    "cb": "cachebuster",
    "exp": "expires",
    "ar": "auto_rotate",
    "sm": "strip_metadata",
    "kcr": "keep_copyright",
}
