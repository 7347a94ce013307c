"""A stack that archives originals, and enumerated histories with an archiver as one of the actors.

The archiver is a worker without a message: the use case of ArchiveFunction. Packed bytes are a
shorter text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import permutations, product

from botocore.exceptions import ClientError
from fakes.aws_clients import StoredObject, fault

from imagemill.archive.archive_original import archive_original
from imagemill.archive.deps import ArchiveDeps, StoredOriginal
from imagemill.aws.errors import CONFLICTS, MISSING, error_code, translated
from imagemill.domain.deployment import Deployment
from imagemill.domain.event import PACKED_METADATA, Change, PackedJpeg
from imagemill.domain.keys import image_id
from imagemill.pipeline.deps import PipelineDeps
from imagemill.recipe_rules import RecipeRules
from search.races import every_crash, every_overtaking
from search.world import ALL, ORIGINALS, Call, Stalled, Worker, World

KEY = "a.jpg"
_PLAIN, _PACKED = b"good ", b"P"
Archive = Callable[[str, ArchiveDeps], object]


def pack(data: bytes) -> bytes | None:
    """Return shorter text for the bytes of an image."""
    return _PACKED + data.removeprefix(_PLAIN) if data.startswith(_PLAIN) else None


def unpack(data: bytes, _: str = "") -> bytes | None:
    """Return the text that was packed."""
    return _PLAIN + data.removeprefix(_PACKED) if data.startswith(_PACKED) else None


@dataclass
class ArchivingWorld(World):
    """A stack whose originals are archived; `archive` may leave a guard out."""

    archive: Archive = archive_original
    lost: list[str] = field(default_factory=list)
    """Uploads whose last copy was replaced or deleted by an archiver."""

    def archive_one(self, key: str = KEY) -> Worker:
        """Start an archiver for an image, up to its first call."""
        deps = ArchiveDeps(
            records=self.guards.records(self.dynamodb, "records"),  # type: ignore[arg-type]  # a fake
            originals=ModelArchive(self),
            unpacked=NothingUnpacked(),
            pack=pack,
            unpack=unpack,
            max_bytes=100,
        )
        return self._started(None, lambda: self.archive(image_id(key), deps))

    def deploy_and_look(self) -> None:
        """Deploy another recipe, and queue a reconciliation."""
        self.change_recipe("p=10, q=20")
        self.look(KEY, listed=False)

    def archive_fully(self) -> None:
        """Archive the image, delete its JPEG, and handle all messages."""
        for _ in range(2):
            self.archive_one()
            self.settle()

    def deps(self, recipes: RecipeRules, deployment: Deployment) -> PipelineDeps:
        return replace(super().deps(recipes, deployment), unpack=unpack, archives=True)

    def require_archive(self) -> None:
        """Complain if an image is ready, and its original is not archived."""
        record = self.record(KEY)
        if record and record.status == "ready" and not record.archived:
            self.lost.append("the original was not archived")

    def uploaded(self, data: bytes) -> bytes:
        return unpack(data) or data

    def complaints(self) -> list[str]:
        return [*super().complaints(), *self.lost]

    def announce(self, change: Change, key: str, version: StoredObject) -> None:
        """Queue the event of a change by an archiver."""
        self._send(change, key, version, has_event=True)

    def turn(self, name: str) -> None:
        """Stop the archiver before a call."""
        self._turn(Call(name, ORIGINALS))


class NothingUnpacked:
    """Implements `archive.deps.UnpackedOriginals`; nobody downloads originals in the model."""

    def store(self, key: str, jpeg: bytes) -> None:
        """Do nothing."""

    def remove_all(self, image_id: str) -> None:
        """Do nothing."""


class ModelArchive:
    """Implements `archive.deps.OriginalArchive` on the buckets of a model."""

    def __init__(self, world: ArchivingWorld) -> None:
        self._world = world

    def find(self, key: str) -> StoredOriginal | None:
        with translated("the model"):
            self._world.turn("HeadObject")
        versions = self._versions(key)
        if not versions or versions[-1].data is None:
            return None
        current = versions[-1]
        headers = {f"x-amz-meta-{name}": value for name, value in current.metadata.items()}
        return StoredOriginal(current.version_id, current.etag.strip('"'), headers)

    def read(self, key: str, found: StoredOriginal) -> bytes | None:
        with translated("the model"):
            self._world.turn("GetObject")
        return next((v.data for v in self._versions(key) if v.version_id == found.version_id), None)

    def replace(self, key: str, found: StoredOriginal, data: bytes, packs: PackedJpeg) -> bool:
        store = partial(self._store, key, found, data, packs)
        with translated("the model"):
            try:
                self._world.turn("PutObject")
                store()
            except Stalled as stalled:
                self._world.late.append(store)
                if stalled.retried:
                    return self._again(store)
                raise fault("PutObject", "RequestTimeout") from stalled
            except ClientError as refused:
                if error_code(refused) in CONFLICTS | MISSING:
                    return False
                raise
        return True

    def delete_version(self, key: str, version_id: str) -> bool:
        with translated("the model"):
            self._world.turn("DeleteObject")
        versions = self._versions(key)
        for version in [one for one in versions if one.version_id == version_id]:
            versions.remove(version)
            if self._world.uploaded(versions[-1].data or b"") != version.data:
                self._world.lost.append(f"the last copy of {version.data!r} was deleted")
            self._world.announce(Change.VERSION_DELETED, key, version)
        return True

    def _again(self, store: Callable[[], object]) -> bool:
        try:
            store()
        except ClientError:
            return False
        return True

    def _store(self, key: str, found: StoredOriginal, data: bytes, packs: PackedJpeg) -> None:
        versions = self._versions(key)
        if not versions or versions[-1].data is None:
            raise fault("PutObject", "NoSuchKey")
        if versions[-1].etag.strip('"') != found.etag:
            raise fault("PutObject", "PreconditionFailed")
        if self._world.uploaded(data) != versions[-1].data:
            self._world.lost.append(f"{versions[-1].data!r} was replaced by {data!r}")
        kept = dict(versions[-1].metadata)
        stored = self._world.s3.put(ORIGINALS, key, data, {**kept, PACKED_METADATA: str(packs)})
        self._world.announce(Change.CREATED, key, stored)

    def _versions(self, key: str) -> list[StoredObject]:
        return self._world.s3.objects.get((ORIGINALS, key), [])


ACTS: dict[str, Callable[[ArchivingWorld], None]] = {
    "put": lambda world: world.put(KEY, b"good one"),
    "put another": lambda world: world.put(KEY, b"good two"),
    "put no image": lambda world: world.put(KEY, b"bad"),
    "hide": lambda world: world.hide(KEY),
    "erase": lambda world: world.erase(KEY, -1),
    "look": lambda world: world.look(KEY, listed=False),
    "list": lambda world: world.look(KEY, listed=True),
    "deploy and look": lambda world: world.deploy_and_look(),
}
HISTORIES = {
    "of an image": ["put"],
    "of an overwritten image": ["put another", "put"],
    "of an image that was packed": ["put", "pack"],
    "of an archived image": ["put", "archive"],
    "of an image that was archived and put again": ["put", "archive", "put"],
}


def ends(history: str, act: str, make: Callable[[], ArchivingWorld]) -> Iterator[ArchivingWorld]:
    """Yield every end of a race of an archiver and the worker of a change, in both orders."""
    for archiver_first, search in product([True, False], [every_overtaking, every_crash]):
        start = partial(_archiver, history, act, make, archiver_first=archiver_first)
        yield from _settled(race.world for race in search(start))


def ends_of_workers(
    history: str, act: str, make: Callable[[], ArchivingWorld]
) -> Iterator[ArchivingWorld]:
    """Yield every end of a race of the workers of an archived original and of a change."""
    for first, search in product([0, 1], [every_overtaking, every_crash]):
        start = partial(_workers, history, act, make, first=first)
        yield from _settled(race.world for race in search(start))


def late_ends(
    history: str, act: str, make: Callable[[], ArchivingWorld]
) -> Iterator[ArchivingWorld]:
    """Yield every end with the packed object stored late: before or after the worker ends."""
    for retried, is_settled in product([True, False], repeat=2):
        world = _begun(history, make)
        archiver = world.archive_one()
        world.go_on_to_write(archiver, 0)
        if archiver not in world.workers or archiver.next_call.name != "PutObject":
            return
        ACTS[act](world)
        world.stall(archiver, retried=retried)
        if is_settled:
            world.settle()
        while world.late:
            world.land(0)
        world.settle()
        yield from _settled([world])


def disordered_ends(
    acts: Sequence[str], make: Callable[[], ArchivingWorld]
) -> Iterator[ArchivingWorld]:
    """Yield every end in which the events of acts and of archiving arrive in another order."""
    for order in permutations(range(len(acts) + 1)):
        world = _begun("of an image", make)
        for act in acts:
            ACTS[act](world)
        archiver = world.archive_one()
        world.go_on_with(archiver, ALL)
        messages = list(world.queue)
        assert len(messages) == len(order)
        for number in order:
            world.go_on_with(world.start(messages[number]), ALL)
        world.settle()
        yield from _settled([world])


def _settled(worlds: Iterable[World]) -> Iterator[ArchivingWorld]:
    """Yield worlds in which the image is archived afterwards, too, unless something is wrong."""
    for world in worlds:
        assert isinstance(world, ArchivingWorld)
        if not world.complaints():
            world.archive_fully()
            world.require_archive()
        yield world


def _begun(history: str, make: Callable[[], ArchivingWorld]) -> ArchivingWorld:
    world = make()
    for act in HISTORIES[history]:
        match act:
            case "archive":
                world.archive_fully()
            case "pack":
                world.archive_one()
            case _:
                ACTS[act](world)
        world.settle()
    return world


def _archiver(
    history: str, act: str, make: Callable[[], ArchivingWorld], *, archiver_first: bool
) -> tuple[ArchivingWorld, Worker, Worker]:
    world = _begun(history, make)
    archiver = world.archive_one()
    ACTS[act](world)
    worker = world.start(world.queue[0])
    return (world, archiver, worker) if archiver_first else (world, worker, archiver)


def _workers(
    history: str, act: str, make: Callable[[], ArchivingWorld], *, first: int
) -> tuple[ArchivingWorld, Worker, Worker]:
    world = _begun(history, make)
    archiver = world.archive_one()
    while archiver in world.workers:
        world.go_on_with(archiver, 1)
    ACTS[act](world)
    if len(world.queue) == 1:
        world.duplicate(0)
    racers = [world.start(message) for message in world.queue[:2]]
    return world, racers[first], racers[1 - first]
