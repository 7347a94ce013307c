"""Files of JPEG XL in the container of ISO/IEC 18181-2."""

_SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"


def in_container(codestream: bytes, boxes: bytes = b"") -> bytes:
    """Return a file of one codestream and other boxes."""
    kind = make_box(b"ftyp", b"jxl \0\0\0\0jxl ")
    return _SIGNATURE + kind + make_box(b"jxlc", codestream) + boxes


def make_box(name: bytes, content: bytes) -> bytes:
    """Return a box; its size has 32 bits."""
    return (8 + len(content)).to_bytes(4, "big") + name + content
