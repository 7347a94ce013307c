from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.domain.keys import (
    ID_LENGTH,
    MAX_FILENAME_BYTES,
    MAX_KEY_BYTES,
    filename_of,
    has_dot_segments,
    image_id,
    inline_disposition,
    is_image_id,
    is_rendition_of,
    is_variant_key,
    rendition_filename,
    rendition_key,
    safe_filename,
    upload_key,
)

# S3 allows 2,048 bytes of metadata, the other headers included.
MAX_DISPOSITION_BYTES = 1_100
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400).filter(
    lambda key: len(key.encode()) <= MAX_KEY_BYTES
)


def test_an_id_never_changes() -> None:
    assert image_id("holiday 2026/été+sun (1).JPG") == "rx2gyul744zkioxybgssh5to4i"


@given(KEYS)
def test_an_id_is_26_url_safe_characters(key: str) -> None:
    found = image_id(key)

    assert len(found) == ID_LENGTH
    assert is_image_id(found)


@given(KEYS, KEYS, st.sampled_from(["500", "a", "thumb-2"]), st.sampled_from(["500", "a"]))
def test_no_two_originals_share_a_rendition(one: str, other: str, this: str, that: str) -> None:
    same_source = (one, this) == (other, that)

    assert (rendition_key(this, one) == rendition_key(that, other)) == same_source


def test_a_rendition_key_is_the_preset_and_the_whole_key() -> None:
    assert rendition_key("500", "a/b c.heic") == "500/a/b c.heic"


@pytest.mark.parametrize(
    "key",
    ["x/../y.jpg", "../y.jpg", "..", "x/..", "./y.jpg", "x/./y.jpg", ".", "a//b", "/a", "a/", "/"],
)
def test_a_key_that_urls_would_change_is_replaced_by_the_id(key: str) -> None:
    assert rendition_key("500", key) == f"~500/{image_id(key)}"


@pytest.mark.parametrize(
    "key", ["...", "a/.../b", ".a/b.", "..a", "x/%2e%2e/y.jpg", "a\\..\\b", "~/a", "500/a.jpg"]
)
def test_a_key_with_dots_inside_a_segment_is_kept(key: str) -> None:
    assert rendition_key("500", key) == f"500/{key}"
    assert not has_dot_segments(key)


@given(KEYS | st.lists(st.sampled_from(["", ".", "..", "%2e", "a", "~"])).map("/".join))
def test_browsers_do_not_change_the_url_of_a_rendition(key: str) -> None:
    path = "/" + quote(rendition_key("500", key))

    assert as_browsers_read(path) == path


