from collections.abc import Iterator

import httpx
import pytest

from imagemill.local.address import Address


@pytest.fixture(scope="session")
def api(address: Address) -> Iterator[httpx.Client]:
    """Return a client with the API's key."""
    headers = {"x-api-key": address.api_key}
    with httpx.Client(base_url=address.api_url, headers=headers, timeout=30) as client:
        yield client
