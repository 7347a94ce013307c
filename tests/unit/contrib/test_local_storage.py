"""Without a stack, the renditions of an uploaded image are made in the process of the project."""

from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from fakes.images import jpeg
from PIL import Image as Pixels
from shop.models import Banner, Product

from imagemill.contrib.django.models import Image


def saved(data: bytes, name: str = "sea view.jpg") -> Product:
    """Save a product with an image, and read it from the database again."""
    product = Product(name="sea")
    product.photo.save(name, ContentFile(data))
    return Product.objects.get(pk=product.pk)


def file_at(url: str) -> Path:
    """Return the file that Django serves at a URL in development."""
    return Path(settings.MEDIA_ROOT) / url.removeprefix("/media/")


def test_a_saved_image_has_its_renditions_at_once() -> None:
    photo = saved(jpeg(120, 80)).photo

    assert (photo.status, photo.is_ready, photo.width, photo.height) == ("ready", True, 120, 80)
    assert {name: (one.width, one.height) for name, one in photo.renditions.items()} == {
        "small": (40, 27),
        "square": (20, 20),
    }
    square = Pixels.open(BytesIO(file_at(photo.renditions["square"].url).read_bytes()))
    assert (square.format, square.size) == ("WEBP", (20, 20))


def test_the_url_is_that_of_the_largest_whole_rendition() -> None:
    photo = saved(jpeg(120, 80)).photo

    assert photo.url == photo.renditions["small"].url
    assert photo.srcset == f"{photo.url} 40w"


def test_the_url_of_a_field_with_a_preset_is_that_of_the_preset() -> None:
    banner = Banner()
    banner.image.save("a.jpg", ContentFile(jpeg(120, 80)))

    assert banner.image.url == banner.image.renditions["square"].url


def test_the_record_has_a_placeholder_and_a_colour() -> None:
    photo = saved(jpeg(120, 80)).photo

    assert len(photo.placeholder) > 20
    assert photo.colour.startswith("#")


def test_the_original_is_read_as_it_was_stored() -> None:
    data = jpeg(120, 80)

    photo = saved(data, "été (1).jpg").photo

    with photo.open() as file:
        assert file.read() == data
    assert str(photo).startswith("uploads/")
    assert str(photo).endswith("/été (1).jpg")
    assert file_at(unquote(photo.original_url)).read_bytes() == data


def test_two_images_with_one_name_are_two_images() -> None:
    assert saved(jpeg()).photo.name != saved(jpeg()).photo.name


@pytest.mark.parametrize(
    ("data", "code"), [(b"words", "not_an_image"), (jpeg()[:300], "corrupt"), (b"", "empty")]
)
def test_a_file_that_cannot_be_resized_is_rejected(data: bytes, code: str) -> None:
    photo = saved(data).photo

    assert (photo.status, photo.state.error_code, photo.url) == ("rejected", code, "")
    assert photo.state.error_message


def test_a_lost_row_is_made_again() -> None:
    product = saved(jpeg(120, 80))
    before = product.photo.state
    Image.objects.all().delete()

    assert Product.objects.get(pk=product.pk).photo.state == before


def test_deleting_the_image_deletes_its_files_and_its_row() -> None:
    product = saved(jpeg(120, 80))
    urls = [one.url for one in product.photo.renditions.values()]

    product.photo.delete()

    assert [file_at(url).exists() for url in urls] == [False, False]
    assert Image.objects.count() == 0
    assert Product.objects.get().photo.status == ""


def test_a_field_without_an_image_has_no_state_and_no_url() -> None:
    photo = Product.objects.create(name="none").photo

    assert (photo.status, photo.srcset, dict(photo.renditions), photo.width) == ("", "", {}, None)
    with pytest.raises(ValueError, match="'photo' has no image"):
        _ = photo.url


def test_an_image_is_stored_upright_and_without_metadata() -> None:
    photo = saved(jpeg(120, 80, orientation=6)).photo

    small = Pixels.open(BytesIO(file_at(photo.url).read_bytes()))
    assert (photo.width, photo.height, small.size) == (80, 120, (27, 40))
    assert not small.getexif()


def test_a_name_that_is_assigned_leads_to_its_own_image() -> None:
    photo, other = saved(jpeg(120, 80)).photo, saved(jpeg(80, 120)).photo
    assert photo.width == 120

    photo.name = other.name

    assert (photo.width, photo.url) == (80, other.url)
