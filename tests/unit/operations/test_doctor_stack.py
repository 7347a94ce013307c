"""`imagemill doctor` after a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes.cloud import FakeCloud
from fakes.stores import StoppedClock

from imagemill.domain.ignored import KeyFilter
from imagemill.domain.key_rules import KeyRules
from imagemill.errors import SetupFailed
from imagemill.operations.doctor import Finding
from imagemill.operations.doctor_stack import (
    Probe,
    examine_stack,
    judge_alarms,
    judge_compilations,
    sample_key,
)
from imagemill.operations.upload_files import Upload
from imagemill.operations.wait import WaitOptions
from imagemill.recipe_rules import RecipeRules

KEY = "imagemill-doctor/1.png"


@dataclass(frozen=True)
class FakeHealth:
    """Alarms and metrics of a stack."""

    states: Mapping[str, str] = field(default_factory=lambda: {"Faults": "OK"})
    compiled: int = 0
    is_denied: bool = False

    def alarms(self, stack: str) -> Mapping[str, str]:
        assert stack == "mill"
        if self.is_denied:
            raise SetupFailed("AccessDenied")
        return self.states

    def compilations(self, stack: str) -> int:
        assert stack == "mill"
        return self.compiled


@dataclass(frozen=True)
class FakePrivateImages:
    """Private images, an answer to an unsigned request, and whether the newest key is deployed."""

    status: int = 403
    is_deployed: bool = True

    def has_newest_key(self) -> bool:
        return self.is_deployed

    def status_unsigned(self, key: str) -> int:
        assert key == f"500/{KEY}"
        if not self.status:
            raise SetupFailed("no answer")
        return self.status


@dataclass(frozen=True)
class FakeAdopted:
    """An existing bucket, and whether it sends all events; None if that may not be read."""

    is_writable: bool
    sends_all: bool | None = True
    name: str = "photos"

    def is_complete(self) -> bool:
        if self.sends_all is None:
            raise SetupFailed("AccessDenied")
        return self.sends_all


def examined(
    cloud: FakeCloud,
    folder: Path,
    health: FakeHealth,
    private: FakePrivateImages | None = None,
    adopted: FakeAdopted | None = None,
) -> dict[str, Finding]:
    """Return the findings by check."""
    path = folder / "sample.png"
    path.write_bytes(b"png")
    clock = StoppedClock()
    wait = WaitOptions(0, clock, lambda _: None)
    probe = Probe(cloud.originals, cloud.renditions, cloud.records, wait, private, adopted)
    return {one.check: one for one in examine_stack(probe, Upload(path, KEY), health, "mill")}


def test_an_image_passes_through_a_sound_stack_and_is_deleted(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.renditions.objects["500/" + KEY] = b"rendition"

    findings = examined(cloud, tmp_path, FakeHealth())

    assert {one.level for one in findings.values()} == {"ok"}
    assert findings["image"].text == "ready after 0.0 s, renditions: 500"
    assert cloud.originals.objects == {}


@pytest.mark.parametrize(
    ("private", "level", "text"),
    [
        (FakePrivateImages(), "ok", "an unsigned request is refused"),
        (FakePrivateImages(status=200), "problem", "answered with 200"),
        (FakePrivateImages(is_deployed=False), "warning", "the newest key is not deployed"),
        (FakePrivateImages(status=0), "warning", "not checked: no answer"),
    ],
)
def test_private_images_need_a_signature_and_a_deployed_key(
    private: FakePrivateImages, level: str, text: str, tmp_path: Path
) -> None:
    cloud = FakeCloud()
    cloud.renditions.objects["500/" + KEY] = b"rendition"

    finding = examined(cloud, tmp_path, FakeHealth(), private=private)["private"]

    assert finding.level == level
    assert text in finding.text


def test_nothing_is_written_to_an_existing_bucket(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.originals.is_down = True

    finding = examined(cloud, tmp_path, FakeHealth(), adopted=FakeAdopted(is_writable=False))

    assert finding["image"].level == "warning"
    assert "nothing is written to the existing bucket photos" in finding["image"].text


def test_an_existing_bucket_that_may_be_written_gets_the_sample(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.renditions.objects["500/" + KEY] = b"rendition"

    finding = examined(cloud, tmp_path, FakeHealth(), adopted=FakeAdopted(is_writable=True))

    assert finding["image"].level == "ok"


@pytest.mark.parametrize(
    ("sends_all", "level", "text"),
    [
        (True, "ok", "the bucket photos sends its events to the stack"),
        (False, "problem", "run imagemill adopt photos --stack mill"),
        (None, "warning", "not checked: AccessDenied"),
    ],
)
def test_an_existing_bucket_must_send_its_events(
    sends_all: bool | None, level: str, text: str, tmp_path: Path
) -> None:
    adopted = FakeAdopted(is_writable=False, sends_all=sends_all)

    finding = examined(FakeCloud(), tmp_path, FakeHealth(), adopted=adopted)["events"]

    assert finding.level == level
    assert text in f"{finding.text}: {finding.remedy}"


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        (KeyRules(RecipeRules.parse("500")), "imagemill-doctor/1.png"),
        (
            KeyRules(RecipeRules.parse("500"), KeyFilter("in/", (".JPG", ".jpg"))),
            "in/imagemill-doctor/1.JPG",
        ),
        (KeyRules(RecipeRules.parse("500"), KeyFilter()), "imagemill-doctor/1.png"),
        (KeyRules(RecipeRules.parse("in/ -> 500; * -> ignore")), None),
    ],
)
def test_a_sample_has_a_key_that_is_processed(rules: KeyRules, key: str | None) -> None:
    assert sample_key(rules, "1") == key


def test_a_recipe_that_ignores_samples_is_a_warning() -> None:
    cloud = FakeCloud()
    probe = Probe(cloud.originals, cloud.renditions, cloud.records, WaitOptions(0))

    image, *_ = examine_stack(probe, None, FakeHealth(), "mill")

    assert (image.check, image.level) == ("image", "warning")
    assert "the recipe ignores" in image.text


def test_a_missing_rendition_is_a_problem(tmp_path: Path) -> None:
    finding = examined(FakeCloud(), tmp_path, FakeHealth())["image"]

    assert (finding.level, finding.text) == ("problem", f"no rendition 500/{KEY}")


def test_an_image_that_is_not_processed_is_a_problem(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.originals.is_idle = True

    finding = examined(cloud, tmp_path, FakeHealth())["image"]

    assert finding.level == "problem"
    assert "imagemill failed" in finding.remedy or "oldestmessage" in finding.remedy


def test_a_bucket_that_is_down_is_a_problem_and_alarms_are_still_read(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.originals.is_down = True

    findings = examined(cloud, tmp_path, FakeHealth())

    assert findings["image"].level == "problem"
    assert findings["alarms"].level == "ok"


def test_alarms_that_may_not_be_read_are_a_warning(tmp_path: Path) -> None:
    finding = examined(FakeCloud(), tmp_path, FakeHealth(is_denied=True))["alarms"]

    assert (finding.level, finding.text) == ("warning", "not checked: AccessDenied")


def test_every_alarm_that_is_on_is_a_problem_with_its_instructions() -> None:
    states = {"Faults": "ALARM", "DeadLetters": "ALARM", "Throttles": "OK"}

    found = list(judge_alarms(states))

    assert [(one.level, one.remedy) for one in found] == [
        ("problem", "see docs/operations.md#faults"),
        ("problem", "see docs/operations.md#deadletters"),
    ]


def test_alarms_without_data_are_counted() -> None:
    [finding] = judge_alarms({"Faults": "OK", "Throttles": "INSUFFICIENT_DATA"})

    assert finding.text == "none of 2 is on, 1 have no data yet"


def test_a_stack_without_alarms_is_a_warning() -> None:
    [finding] = judge_alarms({})

    assert (finding.level, finding.remedy) == ("warning", "deploy with Watch=true")


@pytest.mark.parametrize(
    ("count", "has_metrics", "level"),
    [(0, True, "ok"), (2, True, "problem"), (0, False, "warning")],
)
def test_a_compiled_decoder_is_a_problem(count: int, has_metrics: bool, level: str) -> None:
    assert judge_compilations(count, has_metrics=has_metrics).level == level
