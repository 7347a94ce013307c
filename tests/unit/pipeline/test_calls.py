"""The number of AWS calls for an image, counted at the clients of the real stores."""

from dataclasses import replace

import pytest
from fakes.aws_clients import FakeDynamoDB, FakeS3
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline_deps import render_here
from fakes.stores import StoppedClock

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_keys import VariantKeys
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.costs.calls import CHOICE_HEADS
from imagemill.domain.reconciliation import Reconciliation
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe_rules import RecipeRules

GET, PUT = "GetObject", "PutObject"


class CountingPipeline:
    """The pipeline with the real stores, and their calls to fake AWS clients."""

    def __init__(self, recipe: str, *, on_request: bool = True) -> None:
        self.s3, self.dynamodb = FakeS3(), FakeDynamoDB()
        registry = VariantRegistry(self.dynamodb, "variants")  # type: ignore[arg-type]  # a fake
        variants = VariantKeys(self.s3, "processed", registry)  # type: ignore[arg-type]  # a fake
        self.deps = PipelineDeps(
            records=RecordsTable(self.dynamodb, "records"),  # type: ignore[arg-type]  # a fake
            originals=OriginalsBucket(self.s3, "originals"),  # type: ignore[arg-type]  # a fake
            renditions=RenditionsBucket(self.s3, "processed"),  # type: ignore[arg-type]  # a fake
            recipes=RecipeRules.parse(recipe),
            limits=DEFAULT_LIMITS,
            clock=StoppedClock(),
            max_attempts=4,
            render=render_here,
            variants=variants if on_request else None,
        )

    def put(self, data: bytes, sequencer: str = "01") -> Outcome:
        stored = self.s3.put("originals", "a.jpg", data)
        event = replace(
            created(sequencer=sequencer, version_id=stored.version_id), etag=stored.etag.strip('"')
        )
        self.s3.calls.clear()
        self.dynamodb.calls.clear()
        return handle_task(event, self.deps)

    @property
    def calls(self) -> tuple[list[str], list[str]]:
        return self.s3.calls, self.dynamodb.calls


@pytest.mark.parametrize(
    ("recipe", "puts"), [("20", [PUT]), ("20, 10", [PUT, PUT]), ("9, 8, 7", [PUT, PUT, PUT])]
)
def test_a_new_image_costs_one_get_a_put_a_preset_one_read_and_one_write(
    recipe: str, puts: list[str]
) -> None:
    pipeline = CountingPipeline(recipe)

    outcome = pipeline.put(jpeg())

    assert outcome is Outcome.READY
    assert pipeline.calls == ([GET, *puts], ["GetItem", "PutItem"])


def test_a_found_image_costs_three_heads_more_and_no_second_read() -> None:
    pipeline = CountingPipeline("20")
    pipeline.s3.put("originals", "a.jpg", jpeg())
    pipeline.s3.calls.clear()

    outcome = handle_task(Reconciliation("a.jpg"), pipeline.deps)

    head = "HeadObject"
    assert outcome is Outcome.READY
    # The rendition, the original, and at the end the original again.
    assert pipeline.calls == ([head, head, GET, PUT, head], ["GetItem", "PutItem"])


def test_rules_with_names_cost_one_head_more() -> None:
    pipeline = CountingPipeline("[hero] -> 9; * -> 20")

    outcome = pipeline.put(jpeg())

    assert outcome is Outcome.READY
    assert pipeline.calls == ([*["HeadObject"] * CHOICE_HEADS, GET, PUT], ["GetItem", "PutItem"])


def test_a_file_that_is_no_image_costs_one_get_one_read_and_one_write() -> None:
    pipeline = CountingPipeline("20")

    outcome = pipeline.put(b"words")

    assert outcome is Outcome.REJECTED
    assert pipeline.calls == ([GET], ["GetItem", "PutItem"])


def test_a_duplicate_costs_one_read() -> None:
    pipeline = CountingPipeline("20")
    pipeline.put(jpeg())
    version_id = pipeline.s3.objects["originals", "a.jpg"][-1].version_id
    pipeline.s3.calls.clear()
    pipeline.dynamodb.calls.clear()

    outcome = handle_task(created(version_id=version_id), pipeline.deps)

    assert outcome is Outcome.DUPLICATE
    assert pipeline.calls == ([], ["GetItem"])


@pytest.mark.parametrize("on_request", [False, True])
def test_an_overwritten_image_without_variants_costs_one_listing_and_one_query_more(
    *, on_request: bool
) -> None:
    pipeline = CountingPipeline("20", on_request=on_request)
    pipeline.put(jpeg())

    outcome = pipeline.put(jpeg(9, 9), "02")

    search = (["ListObjectsV2"], ["Query"]) if on_request else ([], [])
    made = [GET, PUT, "HeadObject", PUT]
    assert outcome is Outcome.READY
    assert pipeline.calls == (
        [*made, *search[0]],
        ["GetItem", "PutItem", "PutItem", *search[1]],
    )


@pytest.mark.parametrize("on_request", [False, True])
def test_a_deleted_image_without_variants_costs_one_listing_and_one_query_more(
    *, on_request: bool
) -> None:
    pipeline = CountingPipeline("20", on_request=on_request)
    pipeline.put(jpeg())
    for calls in pipeline.calls:
        calls.clear()

    outcome = handle_task(removed(), pipeline.deps)

    search = (["ListObjectsV2"], ["Query"]) if on_request else ([], [])
    assert outcome is Outcome.DELETED
    assert pipeline.calls == (
        ["HeadObject", PUT, *search[0]],
        ["GetItem", "PutItem", *search[1]],
    )
