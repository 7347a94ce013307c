"""The API's function without AWS: stores in memory, events as API Gateway sends them."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from fakes.library import FakeLookup
from fakes.multipart import FakePartUploads
from fakes.stores import FakeRecords, StoppedClock
from imagemill.api.archived import ArchiveAccess
from imagemill.api.delete import DeleteDeps
from imagemill.api.folders import FolderDeps
from imagemill.api.look import LookDeps
from imagemill.api.move import MoveDeps
from imagemill.api.multipart import MultipartDeps
from imagemill.api.shares import ShareDeps
from imagemill.api.upload import UploadDeps
from imagemill.aws.presigner import Presigner
from imagemill.domain.caller import Caller
from imagemill.domain.clock import Clock
from imagemill.domain.event import NO_CHOICES, UploadChoices
from imagemill.domain.notification import parse_message
from imagemill.domain.presigned_post import PresignedPost
from imagemill.domain.record import ImageRecord, StoredRendition
from imagemill.errors import Forbidden, NotFound, StoreUnavailable, Unauthorized
from imagemill.functions.api.app import answer
from imagemill.private.signer import LinkSigner
from imagemill.recipe_rules import DEFAULT_RULES, RecipeRules
from imagemill.testing.folders import MemoryKeys
from imagemill.testing.index import MemoryIndex
from imagemill.testing.shares import FixedSecrets, MemoryShares

KEY = "secret-key-of-a-client"


class FakeOriginalsBucket:
    """The originals bucket, as the API uses it."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.choices: dict[str, UploadChoices] = {}

    def upload(
        self, key: str, data: bytes, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> None:
        self.objects[key] = (data, content_type)
        self.choices[key] = choices

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def has(self, key: str) -> bool:
        return key in self.objects

    def copy(self, key: str, etag: str, target: str) -> bool:
        del etag
        if key not in self.objects or target in self.objects:
            return False
        self.objects[target] = self.objects[key]
        return True

    def delete_version(self, key: str, etag: str) -> None:
        del etag
        self.delete(key)


class BrokenRecords(FakeRecords):
    """A table that is not available."""

    def get(self, image_id: str) -> ImageRecord | None:
        raise StoreUnavailable(f"no answer about {image_id}")


class BuggyRecords(FakeRecords):
    """A table that raises an unexpected error."""

    def get(self, image_id: str) -> ImageRecord | None:
        raise ZeroDivisionError(image_id)


class FakeFeed:
    """A listing of one page."""

    def __init__(self, records: list[ImageRecord]) -> None:
        self.records = records

    def page(
        self,
        limit: int,
        _before: str | None = None,
        _status: str | None = None,
        owner: str | None = None,
    ) -> tuple[list[ImageRecord], str | None]:
        found = [one for one in self.records if owner is None or one.owner == owner]
        return found[:limit], None


class FakeLinks:
    """Presigned URLs of a fixed length that lead nowhere."""

    shows_archived = False

    def __init__(self, length: int = 10, address: str = "https://bucket/") -> None:
        self.address = address.ljust(length, "x") if length > len("https://bucket/") else address
        self.max_bytes = 0
        self.shows_originals = True
        self.seconds = 900

    def limited(self, seconds: int, *, originals: bool) -> "FakeLinks":
        found = FakeLinks(len(self.address), self.address)
        found.shows_originals, found.seconds = originals, min(self.seconds, seconds)
        return found

    def original(self, _record: ImageRecord) -> str:
        if not self.shows_originals:
            raise Forbidden("the share link does not show originals")
        return self.address

    def unpacked(self, _record: ImageRecord, key: str) -> str:
        return f"{self.address}{key}"

    def rendition(self, _record: ImageRecord, _made: StoredRendition) -> str:
        return self.address

    def form(
        self, key: str, content_type: str, max_bytes: int, choices: UploadChoices = NO_CHOICES
    ) -> PresignedPost:
        self.max_bytes = max_bytes
        fields = {"key": key, "Content-Type": content_type}
        chosen = {f"x-amz-meta-{name}": value for name, value in choices.metadata.items()}
        return PresignedPost(self.address, fields | chosen)


@dataclass(frozen=True)
class FakeTokens:
    """Tokens and the callers that they stand for."""

    callers: Mapping[str, Caller]

    def caller(self, token: str) -> Caller:
        if token not in self.callers:
            raise Unauthorized("the token is not valid")
        return self.callers[token]


@dataclass
class FakeLookQueue:
    """The queue; `sent` are the keys to look at and the seconds until then."""

    sent: list[tuple[str, int]] = field(default_factory=list)

    def send_later(self, message: str, delay_s: int) -> None:
        [task] = parse_message(message).tasks
        self.sent.append((task.key, delay_s))


@dataclass
class FakeUnpacker:
    """The unpacked originals, and the function that makes them."""

    stored: set[str] = field(default_factory=set)
    result: dict[str, object] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def has(self, key: str) -> bool:
        return key in self.stored

    def unpack(self, image_id: str) -> dict[str, object]:
        self.calls.append(image_id)
        return self.result


@dataclass
class FakeApiDeps:
    """The dependencies of the API, all fakes."""

    records: FakeRecords = field(default_factory=FakeRecords)
    feed: FakeFeed = field(default_factory=lambda: FakeFeed([]))
    presigner: FakeLinks | Presigner = field(default_factory=FakeLinks)
    inbox: FakeOriginalsBucket = field(default_factory=FakeOriginalsBucket)
    cors_origin: str = "*"
    links: LinkSigner | None = None
    prefix: str = ""
    tokens: FakeTokens = field(default_factory=lambda: FakeTokens({}))
    recipes: RecipeRules = DEFAULT_RULES
    queue: FakeLookQueue = field(default_factory=FakeLookQueue)
    parts: FakePartUploads = field(default_factory=FakePartUploads)
    made_shares: MemoryShares = field(default_factory=MemoryShares)
    secrets: tuple[str, ...] = ("present", "previous")
    clock: Clock = field(default_factory=StoppedClock)
    unpacker: FakeUnpacker | None = None
    """Unpacks archived originals; None for a stack that has none."""

    @property
    def archives(self) -> bool:
        return self.unpacker is not None

    @property
    def archive(self) -> ArchiveAccess:
        if self.unpacker is None:
            raise NotFound("this stack has no archived originals")
        return ArchiveAccess(self.records, self._archive_secrets, self.unpacker, self.clock)

    def _archive_secrets(self, kept_s: float = 0) -> tuple[str, ...]:
        del kept_s
        return self.secrets

    @property
    def shares(self) -> ShareDeps:
        return ShareDeps(
            self.made_shares,
            FixedSecrets(self.secrets),
            self.records,
            self.clock,
            lambda: secrets.token_hex(9),
            self.prefix,
        )

    @property
    def uploads(self) -> UploadDeps:
        return UploadDeps(
            self.records, self.inbox, StoppedClock(), 50_000_000, len, recipes=self.recipes
        )

    @property
    def multipart(self) -> MultipartDeps:
        return MultipartDeps(self.records, self.parts)

    @property
    def deletions(self) -> DeleteDeps:
        return DeleteDeps(self.records, self.inbox, StoppedClock())

    @property
    def moves(self) -> MoveDeps:
        return MoveDeps(
            self.records,
            self.inbox,
            StoppedClock(),
            self.prefix,
            is_ignored=self.recipes.is_ignored,
        )

    @property
    def looks(self) -> LookDeps:
        return LookDeps(self.records, self.queue)

    @property
    def index(self) -> MemoryIndex:
        return MemoryIndex(self.records.items.values())

    @property
    def folders(self) -> FolderDeps:
        keys = MemoryKeys(record.key for record in self.records.items.values())
        return FolderDeps(keys, FakeLookup(self.records), self.prefix)

    def new_token(self) -> str:
        return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Answer:
    """Response of the function to API Gateway."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # any JSON
        return json.loads(self.body)


def ask(
    deps: FakeApiDeps,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    origin: str = "*",
    many: dict[str, list[str]] | None = None,
    auth: str | None = None,
    identity: Mapping[str, str] | None = None,
    keys: int = 1,
    stage: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request to the API; `many` are query parameters with several values.

    `auth` is the variable of the stage, `identity` is what API Gateway found out about the caller,
    `keys` is how often the header with the key is sent, `stage` are more variables of the stage.
    """
    sent = {"x-api-key": KEY, **(headers or {})}
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {
            name: [value] * (keys if name == "x-api-key" else 1) for name, value in sent.items()
        },
        "queryStringParameters": {n: v[-1] for n, v in (many or {}).items()} or query,
        "multiValueQueryStringParameters": many
        or {n: [v] for n, v in (query or {}).items()}
        or None,
        "requestContext": {
            "requestId": "r-1",
            "path": f"/live{path}",
            "stage": "live",
            "apiId": "abc",
            "domainName": "abc.execute-api.eu-central-1.amazonaws.com",
            "identity": identity or {"apiKeyId": "k1", "apiKey": KEY},
        },
        "stageVariables": {**({"auth": auth} if auth else {}), **(stage or {})} or None,
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }
    context = LambdaContext()
    context._aws_request_id = "c-1"  # noqa: SLF001  # set by Lambda
    given = answer(event, context, replace(deps, cors_origin=origin))
    headers_out = {name: ", ".join(values) for name, values in given["multiValueHeaders"].items()}
    return Answer(given["statusCode"], headers_out, given["body"])


def with_record(record: ImageRecord) -> FakeApiDeps:
    """Return dependencies with one record."""
    return FakeApiDeps(FakeRecords({record.id: record}))


def upload(deps: FakeApiDeps, filename: str, data: bytes = b"123") -> Answer:
    """Post bytes as an image with this file name."""
    headers = {"content-type": "image/jpeg"}
    return ask(deps, "POST", "/images", data, headers, {"filename": filename})


def form(*parts: tuple[str, str | None, str, bytes], boundary: str = "b0") -> bytes:
    """Return a multipart body of (field, filename, content type, bytes)."""
    lines = b""
    for name, filename, kind, data in parts:
        named = f'; filename="{filename}"' if filename is not None else ""
        head = f'Content-Disposition: form-data; name="{name}"{named}\r\nContent-Type: {kind}\r\n'
        lines += f"--{boundary}\r\n{head}\r\n".encode() + data + b"\r\n"
    return lines + f"--{boundary}--\r\n".encode()
