"""The API and the pipeline of the fake, over stores in memory and without AWS."""

import logging
import secrets
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

from imagemill.api.archived import ArchiveAccess
from imagemill.api.delete import DeleteDeps
from imagemill.api.folders import FolderDeps
from imagemill.api.look import LookDeps
from imagemill.api.move import MoveDeps
from imagemill.api.multipart import MultipartDeps
from imagemill.api.shares import ShareDeps
from imagemill.api.upload import UploadDeps
from imagemill.aws.light.presign import S3Presigner
from imagemill.aws.presigner import Presigner
from imagemill.domain.caller import OWN_IMAGES, Caller, owning
from imagemill.domain.clock import SystemClock
from imagemill.domain.notification import Task, parse_message
from imagemill.errors import NotFound, Unauthorized
from imagemill.imaging import DEFAULT_LIMITS, Limits, Rendered, render
from imagemill.imaging.sniff import check_beginning
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.private.signer import LinkSigner
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules
from imagemill.testing.folders import MemoryKeys
from imagemill.testing.index import MemoryIndex
from imagemill.testing.memory import MemoryOriginals, MemoryRecords, MemoryRenditions
from imagemill.testing.names import TOKEN_PREFIX
from imagemill.testing.parts import MemoryParts
from imagemill.testing.shares import FixedSecrets, MemoryShares
from imagemill.wiring.shares import random_digits

ORIGINALS, PROCESSED = "fake-originals", "fake-processed"
_log = logging.getLogger(__name__)


class Worker:
    """Handles tasks in a thread, one after the other, as ResizeImageFunction does."""

    def __init__(self, handle: Callable[[Task], object]) -> None:
        self._handle = handle
        self._jobs: SimpleQueue[Callable[[], object]] = SimpleQueue()
        Thread(target=self._run, daemon=True).start()

    def add(self, task: Task) -> None:
        """Handle a task after those that wait."""
        self._jobs.put(lambda: self._handle(task))

    def send_later(self, message: str, delay_s: int) -> None:
        """Handle the tasks of a message; implements `api.look.LookQueue`.

        A message for later is for the case that a function is killed, which the fake is not.
        """
        if delay_s == 0:
            for task in parse_message(message).tasks:
                self.add(task)

    def finish(self, act: Callable[[], None]) -> None:
        """Act after all tasks that wait, and return then."""
        done = Event()
        self._jobs.put(act)
        self._jobs.put(done.set)
        done.wait()

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception:  # noqa: BLE001  # the outermost edge of one task
                _log.exception("task failed")


class FakeDeps:
    """Implements `functions.api.deps.Deps`; `environ` has the endpoint and the credentials."""

    cors_origin = "*"
    prefix = ""
    links: LinkSigner | None = None
    archives = False

    def __init__(self, environ: dict[str, str], recipe: str) -> None:
        """Make the stores; raises ConfigurationInvalid."""
        self._recipes = RecipeRules.parse(recipe)
        self._clock = SystemClock()
        self.worker = Worker(lambda task: handle_task(task, self._pipeline))
        self.records = self.feed = MemoryRecords()
        self.originals = MemoryOriginals(self.worker.add)
        self.renditions = MemoryRenditions()
        self.tokens = FakeTokens()
        signer = S3Presigner(environ)
        self.presigner = Presigner(signer, ORIGINALS, PROCESSED)
        self.shares = ShareDeps(
            MemoryShares(),
            FixedSecrets((secrets.token_urlsafe(32),)),
            self.records,
            self._clock,
            random_digits,
        )
        self.parts = MemoryParts(ORIGINALS, self.originals, signer)
        self._pipeline = PipelineDeps(
            records=self.records,
            originals=self.originals,
            renditions=self.renditions,
            recipes=self._recipes,
            limits=DEFAULT_LIMITS,
            clock=self._clock,
            # A failure is recorded at once.
            max_attempts=1,
            render=_render,
        )

    def reset(self) -> None:
        """Forget all images, after those in progress."""
        self.worker.finish(self._clear)

    def _clear(self) -> None:
        self.originals.clear()
        self.parts.clear()
        self.records.clear()
        self.renditions.objects.clear()

    @property
    def uploads(self) -> UploadDeps:
        """The dependencies of uploads."""
        return UploadDeps(
            records=self.records,
            originals=self.originals,
            clock=self._clock,
            max_bytes=DEFAULT_LIMITS.max_bytes,
            inspect=check_beginning,
            recipes=self._recipes,
        )

    @property
    def folders(self) -> FolderDeps:
        """The dependencies of lists of folders."""
        return FolderDeps(MemoryKeys(self.originals.keys()), self.records)

    @property
    def index(self) -> MemoryIndex:
        """The index in which images are searched."""
        return MemoryIndex(self.records.all())

    @property
    def multipart(self) -> MultipartDeps:
        """The dependencies of uploads in parts."""
        return MultipartDeps(self.records, self.parts)

    @property
    def deletions(self) -> DeleteDeps:
        """The dependencies of deletions."""
        return DeleteDeps(self.records, self.originals, self._clock)

    @property
    def moves(self) -> MoveDeps:
        """The dependencies of moves to a folder."""
        return MoveDeps(
            self.records, self.originals, self._clock, is_ignored=self._recipes.is_ignored
        )

    @property
    def archive(self) -> ArchiveAccess:
        """The fake archives no originals."""
        raise NotFound("the fake has no archived originals")

    @property
    def looks(self) -> LookDeps:
        """The dependencies of changes of the focal point."""
        return LookDeps(self.records, self.worker)

    def new_token(self) -> str:
        """Return a random text that is unique to an upload."""
        return secrets.token_urlsafe(16)


class FakeTokens:
    """Accepts the tokens that `FakeApi.token` returns."""

    def caller(self, token: str) -> Caller:
        """Return the user of a token; raises Unauthorized."""
        name = token.removeprefix(TOKEN_PREFIX)
        if name in {"", token}:
            raise Unauthorized("the token is not valid")
        return owning(f"user:{name}", OWN_IMAGES)


def _render(data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
    """Render in this process, however long it takes."""
    del timeout_s
    return render(data, recipe, limits)
