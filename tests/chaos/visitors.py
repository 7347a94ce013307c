"""Visitors who request variants while the stack is disturbed; some are killed before they store."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from random import Random

from fakes.images import jpeg
from fakes.transform import bytes_of
from fakes.variants import request_of

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.light import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.clock import SystemClock
from imagemill.domain.image_request import ImageRequest
from imagemill.errors import RequestFault, TransientFault
from imagemill.imaging import DEFAULT_LIMITS, Facts, Limits, Rendered, Rendition
from imagemill.imaging.shared_file import File
from imagemill.local.address import Address
from imagemill.pipeline.concurrency import MOST_S
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.settings import Settings
from imagemill.transform.deps import TransformDeps
from imagemill.transform.serve import Server

CANONICALS = ("20x.jpg", "x40_q75.jpg", "60x60_cover.jpg")
# A JPEG begins with the marker SOI of two bytes; source: T.81, B.2.1.
_SOI_BYTES = 2
_COM = b"\xff\xfe"
_ANY_JPEG = jpeg(8, 8)
_OTHER_RECIPES = RecipeRules.parse("1")


class KilledVisitor(BaseException):
    """The process of TransformFunction ended."""


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
    while_rendering: Callable[[], object] = bool
    done: Counter[str] = field(default_factory=Counter)

    def visit(self) -> None:
        """Request a variant of a random key once; errors of AWS end the visit."""
        keys = sorted(self.keys())
        if not keys:
            return
        request = request_of(self.random.choice(keys), self.random.choice(CANONICALS))
        try:
            found = self.get(request)
        except TransientFault:
            self.done["failed"] += 1
        except KilledVisitor:
            self.done["killed"] += 1
        else:
            self.done["none" if found is None else "served"] += 1

    def get(self, request: ImageRequest) -> bytes | None:
        """Return a variant as TransformFunction does; None if the image is not ready."""
        try:
            return Server(request, self._deps(request)).serve().data
        except RequestFault:
            return None

    def _deps(self, request: ImageRequest) -> TransformDeps:
        """Return the dependencies of TransformFunction, with clients and a renderer of their own.

        No rendition has the recipe, so variants are made from originals, which the audit knows.
        """
        environment = {
            "AWS_ACCESS_KEY_ID": self.address.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.address.aws_secret_access_key,
            "AWS_REGION": self.address.region,
            "AWS_ENDPOINT_URL": self.endpoint,
        }
        s3, dynamodb = S3(environment), DynamoDB(environment)
        return TransformDeps(
            records=RecordStore(dynamodb, self.address.table),
            originals=EncodedOriginalsBucket(s3, self.address.originals_bucket),
            renditions=RenditionsBucket(s3, self.address.processed_bucket),
            registry=VariantRegistry(dynamodb, self.table),
            recipes=_OTHER_RECIPES,
            limits=DEFAULT_LIMITS,
            clock=SystemClock(),
            render=partial(self._render, request.canonical),
            pause=time.sleep,
            render_timeout_s=lambda: MOST_S,
            settings=Settings(now=0),
        )

    def _render(
        self,
        canonical: str,
        file: File,
        recipe: Recipe,
        limits: Limits,
        timeout_s: float,
    ) -> Rendered:
        del limits, timeout_s
        data = bytes_of(file)
        if self.random.random() < self.killed:
            raise KilledVisitor
        self.while_rendering()
        made = Rendition(recipe.presets[0].name, variant_of(data, canonical), 1, 1, "jpeg")
        return Rendered(Facts("jpeg", len(data), 1, 1), (made,), (), "hash", "#000000")


def variant_of(data: bytes, canonical: str) -> bytes:
    """Return a JPEG that stands for the variant of an original, with its digest as a comment."""
    text = f"{hashlib.sha256(data).hexdigest()} {canonical}".encode()
    length = (len(text) + _SOI_BYTES).to_bytes(2, "big")
    return b"".join((_ANY_JPEG[:_SOI_BYTES], _COM, length, text, _ANY_JPEG[_SOI_BYTES:]))
