"""Survey originals, records and renditions, and list the images that need work.

Nothing is changed. In memory are a number for each original and each rendition, and an entry for
each image that needs work.
"""

from collections.abc import Callable
from dataclasses import field

from imagemill.backfill.due import DueImage, Reason, StackScan
from imagemill.backfill.variants import VariantSurvey
from imagemill.costs.pace import Pace, megapixels
from imagemill.dataclass import dataclass
from imagemill.domain.keys import (
    Accepts,
    accept_every,
    image_id,
    is_rendition_of,
    is_variant_key,
)
from imagemill.domain.reconciliation import (
    Concern,
    Listed,
    StoredObject,
    is_described_by,
    is_rejected_by,
    is_stale,
)
from imagemill.domain.record import EngineLimits, ImageRecord
from imagemill.domain.sequencer import OLDEST
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

_ID_PRESET = "~"
# Images of a recipe from which its own pace is used: one may have been slow by chance.
_LEAST_MEASURED = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """The scope of a survey.

    `recipes` are the current rules of the stack; `engine` holds the current version and limits,
    None if they are not known. `codes` are the error codes of rejected images to try again, all if
    empty. `accepts` tells which keys are processed.
    """

    prefix: str
    concerns: frozenset[Concern]
    recipes: RecipeRules
    engine: EngineLimits | None = None
    codes: frozenset[str] = frozenset()
    accepts: Accepts = accept_every

    def recipe_of(self, key: str, record: ImageRecord | None) -> Recipe:
        """Return the current recipe of an image, as far as its record tells which rule it chose."""
        return self.recipes.recipe_of(key, (record and record.rule) or "")


@dataclass(slots=True)
class Survey:
    """The result of a survey; `originals` and `bytes` count everything that was looked at.

    `ignored` is the number of objects with keys that are not processed, or that a rule ignores;
    nothing else counts them. `paces` are those of the images with the same recipe, by its hash.
    """

    selection: Selection
    originals: int = 0
    ignored: int = 0
    bytes: int = 0
    records: int = 0
    renditions: int = 0
    variants: int = 0
    due: list[DueImage] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)
    paces: dict[str, Pace] = field(default_factory=dict)

    def includes(self, listed: Listed) -> bool:
        """Return whether an original is processed: by its key, and by the rules."""
        chosen = self.selection
        return chosen.accepts(listed.key) and not chosen.recipes.is_ignored(listed.key)

    def learn(self, record: ImageRecord) -> None:
        """Add the time that an image took, to the pace of all and to that of its recipe."""
        self.pace.learn(record)
        self.paces.setdefault(record.recipe or "", Pace()).learn(record)

    def ms(self, size: int, pixels: float | None, recipe: Recipe) -> float:
        """Return the expected ms for an original, from images of its recipe if enough are known."""
        own = self.paces.get(recipe.hash, self.pace)
        return (own if own.images >= _LEAST_MEASURED else self.pace).ms(size, pixels)


def survey(selection: Selection, scan: StackScan, on_page: Callable[[Survey], None]) -> Survey:
    """Return the images that need work; `on_page` is called after every page.

    Raises TransientFault when a store fails.
    """
    found = Survey(selection)
    known: set[int] = set()
    for page in scan.originals(selection.prefix):
        known.update(_number(original.id) for original in page)
        images = [original for original in page if found.includes(original)]
        found.ignored += len(page) - len(images)
        records = scan.records_of([original.id for original in images])
        for original in images:
            add_original(original, records.get(original.id), found)
        on_page(found)
    if Concern.MISSING in selection.concerns:
        _add_mismatches(known, scan, found, on_page)
    return found


def need(listed: Listed, record: ImageRecord | None, selection: Selection) -> Reason | None:
    """Return the reason why an original that no rule ignores needs work; None if it does not."""
    recipe = selection.recipe_of(listed.key, record)
    missing = _missing(listed, record) if Concern.MISSING in selection.concerns else None
    if missing or record is None:
        return missing
    if Concern.STALE in selection.concerns and is_stale(record, recipe.hash, selection.engine):
        return Reason.STALE
    if Concern.REJECTED in selection.concerns and is_rejected_by(record, selection.codes):
        return Reason.REJECTED
    return None


def _missing(listed: Listed, record: ImageRecord | None) -> Reason | None:
    match record.status if record else None:
        case None | "deleted":
            return Reason.UNRECORDED
        case "pending":
            return Reason.UNFINISHED
        case "failed":
            return Reason.FAILED
    return None if is_described_by(listed, record) else Reason.CHANGED


