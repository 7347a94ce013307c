"""JPEG files with a gain map, made here: MPF, XMP and ISO 21496-1."""

import struct
from io import BytesIO

from PIL import Image

XMP = b"http://ns.adobe.com/xap/1.0/\0"
ISO = b"urn:iso:std:iso:ts:21496:-1\0"
HDRGM = "http://ns.adobe.com/hdr-gain-map/1.0/"
APPLE = "http://ns.apple.com/HDRGainMap/1.0/"
# A place that a second image must not tell.
LOCATION = b"Exif\0\0MM\0*52.5200N013.4050E"
ULTRA_HDR = (
    'hdrgm:Version="1.0" hdrgm:GainMapMin="-1" hdrgm:GainMapMax="3" hdrgm:HDRCapacityMax="3"'
)


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segments(data: bytes, *segments: bytes) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


def packet(
    attributes: str, namespace: str = HDRGM, prefix: str = "hdrgm", content: str = ""
) -> bytes:
    """Return an XMP packet with a description that has these attributes and this content."""
    text = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:{prefix}="{namespace}" {attributes}>{content}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return XMP + text.encode()


def index_of_images(order: str, offset: int, length: int) -> bytes:
    """Return the body of an MPF segment with two images; "<" is little-endian."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHI4sHHII", 0xB000, 7, 4, b"0100", 0xB001, 4, 1, 2)
    entries += struct.pack(order + "HHII", 0xB002, 7, 32, 50)
    images = struct.pack(order + "IIIHHIIIHH", 0x30000, 0, 0, 0, 0, 0, length, offset, 0, 0)
    return b"MPF\0" + mark + struct.pack(order + "IH", 8, 3) + entries + bytes(4) + images


def jpeg(image: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", **{"quality": 95, **options})
    return file.getvalue()


def joined(
    base: bytes, gain: bytes, *declared: bytes, order: str = ">", offset: int | None = None
) -> bytes:
    """Return a file of two images; `offset` replaces that of the second in the index."""
    length = len(segment(0xE2, index_of_images(order, 0, 0)))
    # Offsets count from the header of the index, after SOI, its marker, length and name.
    true = len(base) + length + len(b"".join(declared)) - 10
    index = segment(0xE2, index_of_images(order, true if offset is None else offset, len(gain)))
    return with_segments(base, index, *declared) + gain


def ultra_hdr(
    base: Image.Image,
    gain: Image.Image,
    fields: str = ULTRA_HDR,
    content: str = "",
    **options: object,
) -> bytes:
    """Return an Ultra HDR file; the gain map's image has a location in its EXIF."""
    own = segment(0xE1, LOCATION) + segment(0xE1, packet(fields, content=content))
    second = with_segments(jpeg(gain, subsampling=0), own)
    declared = segment(0xE1, packet('hdrgm:Version="1.0"'))
    return joined(jpeg(base, **options), second, declared)
