"""Events of a batch are signed and sent; those that the receiver refuses are sent again later."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes.template import read_template

from imagemill.errors import StoreUnavailable
from imagemill.webhooks import SIGNATURE_HEADER, verify
from imagemill.webhooks.deliver import RETRY_S, DeliverDeps, QueuedEvent, delay_s, deliver
from imagemill.webhooks.post import WebhookFailed

ROOT = Path(__file__).parents[3]
NOW = 1_796_000_000
EVENT = {
    "version": "0",
    "id": "6a7e8feb",
    "detail-type": "Image ready",
    "source": "imagemill",
    "account": "123456789012",
    "time": "2026-11-29T23:33:20Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {"image": {"key": "été.jpg"}},
}


@dataclass
class FakeReceiver:
    """Keeps the requests; refuses bodies with one of the texts."""

    refuses: tuple[bytes, ...] = ()
    requests: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.requests.append((body, dict(headers)))
        if any(text in body for text in self.refuses):
            raise WebhookFailed("status 503")


@dataclass
class FakeRetries:
    """Keeps the delays by receipt; raises an error if it is told to."""

    is_down: bool = False
    delays_s: dict[str, int] = field(default_factory=dict)

    def retry_after(self, delays_s: Mapping[str, int]) -> None:
        if self.is_down:
            raise StoreUnavailable("SQS")
        self.delays_s |= delays_s


def queued(name: str, body: str | None = None, attempt: int = 1) -> QueuedEvent:
    event = EVENT | {"id": name}
    return QueuedEvent(f"m-{name}", json.dumps(event) if body is None else body, attempt, name)


def deps(receiver: FakeReceiver, retries: FakeRetries | None = None) -> DeliverDeps:
    return DeliverDeps(
        receiver, lambda: ["new", "old"], retries or FakeRetries(), lambda: NOW + 0.9
    )


def test_an_event_is_sent_without_the_account_and_verified_with_either_secret() -> None:
    receiver = FakeReceiver()

    assert deliver([queued("a")], deps(receiver)) == []

    [(body, headers)] = receiver.requests
    assert json.loads(body).keys() == {"id", "detail-type", "source", "time", "detail"}
    assert "été.jpg".encode() in body
    for secret in ("new", "old"):
        event = verify(body, headers[SIGNATURE_HEADER], secret, now=NOW, tolerance_s=0)
        assert (event.id, event.detail_type) == ("a", "Image ready")


def test_only_the_refused_events_of_a_batch_are_sent_again() -> None:
    receiver, retries = FakeReceiver(refuses=(b'"id":"b"',)), FakeRetries()

    failed = deliver([queued("a"), queued("b", attempt=2), queued("c")], deps(receiver, retries))

    assert failed == ["m-b"]
    assert retries.delays_s == {"b": RETRY_S[1]}


@pytest.mark.parametrize("body", ["no JSON", "{}", "[]"])
def test_a_message_without_an_event_fails_alone(body: str) -> None:
    receiver = FakeReceiver()

    assert deliver([queued("a", body), queued("b")], deps(receiver)) == ["m-a"]
    assert len(receiver.requests) == 1


def test_without_the_secret_every_event_is_sent_again() -> None:
    def unread() -> list[str]:
        raise StoreUnavailable("the secret")

    receiver, retries = FakeReceiver(), FakeRetries()

    failed = deliver([queued("a"), queued("b")], DeliverDeps(receiver, unread, retries, lambda: 0))

    assert failed == ["m-a", "m-b"]
    assert receiver.requests == []


def test_a_failed_event_stays_failed_if_its_time_cannot_be_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver = FakeReceiver(refuses=(b"",))

    with caplog.at_level(logging.WARNING, logger="imagemill"):
        failed = deliver([queued("a")], deps(receiver, FakeRetries(is_down=True)))

    assert failed == ["m-a"]
    assert [line.message for line in caplog.records] == ["webhook failed", "retries not put off"]


def test_the_log_says_why_without_the_image(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="imagemill"):
        deliver([queued("a", attempt=3), queued("b")], deps(FakeReceiver(refuses=(b'"id":"a"',))))

    [failed] = [vars(line) for line in caplog.records if line.levelno == logging.WARNING]
    assert (failed["message_id"], failed["attempt"], failed["why"]) == ("m-a", 3, "status 503")
    assert "été" not in caplog.text


def test_each_attempt_waits_longer_and_the_last_leads_to_the_dead_letters_at_once() -> None:
    queue = read_template()["Resources"]["WebhookQueue"]["Properties"]
    attempts = queue["RedrivePolicy"]["maxReceiveCount"]

    delays = [delay_s(attempt) for attempt in range(1, attempts + 1)]

    assert delays == [*RETRY_S, 0]
    assert sorted(RETRY_S) == list(RETRY_S)
    assert max(RETRY_S) <= 43_200, "the longest visibility timeout of SQS"
    assert 20 < sum(delays) / 3_600 < 21
    assert sum(delays) < queue["MessageRetentionPeriod"] / 4


def test_the_page_lists_the_delays() -> None:
    page = (ROOT / "docs/webhooks.md").read_text("utf-8")

    assert "10 seconds, 1, 5 and 30 minutes, 2, 6 and 12 hours" in page
    assert RETRY_S == (10, 60, 300, 1_800, 7_200, 21_600, 43_200)
