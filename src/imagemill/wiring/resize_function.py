"""Dependencies of ResizeImageFunction, built from the environment: settings, clients, stores."""

import hashlib
import os
import time
from functools import cache, partial

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.errors import configured
from imagemill.aws.event_bus import EventBus, NoBus
from imagemill.aws.light.clients import S3, SQS, DynamoDB, Events
from imagemill.aws.records_table import DeploymentRegistry, RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.retries import QueueDefault, RetryQueue
from imagemill.aws.variant_keys import VariantKeys
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.config import ResizeSettings
from imagemill.domain.clock import SystemClock
from imagemill.domain.deployment import Deployment
from imagemill.domain.keys import Accepts, accept_every
from imagemill.imaging.worker_process import render_isolated
from imagemill.pipeline.concurrency import Budget, divide_memory
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.parallel import in_parallel
from imagemill.version import VERSION
from imagemill.wiring.limits import limits_of, unpack_original


@cache
def resize_deps() -> PipelineDeps:
    """Return the dependencies of ResizeImageFunction; built on the first call."""
    settings = _resize_settings()
    with configured():
        s3, dynamodb = S3(os.environ), DynamoDB(os.environ)
    return PipelineDeps(
        records=RecordStore(dynamodb, settings.names.table),
        originals=EncodedOriginalsBucket(s3, settings.names.originals_bucket),
        renditions=RenditionsBucket(s3, settings.names.processed_bucket),
        recipes=settings.recipes,
        limits=limits_of(settings),
        clock=SystemClock(),
        variants=_variants(s3, dynamodb, settings),
        for_each=in_parallel,
        max_attempts=settings.max_attempts,
        render=partial(render_isolated, sandboxed=settings.jpeg_sandbox),
        deployment=_deployment,
        bucket=settings.names.originals_bucket,
        accepts=_accepts(settings),
        unpack=unpack_original,
        archives=settings.archives,
    )


def _accepts(settings: ResizeSettings) -> Accepts:
    """Return the rule for the keys that are processed: every key, except in an existing bucket."""
    if settings.adoption is None:
        return accept_every
    # Most stacks have a bucket of their own.
    from imagemill.wiring.adoption import key_filter  # noqa: PLC0415

    return key_filter(settings.adoption).accepts


def _variants(s3: S3, dynamodb: DynamoDB, settings: ResizeSettings) -> VariantKeys | None:
    """Return the search for variants; None for a stack that makes none on request."""
    if not settings.variants_table:
        return None
    registry = VariantRegistry(dynamodb, settings.variants_table)
    return VariantKeys(s3, settings.names.processed_bucket, registry)


@cache
def _deployment() -> Deployment:
    """Return the deployment of this worker; registered before its first task."""
    settings = _resize_settings()
    if not settings.deployments_table:
        return Deployment()
    with configured():
        dynamodb = DynamoDB(os.environ)
    registry = DeploymentRegistry(dynamodb, settings.deployments_table)
    recipes, now_ms = settings.recipes, time.time_ns() // 1_000_000
    rules = "" if recipes.is_plain else recipes.hash
    return registry.register(_fingerprint(settings), sorted(recipes.presets), now_ms, rules)


def _fingerprint(settings: ResizeSettings) -> str:
    """Return a hash of everything by which two deployments may treat an image differently."""
    facts = (
        VERSION,
        settings.recipes.hash,
        settings.max_bytes,
        settings.max_pixels,
        settings.max_frames,
        settings.memory_mb,
        settings.jpeg_sandbox,
        *(("camera raw",) if settings.camera_raw else ()),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


@cache
def memory_budget() -> Budget:
    """Return how ResizeImageFunction's memory is divided; computed on the first call."""
    return divide_memory(_resize_settings().memory_mb)


@cache
def event_bus() -> EventBus | NoBus:
    """Return the bus for completion events; built on the first call."""
    settings = _resize_settings()
    if not settings.event_bus:
        return NoBus()
    with configured():
        events = Events(os.environ)
    return EventBus(events, settings.event_bus, settings.names)


@cache
def retries() -> RetryQueue | QueueDefault:
    """Return the queue that failed messages come back from; built on the first call."""
    settings = _resize_settings()
    if not settings.queue_url:
        return QueueDefault()
    with configured():
        return RetryQueue(SQS(os.environ), settings.queue_url, settings.retry_s)


@cache
def _resize_settings() -> ResizeSettings:
    return ResizeSettings.read(os.environ)
