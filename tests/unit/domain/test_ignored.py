"""Objects of an existing bucket that are ignored."""

import pytest

from imagemill.domain.ignored import KeyFilter, is_sidecar, suffixes_in


@pytest.mark.parametrize(
    "key",
    [
        "a.xmp",
        "a.jpg.XMP",
        "photos/a.json",
        "photos/.DS_Store",
        "photos/Thumbs.db",
        "photos/._a.jpg",
        "photos/@eaDir/a.jpg",
        "__MACOSX/a.jpg",
    ],
)
def test_a_file_that_only_accompanies_images_is_a_sidecar(key: str) -> None:
    assert is_sidecar(key)
    assert not KeyFilter().accepts(key)


@pytest.mark.parametrize("key", ["a.jpg", "a", "json", "xmp/a.jpg", "a.xmp.jpg", "thumbs.db/a.png"])
def test_other_objects_are_accepted_whatever_they_are(key: str) -> None:
    assert not is_sidecar(key)
    assert KeyFilter().accepts(key)


def test_a_marker_of_a_folder_is_ignored() -> None:
    assert not KeyFilter().accepts("photos/")


@pytest.mark.parametrize(
    ("key", "accepted"),
    [
        ("in/a.jpg", True),
        ("in/a.png", True),
        ("in/a.JPG", False),
        ("in/a.gif", False),
        ("out/a.jpg", False),
        ("in/.jpg/", False),
    ],
)
def test_a_key_needs_the_prefix_and_one_of_the_suffixes(key: str, *, accepted: bool) -> None:
    keys = KeyFilter("in/", (".jpg", ".png"))

    assert keys.accepts(key) == accepted


def test_a_named_suffix_is_processed_even_if_it_is_that_of_sidecars() -> None:
    assert KeyFilter(suffixes=(".json",)).accepts("a.json")


@pytest.mark.parametrize(
    ("asked", "listed"),
    [("", "in/"), ("i", "in/"), ("in/2026/", "in/2026/"), ("out/", "out/")],
)
def test_a_listing_covers_only_keys_with_both_prefixes(asked: str, listed: str) -> None:
    assert KeyFilter("in/").narrowed(asked) == listed


def test_suffixes_are_separated_by_commas() -> None:
    assert suffixes_in(".jpg, .JPG,.png") == (".jpg", ".JPG", ".png")
    assert suffixes_in("") == ()
