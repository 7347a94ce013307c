"""The bill for a number of images, compared with sums made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.cloud import ready_record
from fakes.template import read_template
from hypothesis import given
from hypothesis import strategies as st

from imagemill.aws.record_items import to_item
from imagemill.costs import calls, prices
from imagemill.costs.bill import DEPLOYED, MonitoringUse, Statement, Workload, statement, total
from imagemill.costs.durations import CORE_MB, DurationModel, duration_model
from imagemill.costs.durations import LinearFit as Ms
from imagemill.costs.prices import GIB
from imagemill.costs.work import FORMATS
from imagemill.domain.record import ImageRecord, Original, StoredRendition
from imagemill.functions.metric_units import UNITS
from imagemill.recipe import Recipe

# Every image takes 100 ms, every rendition has 50 kB.
MODEL = DurationModel(Ms(0, 0), {"read jpeg": 100.0}, {}, {"jpeg": Ms(50_000, 0)})
FOUR = Recipe.parse("800, 500, 250, 100")
MILLION = Workload(images=1_000_000, megapixels=12)
SHARE = min(1, MILLION.memory_mb / CORE_MB)


def dollars(bill: Statement) -> dict[str, float]:
    return {line.name: line.dollars for line in (*bill.once, *bill.monthly)}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("resizing", 100_000 / SHARE * MILLION.memory_mb / 1024 * 0.0000133334),
        ("invocations", 0.02),
        ("originals uploaded", 5.00),
        ("originals fetched", 0.40),
        ("renditions stored", 5.00),
        ("messages sent, received, deleted", 1.2 * 0.40),
        ("records read", 0.125),
        ("records written, and their indexes", 3 * 0.625),
        ("completion events", 1.00),
        ("originals kept", 1e6 * 12 * 350_000 / GIB * 0.023),
        ("polling of the idle queue", 5 * 30 * 24 * 3600 / 20 * 0.40e-6),
    ],
)
def test_a_line_item_costs_its_quantity_times_its_price(what: str, expected: float) -> None:
    assert dollars(statement(MILLION, MODEL))[what] == pytest.approx(expected)


def test_a_raw_file_takes_the_storage_of_three_jpegs() -> None:
    jpegs, raws = (
        dollars(statement(replace(MILLION, format=kind), MODEL)) for kind in ("jpeg", "raw")
    )

    assert raws["originals kept"] == pytest.approx(3 * jpegs["originals kept"])


def test_four_presets_need_four_times_the_puts() -> None:
    bill = dollars(statement(replace(MILLION, recipe=FOUR), MODEL))

    assert bill["renditions stored"] == pytest.approx(20.00)


def test_batches_of_one_need_an_invocation_and_queue_calls_per_image() -> None:
    bill = dollars(statement(replace(MILLION, batch=1), MODEL))

    assert bill["invocations"] == pytest.approx(0.20)
    assert bill["messages sent, received, deleted"] == pytest.approx(3 * 0.40)


def test_the_given_milliseconds_replace_the_measured_ones() -> None:
    bill = dollars(statement(replace(MILLION, image_ms=200), MODEL))

    assert bill["resizing"] == pytest.approx(200_000 * MILLION.memory_mb / 1024 * 0.0000133334)


def test_x86_64_costs_a_quarter_more_than_arm64() -> None:
    arm, intel = (
        dollars(statement(replace(MILLION, architecture=kind), MODEL))["resizing"]
        for kind in ("arm64", "x86_64")
    )

    assert intel / arm == pytest.approx(1.25, rel=1e-4)


def test_the_share_uploaded_through_the_api_is_billed_per_request() -> None:
    bill = dollars(statement(replace(MILLION, api=0.5), MODEL))

    assert bill["uploads through the API"] == pytest.approx(1.75)
    assert bill["invocations for uploads"] == pytest.approx(0.10)


def test_delivery_is_billed_per_request_and_per_byte() -> None:
    bill = dollars(statement(replace(MILLION, views=2), MODEL))

    assert bill["renditions delivered"] == pytest.approx(2.00)
    assert bill["bytes delivered"] == pytest.approx(2e6 * 50_000 / GIB * 0.085)


def test_larger_renditions_need_more_storage() -> None:
    sides = (Recipe.parse("500"), Recipe.parse("2000"))

    small, large = (
        dollars(statement(replace(MILLION, recipe=recipe), duration_model())) for recipe in sides
    )

    assert large["renditions kept"] > 3 * small["renditions kept"]


def test_metrics_alarms_and_dashboards_are_billed_monthly() -> None:
    watched = replace(MILLION, monitoring=MonitoringUse(metrics=20, alarm_metrics=8, dashboards=1))

    bill = dollars(statement(watched, MODEL))

    assert bill["metrics"] == pytest.approx(6.0)
    assert bill["metrics that alarms read"] == pytest.approx(0.8)
    assert bill["dashboards"] == pytest.approx(3.0)


def test_the_free_tier_is_subtracted_on_request() -> None:
    load = replace(MILLION, images=1_000, api=1.0, monitoring=MonitoringUse(metrics=12))

    bill = dollars(statement(load, MODEL, free_tier=True))

    assert bill["resizing"] == bill["invocations"] == bill["invocations for uploads"] == 0
    assert bill["metrics"] == pytest.approx(2 * 0.30)
    assert bill["originals uploaded"] == pytest.approx(0.005)


def test_line_items_of_one_price_share_its_free_tier() -> None:
    load = replace(MILLION, images=900_000, batch=1, api=1.0)

    bill = dollars(statement(load, MODEL, free_tier=True))

    assert bill["invocations"] == 0
    assert bill["invocations for uploads"] == pytest.approx(0.8 * 0.20)


def several(count: int) -> Recipe:
    """Return a recipe with so many presets."""
    return Recipe.parse(", ".join(str(500 - at) for at in range(count)))


LOADS = st.builds(
    Workload,
    images=st.integers(1, 10**9),
    megapixels=st.floats(0.1, 100),
    format=st.sampled_from(FORMATS),
    recipe=st.integers(1, 19).map(several),
    memory_mb=st.sampled_from([512, 1024, 1769, 3538]),
    batch=st.integers(1, 10),
    api=st.floats(0, 0.9),
    views=st.floats(0, 10),
)


@given(LOADS)
def test_a_larger_load_never_costs_less(load: Workload) -> None:
    bill = statement(load, duration_model())

    for larger in (
        replace(load, images=load.images + 1),
        replace(load, recipe=several(load.presets + 1)),
        replace(load, api=load.api + 0.1),
        replace(load, views=load.views + 1),
        replace(load, architecture="x86_64"),
    ):
        more = statement(larger, duration_model())
        assert total(more.once) >= total(bill.once) * (1 - 1e-12)
        assert total(more.monthly) >= total(bill.monthly) * (1 - 1e-12)


@given(LOADS)
def test_with_the_free_tier_no_line_item_costs_more_or_less_than_zero(load: Workload) -> None:
    full, reduced = (statement(load, duration_model(), free_tier=free) for free in (False, True))

    for one, other in zip(
        (*full.once, *full.monthly), (*reduced.once, *reduced.monthly), strict=True
    ):
        assert 0 <= other.dollars <= one.dollars


@pytest.mark.parametrize("presets", [1, 4])
def test_the_assumed_record_size_is_within_15_percent_of_a_real_record(presets: int) -> None:
    record = real_record(presets)

    size = sum(len(name) + stored_bytes(value) for name, value in to_item(record).items())

    assert size == pytest.approx(calls.record_bytes(presets), rel=0.15)


@pytest.mark.parametrize(("presets", "units"), [(1, 1), (2, 1), (3, 2), (12, 2), (13, 3)])
def test_a_record_takes_a_write_unit_per_kilobyte(presets: int, units: int) -> None:
    assert calls.write_units(presets) == units


def test_the_counted_metrics_and_alarms_are_those_that_the_template_deploys() -> None:
    everything = read_template()["Resources"].values()
    # Off by default.
    absent = {"WatchedArchive", "WatchedWebhooks"}
    resources = [one for one in everything if one.get("Condition") not in absent]
    alarms = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    boards = [one for one in resources if one["Type"] == "AWS::CloudWatch::Dashboard"]

    read = sum(max(1, str(alarm.get("Metrics", "")).count("'MetricStat'")) for alarm in alarms)

    # No decoder is compiled in a sound stack.
    billed = UNITS.keys() - {"Compilations"}
    assert MonitoringUse(len(billed), read, len(boards)) == DEPLOYED


def test_the_docs_mark_every_price_without_a_source_as_not_confirmed() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cost.md").read_text()

    assert page.count("| not confirmed |") == sum(not price.source for price in prices.TABLE)


def real_record(presets: int) -> ImageRecord:
    """Return a record with a key of typical length and every field that S3 provides."""
    key = "2026/05/04/IMG_20260504_102029_burst.jpg"
    made = {
        name: StoredRendition(f"{name}/{key}", 50_000, 500, 375, "jpeg")
        for name in ("large", "500", "small", "thumb")[:presets]
    }
    record = ready_record(key, version_id="3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY")
    return replace(
        record,
        original=Original(
            *(3_500_000, 4032, 3024, "jpeg", 1, "2026-05-04T10:20:29", "Apple iPhone 13 Pro"),
            lens="iPhone 13 Pro back triple camera 5.7mm f/1.5",
            exposure_time_s=0.0166667,
            f_number=1.5,
            iso=250,
            focal_length_mm=5.7,
        ),
        history=record.states,
        etag='"9b2cf535f27731c974343645a3985328"',
        sequencer="0055AED6DCD90281E5",
        renditions=made,
        placeholder="1QcSHQRnh493V4dIh4eXh1h4kJUI",
    )


def stored_bytes(value: dict[str, object]) -> int:
    """Return the bytes that DynamoDB bills for a value; "DynamoDB item sizes and formats"."""
    match value:
        case {"S": str(text)}:
            return len(text.encode())
        case {"N": str(digits)}:
            return (len(digits) + 1) // 2 + 1
        case {"M": dict(inner)}:
            return 3 + sum(1 + len(name) + stored_bytes(one) for name, one in inner.items())
        case {"L": list(items)}:
            return 3 + sum(1 + stored_bytes(one) for one in items)
        case _:
            raise TypeError(f"expected text, number, map or list, got {value!r}")
