"""Photos by kind."""

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.copies import make_copies
from benchmarks.corpus import CAMERA, KINDS, Corpus, Photo, gather


def photo(megapixels: float, name: str = "a.jpg", *, bytes_per_pixel: float = 0.3) -> Photo:
    return Photo(Path(name), "JPEG", megapixels, bytes_per_pixel)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (photo(1.9), "JPEG 1–2 MP"),
        (photo(4), "JPEG 2.5–5 MP"),
        (photo(12), CAMERA),
        (photo(24), "JPEG 20–48 MP"),
        (Photo(Path("a"), "JPEG", 12, 0.3, is_progressive=True), "progressive JPEG 8–24 MP"),
        (Photo(Path("a"), "PNG", 12, 2.0), "PNG photo"),
        (Photo(Path("a"), "PNG", 12, 0.2), "PNG drawing"),
        (Photo(Path("a"), "PNG", 2, 1.5, has_alpha=True), "PNG with alpha"),
        (Photo(Path("a"), "GIF", 2, 1.5, frames=9), "animated GIF"),
    ],
)
def test_a_file_has_one_kind(found: Photo, kind: str) -> None:
    assert [name for name, is_one in KINDS.items() if is_one(found)] == [kind]


def test_a_jpeg_of_few_bytes_is_no_photo_of_a_camera() -> None:
    assert not any(is_one(photo(12, bytes_per_pixel=0.02)) for is_one in KINDS.values())


def test_the_files_of_a_kind_are_spread_over_the_sizes() -> None:
    photos = tuple(photo(megapixels, f"{megapixels}.jpg") for megapixels in range(8, 17))

    found = Corpus(photos, Path()).of_kind(CAMERA, 3)

    assert [path.stem for path in found] == ["8", "11", "14"]


def test_links_and_files_that_are_no_images_are_left_out(tmp_path: Path) -> None:
    Image.new("RGB", (3200, 2500), "red").save(tmp_path / "a.jpg", quality=100)
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    (tmp_path / "c.jpg").write_text("text")

    assert "c.jpg" not in {each.path.name for each in gather(tmp_path, tmp_path).photos}
    assert "b.jpg" not in {each.path.name for each in gather(tmp_path, tmp_path).photos}


def test_the_linked_photos_are_those_of_cameras(tmp_path: Path) -> None:
    photos = (photo(12, str(tmp_path / "a.jpg")), Photo(tmp_path / "b.png", "PNG", 12, 2.0))

    folder = Corpus(photos, tmp_path).linked()

    assert [path.name for path in folder.iterdir()] == ["0-a.jpg"]


def test_a_kind_without_a_file_is_made_from_a_photo(tmp_path: Path) -> None:
    original = tmp_path / "a.jpg"
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(original)

    [made] = make_copies("animated GIF", [original], tmp_path)

    with Image.open(made) as image:
        assert (image.format, getattr(image, "n_frames", 1)) == ("GIF", 24)
