"""Hostile URLs of images on request get an image or a coded problem: no 5xx, no hang.

HOSTILE_URLS=10000 asks for that many random ones (`make hostile`); by default they are the same in
every run.
"""

import http.client
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from fakes.images import jpeg
from live.hostile_urls import HostileUrl, UrlMaker
from live.stack import Stack
from PIL import Image

from imagemill.local.address import Address
from imagemill.local.signing_keys import FileKeys

COUNT = int(os.environ.get("HOSTILE_URLS", "300"))
SEED = None if "HOSTILE_URLS" in os.environ else 1
READY, REJECTED, GONE = "hostile/a.jpg", "hostile/ä b.txt", "hostile/gone.jpg"
KEYS = (READY, READY, READY, REJECTED, GONE, "hostile/missing.jpg")
# Longest time for an answer, s.
PATIENCE_S = 30
# Statuses of problems; 501 is IIIF's for sizes that would be enlarged.
STATUSES = {400, 403, 404, 410, 422, 501}


@dataclass(frozen=True)
class Got:
    """An answer."""

    url: HostileUrl
    status: int
    kind: str
    body: bytes

    @property
    def fault(self) -> str | None:
        """What is wrong with the answer; None if nothing is."""
        if self.status in {302, 303}:
            return None
        if self.kind.startswith("image/"):
            Image.open(io.BytesIO(self.body)).load()
            return None if self.status in STATUSES | {200} else "status"
        if "json" not in self.kind:
            return "media type"
        is_coded = self.status == 200 or "code" in json.loads(self.body)
        return None if is_coded and self.status in STATUSES | {200} else "status"


@pytest.fixture(scope="module")
def maker(stack: Stack, data_dir: Path) -> UrlMaker:
    for key, data in ((READY, jpeg(300, 200)), (REJECTED, b"words"), (GONE, jpeg())):
        stack.wait_until_final(key, stack.put(key, data))
    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=GONE)
    stack.wait_for_status(GONE, "deleted")
    return UrlMaker(Random(SEED), KEYS, FileKeys(data_dir).read()[0])  # noqa: S311  # not a secret


def test_every_answer_is_an_image_or_a_coded_problem(maker: UrlMaker, address: Address) -> None:
    netloc = urlsplit(address.endpoint).netloc

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda url: ask(netloc, url), urls(maker)))

    faults = [(got.fault, got.status, got.url, got.body[:200]) for got in answers if got.fault]
    assert faults == []
    assert {got.status for got in answers} >= STATUSES | {200}


def urls(maker: UrlMaker) -> Iterator[HostileUrl]:
    """Yield URLs of the three grammars; S3 answers all others."""
    prefixes = ("/~/", "/~p/", "/iiif/")
    yield from (url for url in maker.urls(COUNT) if url.address.startswith(prefixes))


def ask(netloc: str, url: HostileUrl) -> Got:
    """Send a request with the address as it is."""
    connection = http.client.HTTPConnection(netloc, timeout=PATIENCE_S)
    connection.putrequest("GET", url.address, skip_accept_encoding=True)
    connection.putheader("accept", url.accept)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return Got(url, answer.status, answer.headers.get("content-type", ""), body)
