"""A damaged PNG gives the same pixels and warnings with and without the sandbox."""

import zlib
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from fakes import pngs
from fakes.pngs import COLOUR, COLOUR_ALPHA, GREY, PALETTE

from imagemill.errors import ImageRejected
from imagemill.imaging import Limits, Rendered, render
from imagemill.imaging.formats.png import make_chunk
from imagemill.recipe import Recipe

# Nothing is resized in the first rendition, whose pixels must be the same: resizers round
# differently.
RECIPE = Recipe.parse("4000:png, 16:png, 9x9:cover:jpeg")
LIMITS = Limits(max_pixels=1_000_000)
SIZE = (60, 40)
SEEDS = {
    "grey": pngs.noise(SIZE, (8, GREY), (b"tRNS", b"\0\7")),
    "colour in pieces": pngs.noise(SIZE, (8, COLOUR), piece=500),
    "colour and alpha": pngs.noise(SIZE, (16, COLOUR_ALPHA)),
    "palette": pngs.noise(SIZE, (4, PALETTE), compression=pngs.Compression(9, zlib.Z_FIXED)),
}


def outcome(data: bytes, *, sandboxed: bool) -> Rendered | None:
    try:
        return render(data, RECIPE, LIMITS, sandboxed=sandboxed)
    except ImageRejected:
        return None


def damaged_files(whole: bytes) -> Iterator[bytes]:
    """Yield files with bytes overwritten, removed or inserted, a third among the headers."""
    chance = Random(whole)  # noqa: S311 - a seed, not a secret
    for _ in range(50):
        most = 60 if chance.random() < 1 / 3 else len(whole)
        at, length = chance.randrange(8, most), chance.choice((1, 2, 4, 16, 64, 300))
        inserted = chance.randbytes(length * chance.randrange(2))
        yield whole[:at] + inserted + whole[at + length * chance.randrange(2) :]


def repacked(whole: bytes) -> Iterator[bytes]:
    """Yield files whose compressed pixels were damaged, with valid chunks around them."""
    chance = Random(whole)  # noqa: S311 - a seed, not a secret
    start = whole.index(b"IDAT") + 4
    pixels = whole[start : start + int.from_bytes(whole[start - 8 : start - 4], "big")]
    for _ in range(50):
        changed = bytearray(pixels)
        for _ in range(chance.choice((1, 1, 3))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        chunk = make_chunk(b"IDAT", bytes(changed))
        yield whole[: start - 8] + chunk + whole[start + len(pixels) + 4 :]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("seed", SEEDS)
def test_sandbox_and_library_agree_about_damaged_files(seed: str) -> None:
    verdicts = Counter[str]()

    for data in [*damaged_files(SEEDS[seed]), *repacked(SEEDS[seed])]:
        ours, theirs = outcome(data, sandboxed=True), outcome(data, sandboxed=False)
        assert (ours is None) == (theirs is None)
        verdicts[ours.sandbox if ours else "refused"] += 1
        if ours and theirs:
            assert ours.warnings == theirs.warnings
            assert pngs.pixels(ours.renditions[0].data) == pngs.pixels(theirs.renditions[0].data)

    assert verdicts["trapped"] == 0
    assert min(verdicts[verdict] for verdict in ("refused", "drawn", "damaged")) > 0
