"""The API of a stack that uses an existing bucket."""

import pytest

from imagemill.errors import ConfigurationInvalid, OriginalsReadOnly
from imagemill.wiring.api_function import ApiDeps

ENVIRONMENT = {
    "IMAGEMILL_ORIGINALS_BUCKET": "photos",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
    "IMAGEMILL_ORIGINALS": "adopted",
    "IMAGEMILL_ORIGINALS_PREFIX": "in/",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "s",
}


def test_an_api_that_may_not_write_neither_uploads_nor_deletes() -> None:
    deps = ApiDeps(ENVIRONMENT | {"IMAGEMILL_WRITE_ORIGINALS": "false"})

    with pytest.raises(OriginalsReadOnly):
        _ = deps.uploads
    with pytest.raises(OriginalsReadOnly):
        _ = deps.deletions


def test_an_api_that_may_not_write_changes_focal_points() -> None:
    environment = {"IMAGEMILL_WRITE_ORIGINALS": "false", "IMAGEMILL_QUEUE_URL": "https://q"}

    assert ApiDeps(ENVIRONMENT | environment).looks.queue


def test_without_a_queue_no_focal_point_is_changed() -> None:
    with pytest.raises(ConfigurationInvalid):
        _ = ApiDeps(ENVIRONMENT).looks


def test_uploads_to_an_existing_bucket_have_its_filter() -> None:
    uploads = ApiDeps(ENVIRONMENT).uploads

    assert uploads.prefix == "in/"
    assert uploads.accepts("in/a.jpg")
    assert not uploads.accepts("a.jpg")
    assert not uploads.accepts("in/a.xmp")
