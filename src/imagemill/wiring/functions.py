"""What the functions work with: settings from the environment → clients → stores → workflows."""

import os
import secrets
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from imagemill.config import ApiSettings, ResizeSettings
from imagemill.imaging.sniff import sniff
from imagemill.stores.dynamodb import RecordsTable
from imagemill.stores.eventbridge import EventBus, NoBus
from imagemill.stores.feed import Feed
from imagemill.stores.links import Links
from imagemill.stores.models import lean_session
from imagemill.stores.s3 import OriginalsBucket, RenditionsBucket
from imagemill.wiring.config import CLIENT_CONFIG
from imagemill.workflows.accept import Reception
from imagemill.workflows.clock import SystemClock
from imagemill.workflows.withdraw import Exit

if TYPE_CHECKING:
    from botocore.session import Session

    from imagemill.workflows.room import Budget
    from imagemill.workflows.workshop import Workshop

_LEAN_CONFIG = CLIENT_CONFIG.merge(Config(user_agent="imagemill", parameter_validation=False))
"""The same for the functions, which make thousands of calls with parameters of our own making.

botocore would work out anew for each what it is called and whether its parameters are right, which
takes about as long as signing it.
"""


@cache
def resize_workshop() -> "Workshop":
    """Return what ResizeImageFunction works with; built from the environment on the first call."""
    from imagemill.imaging import Limits, render  # noqa: PLC0415  # the API never loads a decoder
    from imagemill.imaging.fastjpeg import prepare  # noqa: PLC0415  # as above
    from imagemill.workflows.workshop import Workshop  # noqa: PLC0415

    settings = _resize_settings()
    if settings.jpeg_sandbox:
        prepare()  # once: each picture is rendered in a fork, which has it from here
    s3 = _lean_client("s3")
    return Workshop(
        records=RecordsTable(_lean_client("dynamodb"), settings.places.table),
        originals=OriginalsBucket(s3, settings.places.originals_bucket),
        renditions=RenditionsBucket(s3, settings.places.processed_bucket),
        recipe=settings.recipe,
        limits=Limits(
            max_bytes=settings.max_bytes,
            max_pixels=settings.max_pixels,
            max_frames=settings.max_frames,
            max_memory_bytes=memory_budget().render_bytes,
        ),
        clock=SystemClock(),
        max_attempts=settings.max_attempts,
        render=partial(render, sandboxed=settings.jpeg_sandbox),
        bucket=settings.places.originals_bucket,
    )


@cache
def memory_budget() -> "Budget":
    """Return how ResizeImageFunction's memory is shared out; worked out on the first call."""
    from imagemill.workflows.room import share_out  # noqa: PLC0415  # as above

    return share_out(_resize_settings().memory_mb)


@cache
def event_bus() -> EventBus | NoBus:
    """Return the bus that ResizeImageFunction announces on; built on the first call."""
    settings = _resize_settings()
    if not settings.event_bus:
        return NoBus()
    return EventBus(_lean_client("events"), settings.event_bus, settings.places)


def is_traced() -> bool:
    """Tell whether ResizeImageFunction is to tell X-Ray of its stages."""
    return _resize_settings().tracing


@dataclass(frozen=True, slots=True)
class ApiDesk:
    """What ApiImageUploadFunction works with."""

    records: RecordsTable
    feed: Feed
    reception: Reception
    exit: Exit
    links: Links
    cors_origin: str

    def new_token(self) -> str:
        """Return a text that no other upload has (128 bits, URL-safe)."""
        return secrets.token_urlsafe(16)


@cache
def api_desk() -> ApiDesk:
    """Return what ApiImageUploadFunction works with; built from the environment on first call."""
    settings = ApiSettings.read(os.environ)
    places, clock = settings.places, SystemClock()
    s3 = _lean_client("s3")
    dynamodb = _lean_client("dynamodb")
    records = RecordsTable(dynamodb, places.table)
    originals = OriginalsBucket(s3, places.originals_bucket)
    return ApiDesk(
        records=records,
        feed=Feed(dynamodb, places.table),
        reception=Reception(records, originals, clock, settings.max_bytes, sniff),
        exit=Exit(records, originals, clock),
        links=Links(s3, places.originals_bucket, places.processed_bucket),
        cors_origin=settings.cors_origin,
    )


@cache
def _resize_settings() -> ResizeSettings:
    return ResizeSettings.read(os.environ)


@cache
def _lean_session() -> "Session":
    return lean_session()


def _lean_client(service: str) -> Any:  # noqa: ANN401  # the client of whatever service is asked for
    """Return one of the functions' clients, which are quicker to make than boto3's."""
    return _lean_session().create_client(service, config=_LEAN_CONFIG)
