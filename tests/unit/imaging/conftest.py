"""Fixtures that draw, save and render images."""

from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any

import pytest
from PIL import Image

from imagemill.imaging import Rendered, Rendition, render
from imagemill.recipe import Recipe

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 40), (30, 40, 210), (240, 220, 40)

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Quarters = Callable[[int, int], Image.Image]


@pytest.fixture
def save() -> Save:
    def save_as(image: Image.Image, to: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
        file = BytesIO()
        image.save(file, to, **options)
        return file.getvalue()

    return save_as


@pytest.fixture
def render_all() -> Render:
    def run(data: bytes, recipe: str = "500") -> Rendered:
        return render(data, Recipe.parse(recipe))

    return run


@pytest.fixture
def render_one(render_all: Render) -> RenderOne:
    def run(data: bytes, recipe: str = "500") -> Rendition:
        return render_all(data, recipe).renditions[0]

    return run


@pytest.fixture
def reopen() -> Reopen:
    def run(rendition: Rendition) -> Image.Image:
        return Image.open(BytesIO(rendition.data))

    return run


@pytest.fixture
def quarters() -> Quarters:
    """Red, green, blue and yellow quarters: left to right, top to bottom."""

    def draw(width: int, height: int) -> Image.Image:
        image = Image.new("RGB", (width, height), RED)
        image.paste(GREEN, (width // 2, 0, width, height // 2))
        image.paste(BLUE, (0, height // 2, width // 2, height))
        image.paste(YELLOW, (width // 2, height // 2, width, height))
        return image

    return draw


@pytest.fixture
def noise() -> Quarters:
    """Noise that hardly compresses, equal in every run."""

    def draw(width: int, height: int) -> Image.Image:
        grains = Random(7).randbytes(width * height * 3)  # noqa: S311 - a seed, not a secret
        return Image.frombytes("RGB", (width, height), grains)

    return draw
