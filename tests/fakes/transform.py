"""Requests for variants over fakes, beside the pipeline that makes the records."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fakes.events import created
from fakes.images import jpeg
from fakes.pipeline import Pipeline
from fakes.pipeline_deps import render_here
from fakes.stores import LEASE_S, FakeVariantRegistry, ManualClock
from fakes.variants import request_of
from imagemill.domain.event import ObjectEvent
from imagemill.domain.image_request import ImageRequest
from imagemill.imaging import DEFAULT_LIMITS, Limits, Rendered
from imagemill.imaging.shared_file import File, SharedFile
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.settings import Settings
from imagemill.transform.deps import TransformDeps
from imagemill.transform.serve import Server, Variant


def bytes_of(file: File) -> bytes:
    """Return the bytes of a file, wherever it is."""
    return bytes(file.content) if isinstance(file, SharedFile) else file


@dataclass
class PausingClock(ManualClock):
    """A clock that a pause moves on; `meanwhile` is called in each pause."""

    meanwhile: Callable[[], object] = bool
    ms: int = 0

    def now_s(self) -> int:
        return 1_777_890_030 + self.ms // 1_000

    def pause(self, seconds: float) -> None:
        self.ms += round(seconds * 1_000)
        self.meanwhile()


@dataclass
class RacedRegistry(FakeVariantRegistry):
    """A registry around whose first registration something else happens."""

    before: Callable[[], object] = bool
    after: Callable[[], object] = bool

    def register(
        self, request: ImageRequest, sequencer: str, now_s: int, lease_s: int = LEASE_S
    ) -> bool:
        before, self.before = self.before, bool
        before()
        is_new = super().register(request, sequencer, now_s, lease_s)
        after, self.after = self.after, bool
        after()
        return is_new


@dataclass
class Transforms:
    """TransformFunction's use case; each rendering is listed.

    `rendered` has its bytes and its preset, `in_memory` whether a worker had them in its memory.
    """

    recipe: str = "p=20"
    rendered: list[tuple[bytes, str]] = field(default_factory=list)
    in_memory: list[bool] = field(default_factory=list)
    while_rendering: Callable[[], object] = bool

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.recipe)
        self.clock = PausingClock()
        self.registry = RacedRegistry()
        self.deps = TransformDeps(
            records=self.pipeline.records,
            originals=self.pipeline.originals,
            renditions=self.pipeline.renditions,
            registry=self.registry,
            recipes=RecipeRules.parse(self.recipe),
            limits=DEFAULT_LIMITS,
            clock=self.clock,
            render=self._render,
            pause=self.clock.pause,
            render_timeout_s=lambda: 11.0,
            settings=Settings(now=0),
        )

    def put(self, data: bytes | None = None, event: ObjectEvent | None = None) -> None:
        """Store an original and process its event."""
        self.pipeline.put(event or created(), data or jpeg(120, 80))

    def server(self, canonical: str, key: str = "a.jpg") -> Server:
        return Server(request_of(key, canonical), self.deps)

    def get(self, canonical: str, key: str = "a.jpg") -> Variant:
        """Return the answer to a request."""
        return self.server(canonical, key).serve()

    def _render(self, data: File, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
        self.rendered.append((bytes_of(data), str(recipe)))
        self.in_memory.append(isinstance(data, SharedFile))
        act, self.while_rendering = self.while_rendering, bool
        act()
        return render_here(bytes_of(data), recipe, limits, timeout_s)

    def with_deps(self, **changes: object) -> None:
        """Replace dependencies."""
        self.deps = replace(self.deps, **changes)  # type: ignore[arg-type]  # of any type
