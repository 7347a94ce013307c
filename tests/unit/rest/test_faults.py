"""The errors of the API become those that the commands know from a stack."""

import httpx
import pytest

from imagemill.errors import Gone, ImagemillError, NotFound, SetupFailed, StoreUnavailable
from imagemill.rest.faults import RequestRefused, checked, existing


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": f"it is {code}"})


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (problem(401, "unauthorized"), SetupFailed, "setup_failed"),
        (problem(403, "forbidden"), SetupFailed, "setup_failed"),
        (problem(409, "exists"), RequestRefused, "exists"),
        (problem(500, "internal"), StoreUnavailable, "store_unavailable"),
        (httpx.Response(404, text="of another server"), StoreUnavailable, "store_unavailable"),
    ],
)
def test_an_error_becomes_one_of_the_commands(
    answer: httpx.Response, error: type[ImagemillError], code: str
) -> None:
    with pytest.raises(error) as caught:
        checked(answer)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(404, "not_found"), NotFound),
        (problem(410, "gone"), Gone),
        (httpx.Response(410), Gone),
    ],
)
def test_a_missing_image_has_the_error_of_a_stack(
    answer: httpx.Response, error: type[ImagemillError]
) -> None:
    assert checked(answer) is answer
    with pytest.raises(error) as caught:
        existing(answer)

    assert caught.value.code == error.code
