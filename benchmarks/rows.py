"""The rows of the comparison with other tools: which files, which images of each, which tools."""

from collections.abc import Collection
from dataclasses import dataclass

from benchmarks.corpus import CAMERA
from benchmarks.targets import Target, inside

OURS = ("imagemill", "deployed")
_JPEG_TOOLS = ("sharp", "pyvips", "opencv", "simplejpeg", "thumbor", "tutorial")
_TOOLS = tuple(tool for tool in _JPEG_TOOLS if tool != "simplejpeg")
# Sides of a responsive set, px, and the qualities of imagemill's defaults, for every tool; the only
# lossy format that rows keep is WebP.
_SET = (320, 640, 1280, 1920)
_QUALITIES = {"jpeg": 82, "webp": 80, "avif": 62, "jxl": 76, "keep": 80, "png": 100}
_VIPS_TOOLS = ("sharp", "pyvips")
_TUNED = ("sharp tuned", "sharp tuned 1", "sharp tuned 2")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `group` selects it on the command line, `files` is a kind of `corpus.KINDS`.

    At most `most` files are measured.
    """

    group: str
    files: str
    what: str
    targets: tuple[Target, ...]
    tools: tuple[str, ...]
    most: int = 6
    # False where SSIMULACRA 2 has no meaning: animations.
    is_scored: bool = True

    @property
    def name(self) -> str:
        """The title of the row."""
        return f"{self.files} → {self.what}"


def _one(group: str, files: str, side: int, to: str, tools: tuple[str, ...]) -> Row:
    targets = (inside(side, to, _QUALITIES[to]),)
    name = "as it is" if to == "keep" else to.upper()
    is_scored = files != "animated GIF"
    what = f"{side} px, {name}"
    return Row(group, files, what, targets, (*OURS, *tools), is_scored=is_scored)


def _set(*formats: str) -> Row:
    targets = tuple(inside(side, to, _QUALITIES[to]) for to in formats for side in _SET)
    what = f"{'/'.join(map(str, _SET))} px, {' and '.join(to.upper() for to in formats)}"
    tools = _JPEG_TOOLS if formats == ("jpeg",) else _TOOLS
    tuned = _TUNED if "avif" in formats else _TUNED[:1]
    return Row("sets", CAMERA, what, targets, (*OURS, *tuned, *tools), 4)


def _quick_set() -> Row:
    """Return the set in AVIF of the least effort and in WebP, as `sharp tuned` makes it."""
    targets = (
        *(Target(side, side, "inside", "avif", _QUALITIES["avif"], effort=0) for side in _SET),
        *(inside(side, "webp", _QUALITIES["webp"]) for side in _SET),
    )
    what = f"{'/'.join(map(str, _SET))} px, AVIF of effort 0 and WEBP"
    return Row("sets", CAMERA, what, targets, (*OURS, "sharp tuned"), 4)


def _new(files: str, what: str, target: Target, tools: tuple[str, ...] = ()) -> Row:
    is_scored = target.format == "jpeg" and target.fit == "inside" and files == CAMERA
    return Row("new", files, what, (target,), (*OURS, *tools), 2, is_scored=is_scored)


def _with(words: str, to: str = "jpeg") -> Target:
    return Target(500, 500, "inside", to, _QUALITIES[to], words=words)


_KEPT = inside(500, "keep", _QUALITIES["keep"])
_COVER = (Target(160, 160, "cover"), inside(500), inside(2048))
ROWS = (
    *(
        _one("sizes", f"JPEG {size} MP", 500, "jpeg", _JPEG_TOOLS)
        for size in ("1–2", "2.5–5", "8–16", "20–48")
    ),
    *(
        _one("progressive", f"progressive JPEG {size} MP", 500, "jpeg", _JPEG_TOOLS)
        for size in ("2–6", "8–24")
    ),
    *(_one("web", CAMERA, side, "jpeg", _JPEG_TOOLS) for side in (800, 1280, 2048)),
    _set("jpeg"),
    _set("webp", "jpeg"),
    _set("avif", "webp"),
    _quick_set(),
    Row(
        "covers",
        CAMERA,
        "160 px cover, 500 and 2048 px, JPEG",
        _COVER,
        (*OURS, "sharp tuned", *_JPEG_TOOLS),
        4,
    ),
    *(
        _one("formats", files, 500, "jpeg", _TOOLS)
        for files in ("PNG photo", "PNG drawing", "WebP", "AVIF", "HEIC", "TIFF", "GIF")
    ),
    *(
        _one("formats", files, 500, "keep", tuple(tool for tool in _TOOLS if tool != "opencv"))
        for files in ("PNG photo", "PNG drawing", "PNG with alpha", "WebP", "animated GIF")
    ),
    _new("JPEG XL", "500 px, JPEG", inside(500), _VIPS_TOOLS),
    _new(CAMERA, "500 px, JPEG XL", inside(500, "jxl", _QUALITIES["jxl"]), _VIPS_TOOLS),
    _new("Ultra HDR JPEG", "500 px, JPEG with its gain map", _with("hdr=keep"), _VIPS_TOOLS),
    _new("Ultra HDR JPEG", "500 px, JPEG without it", _with("hdr=off"), _VIPS_TOOLS),
    _new("JPEG in Display P3", "500 px, WebP in it", _with("gamut=keep", "webp"), _VIPS_TOOLS),
    _new(CAMERA, "500 px, JPEG, a quality for a score", _with("quality=auto")),
    _new(CAMERA, "500 px, JPEG of at most 20 kB", _with("max=20kB")),
    _new(
        CAMERA, "400 × 400 px around a point, JPEG", Target(400, 400, "cover", words="focus0.3x0.7")
    ),
    _new("camera raw", "500 px, JPEG", inside(500), _VIPS_TOOLS),
    _new("animated GIF", "500 px, WEBP", inside(500, "webp", _QUALITIES["webp"])),
    _new("animated GIF", "500 px, AVIF", inside(500, "avif", _QUALITIES["avif"])),
    _new("animated WebP", "500 px, as it is", _KEPT, ("sharp",)),
    _new("animated AVIF", "500 px, as it is", _KEPT, ("sharp",)),
    _new("animated JPEG XL", "500 px, as it is", _KEPT, ("sharp",)),
)
GROUPS = tuple(dict.fromkeys(row.group for row in ROWS))


def select(groups: Collection[str]) -> list[Row]:
    """Return the rows of some groups, in order."""
    return [row for row in ROWS if row.group in groups]
