"""The dependencies of the routes for a caller with a share link: its images, and no others."""

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, cast

from imagemill.api.shared import SharedFeed, SharedIndex
from imagemill.errors import Forbidden

if TYPE_CHECKING:
    from imagemill.api.folders import FolderDeps
    from imagemill.api.shares import ShareDeps
    from imagemill.domain.caller import Grant
    from imagemill.domain.stores import Records
    from imagemill.functions.api.deps import Deps
    from imagemill.private.signer import LinkSigner
    from imagemill.wiring.presign import UrlSigner


def shared(deps: "Deps", grant: "Grant") -> "Deps":
    """Return dependencies that show the images of a grant, with addresses that end with it."""
    return cast("Deps", _SharedDeps(deps, grant))


class _SharedDeps:
    """The part of `Deps` that a share link needs; every other part is refused."""

    def __init__(self, deps: "Deps", grant: "Grant") -> None:
        self._deps = deps
        self._grant = grant

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse the dependencies of routes that a share link does not open."""
        raise Forbidden(f"a share link opens no route that needs {name}")

    @property
    def records(self) -> "Records":
        """All records: `api.read.read` compares each with the grant."""
        return self._deps.records

    @property
    def folders(self) -> "FolderDeps":
        """All folders: `api.folders.root_of` begins with that of the grant."""
        return self._deps.folders

    @property
    def index(self) -> SharedIndex:
        """The index of the images of the grant."""
        return SharedIndex(self._deps.index, self._deps.records, self._grant)

    @property
    def feed(self) -> SharedFeed:
        """The listing of the images of the grant."""
        return SharedFeed(self.index)

    @property
    def presigner(self) -> "UrlSigner":
        """The signer of URLs that end with the grant."""
        left_s = self._grant.until - self._deps.shares.clock.now_s()
        return self._deps.presigner.limited(left_s, originals=self._grant.originals)

    @property
    def links(self) -> "LinkSigner | None":
        """The signer of addresses at the distribution that end with the grant."""
        signer = self._deps.links
        return replace(signer, latest=self._grant.until) if signer else None

    @property
    def shares(self) -> "ShareDeps":
        """The dependencies of share links."""
        return self._deps.shares

    @property
    def prefix(self) -> str:
        """The prefix of the keys of all originals."""
        return self._deps.prefix
