"""The options of each grammar, with an example and its variant: the tables of docs/urls.

A row has an example and the variant that it asks for, or the error. A test sends every example to
the edge's rules, signed, and compares.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from imagemill.requests.ladder import SHAPES, variant_count
from imagemill.requests.settings import Settings

Kind = Literal["imgix", "imgproxy", "iiif"]


@dataclass(frozen=True, slots=True)
class Row:
    """An option, an example of it, and its variant: `{canonical}`, or status and code."""

    option: str
    example: str
    becomes: str
    note: str = ""


UNSUPPORTED = "400 unsupported_option"
INVALID = "400 invalid_request"

IMGIX = (
    Row("`w`", "w=640", "640x.keep", "whole px; fractions of the original are 400"),
    Row("`h`", "h=480", "x480.keep"),
    Row("`fit=clip` (default), `max`", "w=640&h=480&fit=max", "640x480.keep", "never enlarged"),
    Row("`fit=crop`, `min`", "w=640&h=480&fit=min", "640x480_cover.keep", "never enlarged"),
    Row("`fit=scale`", "w=640&h=480&fit=scale", "640x480_exact.keep"),
    Row("`fit=fill`, `fillmax`", "w=640&h=480&fit=fill", "640x480_pad.keep", "see `bg`"),
    Row("`fit=clamp`, `facearea`", "w=640&h=480&fit=clamp", UNSUPPORTED),
    Row("`ar`", "w=640&ar=16:9&fit=crop", "640x360_cover.keep", "beside `w` or `h`"),
    Row("`dpr`", "w=320&dpr=2", "640x.keep", "0.75 to 8, beside `w` or `h`"),
    Row("`q`", "w=640&q=75", "640x_q75.keep", "1 to 100; without effect on PNG"),
    Row("`fm`", "w=640&fm=webp", "640x.webp", "`jpg`, `png`, `webp`, `avif`, `jxl`"),
    Row("other `fm`", "fm=gif", UNSUPPORTED),
    Row(
        "`auto=format`",
        "w=640&auto=format",
        "640x.keep",
        "AVIF, JPEG XL or WebP if `Accept` names it",
    ),
    Row("`auto=compress`", "w=640&auto=compress", "640x.keep", "no effect: all encoders compress"),
    Row("`auto=enhance`, `redeye`", "auto=enhance", UNSUPPORTED),
    Row("`v`", "w=640&v=3sL4kqtJlcpX", "640x.keep", "version of the original; ours, not imgix's"),
    Row("`placeholder=1`", "w=640&placeholder=1", "640x.keep", "an image for an error; ours"),
    Row("`ixlib`, `ixid`", "w=640&ixlib=js-3.8.0&ixid=M3", "640x.keep", "no effect, as in imgix"),
    Row("`rect`", "rect=10,20,300,200", "max_crop300x200x10x20.keep", "signed; whole px"),
    Row("`rect` in fractions", "rect=0.1,0.2,0.5,0.5", "max_pcrop50x50x10x20.keep", "signed"),
    Row("`rect` in words", "rect=center,middle,300,200", INVALID),
    Row(
        "`crop`",
        "w=300&h=100&fit=crop&crop=top,left",
        "300x100_cover_focus0x0.keep",
        "signed; `top`, `bottom`, `left`, `right`",
    ),
    Row(
        "`crop=focalpoint`, `fp-x`, `fp-y`",
        "w=300&h=100&fit=crop&crop=focalpoint&fp-x=0.3&fp-y=0.7",
        "300x100_cover_focus0.3x0.7.keep",
        "signed",
    ),
    Row("`crop=faces`, `edges`, `entropy`", "w=9&h=9&fit=crop&crop=faces", UNSUPPORTED),
    Row("`flip`", "flip=v", "max_mirror_rotate180.keep", "signed; `h`, `v`, `hv`"),
    Row(
        "`orient=90`, `180`, `270`",
        "w=300&orient=90",
        "x300_rotate90.keep",
        "signed; counts from the upright image, in imgix from the stored one",
    ),
    Row("`orient=1` to `8`", "orient=6", UNSUPPORTED),
    Row("`rot=180`", "rot=180", "max_rotate180.keep", "signed"),
    Row("other `rot`", "rot=90", UNSUPPORTED, "imgix keeps the frame and cuts the corners"),
    Row("`bg`", "w=9&h=9&fit=fill&bg=ff8800", "9x9_pad_bgff8800.keep", "signed; 3 or 6 digits"),
    Row("`blur`", "blur=50", "max_blur2.5.keep", "signed; 20 are a standard deviation of 1 px"),
    Row("`sharp`", "sharp=10", "max_sharpen0.5.keep", "signed; 20 are a radius of 1 px"),
    Row("`sat=-100`", "sat=-100", "max_gray.keep", "signed"),
    Row("other `sat`", "sat=20", UNSUPPORTED),
    Row("`expires`", "w=333&expires=4102444800", "333x.keep", "signed; then 403, not 404"),
    Row("`sig`", "w=333", "333x.keep", "the signature; ours"),
    Row("`s`", "w=640&s=00112233445566778899aabbccddeeff", UNSUPPORTED, "imgix's signature, MD5"),
)
IMGIX_UNSUPPORTED = (
    "blend", "border", "border-radius", "bri", "ch", "chromasub", "colorquant", "colors", "con",
    "corner-radius", "cs", "dl", "dpi", "duotone", "exp", "faceindex", "facepad", "faces", "fill",
    "fill-color", "fp-debug", "fp-z", "frame", "gam", "gaussblur", "gif-q", "grid-colors", "high",
    "hue", "htn", "invert", "iptc", "jpg-progressive", "lossless", "mark", "mask", "max-h", "max-w",
    "min-h", "min-w", "monochrome", "nr", "nrs", "pad", "page", "palette", "prefix", "px",
    "reverse", "sepia", "shad", "skip", "svg-sanitize", "trim", "transparency", "txt", "upscale",
    "usm", "usmrad", "vib", "w64",
)  # fmt: skip

IMGPROXY = (
    Row(
        "`resize`, `rs`",
        "rs:fill:300:200",
        "300x200_cover.keep",
        "type and size",
    ),
    Row("`size`, `s`", "s:300:200", "300x200.keep"),
    Row("`resizing_type`, `rt`: `fit`", "rt:fit/s:300:200", "300x200.keep"),
    Row("`fill`, `fill-down`", "rs:fill-down:300:200", "300x200_cover.keep", "both as `fill-down`"),
    Row("`force`", "rs:force:300:200", "300x200_exact.keep"),
    Row("`auto`", "rs:auto:300:200", UNSUPPORTED),
    Row("`width`, `w`", "w:300", "300x.keep"),
    Row("`height`, `h`", "h:200", "x200.keep"),
    Row("`dpr`", "w:150/dpr:2", "300x.keep"),
    Row("`zoom`, `z`", "z:0.5", "max_scale50.keep", "one factor; it multiplies a size"),
    Row("`enlarge`, `el`", "w:300/el:0", "300x.keep", "only 0: an image is never enlarged"),
    Row("`enlarge:1`", "w:300/el:1", UNSUPPORTED),
    Row("`extend`, `ex`", "rs:fit:300:200/ex:1:so", "300x200_pad_focus0.5x1.keep", "type `fit`"),
    Row(
        "`extend` with other points",
        "s:300:200/ex:1:fp:0.3:0.7",
        UNSUPPORTED,
        "edges and centre only",
    ),
    Row(
        "`gravity`, `g`",
        "rs:fill:300:200/g:noea",
        "300x200_cover_focus1x0.keep",
        "`ce`, `no`, `so`, `ea`, `we`, `noea`, `nowe`, `soea`, `sowe`",
    ),
    Row("`gravity:fp`", "rs:fill:300:200/g:fp:0.3:0.7", "300x200_cover_focus0.3x0.7.keep"),
    Row("`gravity:sm`, `obj`, `objw`", "g:sm", UNSUPPORTED),
    Row("`gravity` with offsets", "g:no:10:0", UNSUPPORTED),
    Row("`crop`, `c`", "c:300:200", "max_crop300x200.keep", "px, or fractions below 1"),
    Row(
        "`crop` in fractions",
        "c:0.5:0:no",
        "max_pcrop50x100_focus0.5x0.keep",
        "0 is the whole side",
    ),
    Row("`crop` with a position", "c:300:200:nowe:10:20", "max_crop300x200x10x20.keep"),
    Row("`rotate`, `rot`", "rs:fit:300:200/rot:90", "200x300_rotate90.keep", "multiples of 90"),
    Row("`flip`, `fl`", "fl:0:1", "max_mirror_rotate180.keep"),
    Row("`background`, `bg`", "bg:255:128:0", "max_bgff8000.keep", "levels or hexadecimal digits"),
    Row("`blur`, `bl`", "bl:2.5", "max_blur2.5.keep"),
    Row("`sharpen`, `sh`", "sh:0.5", "max_sharpen0.5.keep"),
    Row("`quality`, `q`", "q:75", "max_q75.keep", "0 is the default"),
    Row(
        "`format`, `f`, `ext`", "f:webp", "max.webp", "`jpg`, `jpeg`, `png`, `webp`, `avif`, `jxl`"
    ),
    Row("other formats", "f:gif", UNSUPPORTED),
    Row("`cachebuster`, `cb`", "cb:3sL4kqtJlcpX", "max.keep", "version of the original"),
    Row("`expires`, `exp`", "exp:4102444800", "max.keep", "then 403, not 404"),
    Row("`auto_rotate`, `ar`", "ar:1", "max.keep", "only 1: always so"),
    Row("`strip_metadata`, `sm`", "sm:1", "max.keep", "only 1: always so"),
    Row("`keep_copyright`, `kcr`", "kcr:1", "max.keep", "only 1: always so"),
)
IMGPROXY_UNSUPPORTED = (
    "min-width", "mw", "min-height", "mh", "extend_aspect_ratio", "extend_ar", "exar", "trim", "t",
    "padding", "pd", "pixelate", "pix", "watermark", "wm", "strip_color_profile", "scp",
    "preserve_hdr", "ph", "enforce_thumbnail", "eth", "format_quality", "fq", "max_bytes", "mb",
    "skip_processing", "skp", "raw", "filename", "fn", "return_attachment", "att", "preset", "pr",
    "max_src_resolution", "msr", "max_src_file_size", "msfs", "max_animation_frames", "maf",
    "max_animation_frame_resolution", "mafr", "max_result_dimension", "mrd",
)  # fmt: skip

IIIF = (
    Row("region `full`", "full/max/0/default.jpg", "max.jpg"),
    Row("`square` (`regionSquare`)", "square/max/0/default.jpg", "max_square.jpg"),
    Row("`x,y,w,h` (`regionByPx`)", "10,20,300,200/max/0/default.jpg", "max_crop300x200x10x20.jpg"),
    Row(
        "`pct:x,y,w,h` (`regionByPct`)",
        "pct:10,20,30,40/max/0/default.jpg",
        "max_pcrop30x40x10x20.jpg",
        "up to four decimals",
    ),
    Row("size `max`", "full/max/0/default.jpg", "max.jpg", "2.1: also `full`"),
    Row("`w,` (`sizeByW`)", "full/300,/0/default.jpg", "300x_strict.jpg"),
    Row("`,h` (`sizeByH`)", "full/,300/0/default.jpg", "x300_strict.jpg"),
    Row("`w,h` (`sizeByWh`)", "full/300,200/0/default.jpg", "300x200_exact_strict.jpg"),
    Row("`!w,h` (`sizeByConfinedWh`)", "full/!300,200/0/default.jpg", "300x200.jpg"),
    Row("`pct:n` (`sizeByPct`)", "full/pct:12.5/0/default.jpg", "max_scale12.5.jpg"),
    Row("`^…` (`sizeUpscaling`)", "full/^max/0/default.jpg", "501 not_implemented", "only in 3.0"),
    Row("rotation (`rotationBy90s`)", "full/max/90/default.jpg", "max_rotate90.jpg"),
    Row("`rotationArbitrary`", "full/max/22.5/default.jpg", INVALID),
    Row("`!n` (`mirroring`)", "full/max/!0/default.jpg", "max_mirror.jpg", "before the rotation"),
    Row("quality `default`, `color`", "full/max/0/color.jpg", "max.jpg"),
    Row("`gray`", "full/max/0/gray.jpg", "max_gray.jpg"),
    Row("`bitonal`", "full/max/0/bitonal.png", "max_bitonal.png"),
    Row("format `jpg`", "full/max/0/default.jpg", "max.jpg"),
    Row("`png`", "full/max/0/default.png", "max.png"),
    Row("`webp`", "full/max/0/default.webp", "max.webp"),
    Row("`avif`", "full/max/0/default.avif", "max.avif", "not of the API; in `extraFormats`"),
    Row("`jxl`", "full/max/0/default.jxl", "max.jxl", "not of the API; in `extraFormats`"),
    Row("`gif`, `tif`, `jp2`, `pdf`", "full/max/0/default.gif", INVALID),
    Row("`info.json`", "info.json", "info.3.json"),
    Row("`baseUriRedirect`", "", "303 to `info.json`"),
)
ROWS: dict[Kind, tuple[Row, ...]] = {"imgix": IMGIX, "imgproxy": IMGPROXY, "iiif": IIIF}
NONE: dict[Kind, tuple[str, ...]] = {"imgix": IMGIX_UNSUPPORTED, "imgproxy": IMGPROXY_UNSUPPORTED}


def table(rows: Iterable[Row]) -> str:
    """Return the rows as Markdown."""
    lines = ["| option | example | becomes | |", "|---|---|---|---|"]
    lines += [
        f"| {row.option} | {_code(row.example)} | {_code(row.becomes)} | {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)


def names(kind: Kind) -> str:
    """Return the options that imagemill has not, as a list."""
    return ", ".join(f"`{name}`" for name in NONE[kind]) + "."


def ladder_bound() -> str:
    """Return how many variants unsigned URLs can ask for."""
    settings = Settings(now=0)
    return (
        f"With the default {len(settings.widths)} widths, {len(SHAPES)} shapes, four fits, three "
        f"qualities and five formats, an original has at most {variant_count(settings):,} variants "
        f"by unsigned imgix URLs."
    )


def _code(text: str) -> str:
    if not text:
        return ""
    return text if "`" in text else f"`{text}`"


TABLES: dict[str, Callable[[], str]] = {
    "imgix_options": lambda: table(IMGIX),
    "imgix_missing": lambda: names("imgix"),
    "imgproxy_options": lambda: table(IMGPROXY),
    "imgproxy_missing": lambda: names("imgproxy"),
    "iiif_features": lambda: table(IIIF),
    "ladder_bound": ladder_bound,
}
