"""Presigned URLs and forms give access to exactly one object."""

import base64
import json
from urllib.parse import unquote, urlsplit

import pytest
from fakes.raw_server import environment

from imagemill.aws.light.presign import S3Presigner
from imagemill.aws.presigner import Presigner
from imagemill.domain.event import Focus, UploadChoices
from imagemill.domain.keys import image_id
from imagemill.domain.record import ImageRecord, Original, StoredRendition
from imagemill.errors import Forbidden, NoAddress


@pytest.fixture
def links() -> Presigner:
    return Presigner(S3Presigner(environment("http://127.0.0.1:1")), "originals", "processed")


def test_a_form_requires_its_key_its_type_and_a_size(links: Presigner) -> None:
    form = links.form("uploads/t/a.jpg", "image/jpeg", 1_124)

    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert {"key": "uploads/t/a.jpg"} in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert ["content-length-range", 1, 1_124] in conditions
    assert not [one for one in conditions if isinstance(one, list) and one[0] == "starts-with"]


@pytest.mark.parametrize("key", ["uploads/t/${filename}", "uploads/t/x${filename}.jpg", "a$"])
def test_a_key_that_s3_would_change_gets_no_form(links: Presigner, key: str) -> None:
    with pytest.raises(ValueError, match=r"[$]"):
        links.form(key, "image/jpeg", 1)


def record(key: str) -> ImageRecord:
    return ImageRecord(
        image_id(key), key, key, "ready", "01", "2026-05-04T10:20:30.123Z", original=Original(1)
    )


@pytest.mark.parametrize("key", ["x/../y.jpg", "./y.jpg", "x/.."])
def test_a_key_that_browsers_would_change_gets_no_url(links: Presigner, key: str) -> None:
    made = StoredRendition(f"500/{key}", 1, 1, 1, "jpeg")

    with pytest.raises(NoAddress):
        links.original(record(key))
    with pytest.raises(NoAddress):
        links.rendition(record(key), made)


@pytest.mark.parametrize("key", ["a//b.jpg", "/b.jpg", "x/%2e%2e/y.jpg", "a b+é?#.jpg", ".../b"])
def test_a_url_contains_any_other_key_unchanged(links: Presigner, key: str) -> None:
    url = urlsplit(links.original(record(key)))

    assert unquote(url.path) == f"/originals/{key}"
    assert url.fragment == ""


def test_a_form_requires_the_chosen_rule(links: Presigner) -> None:
    choices = UploadChoices("hero", Focus(0.3, 0.7))

    form = links.form("uploads/t/a.jpg", "image/jpeg", 1, choices)

    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    for name, value in (("x-amz-meta-recipe", "hero"), ("x-amz-meta-focus", "0.3,0.7")):
        assert {name: value} in conditions
        assert form.fields[name] == value


def test_a_form_without_a_rule_names_no_metadata(links: Presigner) -> None:
    form = links.form("uploads/t/a.jpg", "image/jpeg", 1)

    assert "x-amz-meta" not in base64.b64decode(form.fields["policy"]).decode()


def test_a_limited_signer_has_no_originals_and_urls_that_end_sooner(links: Presigner) -> None:
    made = StoredRendition("500/a.jpg", 1, 1, 1, "jpeg")

    urls = [
        links.limited(seconds, originals=False).rendition(record("a.jpg"), made)
        for seconds in (60, 3600)
    ]

    assert ["X-Amz-Expires=60&" in urls[0], "X-Amz-Expires=900&" in urls[1]] == [True, True]
    assert links.limited(60, originals=True).original(record("a.jpg"))
    with pytest.raises(Forbidden):
        links.limited(60, originals=False).original(record("a.jpg"))
