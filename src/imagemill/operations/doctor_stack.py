"""Check a deployed stack: send an image through it, and read its alarms and metrics."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain import stores
from imagemill.domain.key_rules import KeyRules
from imagemill.errors import ImagemillError, SetupFailed
from imagemill.operations.doctor import Finding
from imagemill.operations.upload_files import Upload, upload_files
from imagemill.operations.wait import WaitOptions, WaitResult, wait_for_deletes, wait_for_uploads

_SEE_LOGS = "see imagemill failed, and docs/operations.md#find-the-log-lines-of-an-image"


class Originals(stores.OriginalFileUploads, stores.OriginalHeads, Protocol):
    """The bucket of originals."""

    def delete(self, key: str) -> None:
        """Delete the original."""


class Health(Protocol):
    """The metrics and alarms of a stack; the methods raise SetupFailed with the reason."""

    def alarms(self, stack: str) -> Mapping[str, str]:
        """Return the state of each alarm, by its name without that of the stack."""

    def compilations(self, stack: str) -> int:
        """Return how many decoders were compiled by cold starts in the last day."""


class PrivateImages(Protocol):
    """Facts about the private images of a stack; the methods raise SetupFailed with the reason."""

    def has_newest_key(self) -> bool:
        """Return whether the newest key of the secret is one of the deployed stack."""

    def status_unsigned(self, key: str) -> int:
        """Return the status of a request for a rendition at the distribution, unsigned."""


class Adopted(Protocol):
    """The existing bucket of originals of a stack, and its notifications."""

    @property
    def name(self) -> str:
        """The bucket's name."""

    @property
    def is_writable(self) -> bool:
        """Whether the stack may write to the bucket (WriteOriginals)."""

    def is_complete(self) -> bool:
        """Return whether the bucket sends all events that the stack needs; raises SetupFailed."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The stores of a stack, and the time to wait for the image.

    `private` is None if the images are public, `adopted` if the bucket of originals belongs to the
    stack.
    """

    originals: Originals
    renditions: stores.Downloads
    records: stores.RecordBatchReader
    wait: WaitOptions
    private: PrivateImages | None = None
    adopted: Adopted | None = None


def sample_key(rules: KeyRules, token: str) -> str | None:
    """Return a key under which a sample is processed; None if the recipe ignores such keys."""
    prefix, suffixes = (rules.keys.prefix, rules.keys.suffixes) if rules.keys else ("", ())
    key = f"{prefix}imagemill-doctor/{token}{suffixes[0] if suffixes else '.png'}"
    return None if rules.ignores(key) else key


def examine_stack(
    probe: Probe, image: Upload | None, health: Health, stack: str
) -> Iterator[Finding]:
    """Yield whether an image passes through the stack, and the state of its alarms.

    Without an image, and with an existing bucket that the stack may not change, none is sent.
    """
    if probe.adopted:
        yield _judge_adoption(probe.adopted, stack)
    yield from _examine_image(probe, image)
    try:
        alarms = health.alarms(stack)
        yield from judge_alarms(alarms)
        yield judge_compilations(health.compilations(stack), has_metrics=bool(alarms))
    except SetupFailed as fault:
        yield Finding("alarms", "warning", f"not checked: {fault}")


def _examine_image(probe: Probe, image: Upload | None) -> Iterator[Finding]:
    if image is None:
        text = "not sent: the recipe ignores keys that begin with imagemill-doctor/"
        yield Finding("image", "warning", text, "upload one, and see imagemill show KEY")
        return
    if probe.adopted and not probe.adopted.is_writable:
        text = f"not sent: nothing is written to the existing bucket {probe.adopted.name}"
        yield Finding("image", "warning", text, "upload one there, and see imagemill show KEY")
        return
    try:
        yield from _send_through(probe, image)
    except ImagemillError as fault:
        yield Finding("image", "problem", str(fault), _SEE_LOGS)


