"""Read the header of a file: format, size, frames, orientation, profile. No pixel is decoded."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, cast

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging import apng, xmp
from imagemill.imaging.camera import Shot, read_shot
from imagemill.imaging.copyright import read_copyright
from imagemill.imaging.decode import open_image, translating
from imagemill.imaging.facts import Facts
from imagemill.imaging.formats import (
    avif,
    avif_sequence,
    gif_frames,
    ico,
    jp2,
    jp2_colour,
    png,
    webp,
)
from imagemill.imaging.formats.jpeg_survey import JpegSurvey, survey_jpeg
from imagemill.imaging.gain_maps.jpeg_images import may_have_gain_map
from imagemill.imaging.hdr_profile import colour_codes
from imagemill.imaging.limits import DEFAULT_LIMITS, Limits, check_bytes, check_size
from imagemill.imaging.quality import quality_of
from imagemill.imaging.sizes import declared_size, read_depth
from imagemill.imaging.sniff import Kind, may_be_raw, sniff

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from imagemill.imaging.gain_maps.found import GainMap

# Formats that may have a gain map.
_WITH_GAIN_MAPS = frozenset(("jpeg", "avif", "heic", "png", "jxl"))
# EXIF tags.
_ORIENTATION, _EXIF_DIRECTORY = 0x0112, 0x8769


@dataclass(frozen=True, slots=True)
class Probed:
    """Facts about a file, and its opened decoder."""

    facts: Facts
    image: "ImageFile"
    kind: Kind
    """Kind that is decoded: for an icon that of its largest image."""
    preview: bytes | None = None
    """The JPEG that is shown instead of a camera raw file."""
    animation: apng.Apng | None = None
    """The frames of an animated PNG."""
    gain_map: "GainMap | None" = None
    """The gain map, if renditions can keep it."""


def probe(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Facts:
    """Return the facts in the header.

    Raises an ImageRejected if the bytes are not an image or exceed the limits on size.
    """
    return open_probed(data, limits).facts


def open_probed(data: bytes, limits: Limits, *, described: bool = True) -> Probed:
    """Return the facts together with the opened decoder, for callers that decode.

    Unless `described`, facts without an effect on renditions are left out: camera, time, and gain
    map, for which the whole file is searched.
    """
    check_bytes(len(data), limits)
    raw = _open_raw(data, limits, described=described)
    return raw or _open_file(data, limits, described=described)


def _open_file(data: bytes, limits: Limits, *, described: bool) -> Probed:
    """Return the facts and the opened decoder of a file that is not camera raw."""
    found = sniff(data)
    content = ico.only_largest(data) if found == "ico" else data
    kind = sniff(content)
    # Checks the markers first: it limits the work of all later passes over them.
    found_in_jpeg = survey_jpeg(content) if kind == "jpeg" else JpegSurvey()
    if kind == "heic":
        avif.check_coding(content)
    if size := declared_size(content, kind):
        # Before the decoder opens the file, when it may allocate memory for all pixels.
        check_size(*size, limits, kind)
    if kind in ("avif", "heic"):
        avif.check_coded_sizes(content)
    image = open_image(content, kind)
    animation = apng.read_apng(content) if kind == "png" else None
    check_size(*image.size, limits, kind)
    with translating(kind):
        facts = _read_facts(image, found, described=described)
    codes = colour_codes(content, kind, image)
    gamma, chromaticities = png.read_gamma(content) if kind == "png" and not codes else (None, None)
    facts = replace(
        facts,
        bytes=len(data),
        frames=len(animation.frames) if animation else _count_frames(kind, image),
        max_reduction=_max_reduction(content, kind),
        codes=codes,
        gamma=gamma,
        chromaticities=chromaticities,
        decoder_bytes=_decoder_bytes(content, kind, image),
        kept_bytes=getattr(image, "kept_bytes", 0),
        is_reducible=getattr(image, "is_reducible", False),
        depth=read_depth(content, kind, image),
        is_lossless=kind == "webp" and webp.is_lossless(content),
        quality=quality_of(image) if kind == "jpeg" else None,
        is_buffered=found_in_jpeg.is_buffered,
        extra_cpu_s=facts.extra_cpu_s + found_in_jpeg.extra_cpu_s,
    )
    facts = _with_animation(facts, content, image, animation)
    probed = Probed(facts, image, kind, animation=animation)
    return _with_gain_map(probed, content, described=described)


def _open_raw(data: bytes, limits: Limits, *, described: bool) -> Probed | None:
    """Return a camera raw file with its preview opened, if they are read; None for other files."""
    if not (limits.camera_raw and may_be_raw(data)):
        return None
    # Imported here because few images are raw and a cold start need not load it.
    from imagemill.imaging import raw_preview  # noqa: PLC0415

    found = raw_preview.read(data)
    if found is None:
        return None
    opened = open_probed(found.jpeg, replace(limits, camera_raw=False), described=described)
    facts = raw_preview.completed(opened.facts, found, opened.image.size, described=described)
    # A gain map of the preview is left out: few cameras write one, and no renditions keep it.
    facts = replace(facts, raw_bytes=len(data), gain_map_pixels=0, gain_map_bytes=0)
    return replace(opened, facts=facts, preview=found.jpeg, gain_map=None)


def _with_gain_map(probed: Probed, data: bytes, *, described: bool) -> Probed:
    """Return the result completed by the gain map, if the file has one."""
    kind, image = probed.kind, probed.image
    if kind not in _WITH_GAIN_MAPS:
        return probed
    if kind == "jpeg" and not may_have_gain_map(data, thorough=described):
        return probed
    # Imported here because few images have a gain map and a cold start need not load it.
    from imagemill.imaging.gain_maps.detect import has_gain_map  # noqa: PLC0415
    from imagemill.imaging.gain_maps.find import find_gain_map  # noqa: PLC0415

    search = find_gain_map(data, kind, lambda: image.info.get("exif") or b"")
    found = search.gain_map
    facts = replace(
        probed.facts,
        has_gain_map=bool(found) or (described and has_gain_map(data, kind)),
        gain_map_pixels=found.width * found.height if found else 0,
        gain_map_bytes=found.file_bytes if found else 0,
        is_gain_map_ignored=search.is_declared and found is None,
    )
    return replace(probed, facts=facts, gain_map=found)


def _with_animation(
    facts: Facts, data: bytes, image: "ImageFile", animation: apng.Apng | None
) -> Facts:
    """Return the facts completed by those about frames and their composition."""
    if facts.format == "gif" and isinstance(image, gif_frames.GifImage):
        is_plain = gif_frames.shows_alike_everywhere(image.structure)
        is_cut = facts.frames > 1 and not image.structure.is_whole
        coded = gif_frames.coded_area(image.structure)
        return replace(
            facts, is_cut=is_cut, is_plainly_composed=is_plain, coded_pixels=max(1, coded)
        )
    if facts.frames == 1:
        return facts
    if animation:
        is_plain = apng.shows_alike_everywhere(animation)
        is_clear = facts.has_alpha or not apng.is_opaque(animation)
        return replace(
            facts,
            has_alpha=is_clear,
            is_cut=not animation.is_whole,
            is_plainly_composed=is_plain,
            loops=animation.plays,
            coded_pixels=apng.coded_area(animation),
        )
    if facts.format == "avif":
        return replace(facts, loops=avif_sequence.read_plays(data))
    return replace(facts, is_cut=facts.format == "webp" and webp.completed(data) is not data)


def _read_facts(image: "ImageFile", kind: Kind, *, described: bool) -> Facts:
    exif = _read_exif(image)
    orientation = _orientation(image, kind, exif)
    extended = xmp.extended_packet(getattr(image, "applist", ()))
    shot = _read_shot(exif) if described else Shot()
    credit = read_copyright(exif if len(exif) else _tags(image), image.info, extended)
    width, height = image.size if orientation < 5 else reversed(image.size)  # noqa: PLR2004
    return Facts(
        format=kind,
        bytes=0,
        width=width,
        height=height,
        orientation=orientation,
        mode=image.mode,
        has_alpha=image.has_transparency_data,
        has_profile=bool(image.info.get("icc_profile")),
        loops=_loops(image, kind),
        is_progressive=bool(image.info.get("progressive")),
        coefficient_bytes=_coefficient_bytes(image),
        copyright=credit.copyright,
        artist=credit.artist,
        extra_cpu_s=image.info.get("extra_cpu_s", 0.0),
        bytes_per_band=image.info.get("bytes_per_band", 0),
        **asdict(shot),
    )


def _decoder_bytes(data: bytes, kind: Kind, image: "ImageFile") -> int:
    if kind == "jp2":
        boxes = jp2.read_boxes(data)
        return jp2_colour.decoder_bytes(boxes, jp2.read_codestream(data, boxes.start))
    if kind in ("avif", "heic"):
        frames = _count_frames(kind, image)
        return avif.read_decoder_bytes(data, kind, len(image.getbands()), frames)
    return getattr(image, "decoder_bytes", 0)


def _count_frames(kind: Kind, image: "ImageFile") -> int:
    if kind in ("heic", "jpeg", "png"):
        # Further images in these formats are other views, not an animation.
        return 1
    try:
        return cast("int", getattr(image, "n_frames", 1))
    except Exception:  # noqa: BLE001 - the first page is still usable
        return 1


def _coefficient_bytes(image: "ImageFile") -> int:
    """Return the bytes of coefficients per pixel, two for each coefficient, rounded up."""
    found = getattr(image, "layer", None) or [(0, 1, 1, 0)] * 3
    layers = cast("list[tuple[int, int, int, int]]", found)
    blocks = max(across for _, across, _, _ in layers) * max(down for _, _, down, _ in layers)
    return -(-2 * sum(across * down for _, across, down, _ in layers) // max(1, blocks))


def _max_reduction(data: bytes, kind: Kind) -> int:
    if kind == "jp2":
        return jp2.read_max_reduction(data)
    return 8 if kind in ("jpeg", "tiff", "bmp", "ico") else 1


def _read_exif(image: "ImageFile") -> Image.Exif:
    """Return the EXIF directory; an empty one if it is damaged, as browsers do."""
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif") or _old_exif(image))
    except Exception:  # noqa: BLE001 - hostile metadata raise nearly any exception
        return Image.Exif()
    return exif


def _old_exif(image: "ImageFile") -> bytes:
    """Return the EXIF that ImageMagick stores in PNG text: three header lines, then hex."""
    text = str(image.info.get("Raw profile type exif", ""))
    return bytes.fromhex("".join(text.split("\n")[3:]))


def _orientation(image: "ImageFile", kind: Kind, exif: Image.Exif) -> int:
    """Return the orientation still to be applied; HEIC's decoder applies its own and resets it.

    That of JPEG XL is in its header and applied by the decoder, whatever EXIF says.
    """
    if kind == "jxl":
        return 1
    value = image.info.get("orientation") if kind == "tiff" else exif.get(_ORIENTATION)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1  # noqa: PLR2004 - EXIF 2.32


def _loops(image: "ImageFile", kind: Kind) -> int:
    """Return how often an animation is played; GIF stores repetitions, and nothing for once."""
    loops = image.info.get("loop")
    if kind == "gif":
        return 1 if loops is None else loops and loops + 1
    return loops or 0


def _tags(image: "ImageFile") -> Mapping[int, object]:
    """Return the tags of a TIFF, which are its EXIF tags."""
    return cast("Mapping[int, object]", getattr(image, "tag_v2", {}))


def _read_shot(exif: Image.Exif) -> Shot:
    try:
        return read_shot(exif, exif.get_ifd(_EXIF_DIRECTORY))
    except Exception:  # noqa: BLE001 - hostile metadata raise nearly any exception
        return Shot()
