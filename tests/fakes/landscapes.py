"""Generated landscapes: images without a copyright, for screenshots."""

import io
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Landscape:
    """File name, size in px, colours and features of one landscape."""

    name: str
    size: tuple[int, int]
    sky: tuple[Colour, ...]
    near: Colour
    far: Colour
    ridges: int = 6
    roughness: float = 0.5
    sun: tuple[float, float, float] | None = None
    """Position across and down (0 to 1), and radius as a share of the shorter side."""
    water: bool = False
    stars: bool = False


LANDSCAPES = (
    Landscape(
        "Morning over the Karwendel.jpg",
        (1680, 1120),
        ((38, 70, 120), (128, 164, 200), (250, 214, 178)),
        (18, 34, 48),
        (164, 178, 196),
        7,
        0.55,
        (0.72, 0.42, 0.045),
    ),
    Landscape(
        "dunes-evening.jpg",
        (1680, 944),
        ((86, 62, 110), (232, 128, 96), (255, 208, 138)),
        (92, 40, 26),
        (222, 142, 92),
        5,
        0.16,
        (0.3, 0.5, 0.06),
    ),
    Landscape(
        "fjord.jpg",
        (1120, 1540),
        ((30, 52, 74), (96, 138, 156), (206, 220, 214)),
        (10, 26, 32),
        (130, 156, 164),
        6,
        0.6,
        None,
        water=True,
    ),
    Landscape(
        "Last light.jpg",
        (1820, 1050),
        ((24, 22, 58), (120, 52, 98), (246, 132, 84), (255, 206, 120)),
        (14, 10, 30),
        (128, 64, 92),
        5,
        0.45,
        (0.5, 0.62, 0.08),
        water=True,
    ),
    Landscape(
        "north.png",
        (1540, 980),
        ((4, 10, 28), (10, 42, 62), (30, 104, 96)),
        (2, 8, 14),
        (16, 52, 62),
        5,
        0.5,
        None,
        stars=True,
    ),
    Landscape(
        "hills in march.jpg",
        (1400, 1400),
        ((150, 196, 214), (214, 228, 218), (246, 240, 214)),
        (44, 78, 40),
        (158, 186, 150),
        7,
        0.22,
    ),
    Landscape(
        "IMG_0042.jpg",
        (1680, 1120),
        ((250, 180, 150), (252, 214, 190), (255, 240, 224)),
        (120, 60, 84),
        (236, 178, 172),
        8,
        0.34,
        (0.64, 0.36, 0.07),
    ),
    Landscape(
        "harbour-night.jpg",
        (1260, 1680),
        ((6, 10, 32), (22, 32, 78), (74, 60, 118)),
        (4, 6, 18),
        (44, 44, 92),
        4,
        0.38,
        (0.68, 0.2, 0.05),
        water=True,
        stars=True,
    ),
    Landscape(
        "glacier.jpg",
        (1820, 1022),
        ((60, 118, 168), (150, 194, 222), (232, 242, 246)),
        (40, 84, 116),
        (206, 224, 234),
        7,
        0.7,
    ),
    Landscape(
        "red rock.jpg",
        (1680, 1120),
        ((64, 132, 190), (150, 192, 214), (244, 216, 190)),
        (108, 34, 20),
        (214, 128, 92),
        5,
        0.42,
    ),
    Landscape(
        "mist.webp",
        (1470, 980),
        ((196, 204, 206), (216, 220, 218), (234, 232, 226)),
        (58, 70, 70),
        (206, 212, 210),
        9,
        0.4,
    ),
    Landscape(
        "lake at noon.jpg",
        (1680, 1050),
        ((34, 112, 188), (120, 178, 220), (222, 238, 242)),
        (18, 62, 58),
        (128, 168, 180),
        5,
        0.5,
        None,
        water=True,
    ),
    Landscape(
        "vineyard.jpg",
        (1330, 1610),
        ((252, 196, 120), (254, 222, 164), (255, 244, 214)),
        (72, 60, 18),
        (220, 178, 102),
        7,
        0.18,
        (0.34, 0.3, 0.08),
    ),
    Landscape(
        "storm front.jpg",
        (1820, 1120),
        ((24, 30, 40), (70, 82, 94), (164, 160, 146)),
        (14, 20, 18),
        (96, 104, 104),
        5,
        0.3,
    ),
    Landscape(
        "polar-day.jpg",
        (1680, 952),
        ((120, 148, 196), (222, 190, 204), (255, 226, 206)),
        (68, 84, 130),
        (214, 206, 222),
        6,
        0.62,
        (0.2, 0.56, 0.05),
        water=True,
    ),
    Landscape(
        "jungle.jpg",
        (1400, 1050),
        ((120, 170, 130), (190, 214, 160), (240, 240, 190)),
        (6, 36, 26),
        (122, 170, 120),
        8,
        0.46,
        (0.55, 0.25, 0.06),
    ),
    Landscape(
        "dusk, eastwards.jpg",
        (1680, 1120),
        ((46, 40, 92), (132, 92, 150), (238, 160, 170)),
        (26, 18, 48),
        (150, 108, 156),
        7,
        0.5,
        (0.8, 0.3, 0.03),
        stars=True,
    ),
    Landscape(
        "salt flats.jpg",
        (1820, 980),
        ((70, 150, 210), (170, 208, 226), (250, 244, 236)),
        (150, 120, 110),
        (230, 220, 214),
        4,
        0.2,
        None,
        water=True,
    ),
)


