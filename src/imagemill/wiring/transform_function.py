"""Dependencies of TransformFunction, built from the environment: settings, clients, stores."""

import os
import time
from functools import cache, partial

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.errors import configured
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.config import TransformSettings
from imagemill.domain.clock import SystemClock
from imagemill.imaging import Limits
from imagemill.imaging.worker_process import render_isolated
from imagemill.pipeline.concurrency import MOST_S, cpu_limit_s, divide_memory
from imagemill.requests.settings import DEFAULT_WIDTHS, Settings
from imagemill.transform.deps import TransformDeps


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
        originals=EncodedOriginalsBucket(s3, settings.places.originals_bucket),
        renditions=RenditionsBucket(s3, settings.places.processed_bucket),
        registry=VariantRegistry(dynamodb, settings.variants_table),
        recipe=settings.recipe,
        limits=Limits(
            max_bytes=settings.max_bytes,
            max_pixels=settings.max_pixels,
            max_whole_pixels=settings.max_pixels // 2,
            max_frames=settings.max_frames,
            max_memory_bytes=divide_memory(settings.memory_mb).render_bytes,
            max_cpu_s=cpu_limit_s(settings.memory_mb),
        ),
        clock=SystemClock(),
        render=partial(render_isolated, sandboxed=settings.jpeg_sandbox),
        pause=time.sleep,
        render_timeout_s=lambda: MOST_S,
        settings=Settings(
            now=0,
            widths=settings.widths or DEFAULT_WIDTHS,
            iiif_profile=settings.iiif_profile,
        ),
    )
