"""The settings of the functions, read once from the environment."""

from collections.abc import Mapping, Sequence
from typing import Self, TypeVar

from imagemill.dataclass import dataclass
from imagemill.errors import ConfigurationInvalid
from imagemill.recipe_rules import DEFAULT_RULES, RecipeRules

# The defaults of the template's parameters; the functions use them only outside Lambda.
# Largest original, in bytes: 100 MiB.
DEFAULT_MAX_BYTES = 104_857_600
# Largest JPEG original, in pixels (width × height); other formats may have half as many.
DEFAULT_MAX_PIXELS = 200_000_000
# Frames of an animation; with more, only the first frame is rendered.
DEFAULT_MAX_FRAMES = 1_000
# Attempts at one event; the maxReceiveCount of the queue is one higher.
DEFAULT_MAX_ATTEMPTS = 4
# Seconds until the queue delivers a failed message again.
DEFAULT_RETRY_S = 720
# Memory of ResizeImageFunction, in MB.
DEFAULT_MEMORY_MB = 1_280
# Longest time for which a signature of private images is valid, s.
DEFAULT_PRIVATE_S = 3_600
# The variables with CloudFront's ids of the public keys, by the slots of the template.
_KEY_IDS = {
    1: "IMAGEMILL_PRIVATE_KEY_1",
    2: "IMAGEMILL_PRIVATE_KEY_2",
    3: "IMAGEMILL_PRIVATE_KEY_3",
}
_Choice = TypeVar("_Choice", bound=str)
_SWITCHES = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class StackNames:
    """The names of a stack's buckets and of its table of records."""

    originals_bucket: str
    processed_bucket: str
    table: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """An existing bucket of originals: which keys are processed, by prefix and suffixes."""

    prefix: str = ""
    suffixes: str = ""


