"""Rules, records and facts, for tests of decisions."""

from dataclasses import replace

from fakes.events import created
from imagemill.domain.deployment import Deployment
from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import EngineLimits, Fault, ImageRecord, Original, StoredRendition
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.domain.transitions import AttemptTimes, Result, in_progress, ready, rejected
from imagemill.pipeline.facts import Facts, Rules
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

NOW_S = 1_777_890_030
NOW = "2026-05-04T10:20:30.123Z"
NOW_MS = 1000 * NOW_S
# One second more than a day before NOW.
LATE_AT = "2026-05-03T10:20:29.000Z"
RECIPE = Recipe.parse("p=20")
ENGINE = EngineLimits("1.0", 100, 200, 3, 400)
# An old deployment that has just dropped one preset.
DEPLOYMENT = Deployment("mine", 7, frozenset({"p"}), {"old": NOW_MS - 1})
RULES = Rules(RecipeRules.plain(RECIPE), DEPLOYMENT, ENGINE, max_attempts=4)
MINE, DROPPED = "p/a.jpg", "old/a.jpg"
WORK = AttemptTimes(RECIPE.hash, 2, NOW, 12, 7)


def facts(record: ImageRecord | None = None, attempt: int = 1) -> Facts:
    """Return the facts of an image with this record."""
    return Facts(record, NOW_S, NOW, attempt)


def ready_record(sequencer: str = "05", work: AttemptTimes = WORK) -> ImageRecord:
    """Return the record of an image of one byte with one rendition."""
    event = created(sequencer=sequencer)
    original = Original(event.bytes, 40, 30, "jpeg", 1)
    renditions = {"p": StoredRendition(MINE, 100, 20, 15, "jpeg")}
    return ready(event, work, Result(original, renditions, "hash", "#aabbcc", ()))


def rejected_record(sequencer: str = "05", engine: EngineLimits = ENGINE) -> ImageRecord:
    """Return the record of a file that is no image."""
    why = Fault("not_an_image", "no image")
    return rejected(created(sequencer=sequencer), WORK, why, engine)


def record_in_progress(sequencer: str = "05", attempt: int = 1) -> ImageRecord:
    """Return the record of an image that is being made, as its first revision."""
    return in_progress(created(sequencer=sequencer), None, attempt, NOW)


def stored(precedence: Precedence, *, is_removed: bool = False) -> StoredState:
    """Return the state of a key: a rendition, or the marker of a removed one."""
    return StoredState('"etag"', precedence, 100, is_removed)


def whole(record: ImageRecord) -> dict[str, StoredState]:
    """Return the state of the bucket with the record's one rendition in place."""
    return {MINE: stored(Precedence(record.sequencer, 7, record.recipe or ""))}


def other_bytes(event: ObjectEvent) -> ObjectEvent:
    """Return the event of an upload of other bytes."""
    return replace(event, etag="other", version_id="other")
