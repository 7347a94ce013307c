"""The sandbox decodes no damaged file that the library refuses or warns about."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

import pytest
from fakes import jpegs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imagemill.errors import ImageRejected
from imagemill.imaging import Limits, Rendered, render
from imagemill.recipe import Recipe

# Sizes for which the sandbox makes two, four, five, six and eight samples of a block's side.
RECIPES = tuple(Recipe.parse(f"{side}:png, 9x9:cover:jpeg") for side in (16, 45, 60, 75, 160))
LIMITS = Limits(max_pixels=1_000_000)
IMAGE = jpegs.scene(160, 120)
SEEDS = tuple(
    tuple(jpegs.split(jpegs.save(image, **options)))
    for image in (IMAGE, IMAGE.convert("L"))
    for options in (
        {"subsampling": "4:2:0"},
        {"subsampling": "4:4:4", "restart_marker_blocks": 5},
        {"progressive": True},
        {"progressive": True, "restart_marker_rows": 2, "subsampling": "4:1:1"},
    )
)
Mutation = Callable[[jpegs.Segments], jpegs.Segments]


def drop(at: int) -> Mutation:
    return lambda parts: [part for i, part in enumerate(parts) if i != at % len(parts)]


def repeat(at: int, to: int) -> Mutation:
    def mutated(parts: jpegs.Segments) -> jpegs.Segments:
        where = to % len(parts)
        return [*parts[:where], parts[at % len(parts)], *parts[where:]]

    return mutated


def overwrite(at: int, offset: int, value: int) -> Mutation:
    def mutated(parts: jpegs.Segments) -> jpegs.Segments:
        changed = bytearray(parts[at % len(parts)])
        changed[offset % len(changed)] = value
        return [*parts[: at % len(parts)], bytes(changed), *parts[at % len(parts) + 1 :]]

    return mutated


def cut(at: int, length: int) -> Mutation:
    def mutated(parts: jpegs.Segments) -> jpegs.Segments:
        part = parts[at % len(parts)]
        return [*parts[: at % len(parts)], part[:length], *parts[at % len(parts) + 1 :]]

    return mutated


places, heads, bytes_ = st.integers(0, 40), st.integers(0, 80), st.integers(0, 255)
mutations = st.one_of(
    st.builds(drop, places),
    st.builds(repeat, places, places),
    st.builds(overwrite, places, heads, bytes_),
    st.builds(overwrite, places, st.integers(0, 20_000), bytes_),
    st.builds(cut, places, st.integers(0, 4_000)),
)


def outcome(data: bytes, recipe: Recipe, *, sandboxed: bool) -> Rendered | None:
    try:
        return render(data, recipe, LIMITS, sandboxed=sandboxed)
    except ImageRejected:
        return None


@pytest.mark.parametrize("seed", SEEDS)
@given(changes=st.lists(mutations, max_size=4), recipe=st.sampled_from(RECIPES))
@example(changes=[], recipe=RECIPES[0])
@example(changes=[], recipe=RECIPES[-1])
@settings(max_examples=40)
def test_the_sandbox_decodes_a_damaged_file_only_if_the_library_does(
    seed: tuple[bytes, ...], changes: list[Mutation], recipe: Recipe
) -> None:
    parts = list(seed)
    for change in changes:
        parts = change(parts) or list(seed)

    ours = outcome(b"".join(parts), recipe, sandboxed=True)
    theirs = outcome(b"".join(parts), recipe, sandboxed=False)

    assert_alike(ours, theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_sandbox_and_library_accept_the_same_damaged_files(seed: tuple[bytes, ...]) -> None:
    verdicts = Counter[str]()

    for data, recipe in zip(damaged_files(seed), cycle(RECIPES), strict=False):
        ours = outcome(data, recipe, sandboxed=True)
        theirs = outcome(data, recipe, sandboxed=False)
        assert_alike(ours, theirs)
        verdicts[ours.sandbox if ours else "refused"] += 1

    assert min(verdicts[verdict] for verdict in ("refused", "drawn", "damaged")) > 0


@pytest.mark.parametrize("offset", range(2, 10))
@pytest.mark.parametrize("value", [0, 1, 2, 0x11, 0x3F, 0x40, 0x7F, 0xFF])
@pytest.mark.parametrize("recipe", [RECIPES[0], RECIPES[-1]], ids=["skipped", "read"])
def test_a_scan_must_be_valid_even_if_it_is_skipped(
    offset: int, value: int, recipe: Recipe
) -> None:
    parts = jpegs.split(jpegs.save(IMAGE.convert("L"), progressive=True))
    last = max(index for index, part in enumerate(parts) if part[1] == jpegs.SOS)
    data = b"".join(overwrite(last, offset, value)(parts))

    ours, theirs = (outcome(data, recipe, sandboxed=sandboxed) for sandboxed in (True, False))

    assert_alike(ours, theirs)


def assert_alike(ours: Rendered | None, theirs: Rendered | None) -> None:
    """Assert that the sandbox agrees with the library, except about damage that only it detects."""
    assert (ours is None) == (theirs is None)
    if ours is None or theirs is None:
        return
    assert ours.sandbox != "trapped"
    if ours.warnings == theirs.warnings:
        return
    assert ours.sandbox != "drawn"
    assert set(ours.warnings) - set(theirs.warnings) == {"truncated"}


def damaged_files(parts: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield files with bytes overwritten, removed or inserted, anywhere and among the headers."""
    whole, chance = b"".join(parts), Random(parts[-2])  # noqa: S311 - a seed, not a secret
    for _ in range(150):
        at, length = chance.randrange(2, len(whole)), chance.choice((1, 2, 4, 16, 64, 300))
        # A third of the changes are in the head of a segment.
        if chance.random() < 1 / 3:
            at = whole.index(parts[chance.randrange(1, len(parts))]) + chance.randrange(20)
            length = 1
        inserted = chance.randbytes(length * chance.randrange(2))
        yield whole[:at] + inserted + whole[at + length * chance.randrange(2) :]