def _judge_adoption(adopted: Adopted, stack: str) -> Finding:
    command = f"imagemill adopt {adopted.name} --stack {stack}"
    try:
        is_complete = adopted.is_complete()
    except SetupFailed as fault:
        return Finding("events", "warning", f"not checked: {fault}", f"run {command} --dry-run")
    if not is_complete:
        text = f"the bucket {adopted.name} does not send all events that the stack needs"
        return Finding("events", "problem", text, f"run {command}")
    return Finding("events", "ok", f"the bucket {adopted.name} sends its events to the stack")


def _send_through(probe: Probe, image: Upload) -> Iterator[Finding]:
    started_ms = probe.wait.clock.monotonic_ms()
    [sent] = wait_for_uploads(
        upload_files([image], probe.originals), probe.records, probe.originals, probe.wait
    )
    took_s = (probe.wait.clock.monotonic_ms() - started_ms) / 1000
    yield _judge_image(probe, sent, took_s)
    if probe.private and sent.record and sent.record.renditions:
        yield _judge_private(probe.private, next(iter(sent.record.renditions.values())).key)
    probe.originals.delete(image.key)
    [(_, is_gone)] = wait_for_deletes([image.key], probe.records, probe.wait)
    if not is_gone:
        text = f"the record of {image.key} is not deleted yet"
        yield Finding("image", "problem", text, "see docs/operations.md#oldestmessage")


def _judge_image(probe: Probe, sent: WaitResult, took_s: float) -> Finding:
    made = sent.record.renditions if sent.record else {}
    if sent.status != "ready":
        reason = f"{sent.error.code}: {sent.error.message}" if sent.error else sent.status
        return Finding("image", "problem", f"it became {sent.status}, {reason}", _SEE_LOGS)
    if missing := [one.key for one in made.values() if probe.renditions.download(one.key) is None]:
        return Finding("image", "problem", f"no rendition {missing[0]}", "run imagemill backfill")
    return Finding("image", "ok", f"ready after {took_s:.1f} s, renditions: {', '.join(made)}")


def _judge_private(private: PrivateImages, key: str) -> Finding:
    try:
        status, has_key = private.status_unsigned(key), private.has_newest_key()
    except SetupFailed as fault:
        return Finding("private", "warning", f"not checked: {fault}", "allow this call")
    if status != HTTPStatus.FORBIDDEN:
        text = f"an unsigned request for a rendition is answered with {status}"
        return Finding("private", "problem", text, "deploy again with Private=true")
    if not has_key:
        text = "the newest key is not deployed; signatures are of the one before"
        remedy = "deploy with the parameters of imagemill keys show --private"
        return Finding("private", "warning", text, remedy)
    return Finding(
        "private", "ok", "an unsigned request is refused, and the newest key is deployed"
    )


def judge_alarms(states: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the alarms that are on, or one finding that none is."""
    if not states:
        yield Finding("alarms", "warning", "there are no alarms", "deploy with Watch=true")
        return
    on = [name for name, state in states.items() if state == "ALARM"]
    for name in on:
        remedy = f"see docs/operations.md#{name.lower()}"
        yield Finding("alarms", "problem", f"the alarm {name} is on", remedy)
    if not on:
        waiting = sum(state == "INSUFFICIENT_DATA" for state in states.values())
        text = f"none of {len(states)} is on, {waiting} have no data yet"
        yield Finding("alarms", "ok", text)


def judge_compilations(count: int, *, has_metrics: bool) -> Finding:
    """Return whether the functions used the machine code of the decoders in their archives."""
    if count:
        text = f"{count} decoders were compiled by cold starts in the last day"
        return Finding("decoder", "problem", text, "deploy an archive of make build")
    if not has_metrics:
        return Finding("decoder", "warning", "unknown without metrics", "deploy with Watch=true")
    return Finding("decoder", "ok", "no cold start had to compile a decoder in the last day")
