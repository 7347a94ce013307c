"""Signed addresses and forms: bound to one object, whatever its name."""

import base64
import json
from typing import Any

import pytest
from botocore.session import get_session

from imagemill.stores.links import Links


@pytest.fixture
def links() -> Links:
    client: Any = get_session().create_client(
        "s3", "eu-central-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="x" * 40
    )
    return Links(client, "originals", "processed")


def test_a_form_binds_one_key_one_type_and_a_size(links: Links) -> None:
    form = links.form("uploads/t/a.jpg", "image/jpeg", 1_124)

    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert {"key": "uploads/t/a.jpg"} in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert ["content-length-range", 1, 1_124] in conditions
    assert not [one for one in conditions if isinstance(one, list) and one[0] == "starts-with"]


@pytest.mark.parametrize("key", ["uploads/t/${filename}", "uploads/t/x${filename}.jpg", "a$"])
def test_no_form_is_made_for_a_key_that_s3_would_change(links: Links, key: str) -> None:
    with pytest.raises(ValueError, match=r"[$]"):
        links.form(key, "image/jpeg", 1)
