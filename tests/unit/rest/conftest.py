import time

import httpx
import pytest
from fakes.issuer import AUDIENCE
from fakes.sign_in import Endpoints

from imagemill.domain.sign_in import SignIn
from imagemill.rest.issuer import Issuer


@pytest.fixture
def endpoints() -> Endpoints:
    """Return the endpoints of an issuer, which know no attempt to sign in yet."""
    return Endpoints()


@pytest.fixture
def sign_in(endpoints: Endpoints) -> SignIn:
    return SignIn(endpoints.issuer.url, AUDIENCE, AUDIENCE, "openid", "https://api.example/live")


@pytest.fixture
def issuer(endpoints: Endpoints, sign_in: SignIn) -> Issuer:
    """Return a client of the endpoints."""
    return Issuer(sign_in, time.time, httpx.Client(transport=endpoints.transport))
