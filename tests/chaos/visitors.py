"""Visitors who request variants while the stack is disturbed; some are killed before they store."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random

from fakes.images import jpeg
from fakes.variants import request_of
from fakes.visitor import Visitor

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.light import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.clock import SystemClock
from imagemill.domain.image_request import ImageRequest
from imagemill.errors import TransientFault
from imagemill.local.address import Address

CANONICALS = ("20x.jpg", "x40_q75.jpg", "60x60_cover.jpg")
# A JPEG begins with the marker SOI of two bytes; source: T.81, B.2.1.
_SOI_BYTES = 2
_COM = b"\xff\xfe"
_ANY_JPEG = jpeg(8, 8)


class KilledVisitor(Exception):  # not an error
    """The visitor's process ended."""


@dataclass
class Visitors:
    """Request variants of the keys that users have put, over the light clients of a function."""

    address: Address
    endpoint: str
    table: str
    keys: Callable[[], Collection[str]]
    random: Random
    killed: float = 0.1
    """Share of the visitors who are killed after they have read the original."""
    done: Counter[str] = field(default_factory=Counter)

    def visit(self) -> None:
        """Request a variant of a random key once; errors of AWS end the visit."""
        keys = sorted(self.keys())
        if not keys:
            return
        request = request_of(self.random.choice(keys), self.random.choice(CANONICALS))
        try:
            found = self.visitor().visit(request)
        except TransientFault:
            self.done["failed"] += 1
        except KilledVisitor:
            self.done["killed"] += 1
        else:
            self.done["none" if found is None else "served"] += 1

    def visitor(self) -> Visitor:
        """Return a visitor with clients of its own."""
        environment = {
            "AWS_ACCESS_KEY_ID": self.address.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.address.aws_secret_access_key,
            "AWS_REGION": self.address.region,
            "AWS_ENDPOINT_URL": self.endpoint,
        }
        s3, dynamodb = S3(environment), DynamoDB(environment)
        return Visitor(
            records=RecordStore(dynamodb, self.address.table),
            originals=OriginalsBucket(s3, self.address.originals_bucket),
            renditions=RenditionsBucket(s3, self.address.processed_bucket),
            registry=VariantRegistry(dynamodb, self.table),
            clock=SystemClock(),
            make=self._make,
        )

    def _make(self, data: bytes, request: ImageRequest) -> bytes:
        if self.random.random() < self.killed:
            raise KilledVisitor
        return variant_of(data, request.canonical)


def variant_of(data: bytes, canonical: str) -> bytes:
    """Return a JPEG that stands for the variant of an original, with its digest as a comment."""
    text = f"{hashlib.sha256(data).hexdigest()} {canonical}".encode()
    length = (len(text) + _SOI_BYTES).to_bytes(2, "big")
    return b"".join((_ANY_JPEG[:_SOI_BYTES], _COM, length, text, _ANY_JPEG[_SOI_BYTES:]))
