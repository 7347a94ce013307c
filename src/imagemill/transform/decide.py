"""Decide how to answer a request for a variant, from the state of the image and of the variant."""

from imagemill.dataclass import dataclass
from imagemill.domain.image_request import ImageRequest
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import StoredState
from imagemill.errors import Gone, NotFound, NotReady, RecordedRejection, WorkFailed
from imagemill.preset import MAX_SIDE, PERCENT, Crop, Preset
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.faults import InvalidUrl, SignatureRequired
from imagemill.requests.iiif import TILE_SIDE, tile_scale
from imagemill.transform.source import Source, source_of

# Largest image in an answer, bytes. Lambda limits an answer to 6 MB, and base64 adds a third;
# source: "Lambda quotas".
MAX_ANSWER_BYTES = 4_400_000


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts in the order of their reads: lease, record, the object under the variant's key.

    `sequencer` is the one that the lease was taken for. Without `has_lease` another request makes
    the variant now.
    """

    has_lease: bool
    sequencer: str
    record: ImageRecord
    stored: StoredState | None


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer with the stored variant."""

    record: ImageRecord
    stored: StoredState


@dataclass(frozen=True, slots=True)
class Make:
    """Render the variant from the source, store it and answer with it."""

    record: ImageRecord
    source: Source


@dataclass(frozen=True, slots=True)
class Wait:
    """Another request makes the variant: look again in a moment."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The original has changed since the lease was taken: begin again."""


Action = Serve | Make | Wait | LookAgain


def decide(facts: Facts, wanted: Preset, recipes: RecipeRules) -> Action:
    """Return how to go on with a request for a variant of a ready image."""
    record = facts.record
    if facts.stored and is_current(facts.stored, record):
        return Serve(record, facts.stored)
    if not facts.has_lease:
        return Wait()
    if record.sequencer != facts.sequencer:
        return LookAgain()
    return Make(record, source_of(record, wanted, recipes))


def check_region(wanted: ImageRequest, record: ImageRecord) -> None:
    """Raise InvalidUrl if the part lies outside the original, or is smaller than a strict box.

    Raises SignatureRequired for a part that only level 2 allows.
    """
    original, crop = record.original, wanted.preset.crop
    if not original or not original.width or not original.height:
        return
    width, height = part_of(crop, original.width, original.height)
    if width <= 0 or height <= 0:
        raise InvalidUrl(f"expected a part of {original.width} × {original.height} px", "region")
    if wanted.tile and not _is_at_edge(wanted.preset, original.width, original.height):
        raise SignatureRequired("expected a tile of info.json, or sig", "region")
    if wanted.strict and not _is_within(wanted.preset, width, height):
        raise InvalidUrl(f"expected at most {round(width)} × {round(height)} px", "size")


def part_of(crop: Crop | None, width: int, height: int) -> tuple[float, float]:
    """Return width and height of a part of an original, px; 0 or less if it lies outside."""
    if crop is None:
        return width, height
    if crop.unit == "square":
        return min(width, height), min(width, height)
    unit = (width / PERCENT, height / PERCENT) if crop.unit == "percent" else (1, 1)
    left, top = (crop.left or 0) * unit[0], (crop.top or 0) * unit[1]
    return min(crop.width * unit[0], width - left), min(crop.height * unit[1], height - top)


def _is_at_edge(preset: Preset, width: int, height: int) -> bool:
    """Return True for a tile that is smaller than the others only because the image ends there."""
    crop = preset.crop
    scale = crop and tile_scale(crop, (preset.width, preset.height))
    if not crop or not scale:
        return False
    sides = (
        (crop.left or 0, crop.width, width),
        (crop.top or 0, crop.height, height),
    )
    return all(length == min(TILE_SIDE * scale, whole - start) for start, length, whole in sides)


def _is_within(preset: Preset, width: float, height: float) -> bool:
    """Return True if each side that the box names is at most that of the part, rounded."""
    sides = ((preset.width, width), (preset.height, height))
    return all(side == MAX_SIDE or side <= round(most) for side, most in sides)


def is_current(stored: StoredState, record: ImageRecord) -> bool:
    """Return True if an object was made from the version that the record describes."""
    return not stored.is_removed and stored.precedence.sequencer == record.sequencer


def ready(image_id: str, record: ImageRecord | None) -> ImageRecord:
    """Return the record if variants can be made of its image; raises a RequestFault if not."""
    if record is None:
        raise NotFound(f"there is no image {image_id}")
    match record.status:
        case "ready":
            return record
        case "deleted":
            raise Gone(f"image {image_id} was deleted")
        case "rejected" if record.error:
            raise RecordedRejection(record.error.code, record.error.message)
        case "failed" if record.error:
            raise WorkFailed(f"{record.error.code}: {record.error.message}")
        case _:
            raise NotReady(f"image {image_id} is still being processed")
