"""Copyright and artist in XMP."""

import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imagemill.imaging import Rendered, Rendition
from imagemill.imaging.copyright import Credit, read_copyright

ARTIST, COPYRIGHT = 0x013B, 0x8298

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]

HEAD = (
    '<?xpacket begin="\ufeff"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:q="http://purl.org/dc/elements/1.1/" '
)
TAIL = "</rdf:Description></rdf:RDF></x:xmpmeta> <?xpacket end='w'?>"


@pytest.mark.parametrize(
    ("description", "credit"),
    [
        ('q:rights="A &amp; B">', Credit(None, "A & B")),
        ("><q:rights><![CDATA[A & B]]></q:rights>", Credit(None, "A & B")),
        ("><q:rights>&#169; &#x41;</q:rights>", Credit(None, "© A")),
        (
            (
                '><q:rights><rdf:Alt><rdf:li xml:lang="de">D</rdf:li>'
                '<rdf:li xml:lang="x-default">E</rdf:li></rdf:Alt></q:rights>'
            ),
            Credit(None, "E"),
        ),
        (
            "><q:creator><rdf:Seq><rdf:li>A</rdf:li><rdf:li>B</rdf:li></rdf:Seq></q:creator>",
            Credit("A; B", None),
        ),
        (
            (
                "><q:creator><rdf:Bag><rdf:li rdf:parseType='Resource'><rdf:value>A</rdf:value>"
                "</rdf:li></rdf:Bag></q:creator>"
            ),
            Credit("A", None),
        ),
        (
            (
                "><p:Pantry xmlns:p='p'><rdf:Bag><rdf:li><rdf:Description q:rights='not mine'>"
                "<q:creator>not me</q:creator></rdf:Description></rdf:li></rdf:Bag></p:Pantry>"
            ),
            Credit(),
        ),
        ("><t:Artist xmlns:t='http://ns.adobe.com/tiff/1.0/'>A</t:Artist>", Credit("A", None)),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_xmp_is_read_as_xml(description: str, credit: Credit, encoding: str) -> None:
    packet = (HEAD + description + TAIL).encode(encoding)

    assert read_copyright({}, {"xmp": packet}) == credit


@pytest.mark.parametrize(
    "packet",
    [
        '<!DOCTYPE x [<!ENTITY a "AAAA">]>' + HEAD + 'q:rights="&a;">' + TAIL,
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + HEAD
        + "><q:rights>&a;</q:rights>"
        + TAIL,
    ],
)
def test_entities_of_the_packet_itself_are_never_expanded(packet: str) -> None:
    assert read_copyright({}, {"xmp": packet.encode()}) == Credit()


def test_xmp_that_is_cut_short_is_read_up_to_the_cut() -> None:
    packet = (HEAD + 'q:rights="me"><q:creator>Ada').encode()

    assert read_copyright({}, {"xmp": packet}) == Credit(None, "me")


def test_credit_in_the_extended_xmp_of_a_jpeg_is_read(
    quarters: Draw, save: Save, render_all: Render
) -> None:
    packet = (HEAD + 'q:rights="me">' + TAIL).encode()
    parts = [(at, packet[at : at + 100]) for at in range(0, len(packet), 100)]
    bodies = [
        b"http://ns.adobe.com/xmp/extension/\0"
        + b"G" * 32
        + struct.pack(">II", len(packet), at)
        + part
        for at, part in reversed(parts)
    ]
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body for body in bodies)
    data = save(quarters(60, 40), "JPEG")

    facts = render_all(data[:2] + segments + data[2:]).facts

    assert facts.copyright == "me"


def png_text(name: bytes, keyword: bytes, text: bytes) -> tuple[bytes, bytes]:
    packed = zlib.compress(text)
    bodies = {
        b"tEXt": keyword + b"\0" + text,
        b"zTXt": keyword + b"\0\0" + packed,
        b"iTXt": keyword + b"\0\0\0\0\0" + text,
    }
    return name, bodies[name]


PACKET = (HEAD + 'q:rights="© me" q:creator="Ada">' + TAIL).encode()
IN_HEX = b"\nxmp\n%8d\n%s\n" % (len(PACKET), PACKET.hex().encode())


@pytest.mark.parametrize(
    "chunk",
    [
        png_text(b"iTXt", b"XML:com.adobe.xmp", PACKET),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(PACKET)),
        png_text(b"zTXt", b"Raw profile type xmp", IN_HEX),
        png_text(b"tEXt", b"Raw profile type xmp", IN_HEX),
    ],
)
@pytest.mark.parametrize("recipe", ["30", "500"])
def test_a_png_keeps_the_credit_in_its_xmp(
    chunk: tuple[bytes, bytes],
    recipe: str,
    quarters: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    info = PngInfo()
    info.add(*chunk)
    data = save(quarters(60, 40), "PNG", pnginfo=info)

    exif = reopen(render_one(data, recipe)).getexif()

    assert exif.get(ARTIST) == "Ada"
    assert str(exif.get(COPYRIGHT)).encode("latin-1").decode() == "© me"


@pytest.mark.parametrize("body", [b"", b"\0", b"\1\0", b"\1\0\0\0?", b"\1\0\0\0\x78\x9c\xff"])
def test_damaged_xmp_of_a_png_is_ignored(body: bytes, save: Save, render_all: Render) -> None:
    info = PngInfo()
    info.add(b"iTXt", b"XML:com.adobe.xmp\0" + body)
    data = save(Image.new("RGB", (60, 40)), "PNG", pnginfo=info)

    assert render_all(data).facts.copyright is None
