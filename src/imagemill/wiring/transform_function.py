"""Dependencies of TransformFunction, built from the environment: settings, clients, stores."""

import os
import time
from collections.abc import Mapping
from functools import cache, partial
from typing import Self, get_args

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.errors import TRANSFORM, configured
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.config import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_FRAMES,
    DEFAULT_MAX_PIXELS,
    DEFAULT_MEMORY_MB,
    EnvironReader,
    StackNames,
)
from imagemill.dataclass import dataclass
from imagemill.domain.clock import SystemClock
from imagemill.imaging.shared_file import find_file, render_file, share_memory
from imagemill.pipeline.concurrency import MOST_S
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.settings import DEFAULT_WIDTHS, IiifProfile, Settings
from imagemill.transform.deps import TransformDeps
from imagemill.transform.recent_records import RecentRecords
from imagemill.wiring.limits import limits_of, unpack_original

# The last is the default.
_IIIF_PROFILES: tuple[IiifProfile, ...] = get_args(IiifProfile)


@dataclass(frozen=True, slots=True)
class TransformSettings:
    """Settings of TransformFunction; `recipes` are those of ResizeImageFunction.

    `variants_table` is the registry of variants. `widths`, in px, and `iiif_profile` limit URLs
    without a signature; `widths` is empty for the default.
    """

    names: StackNames
    recipes: RecipeRules
    max_bytes: int
    max_pixels: int
    max_frames: int
    variants_table: str
    widths: tuple[int, ...]
    iiif_profile: IiifProfile
    memory_mb: int
    jpeg_sandbox: bool
    camera_raw: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raises ConfigurationInvalid with all errors."""
        reader = EnvironReader(environ)
        settings = cls(
            names=reader.names(),
            recipes=reader.recipes("IMAGEMILL_RECIPE"),
            max_bytes=reader.number("IMAGEMILL_MAX_BYTES", DEFAULT_MAX_BYTES),
            max_pixels=reader.number("IMAGEMILL_MAX_PIXELS", DEFAULT_MAX_PIXELS),
            max_frames=reader.number("IMAGEMILL_MAX_FRAMES", DEFAULT_MAX_FRAMES),
            widths=reader.numbers("IMAGEMILL_WIDTHS"),
            iiif_profile=reader.choice("IMAGEMILL_IIIF_PROFILE", _IIIF_PROFILES),
            variants_table=reader.text("IMAGEMILL_VARIANTS_TABLE"),
            memory_mb=reader.number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", DEFAULT_MEMORY_MB),
            jpeg_sandbox=reader.switch("IMAGEMILL_JPEG_SANDBOX", default=True),
            camera_raw=reader.switch("IMAGEMILL_CAMERA_RAW", default=False),
        )
        reader.finish()
        return settings


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
        records=RecordStore(dynamodb, settings.names.table),
        originals=EncodedOriginalsBucket(s3, settings.names.originals_bucket, TRANSFORM),
        renditions=RenditionsBucket(s3, settings.names.processed_bucket),
        registry=VariantRegistry(dynamodb, settings.variants_table),
        recipes=settings.recipes,
        limits=limits_of(settings),
        clock=SystemClock(),
        render=partial(render_file, sandboxed=settings.jpeg_sandbox, described=False),
        share=share_memory,
        find=find_file,
        recent=RecentRecords(),
        pause=time.sleep,
        render_timeout_s=lambda: MOST_S,
        unpack=unpack_original,
        settings=Settings(
            now=0,
            widths=settings.widths or DEFAULT_WIDTHS,
            iiif_profile=settings.iiif_profile,
        ),
    )
