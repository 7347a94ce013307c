"""Uploads by HTTP: store the bytes as an original, or presign a POST for them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock
from imagemill.domain.event import NO_CHOICES, UploadChoices
from imagemill.domain.keys import Accepts, accept_every, upload_key
from imagemill.domain.presigned_post import PresignedPost
from imagemill.domain.quoting import quoted
from imagemill.domain.record import ImageRecord
from imagemill.domain.stores import OriginalUploads, RecordWriter
from imagemill.domain.transitions import pending
from imagemill.errors import EmptyFile, InvalidRequest, TooManyBytes, UploadIgnored
from imagemill.recipe_rules import DEFAULT_RULES, RecipeRules

# Bytes that a presigned POST accepts beyond the announced size, for clients that estimate it.
SLACK_BYTES = 1024


class PostPresigner(Protocol):
    """Presigns uploads to the bucket."""

    def form(
        self, key: str, content_type: str, max_bytes: int, choices: UploadChoices = ...
    ) -> PresignedPost:
        """Return a presigned POST that stores one object with this key and these choices."""


@dataclass(frozen=True, slots=True)
class UploadDeps:
    """The dependencies of uploads; `inspect` raises ImageRejected for bytes that are no image.

    `prefix` is that of every upload, and `accepts` tells which keys are processed, in a bucket of
    which only a part is. `recipes` are the rules of the stack.
    """

    records: RecordWriter
    originals: OriginalUploads
    clock: Clock
    max_bytes: int
    inspect: Callable[[bytes], object]
    prefix: str = ""
    accepts: Accepts = accept_every
    recipes: RecipeRules = DEFAULT_RULES


@dataclass(frozen=True, slots=True)
class Upload:
    """The body of an upload, with the file name and the media type that the client declares."""

    data: bytes
    filename: str
    content_type: str
    choices: UploadChoices = NO_CHOICES


@dataclass(frozen=True, slots=True)
class UploadSpec:
    """An upload that a client announces: file name, media type, size in bytes.

    `owner` is the id of the image's owner; empty for none.
    """

    filename: str
    content_type: str
    bytes: int
    owner: str = ""
    choices: UploadChoices = NO_CHOICES


@dataclass(frozen=True, slots=True)
class PresignedUpload:
    """The answer to an announced upload: its record, and the form to send it with.

    The form works until `expires_at` and takes at most `max_bytes` bytes.
    """

    record: ImageRecord
    form: PresignedPost
    expires_at: str
    max_bytes: int


def store_upload(upload: Upload, token: str, deps: UploadDeps, owner: str = "") -> ImageRecord:
    """Store an upload under a key of its own and return its pending record.

    The record is written first, so that the client can read it as soon as the bytes are stored; if
    storing fails, the record expires. `token` makes the key unique, and the key names the `owner`.
    Raises EmptyFile, TooManyBytes, InvalidRequest for an unknown rule or a name that is not
    processed, UploadIgnored, ImageRejected from `inspect`, and TransientFault when a store fails.
    """
    if not upload.data:
        raise EmptyFile("expected the bytes of an image, got none")
    _check_size(len(upload.data), deps.max_bytes)
    deps.inspect(upload.data)
    key = _key(upload.filename, token, owner, deps)
    _check_rule(key, upload.choices.rule, deps.recipes)
    clock = deps.clock
    record = pending(key, len(upload.data), clock.now(), clock.now_s(), upload.choices.rule)
    deps.records.put(record)
    deps.originals.upload(key, upload.data, upload.content_type, upload.choices)
    return record


def presign_upload(
    spec: UploadSpec, token: str, deps: UploadDeps, presigner: PostPresigner, lifetime_s: int
) -> PresignedUpload:
    """Return a presigned POST for one file, and its pending record.

    The form accepts the announced type and, within SLACK_BYTES, the announced size. If no file is
    uploaded, the record expires. `lifetime_s` is the time for which the form works, s. Raises
    TooManyBytes, InvalidRequest for an unknown rule or a name that is not processed, UploadIgnored,
    and TransientFault when a store fails.
    """
    record = announced(spec, token, deps)
    max_bytes = min(deps.max_bytes, spec.bytes + SLACK_BYTES)
    form = presigner.form(record.key, spec.content_type, max_bytes, spec.choices)
    deps.records.put(record)
    return PresignedUpload(record, form, end_of(lifetime_s, deps.clock), max_bytes)


def announced(spec: UploadSpec, token: str, deps: UploadDeps) -> ImageRecord:
    """Return the pending record of an announced upload, which is not written yet.

    Raises TooManyBytes, InvalidRequest for an unknown rule or a name that is not processed, and
    UploadIgnored.
    """
    _check_size(spec.bytes, deps.max_bytes)
    key = _key(spec.filename, token, spec.owner, deps)
    _check_rule(key, spec.choices.rule, deps.recipes)
    clock = deps.clock
    return pending(key, spec.bytes, clock.now(), clock.now_s(), spec.choices.rule)


def end_of(lifetime_s: int, clock: Clock) -> str:
    """Return the time in so many seconds, ISO 8601 in UTC."""
    end = datetime.fromtimestamp(clock.now_s() + lifetime_s, UTC)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def _key(filename: str, token: str, owner: str, deps: UploadDeps) -> str:
    key = deps.prefix + upload_key(filename, token, owner)
    if not deps.accepts(key):
        raise InvalidRequest(f"filename: this stack processes no files named {quoted(filename)}")
    return key


def _check_rule(key: str, chosen: str, recipes: RecipeRules) -> None:
    if recipes.is_ignored(key):
        raise UploadIgnored("the recipe of this stack ignores uploads by the API")
    if chosen and chosen not in recipes.names:
        known = ", ".join(recipes.names)
        expected = f"one of {known}" if known else "none, since no rule of this stack has a name"
        raise InvalidRequest(f"recipe: expected {expected}, got {quoted(chosen)}")


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise TooManyBytes(f"expected at most {max_bytes} bytes, got {quoted(size)}")
