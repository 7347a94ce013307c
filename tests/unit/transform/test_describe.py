"""Information documents of images."""

from dataclasses import replace

import pytest
from fakes.events import removed
from fakes.images import jpeg
from fakes.transform import Transforms

from imagemill.domain.keys import image_id
from imagemill.domain.record import Original
from imagemill.errors import Gone, NotFound
from imagemill.pipeline.handle_task import handle_task
from imagemill.transform.describe import InfoRequest, describe

ID = image_id("a.jpg")
URI = f"https://example.com/iiif/3/{ID}"


@pytest.fixture
def transforms() -> Transforms:
    made = Transforms()
    # Stored sideways: the size is that of the upright image.
    made.put(jpeg(120, 80, orientation=6))
    return made


@pytest.mark.parametrize(
    ("path", "request_or_none"),
    [
        (f"~t/{ID}/info.3.json", InfoRequest(ID, "3")),
        (f"~t/{ID}/info.2.json", InfoRequest(ID, "2")),
        (f"~t/{ID}/info.3.key.json", InfoRequest(ID, "3")),
        (f"~t/{ID}/info.1.json", None),
        (f"~t/{ID}/info.json", None),
        (f"~t/{ID[:-1]}/info.3.json", None),
        (f"~t/{ID}/info.3.json/", None),
    ],
)
def test_the_path_of_a_document_is_read(path: str, request_or_none: InfoRequest | None) -> None:
    assert InfoRequest.parse_key(path) == request_or_none


@pytest.mark.parametrize(("api", "name"), [("3", "id"), ("2", "@id")])
def test_a_document_has_the_displayed_size_and_the_visitors_url(
    transforms: Transforms, api: str, name: str
) -> None:
    document = describe(InfoRequest(ID, api), URI, transforms.deps)

    assert (document[name], document["width"], document["height"]) == (URI, 80, 120)


def test_a_deleted_image_has_no_document(transforms: Transforms) -> None:
    handle_task(removed(), transforms.pipeline.deps)

    with pytest.raises(Gone):
        describe(InfoRequest(ID, "3"), URI, transforms.deps)


def test_an_image_without_a_recorded_size_has_no_document(transforms: Transforms) -> None:
    record = replace(transforms.pipeline.record, original=Original(9))
    transforms.pipeline.records.items[ID] = record

    with pytest.raises(NotFound, match="size"):
        describe(InfoRequest(ID, "3"), URI, transforms.deps)