def draw(landscape: Landscape) -> Image.Image:
    """Draw a landscape; the result is always the same."""
    chance = random.Random(landscape.name)  # noqa: S311  # not a secret
    width, height = landscape.size
    image = _gradient(landscape.size, landscape.sky)
    if landscape.stars:
        _sprinkle(image, chance)
    if landscape.sun:
        image = _lit(image, landscape)
    horizon = height * (0.66 if landscape.water else 1.0)
    for share, line in _ridges(landscape, chance, horizon):
        ridge = Image.new("L", landscape.size)
        floor = int(horizon)
        ImageDraw.Draw(ridge).polygon([(0, floor), *line, (width, floor)], fill=255)
        depth = share**0.6
        top, bottom = (
            _mixed(landscape.far, landscape.near, depth),
            _mixed(landscape.far, landscape.near, depth * 0.8),
        )
        image.paste(
            _gradient(landscape.size, (top, bottom)), mask=ridge.filter(ImageFilter.GaussianBlur(1))
        )
    if landscape.water:
        image = _mirrored(image, int(horizon))
    return _grained(image, chance)


def encoded(landscape: Landscape, quality: int = 90) -> bytes:
    """Return a landscape as a file in the format of its name's extension."""
    buffer = io.BytesIO()
    kind = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[landscape.name.rpartition(".")[2]]
    draw(landscape).save(buffer, kind, quality=quality)
    return buffer.getvalue()


def _gradient(size: tuple[int, int], colours: Sequence[Colour]) -> Image.Image:
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(list(colours))
    tall = strip.resize((1, size[1]), Image.Resampling.BICUBIC)
    return tall.resize(size)


def _sprinkle(image: Image.Image, chance: random.Random) -> None:
    pen = ImageDraw.Draw(image)
    for _ in range(420):
        x, y = chance.random() * image.width, chance.random() ** 1.6 * image.height * 0.6
        bright = int(110 + 145 * chance.random() ** 3)
        radius = 0.8 + 1.6 * chance.random() ** 4
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(bright, bright, bright))


def _lit(image: Image.Image, landscape: Landscape) -> Image.Image:
    across, down, share = landscape.sun or (0, 0, 0)
    width, height = landscape.size
    radius = share * min(width, height)
    x, y = across * width, down * height
    for spread, light in ((7, 70), (2.4, 60)):
        image = _brightened(image, _disc(landscape.size, (x, y), radius * spread, light, 0.5))
    return _brightened(image, _disc(landscape.size, (x, y), radius, 235, 0.02))


def _disc(
    size: tuple[int, int], middle: tuple[float, float], radius: float, light: int, blur: float
) -> Image.Image:
    """Return a blurred disc; a strongly blurred one is drawn at 1/8 size, which is faster."""
    part = 8 if blur > 0.1 else 1
    small = Image.new("L", (size[0] // part, size[1] // part))
    x, y, reach = middle[0] / part, middle[1] / part, radius / part
    ImageDraw.Draw(small).ellipse((x - reach, y - reach, x + reach, y + reach), fill=light)
    soft = small.filter(ImageFilter.GaussianBlur(reach * blur))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _brightened(image: Image.Image, light: Image.Image) -> Image.Image:
    warm = Image.new("RGB", image.size, (255, 236, 206))
    glow = Image.composite(warm, Image.new("RGB", image.size), light)
    return ImageChops.screen(image, glow)


def _ridges(
    landscape: Landscape, chance: random.Random, horizon: float
) -> Iterator[tuple[float, list[tuple[float, float]]]]:
    width, height = landscape.size
    for index in range(landscape.ridges):
        share = (index + 1) / landscape.ridges
        base = (
            horizon * (0.52 + 0.46 * share)
            if not landscape.water
            else horizon * (0.7 + 0.3 * share)
        )
        swing = height * landscape.roughness * (0.34 - 0.2 * share)
        waves = [
            (
                swing / 2**octave * chance.uniform(0.4, 1),
                2.0**octave * chance.uniform(0.7, 1.5),
                chance.uniform(0, 6.3),
            )
            for octave in range(9)
        ]
        line: list[tuple[float, float]] = [
            (
                x,
                base
                - sum(size * math.sin(pace * x / width * 4 + shift) for size, pace, shift in waves)
                * 0.5,
            )
            for x in range(0, width + 4, 4)
        ]
        yield share, line


def _mirrored(image: Image.Image, horizon: int) -> Image.Image:
    depth = image.height - horizon
    above = image.crop((0, max(0, horizon - depth), image.width, horizon))
    still = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((image.width, depth))
    still = still.filter(ImageFilter.GaussianBlur(image.height / 400))
    shade = Image.new("RGB", still.size, (12, 26, 40))
    image.paste(Image.blend(still, shade, 0.22), (0, horizon))
    pen = ImageDraw.Draw(image, "RGBA")
    for row in range(0, depth, 9):
        pen.line((0, horizon + row, image.width, horizon + row), fill=(255, 255, 255, 9), width=2)
    return image


def _grained(image: Image.Image, chance: random.Random) -> Image.Image:
    size = (image.width // 2, image.height // 2)
    tile = Image.frombytes("L", (256, 256), bytes(chance.randbytes(65536)))
    noise = Image.new("L", size)
    for x in range(0, size[0], 256):
        for y in range(0, size[1], 256):
            noise.paste(tile, (x, y))
    grain = noise.filter(ImageFilter.GaussianBlur(0.6)).resize(image.size).convert("RGB")
    return Image.blend(image, ImageChops.overlay(image, grain), 0.04)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