@dataclass(frozen=True, slots=True)
class ResizeSettings:
    """Settings of ResizeImageFunction; limits in bytes, pixels and frames.

    `event_bus` names the EventBridge bus that final states are announced on; empty for none.
    `deployments_table` keeps which recipe and limits are in use; empty for a single deployment.
    `jpeg_sandbox` has JPEG decoded in the sandbox, where there is one. `camera_raw` has raw files
    shown by their preview. `queue_url` is the queue that delivers failed messages again, after
    `retry_s` seconds at most; empty keeps its own visibility timeout. `variants_table` lists the
    variants requested by URL; empty if there are none. `adoption` is None for a bucket of originals
    that the stack has created. `archives` has events of archived originals recognised.
    """

    names: StackNames
    adoption: Adoption | None
    recipes: RecipeRules
    max_bytes: int
    max_pixels: int
    max_frames: int
    max_attempts: int
    event_bus: str
    deployments_table: str
    variants_table: str
    memory_mb: int
    jpeg_sandbox: bool
    camera_raw: bool
    queue_url: str
    retry_s: int
    archives: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raises ConfigurationInvalid with all errors."""
        reader = EnvironReader(environ)
        settings = cls(
            names=reader.names(),
            adoption=reader.adoption(),
            recipes=reader.recipes("IMAGEMILL_RECIPE"),
            max_bytes=reader.number("IMAGEMILL_MAX_BYTES", DEFAULT_MAX_BYTES),
            max_pixels=reader.number("IMAGEMILL_MAX_PIXELS", DEFAULT_MAX_PIXELS),
            max_frames=reader.number("IMAGEMILL_MAX_FRAMES", DEFAULT_MAX_FRAMES),
            max_attempts=reader.number("IMAGEMILL_MAX_ATTEMPTS", DEFAULT_MAX_ATTEMPTS),
            memory_mb=reader.number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", DEFAULT_MEMORY_MB),
            event_bus=environ.get("IMAGEMILL_EVENT_BUS", ""),
            deployments_table=environ.get("IMAGEMILL_DEPLOYMENTS_TABLE", ""),
            variants_table=environ.get("IMAGEMILL_VARIANTS_TABLE", ""),
            jpeg_sandbox=reader.switch("IMAGEMILL_JPEG_SANDBOX", default=True),
            camera_raw=reader.switch("IMAGEMILL_CAMERA_RAW", default=False),
            queue_url=environ.get("IMAGEMILL_QUEUE_URL", ""),
            retry_s=reader.number("IMAGEMILL_RETRY_SECONDS", DEFAULT_RETRY_S),
            archives=reader.switch("IMAGEMILL_ARCHIVE_ORIGINALS", default=False),
        )
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """The tokens that the API accepts: of one issuer, for one audience.

    `admin` is `CLAIM=VALUE`: the claim that makes a user an administrator; empty for none.
    """

    issuer: str
    audience: str
    admin: str = ""


@dataclass(frozen=True, slots=True)
class PrivateSettings:
    """Private images: the secret with their keys, and how long a signature is valid, s.

    `key_ids` are CloudFront's ids of the public keys by their slots in the template.
    """

    secret: str
    seconds: int
    key_ids: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Settings of ApiImageUploadFunction; without `jwt` no token is accepted.

    With `camera_raw` raw files are images. Without `private` everybody may see renditions. Without
    `write_originals` it neither uploads nor deletes originals. `recipe` is the text, which only
    uploads need. `queue_url` is the queue of events, to which changes of images are sent.
    """

    names: StackNames
    adoption: Adoption | None
    write_originals: bool
    max_bytes: int
    cors_origin: str
    recipe: str
    queue_url: str = ""
    jwt: JwtSettings | None = None
    private: PrivateSettings | None = None
    camera_raw: bool = False

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raises ConfigurationInvalid with all errors."""
        reader = EnvironReader(environ)
        settings = cls(
            names=reader.names(),
            adoption=reader.adoption(),
            write_originals=reader.switch("IMAGEMILL_WRITE_ORIGINALS", default=True),
            max_bytes=reader.number("IMAGEMILL_MAX_BYTES", DEFAULT_MAX_BYTES),
            cors_origin=reader.text("IMAGEMILL_CORS_ORIGIN", "*"),
            recipe=environ.get("IMAGEMILL_RECIPE", str(DEFAULT_RULES)),
            queue_url=environ.get("IMAGEMILL_QUEUE_URL", ""),
            jwt=reader.jwt(),
            private=reader.private(),
            camera_raw=reader.switch("IMAGEMILL_CAMERA_RAW", default=False),
        )
        reader.finish()
        return settings


class EnvironReader:
    """Reads typed variables and collects all errors until `finish`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []

    def names(self) -> StackNames:
        """Return the buckets and the table."""
        return StackNames(
            originals_bucket=self.text("IMAGEMILL_ORIGINALS_BUCKET"),
            processed_bucket=self.text("IMAGEMILL_PROCESSED_BUCKET"),
            table=self.text("IMAGEMILL_TABLE"),
        )

    def adoption(self) -> Adoption | None:
        """Return how an existing bucket of originals is used; None if the stack has its own."""
        if self.choice("IMAGEMILL_ORIGINALS", ("adopted", "own")) == "own":
            return None
        return Adoption(
            prefix=self._environ.get("IMAGEMILL_ORIGINALS_PREFIX", ""),
            suffixes=self._environ.get("IMAGEMILL_ORIGINALS_SUFFIXES", ""),
        )

    def own_originals(self) -> None:
        """Require a bucket of originals that the stack has created."""
        if self.adoption() is not None:
            self._faults.append("expected a bucket of originals that the stack has created")

    def jwt(self) -> JwtSettings | None:
        """Return which tokens are accepted; None for none."""
        issuer = self._environ.get("IMAGEMILL_JWT_ISSUER")
        if not issuer:
            return None
        return JwtSettings(
            issuer,
            self.text("IMAGEMILL_JWT_AUDIENCE"),
            self._environ.get("IMAGEMILL_JWT_ADMIN", ""),
        )

    def private(self) -> PrivateSettings | None:
        """Return the settings of private images; None if everybody may see them."""
        secret = self._environ.get("IMAGEMILL_PRIVATE_SECRET")
        if not secret:
            return None
        return PrivateSettings(
            secret,
            self.number("IMAGEMILL_PRIVATE_SECONDS", DEFAULT_PRIVATE_S),
            {n: self._environ[name] for n, name in _KEY_IDS.items() if name in self._environ},
        )

    def text(self, name: str, default: str = "") -> str:
        """Return a text that must not be empty."""
        value = self._environ.get(name, default)
        if not value:
            self._faults.append(f"expected {name} to be set")
        return value

    def number(self, name: str, default: int) -> int:
        """Return a positive integer."""
        text = self._environ.get(name, str(default))
        if text.isascii() and text.isdigit() and int(text) > 0:
            return int(text)
        self._faults.append(f"expected a positive integer for {name}, got {text!r}")
        return default

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return positive integers that are separated by commas."""
        text = self._environ.get(name, "")
        parts = [part.strip() for part in text.split(",")] if text else []
        if all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
            return tuple(map(int, parts))
        self._faults.append(f"expected positive integers for {name}, got {text!r}")
        return ()

    def choice(self, name: str, choices: Sequence[_Choice]) -> _Choice:
        """Return one of the choices; the last is the default."""
        text = self._environ.get(name, choices[-1])
        for one in choices:
            if text == one:
                return one
        self._faults.append(f"expected {' or '.join(choices)} for {name}, got {text!r}")
        return choices[-1]

    def switch(self, name: str, *, default: bool) -> bool:
        """Return `true` or `false` as a value."""
        text = self._environ.get(name, str(default).lower())
        if text not in _SWITCHES:
            self._faults.append(f"expected true or false for {name}, got {text!r}")
        return _SWITCHES.get(text, default)

    def recipes(self, name: str) -> RecipeRules:
        """Return a recipe, by default that of the template."""
        text = self._environ.get(name)
        if text is None:
            return DEFAULT_RULES
        try:
            return RecipeRules.parse(text)
        except ConfigurationInvalid as fault:
            self._faults.append(f"{name}: {fault}")
            return DEFAULT_RULES

    def finish(self) -> None:
        """Raise ConfigurationInvalid if there were errors."""
        if self._faults:
            raise ConfigurationInvalid("; ".join(self._faults))