def add_original(listed: Listed, record: ImageRecord | None, found: Survey) -> None:
    """Count an original that is processed, and add it to the images that need work if it does."""
    found.originals += 1
    found.bytes += listed.bytes
    if record:
        found.learn(record)
    why = need(listed, record, found.selection)
    if why:
        recipe = found.selection.recipe_of(listed.key, record)
        pixels = megapixels(record) if record and why is Reason.STALE else None
        revision = record.revision if record else 0
        ms, presets = found.ms(listed.bytes, pixels, recipe), len(recipe.presets)
        found.due.append(DueImage(listed.key, why, revision, listed.bytes, ms, presets=presets))


def _add_mismatches(
    known: set[int], scan: StackScan, found: Survey, on_page: Callable[[Survey], None]
) -> None:
    """Add records without an original, missing renditions, and renditions that no record lists.

    Renditions are listed before records are read. A rendition that was stored in between seems to
    be missing then, and its image is looked at without need.
    """
    stored: set[int] = set()
    variants = VariantSurvey(scan)
    for page in scan.renditions():
        renditions = [item for item in page if not is_variant_key(item.key)]
        stored.update(_number(item.key) for item in renditions)
        found.renditions += len(renditions)
        found.variants += len(page) - len(renditions)
        variants.add([item for item in page if is_variant_key(item.key)])
        on_page(found)
    busy = {due.key for due in found.due}
    for records in scan.records():
        for record in records:
            _add_record(record, known, stored, found)
        on_page(found)
    found.due = [due for due in found.due if _is_still_so(due, busy, scan)]
    if stored:
        _add_strays(stored, busy, scan, found)
    found.due += variants.due({due.id: due.key for due in found.due}, found.selection.prefix)


def _add_record(record: ImageRecord, known: set[int], stored: set[int], found: Survey) -> None:
    listed = {made.key for made in record.renditions.values()}
    lost = tuple(sorted(key for key in listed if _number(key) not in stored))
    stored.difference_update(map(_number, listed))
    if not record.key.startswith(found.selection.prefix):
        return
    found.records += 1
    has_original = _number(record.id) in known
    recipe = found.selection.recipe_of(record.key, record)
    presets = len(recipe.presets)
    if not has_original and record.status not in {"deleted", "pending"}:
        found.due.append(DueImage(record.key, Reason.GONE, record.revision, presets=presets))
    elif has_original and lost and presets and record.status == "ready":
        size = record.original.bytes if record.original else 0
        ms = found.ms(size, megapixels(record), recipe)
        due = DueImage(record.key, Reason.DAMAGED, record.revision, size, ms, lost, presets)
        found.due.append(due)


def _is_still_so(due: DueImage, busy: set[str], scan: StackScan) -> bool:
    """Return False for an original uploaded since the listing, and an image that is due anyway."""
    if due.why is Reason.GONE:
        return not scan.has_original(due.key)
    return due.why is not Reason.DAMAGED or due.key not in busy


def _add_strays(stored: set[int], busy: set[str], scan: StackScan, found: Survey) -> None:
    """List the renditions again, and add those that no record lists.

    A rendition is left out if an image that is due will have its own under the same key. Objects
    without our metadata are left out, too: an existing bucket may have objects of others.
    """
    for page in scan.renditions():
        candidates = [item for item in page if _number(item.key) in stored]
        made_by = scan.precedences([item.key for item in candidates])
        foreign = {key for key, one in made_by.items() if one.sequencer == OLDEST}
        strays = [item for item in candidates if item.key not in foreign]
        records = scan.records_of(list({_image_of(item.key) for item in strays}))
        for item in strays:
            _add_stray(item, records.get(_image_of(item.key)), busy, found)


def _add_stray(
    item: StoredObject, record: ImageRecord | None, busy: set[str], found: Survey
) -> None:
    key = record.key if record else _key_of(item.key)
    if key is None or not key.startswith(found.selection.prefix) or _lists(record, item.key):
        return
    if not is_rendition_of(item.key, key):
        return
    preset = item.key.partition("/")[0].removeprefix(_ID_PRESET)
    names = {one.name for one in found.selection.recipe_of(key, record).presets}
    if key not in busy or preset not in names:
        revision, keys = record.revision if record else 0, (item.key,)
        due = DueImage(key, Reason.STRAY, revision, item.bytes, renditions=keys, presets=len(names))
        found.due.append(due)


def _lists(record: ImageRecord | None, key: str) -> bool:
    return record is not None and key in {made.key for made in record.renditions.values()}


def _image_of(rendition: str) -> str:
    """Return the id of the image in a rendition's key."""
    preset, _, rest = rendition.partition("/")
    return rest if preset.startswith(_ID_PRESET) else image_id(rest)


def _key_of(rendition: str) -> str | None:
    """Return the original's key; None for a rendition's key that contains only the id."""
    preset, _, rest = rendition.partition("/")
    return None if preset.startswith(_ID_PRESET) or not rest else rest


def _number(text: str) -> int:
    """Return a hash of a text: it takes less memory, and two texts hardly ever have the same."""
    return hash(text)
