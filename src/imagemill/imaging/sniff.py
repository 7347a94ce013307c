"""Recognise the kind of a file by its first bytes, never by its name."""

import re
from typing import Literal

from imagemill.errors import CorruptImage, EmptyFile, NotAnImage, UnsupportedFormat

Kind = Literal["jpeg", "png", "webp", "gif", "avif", "heic", "tiff", "bmp", "ico", "jp2", "jxl"]

# Bytes of the file that are looked at.
_HEAD_BYTES = 1024
_IMAGES: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"BM", "bmp"),
    (b"\0\0\1\0", "ico"),
    (b"\0\0\2\0", "ico"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
)
# Header of a Targa file, which looks like a cursor file without entries.
_TARGA = b"\0\0\2\0\0\0"
# The reason of a refusal.
RAW_REFUSAL = (
    "camera raw files are read only with the parameter CameraRaw: "
    "upload the JPEG or HEIC of the same photo"
)
OTHER_RAW_REFUSAL = (
    "this kind of camera raw is not supported: upload the JPEG or HEIC of the same photo"
)
# First bytes of camera raw files with a preview that can be read, besides those that look like a
# TIFF.
_RAW_BEGINNINGS = (b"FUJIFILMCCD-RAW", b"II\x55\0", b"IIRO", b"IIRS", b"MMOR")
_CANON_RAW, _CANON_MARK, _CANON_MEDIA = b"II*\0", b"CR", b"ftypcrx "
# Marks of Phase One's raw files, after 8 bytes that are those of a TIFF.
_PHASE_ONE_MARKS = (b"IIII", b"MMMM")
_REFUSED = (
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"8BPS", "Photoshop"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM video"),
    (b"FLV\1", "Flash video"),
    (b"\0\0\1\xba", "MPEG video"),
    (b"\0\0\1\xb3", "MPEG video"),
    (b"OggS", "Ogg"),
    (b"FUJIFILMCCD-RAW", "camera raw"),
    (b"II\x55\0", "camera raw"),
    (b"IIRO", "camera raw"),
    (b"IIRS", "camera raw"),
    (b"MMOR", "camera raw"),
    (b"II\x1a\0\0\0HEAPCCDR", "this kind of camera raw"),
    (b"\0MRM", "this kind of camera raw"),
    (b"FOVb", "this kind of camera raw"),
    (b"II\xbc\1", "JPEG XR"),
    (b"qoif", "QOI"),
    (b"v/1\1", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"DDS ", "DirectDraw surface"),
    (b"icns", "Apple icon"),
    (b"\x8aMNG", "MNG"),
    (b"\xd7\xcd\xc6\x9a", "Windows metafile"),
    (b"/* XPM", "XPM"),
    (b"gimp xcf", "GIMP image"),
    (b"BPG\xfb", "BPG"),
)
_RAW_REFUSALS = {"camera raw": RAW_REFUSAL, "this kind of camera raw": OTHER_RAW_REFUSAL}
_NETPBM = re.compile(rb"P[1-7Ff][ \t\r\n#]")
_SVG = re.compile(rb"<svg[\s>]|<!DOCTYPE\s+svg", re.IGNORECASE)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}


def sniff(data: bytes) -> Kind:
    """Return the kind of image in `data`.

    Raises EmptyFile for no bytes, CorruptImage for a PNG damaged by a text-mode transfer,
    UnsupportedFormat for images, documents and videos that are not decoded here, NotAnImage for
    anything else. SVG, PDF and PostScript are closer to programs than to images: never rendered.
    """
    if not data:
        raise EmptyFile("the file is empty")
    head = bytes(data[:_HEAD_BYTES])
    for magic, kind in _IMAGES:
        if head.startswith(magic):
            if kind == "tiff" and head[8:12].startswith(_PHASE_ONE_MARKS):
                raise UnsupportedFormat(OTHER_RAW_REFUSAL)
            if kind == "tiff" and is_camera_raw(head):
                raise UnsupportedFormat(RAW_REFUSAL)
            if head.startswith(_TARGA):
                raise UnsupportedFormat("Targa files are not supported")
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _kind_of_iso_media(head)
    raise _refusal(head)


def check_beginning(head: bytes, *, camera_raw: bool = False) -> None:
    """Raise what `sniff` raises, for the first bytes of a file.

    With `camera_raw` files whose preview can be read are accepted.
    """
    if not (camera_raw and is_camera_raw(head)):
        sniff(head)


def is_camera_raw(head: bytes) -> bool:
    """Return True for the first bytes of a raw file that no other format begins with."""
    is_canon = head.startswith(_CANON_RAW) and head.startswith(_CANON_MARK, 8)
    return head.startswith(_RAW_BEGINNINGS) or is_canon or head.startswith(_CANON_MEDIA, 4)


def may_be_raw(head: bytes) -> bool:
    """Return True for the first bytes of a raw file, or of a TIFF, which may be one."""
    return is_camera_raw(head) or head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))


def _kind_of_iso_media(head: bytes) -> Kind:
    """Tell AVIF, HEIC and videos apart by their brands: ISO/IEC 14496-12, box `ftyp`."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12]] + [head[at : at + 4] for at in range(16, end, 4)]
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return "avif"
        if brand in _HEIC_BRANDS:
            return "heic"
    if not {b"mif1", b"msf1"}.isdisjoint(brands):
        return "heic"
    if brands[0] == b"crx ":
        raise UnsupportedFormat(RAW_REFUSAL)
    raise UnsupportedFormat("videos are not supported")


def _refusal(head: bytes) -> Exception:
    for magic, name in _REFUSED:
        if head.startswith(magic):
            refusal = _RAW_REFUSALS.get(name, f"{name} files are not supported")
            return UnsupportedFormat(refusal)
    if head[1:4] == b"PNG" or head[:3] == b"PNG":
        return CorruptImage("the PNG signature is damaged, as by a transfer in text mode")
    if _SVG.search(head):
        return UnsupportedFormat("SVG files are not supported")
    if _NETPBM.match(head):
        return UnsupportedFormat("Netpbm files are not supported")
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return UnsupportedFormat("videos are not supported")
    return NotAnImage("the bytes are not a known kind of image")
