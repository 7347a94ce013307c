from dataclasses import replace

import pytest
from fakes.address import ADDRESS

from imagemill.errors import SetupFailed
from imagemill.local.page import entry_link, local_url, page_path, publish_page


def test_a_distribution_is_served_below_localhost() -> None:
    url = local_url("https://d123.cloudfront.net/", "http://127.0.0.1:4566")

    assert url == "http://d123.cloudfront.localhost:4566/"


def test_a_link_has_the_key_in_its_fragment() -> None:
    assert entry_link(ADDRESS) == "http://d1.cloudfront.localhost:9/#key=it%27s%20a%20key"


def test_the_page_is_found_beside_the_source() -> None:
    assert (page_path() / "index.html").is_file()


def test_publishing_to_a_stack_without_a_gallery_fails() -> None:
    with pytest.raises(SetupFailed, match="has no gallery"):
        publish_page(replace(ADDRESS, gallery_url=""))
