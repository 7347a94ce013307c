"""URLs that nobody would write, in all grammars: nearly right ones, so that they get far."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from imagemill.domain.keys import image_id
from imagemill.requests.imgix import FREE, SIGNED
from imagemill.requests.imgproxy_names import SHORT_NAMES
from imagemill.requests.settings import KeyPair
from imagemill.requests.signatures import signature_of, signed_text

_NUMBERS = (
    "0", "1", "2", "3", "16", "99", "100", "333", "512", "640", "16382", "16383", "65535", "-1",
    "-0", "0.5", ".5", "1.", "0.00001", "1e3", "0x10", "NaN", "Infinity", "007", "1,5", "٣",
    "99999999999", "4294967296", "1" * 40,
)  # fmt: skip
_WORDS = (
    "auto", "format", "crop", "clip", "min", "max", "fill", "fit", "force", "focalpoint", "faces",
    "top,left", "ce", "fp:1:0", "jpg", "png", "webp", "avif", "gif", "keep", "svg", "ffffff",
    "#f0f", "full", "square", "pct:10,10,50,50", "no", "null", "true", "__proto__", "constructor",
    "toString", "../..", "%00", "%ff%fe", "%", "%zz", "%2525", "\\", "${7*7}", "", "%0d%0aX: y",
    "'\"<>", "a" * 300,
)  # fmt: skip
# Options that are right, with values near the limits.
_IMGIX = (
    "w=96", "w=1", "h=16382", "h=60", "fit=min", "fit=scale", "fit=fill", "auto=format", "q=1",
    "q=100", "fm=avif", "fm=png", "dpr=8", "dpr=0.75", "ar=16:9", "v=1", "placeholder=1",
    "rect=0,0,9,9", "rect=290,190,99,99", "crop=focalpoint", "crop=top,left", "fp-x=1", "fp-y=0",
    "flip=hv", "orient=7", "rot=270", "bg=f0f", "blur=2000", "sharp=100", "sat=-100",
    "expires=9999999999",
)  # fmt: skip
_IMGPROXY = (
    "rs:fill:90:60", "rs:force:1:16382", "rs:fit:333", "s:20:20", "w:16", "h:1", "c:40:30:no",
    "c:0.5:0.5", "c:9999:1", "g:fp:0.3:0.7", "g:soea", "rot:90", "rot:270", "fl:1:1", "bl:3",
    "bl:100", "sh:10", "bg:f0f", "bg:255:0:9", "q:1", "q:100", "z:0.5", "z:0.0001", "dpr:2", "ex:1",
    "el:0", "f:avif", "cb:1", "exp:9999999999", "",
)  # fmt: skip
_REGIONS = (
    "full", "square", "0,0,1,1", "10,20,300,200", "299,199,9,9", "300,0,1,1", "pct:0,0,100,100",
    "pct:99.9999,0,1,1", "pct:10,10,0.0001,0.0001",
)  # fmt: skip
_SIZES = (
    "max", "full", "1,", ",1", "90,60", "!9,9", "pct:0.0001", "pct:50", "pct:100", "^max", "^9,",
    "16382,16382",
)  # fmt: skip
_ROTATIONS = ("0", "90", "!180", "!0", "360", "22.5")
_FILES = (
    "default.jpg", "color.png", "gray.webp", "bitonal.png", "default.avif", "default.gif",
    "native.jpg", "default",
)  # fmt: skip
_ACCEPTS = ("", "*/*", "image/avif,image/webp", "image/webp;q=0", "text/html", ",;q=", "a" * 5000)
_PREFIXES = (
    "/~/", "/~p/", "/iiif/3/", "/iiif/2/", "/iiif/", "/~t/", "//~/", "/%7E/", "/~", "/./~/",
    "/~/../",
)  # fmt: skip
_JUNK = ("", "", "/", "%", "..", ":", ",", "&", "=")
# Share of options that are right.
_RIGHT = 0.8


@dataclass(frozen=True, slots=True)
class HostileUrl:
    """A request: path and query together, and the header Accept."""

    address: str
    accept: str


@dataclass(frozen=True, slots=True)
class UrlMaker:
    """Makes URLs of some keys; half of those in which a signature counts have a valid one."""

    random: Random
    keys: tuple[str, ...]
    pair: KeyPair

    def urls(self, count: int) -> Iterator[HostileUrl]:
        """Yield URLs; the same for the same seed."""
        makers = (self._imgix, self._imgproxy, self._iiif, self._broken)
        for _ in range(count):
            address = self.random.choice(makers)()
            yield HostileUrl(address, self.random.choice(_ACCEPTS))

    def _imgix(self) -> str:
        path, pairs = f"/~/{self._key()}", dict[str, str]()
        for _ in range(self.random.randrange(5)):
            name, _, value = self.random.choice(_IMGIX).partition("=")
            if self.random.random() > _RIGHT:
                name, value = self.random.choice([*FREE, *SIGNED, "s", "txt"]), self._value()
            pairs[name] = value
        if self.random.random() < 0.5:
            pairs["sig"] = signature_of(signed_text(path, pairs), self.pair)
        query = "&".join(f"{name}={value}" for name, value in pairs.items())
        return f"{path}?{query}" if query else path

    def _imgproxy(self) -> str:
        options = [self._option() for _ in range(self.random.randrange(4))]
        extension = self.random.choice(["", "", "@webp", "@png", "@avif", "@jpg", "@exe"])
        rest = "/".join([*options, "plain", self._key() + extension])
        is_signed = self.random.random() < 0.7
        signature = signature_of(f"/{rest}", self.pair) if is_signed else "unsafe"
        return f"/~p/{signature}/{rest}"

    def _option(self) -> str:
        if self.random.random() < _RIGHT:
            return self.random.choice(_IMGPROXY)
        name = self.random.choice(sorted(SHORT_NAMES))
        return ":".join([name, *(self._value() for _ in range(self.random.randrange(5)))])

    def _iiif(self) -> str:
        name = self.random.choice([self._key().replace("/", "%2F"), self._id(), self._id()])
        parts = [
            self._or_numbers(_REGIONS, 4),
            self._or_numbers(_SIZES, 2),
            self.random.choice(_ROTATIONS),
            self.random.choice(_FILES),
        ]
        if self.random.random() < 0.1:
            parts = ["info.json"]
        return f"/iiif/{self.random.choice('2333')}/{name}/{'/'.join(parts)}"

    def _or_numbers(self, words: tuple[str, ...], count: int) -> str:
        if self.random.random() < _RIGHT:
            return self.random.choice(words)
        return ",".join(quote(self.random.choice(_NUMBERS), safe="%") for _ in range(count))

    def _broken(self) -> str:
        """Return another URL with some characters lost, doubled or replaced, or after a prefix."""
        if self.random.random() < 0.2:
            return f"{self.random.choice(_PREFIXES)}{self._value()}/{self._key()}"
        text = self.random.choice((self._imgix, self._imgproxy, self._iiif))()
        for _ in range(self.random.randrange(1, 4)):
            at = self.random.randrange(1, len(text))
            kept = self.random.choice([text[at + 1 :], text[at:], text[at - 1 :]])
            text = text[:at] + self.random.choice(_JUNK) + kept
        return "/" + text.removeprefix("/") + "9" * self.random.choice([0, 0, 0, 9000])

    def _key(self) -> str:
        return quote(self.random.choice(self.keys))

    def _id(self) -> str:
        return image_id(self.random.choice(self.keys))

    def _value(self) -> str:
        return quote(self.random.choice([*_NUMBERS, *_WORDS]), safe="%:,/#'\"<>${}*\\")
