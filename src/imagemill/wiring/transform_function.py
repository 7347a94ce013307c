"""Dependencies of TransformFunction, built from the environment: settings, clients, stores."""

import os
import time
from functools import cache, partial

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.errors import TRANSFORM, configured
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.config import TransformSettings
from imagemill.domain.clock import SystemClock
from imagemill.imaging.worker_process import render_isolated
from imagemill.pipeline.concurrency import MOST_S
from imagemill.requests.settings import DEFAULT_WIDTHS, Settings
from imagemill.transform.deps import TransformDeps
from imagemill.wiring.limits import limits_of


@cache
def transform_deps() -> TransformDeps:
    """Return the dependencies of TransformFunction; built on the first call.

    The limits are those of ResizeImageFunction, so that a variant can be made of every image that
    is ready.
    """
    settings = TransformSettings.read(os.environ)
    with configured():
        s3, dynamodb = S3(os.environ), DynamoDB(os.environ)
    return TransformDeps(
        records=RecordStore(dynamodb, settings.places.table),
        originals=EncodedOriginalsBucket(s3, settings.places.originals_bucket, TRANSFORM),
        renditions=RenditionsBucket(s3, settings.places.processed_bucket),
        registry=VariantRegistry(dynamodb, settings.variants_table),
        recipes=settings.recipes,
        limits=limits_of(settings),
        clock=SystemClock(),
        render=partial(render_isolated, sandboxed=settings.jpeg_sandbox, described=False),
        pause=time.sleep,
        render_timeout_s=lambda: MOST_S,
        settings=Settings(
            now=0,
            widths=settings.widths or DEFAULT_WIDTHS,
            iiif_profile=settings.iiif_profile,
        ),
    )
