"""The dependencies of the routes. Imported for type checking only."""

from typing import Protocol

from imagemill.api.archived import ArchiveAccess
from imagemill.api.delete import DeleteDeps
from imagemill.api.folders import FolderDeps
from imagemill.api.look import LookDeps
from imagemill.api.move import MoveDeps
from imagemill.api.multipart import MultipartDeps
from imagemill.api.shares import ShareDeps
from imagemill.api.upload import UploadDeps
from imagemill.domain.caller import Caller
from imagemill.domain.image_query import ImageIndex
from imagemill.domain.stores import PagedFeed, Records
from imagemill.private.signer import LinkSigner
from imagemill.wiring.presign import UrlSigner


class Tokens(Protocol):
    """Verification of the tokens of users."""

    def caller(self, token: str) -> Caller:
        """Return the user of a token; raises Unauthorized or IssuerUnavailable."""


class Deps(Protocol):
    """The part of `wiring.api_function.ApiDeps` that the routes use."""

    @property
    def records(self) -> Records:
        """The records, one by one."""

    @property
    def feed(self) -> PagedFeed:
        """The listing of records."""

    @property
    def uploads(self) -> UploadDeps:
        """The dependencies of uploads."""

    @property
    def multipart(self) -> MultipartDeps:
        """The dependencies of uploads in parts."""

    @property
    def deletions(self) -> DeleteDeps:
        """The dependencies of deletions."""

    @property
    def moves(self) -> MoveDeps:
        """The dependencies of moves to a folder."""

    @property
    def looks(self) -> LookDeps:
        """The records, and the queue that asks workers to look at images."""

    @property
    def index(self) -> ImageIndex:
        """The indexes in which images are searched."""

    @property
    def folders(self) -> FolderDeps:
        """The dependencies of lists of folders."""

    @property
    def presigner(self) -> UrlSigner:
        """Signs upload forms and URLs of stored images."""

    @property
    def tokens(self) -> Tokens:
        """Verifies the tokens of users."""

    @property
    def links(self) -> LinkSigner | None:
        """Signs addresses at the distribution; None if they are public."""

    @property
    def shares(self) -> ShareDeps:
        """The dependencies of share links; raises NotFound if the stack has none."""

    @property
    def archives(self) -> bool:
        """Whether the stack has archived originals."""

    @property
    def archive(self) -> ArchiveAccess:
        """The dependencies of addresses of archived originals; raises NotFound without any."""

    @property
    def prefix(self) -> str:
        """The prefix of the keys of all originals; empty except in an existing bucket."""

    @property
    def cors_origin(self) -> str:
        """The origin whose pages may call the API; `*` for all."""

    def new_token(self) -> str:
        """Return a random text that is unique to an upload."""