def as_browsers_read(path: str) -> str:
    """Return a path after the URL Standard has removed its dot segments."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for position, segment in enumerate(segments, 1):
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(segment)
        if plain in {".", ".."} and position == len(segments):
            kept.append("")
    return "/" + "/".join(kept)


@pytest.mark.parametrize("length", [1020, 1024])
def test_a_key_too_long_for_its_preset_is_replaced_by_the_id(length: int) -> None:
    key = "é" * (length // 2)

    assert rendition_key("500", key) == (
        f"500/{key}" if length + 4 <= MAX_KEY_BYTES else f"~500/{image_id(key)}"
    )


@pytest.mark.parametrize(
    ("key", "name"),
    [("a.jpg", "a.jpg"), ("x/y/ü.png", "ü.png"), ("x/y/", "y"), ("/", "/"), ("a//b", "b")],
)
def test_the_file_name_is_the_last_part_of_the_key(key: str, name: str) -> None:
    assert filename_of(key) == name


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\pictures\cat.jpg", "cat.jpg"),
        ("a\x00b\nc.jpg", "abc.jpg"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("..", "image"),
        ("", "image"),
        (".htaccess", "htaccess"),
        ("e\u0301te\u0301.jpg", "été.jpg"),
        ("<img onerror=x>.jpg", "<img onerror=x>.jpg"),
    ],
)
def test_a_hostile_file_name_becomes_one_plain_part(hostile: str, safe: str) -> None:
    assert safe_filename(hostile) == safe


def test_a_long_file_name_is_shortened_and_keeps_its_extension() -> None:
    name = safe_filename("🦊" * 300 + ".jpeg")

    assert name == "🦊" * 62 + ".jpeg"


@given(st.text(max_size=600))
def test_every_file_name_becomes_a_safe_one(text: str) -> None:
    name = safe_filename(text.encode(errors="replace").decode())

    assert 0 < len(name.encode()) <= MAX_FILENAME_BYTES
    assert "/" not in name
    assert name not in {".", ".."}


def test_uploads_of_the_same_name_get_different_keys() -> None:
    assert upload_key("a.jpg", "t1") == "uploads/t1/a.jpg"
    assert upload_key("a.jpg", "t2") == "uploads/t2/a.jpg"


@pytest.mark.parametrize(
    ("original", "image_format", "name"),
    [("IMG_1.HEIC", "jpeg", "IMG_1.jpg"), ("a.b.png", "webp", "a.b.webp"), ("x", "gif", "x.gif")],
)
def test_a_rendition_is_saved_with_the_extension_of_its_format(
    original: str, image_format: str, name: str
) -> None:
    assert rendition_filename(original, image_format) == name


@given(KEYS, st.sampled_from(["jpeg", "png"]))
def test_the_disposition_of_any_key_fits_into_s3_metadata(key: str, image_format: str) -> None:
    header = inline_disposition(rendition_filename(filename_of(key), image_format))

    assert header.isascii()
    assert len(header) < MAX_DISPOSITION_BYTES


def test_a_name_without_a_printable_character_becomes_image() -> None:
    assert inline_disposition("\u202e\x00").startswith('inline; filename="image";')


@pytest.mark.parametrize("letter", ["a", "あ", "🦊", "%", '"'])
def test_a_disposition_of_the_longest_key_fits_and_keeps_the_extension(letter: str) -> None:
    name = letter * ((MAX_KEY_BYTES - 4) // len(letter.encode())) + ".jpg"

    header = inline_disposition(name)

    assert len(header) < MAX_DISPOSITION_BYTES
    assert header.endswith(".jpg")
    assert '.jpg";' in header


def test_any_name_in_a_disposition_is_quoted_safely() -> None:
    header = inline_disposition('été"; x="\r\n\u202e.jpg')

    assert header == (
        "inline; filename=\"_t___ x__.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9%22%3B%20x%3D%22.jpg"
    )


@pytest.mark.parametrize(
    ("filename", "stored"),
    [
        ("${filename}", "_{filename}"),
        ("x${filename}.jpg", "x_{filename}.jpg"),
        ("$\u200b{filename}", "_{filename}"),
        ("$${filename}{filename}", "__{filename}{filename}"),
        ("5$.jpg", "5_.jpg"),
    ],
)
def test_the_key_of_an_upload_holds_no_variable_of_presigned_posts(
    filename: str, stored: str
) -> None:
    assert upload_key(filename, "t") == f"uploads/t/{stored}"


@pytest.mark.parametrize(
    ("key", "is_variant", "is_rendition"),
    [
        (f"~t/{image_id('a.jpg')}/20x.jpg", True, True),
        # A rendition with the id, of a preset named t.
        (f"~t/{image_id('a.jpg')}", False, True),
        ("~t/a.jpg/20x.jpg", False, False),
        (f"t/{image_id('a.jpg')}/20x.jpg", False, False),
    ],
)
def test_the_key_of_a_variant_has_a_form_of_its_own(
    key: str, *, is_variant: bool, is_rendition: bool
) -> None:
    assert is_variant_key(key) is is_variant
    assert is_rendition_of(key, "a.jpg") is is_rendition
    assert not is_rendition_of(key, "b.jpg")
