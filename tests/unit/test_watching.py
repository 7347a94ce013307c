"""The alarms and the dashboard use published metrics, and the docs explain each alarm."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.template import read_template

from imagemill.costs import calls
from imagemill.costs.bill import Workload, statement, total
from imagemill.costs.durations import duration_model
from imagemill.costs.transforms import Visits, miss_lines
from imagemill.functions.metric_units import BY_CODE, UNITS
from imagemill.functions.metrics import NAMESPACE
from imagemill.local.template import fit_to_emulator

OPERATIONS = (Path(__file__).parents[2] / "docs/operations.md").read_text()
TEMPLATE = read_template()
ENDPOINT = "http://127.0.0.1:4566"
RESOURCES = TEMPLATE["Resources"]
ALARMS = {
    name.removesuffix("Alarm"): one["Properties"]
    for name, one in RESOURCES.items()
    if one["Type"] == "AWS::CloudWatch::Alarm"
}
# Those that not every stack has, so that the dashboard cannot name them, with their conditions.
CONDITIONAL = {"WebhookDeadLetters": "WatchedWebhooks", "ArchiveDeadLetters": "WatchedArchive"}
BODY, _ = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
WIDGETS = json.loads(BODY)["widgets"]
Metric = tuple[str, str, frozenset[str]]
# Published metrics by namespace and dimensions: those of the AWS user guides, and our own.
PUBLISHED = {
    ("AWS/SQS", frozenset({"QueueName"})): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
        "NumberOfMessagesDeleted",
        "NumberOfMessagesReceived",
    },
    ("AWS/Lambda", frozenset({"FunctionName"})): {
        "ConcurrentExecutions",
        "Duration",
        "Errors",
        "Throttles",
    },
    ("AWS/ApiGateway", frozenset({"ApiName", "Stage"})): {
        "4XXError",
        "5XXError",
        "Count",
        "Latency",
    },
    ("AWS/Logs", frozenset({"LogGroupName"})): {"IncomingBytes"},
    (NAMESPACE, frozenset({"service"})): set(UNITS) - {"Problems", "VariantProblems"},
    (NAMESPACE, frozenset({"service", "code"})): set(BY_CODE),
}
# The functions of CloudWatch's metric math that the alarms use.
METRIC_MATH: dict[str, Any] = {
    "FILL": lambda value, _: value,
    "IF": lambda condition, yes, no: yes if condition else no,
}


def shown() -> Iterator[Metric]:
    """Yield the metrics of the dashboard, including those of its SEARCH expressions."""
    for line in (line for widget in WIDGETS for line in widget["properties"].get("metrics", [])):
        match line:
            case [{"expression": str(found)}] if found.startswith("SEARCH"):
                [dimensions] = re.findall(rf"\{{{NAMESPACE},([\w,]+)\}}", found)
                for name in re.findall(r'MetricName="(\w+)"', found):
                    yield NAMESPACE, name, frozenset(dimensions.split(","))
            case [str(namespace), str(name), *rest]:
                pairs = [one for one in rest if isinstance(one, str)]
                yield namespace, name, frozenset(pairs[::2])


def watched(alarm: dict[str, Any]) -> Iterator[Metric]:
    """Yield the metrics of an alarm."""
    computed = [
        one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one
    ]
    for one in computed or [alarm]:
        dimensions = frozenset(pair["Name"] for pair in one["Dimensions"])
        yield one["Namespace"], one["MetricName"], dimensions


@pytest.mark.parametrize("metric", sorted(set(shown()), key=str))
def test_every_metric_on_the_dashboard_is_published(metric: Metric) -> None:
    namespace, name, dimensions = metric

    assert name in PUBLISHED[namespace, dimensions]


@pytest.mark.parametrize("name", ALARMS)
def test_every_metric_of_an_alarm_is_published(name: str) -> None:
    metrics = list(watched(ALARMS[name]))

    assert metrics
    assert {m for m in metrics if m[1] not in PUBLISHED[m[0], m[2]]} == set()


def test_the_dashboard_shows_all_our_metrics() -> None:
    names = {name for namespace, name, _ in shown() if namespace == NAMESPACE}

    assert names == UNITS.keys()


def test_our_metrics_have_the_stack_name_as_service() -> None:
    service = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]

    dimensions = [
        pair["Value"]
        for alarm in ALARMS.values()
        for one in [alarm, *(m["MetricStat"]["Metric"] for m in alarm.get("Metrics", [])[1:])]
        for pair in one.get("Dimensions", [])
        if pair["Name"] in {"service", "ApiName"}
    ]

    assert service == {"Ref": "AWS::StackName"}
    assert dimensions == [service] * 5
    assert set(re.findall(r'"service", "([^"]+)"|service=\\"([^\\]+)\\"', BODY)) == {
        ("${AWS::StackName}", ""),
        ("", "${AWS::StackName}"),
    }


def test_the_dashboard_shows_every_alarm() -> None:
    [alarms] = [w["properties"]["alarms"] for w in WIDGETS if w["type"] == "alarm"]

    assert alarms == [f"${{{name}Alarm.Arn}}" for name in ALARMS if name not in CONDITIONAL]


def test_every_reference_of_the_dashboard_exists() -> None:
    named = set(re.findall(r"\$\{([A-Za-z]+)[.}]", BODY))

    assert named - {"GbSecond", "TransformName"} <= RESOURCES.keys() | TEMPLATE["Parameters"].keys()


def test_the_docs_explain_exactly_the_alarms() -> None:
    chapter = OPERATIONS.partition("\n## Alarms\n")[2].partition("\n## ")[0]

    assert re.findall(r"^### (\w+)$", chapter, re.MULTILINE) == list(ALARMS)


@pytest.mark.parametrize("name", ALARMS)
def test_the_explanation_of_an_alarm_has_a_command(name: str) -> None:
    section = OPERATIONS.partition(f"\n### {name}\n")[2].partition("\n##")[0]

    assert "\n```\n" in section


@pytest.mark.parametrize("name", sorted(UNITS))
def test_the_docs_explain_every_metric(name: str) -> None:
    assert f"| `{name}` |" in OPERATIONS


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_has_the_name_of_its_section_and_notifies_the_topic(name: str) -> None:
    alarm, actions = ALARMS[name], {"Fn::If": ["Notifying", [{"Ref": "AlarmTopic"}], NO_VALUE]}

    assert alarm["AlarmName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
    assert (alarm["AlarmActions"], alarm["OKActions"]) == (actions, actions)
    assert RESOURCES[f"{name}Alarm"]["Condition"] == CONDITIONAL.get(name, "Watched")


NO_VALUE = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize("name", ALARMS)
def test_missing_data_is_no_alarm_and_keeps_the_state_of_dead_letters(name: str) -> None:
    expected = "ignore" if name.endswith("DeadLetters") else "notBreaching"

    assert ALARMS[name]["TreatMissingData"] == expected


@pytest.mark.parametrize(
    ("alarm", "function"),
    [("ResizeDuration", "ResizeImageFunction"), ("ApiDuration", "ApiImageUploadFunction")],
)
def test_the_duration_alarm_is_at_85_percent_of_the_timeout(alarm: str, function: str) -> None:
    granted_ms = 1_000 * RESOURCES[function]["Properties"]["Timeout"]

    assert ALARMS[alarm]["Threshold"] == 0.85 * granted_ms
    assert ALARMS[alarm]["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]


def test_the_age_alarm_is_at_the_time_of_all_attempts() -> None:
    deliveries = RESOURCES["UploadsQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]

    assert ALARMS["OldestMessage"]["Threshold"] == (
        deliveries * TEMPLATE["Parameters"]["RetrySeconds"]["Default"]
    )


@pytest.mark.parametrize(
    ("received", "deleted", "ratio"),
    [(100, 0, 1), (1_000, 1_000, 1), (1_000, 250, 4), (1_000, 0, 1_000)],
)
def test_the_runaway_alarm_computes_receives_per_deleted_message(
    received: int, deleted: int, ratio: float
) -> None:
    expression = ALARMS["Runaway"]["Metrics"][0]["Expression"]

    assert computed(expression, received=received, deleted=deleted) == ratio


@pytest.mark.parametrize("name", ["Runaway", "DailyCost"])
def test_a_computed_alarm_returns_one_result(name: str) -> None:
    returned = [one["Id"] for one in ALARMS[name]["Metrics"] if one["ReturnData"]]

    assert returned == [ALARMS[name]["Metrics"][0]["Id"]]


def test_the_daily_cost_equals_the_estimate_of_imagemill_cost() -> None:
    text, _ = ALARMS["DailyCost"]["Metrics"][0]["Expression"]["Fn::Sub"]
    load = Workload(images=1_000_000, megapixels=12, batch=1, image_ms=100)

    dollars = computed(
        text.replace("${MemorySize}", str(load.memory_mb)).replace("${GbSecond}", "0.0000133334"),
        resize=load.images * 100,
        api=0,
        transform=0,
        variants=0,
        requests=0,
        events=load.images,
        renditions=load.images,
        logs=load.images * calls.LOG_BYTES,
    )

    assert dollars == pytest.approx(total(statement(load, duration_model()).once), rel=0.005)


def test_the_daily_cost_counts_images_on_request_as_imagemill_cost_does() -> None:
    text, _ = ALARMS["DailyCost"]["Metrics"][0]["Expression"]["Fn::Sub"]
    visits, model = Visits(1_000_000, 0, 12), duration_model()

    nothing = dict.fromkeys(("resize", "api", "requests", "events", "renditions", "logs"), 0)
    dollars = computed(
        text.replace("${MemorySize}", str(visits.memory_mb)).replace("${GbSecond}", "0.0000133334"),
        transform=visits.misses * visits.billed_ms(model),
        variants=visits.misses,
        **nothing,
    )

    assert dollars == pytest.approx(total(miss_lines(visits, model)), rel=0.01)


def test_alarm_and_dashboard_use_the_same_estimate() -> None:
    estimate, names = ALARMS["DailyCost"]["Metrics"][0]["Expression"]["Fn::Sub"]
    shown_names = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][1]

    assert f'"expression": "{estimate.strip()}"' in BODY
    assert shown_names["GbSecond"] == names["GbSecond"]


def test_the_functions_have_the_memory_that_the_estimate_assumes() -> None:
    properties = [
        RESOURCES[f]["Properties"]
        for f in ("ResizeImageFunction", "TransformFunction", "ApiImageUploadFunction")
    ]

    memory = {"Ref": "MemorySize"}
    assert [one["MemorySize"] for one in properties] == [memory, memory, 512]


def test_the_log_level_does_not_drop_metrics() -> None:
    logging = TEMPLATE["Globals"]["Function"]["LoggingConfig"]

    assert (logging["LogFormat"], logging["ApplicationLogLevel"]) == ("JSON", "DEBUG")


def test_computed_alarms_are_removed_for_the_embedded_aws() -> None:
    fitted = json.loads(fit_to_emulator(TEMPLATE, {"Bucket": "b", "Key": "k"}, {}, ENDPOINT))

    removed = {name for name in ALARMS if f"{name}Alarm" not in fitted["Resources"]}
    body, _ = fitted["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert removed == {"Runaway", "DailyCost"}
    assert set(re.findall(r"\$\{(\w+)Alarm", body)) == ALARMS.keys() - removed - CONDITIONAL.keys()


@pytest.mark.parametrize(
    "role",
    ["ResizeImageRole", "TransformRole", "ApiImageUploadRole", "WebhookRole", "ArchiveRole"],
)
def test_only_stacks_with_tracing_may_send_traces(role: str) -> None:
    [policy] = RESOURCES[role]["Properties"]["Policies"]

    tracing = [s["Fn::If"] for s in policy["PolicyDocument"]["Statement"] if "xray" in str(s)]

    assert [(condition, otherwise) for condition, _, otherwise in tracing] == [("Traced", NO_VALUE)]
    assert tracing[0][1]["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert TEMPLATE["Globals"]["Function"]["Tracing"] == {
        "Fn::If": ["Traced", "Active", "PassThrough"]
    }


def computed(expression: str, **values: float) -> float:
    """Return the value of a metric math expression."""
    return float(eval(" ".join(expression.split()), METRIC_MATH | values))  # noqa: S307  # our own template
