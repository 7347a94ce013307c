from itertools import product
from types import SimpleNamespace

import pytest
from ministack.services import s3

from imagemill.local.quick_listing import list_quickly

KEYS = ["b/2", "a", "é/1", "b/1", "b", "b/10", "c/é", "B/1", "b/", "d/1/2", "d/1/1"]


@pytest.fixture
def patched() -> SimpleNamespace:
    module = SimpleNamespace(_collect_list_entries=s3._collect_list_entries)
    list_quickly(module)
    return module


@pytest.mark.parametrize(
    ("prefix", "delimiter", "after"),
    list(product(["", "b", "b/", "x"], ["", "/"], ["", "b", "b/10", "é/1", "zz"])),
)
@pytest.mark.parametrize("most", [0, 1, 3, 4, 1000])
def test_every_page_is_that_of_ministack(
    patched: SimpleNamespace, prefix: str, delimiter: str, after: str, most: int
) -> None:
    objects = dict.fromkeys(KEYS, 1)

    page = patched._collect_list_entries(objects, prefix, delimiter, most, after)

    assert page == s3._collect_list_entries(objects, prefix, delimiter, most, after)
