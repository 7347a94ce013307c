"""Show a camera raw file by the preview inside it."""

from dataclasses import asdict, replace

from imagemill.imaging.camera import EXIF_TAGS, MAKE, MODEL, read_shot
from imagemill.imaging.copyright import read_copyright
from imagemill.imaging.decode import translating
from imagemill.imaging.facts import Facts
from imagemill.imaging.formats.camera_raw import RawPreview, find_preview

# Tags of the credit.
_ARTIST, _COPYRIGHT = 0x013B, 0x8298


def read(data: bytes) -> RawPreview | None:
    """Return the preview of a raw file; None for any other file.

    Raises UnsupportedFormat if there is no preview that is large enough.
    """
    with translating("tiff"):
        return find_preview(data)


def completed(
    facts: Facts, found: RawPreview, stored: tuple[int, int], *, described: bool
) -> Facts:
    """Return the facts of a preview of `stored` px with those that its raw file adds."""
    return _turned(_with_tags(facts, found, described=described), found, stored)


def _turned(facts: Facts, found: RawPreview, stored: tuple[int, int]) -> Facts:
    """Return the facts with the orientation of the raw file, if it has one."""
    orientation = found.orientation or facts.orientation
    turned = replace(facts, orientation=orientation, raw_format=found.format)
    width, height = reversed(stored) if turned.is_sideways else stored
    return replace(turned, width=width, height=height)


def _with_tags(facts: Facts, found: RawPreview, *, described: bool) -> Facts:
    """Return the facts completed by the tags of the raw file, which its preview may lack."""
    tags = found.credits
    credit = read_copyright({_ARTIST: tags.artist, _COPYRIGHT: tags.copyright}, {})
    facts = replace(
        facts,
        artist=credit.artist or facts.artist,
        copyright=credit.copyright or facts.copyright,
    )
    if not described:
        return facts
    exif = {tag: tags.exif.value(tag) for tag in EXIF_TAGS} if tags.exif else {}
    shot = read_shot({MAKE: tags.make, MODEL: tags.model}, exif)
    known = {name: value for name, value in asdict(shot).items() if value is not None}
    return replace(facts, **known)
