"""The dependencies of ApiImageUploadFunction: settings from the environment → clients → stores."""

import os
import secrets
from dataclasses import replace
from functools import cache, cached_property, partial
from time import monotonic
from typing import TYPE_CHECKING

from imagemill.aws.errors import configured
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.config import ApiSettings
from imagemill.domain.clock import SystemClock
from imagemill.errors import ConfigurationInvalid, OriginalsReadOnly
from imagemill.wiring.presign import url_signer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagemill.api.archived import ArchiveAccess
    from imagemill.api.delete import DeleteDeps
    from imagemill.api.folders import FolderDeps
    from imagemill.api.look import LookDeps
    from imagemill.api.move import MoveDeps
    from imagemill.api.multipart import MultipartDeps
    from imagemill.api.shares import ShareDeps
    from imagemill.api.upload import UploadDeps
    from imagemill.aws.buckets import OriginalsBucket
    from imagemill.aws.feed_index import Feed
    from imagemill.aws.image_index import ImageIndexes
    from imagemill.oidc.tokens import TokenVerifier
    from imagemill.private.signer import LinkSigner


class ApiDeps:
    """The dependencies of ApiImageUploadFunction.

    Those that only some routes need are loaded at their first use, for a shorter cold start.
    """

    def __init__(self, environ: "Mapping[str, str]") -> None:
        """Read the settings and make the clients; raises ConfigurationInvalid."""
        self._environ = environ
        self._settings = ApiSettings.read(environ)
        self._clock = SystemClock()
        with configured():
            self._s3, self._dynamodb = S3(environ), DynamoDB(environ)
        self.records = RecordStore(self._dynamodb, self._settings.names.table)
        self.presigner = url_signer(environ, self._settings.names)
        self.cors_origin = self._settings.cors_origin

    @cached_property
    def feed(self) -> "Feed":
        """The listing of records."""
        from imagemill.aws.feed_index import Feed  # noqa: PLC0415

        return Feed(self._dynamodb, self._settings.names.table)

    @cached_property
    def uploads(self) -> "UploadDeps":
        """The dependencies of uploads; raises OriginalsReadOnly."""
        from imagemill.api.upload import UploadDeps  # noqa: PLC0415
        from imagemill.imaging.sniff import check_beginning  # noqa: PLC0415
        from imagemill.recipe_rules import RecipeRules  # noqa: PLC0415

        self._require_write()
        deps = UploadDeps(
            records=self.records,
            originals=self._originals,
            clock=self._clock,
            max_bytes=self._settings.max_bytes,
            inspect=partial(check_beginning, camera_raw=self._settings.camera_raw),
            recipes=RecipeRules.parse(self._settings.recipe),
        )
        if self._settings.adoption is None:
            return deps
        # Most stacks have a bucket of their own.
        from imagemill.wiring.adoption import key_filter  # noqa: PLC0415

        keys = key_filter(self._settings.adoption)
        return replace(deps, prefix=keys.prefix, accepts=keys.accepts)

    @cached_property
    def multipart(self) -> "MultipartDeps":
        """The dependencies of uploads in parts; raises OriginalsReadOnly."""
        from imagemill.api.multipart import MultipartDeps  # noqa: PLC0415
        from imagemill.wiring.presign import part_uploads  # noqa: PLC0415

        self._require_write()
        uploads = part_uploads(self._environ, self._settings.names.originals_bucket)
        return MultipartDeps(self.records, uploads)

    @cached_property
    def deletions(self) -> "DeleteDeps":
        """The dependencies of deletions; raises OriginalsReadOnly."""
        from imagemill.api.delete import DeleteDeps  # noqa: PLC0415

        self._require_write()
        return DeleteDeps(self.records, self._originals, self._clock)

    @cached_property
    def moves(self) -> "MoveDeps":
        """The dependencies of moves to a folder; raises OriginalsReadOnly."""
        from imagemill.api.move import MoveDeps  # noqa: PLC0415
        from imagemill.aws.light.copying import CopyingS3  # noqa: PLC0415
        from imagemill.aws.original_copies import OriginalCopies  # noqa: PLC0415

        uploads = self.uploads
        with configured():
            client = CopyingS3(self._environ)
        return MoveDeps(
            records=self.records,
            originals=OriginalCopies(client, self._settings.names.originals_bucket),
            clock=self._clock,
            prefix=uploads.prefix,
            accepts=uploads.accepts,
            is_ignored=uploads.recipes.is_ignored,
        )

    @cached_property
    def looks(self) -> "LookDeps":
        """The dependencies of requests to look at an image; they write no original."""
        from imagemill.api.look import LookDeps  # noqa: PLC0415
        from imagemill.aws.light.clients import SQS  # noqa: PLC0415
        from imagemill.aws.queues import LookQueue  # noqa: PLC0415

        queue_url = self._settings.queue_url
        if not queue_url:
            raise ConfigurationInvalid("expected IMAGEMILL_QUEUE_URL to be set")
        with configured():
            return LookDeps(self.records, LookQueue(SQS(self._environ), queue_url))

    @cached_property
    def index(self) -> "ImageIndexes":
        """The indexes in which images are searched."""
        from imagemill.aws.image_index import ImageIndexes  # noqa: PLC0415

        return ImageIndexes(self._dynamodb, self._settings.names.table)

    @cached_property
    def folders(self) -> "FolderDeps":
        """The dependencies of lists of folders."""
        from imagemill.api.folders import FolderDeps  # noqa: PLC0415
        from imagemill.aws.key_listing import OriginalKeys  # noqa: PLC0415
        from imagemill.aws.record_batches import RecordBatches  # noqa: PLC0415

        names = self._settings.names
        return FolderDeps(
            OriginalKeys(self._s3, names.originals_bucket),
            RecordBatches(self._dynamodb, names.table),
            self.prefix,
        )

    @cached_property
    def tokens(self) -> "TokenVerifier":
        """The verifier of tokens; raises ConfigurationInvalid without an issuer."""
        # Its library takes 100 ms to load, and requests with a key need none of it.
        from imagemill.oidc.fetch import fetch_object  # noqa: PLC0415
        from imagemill.oidc.key_set import KeySet  # noqa: PLC0415
        from imagemill.oidc.tokens import TokenVerifier  # noqa: PLC0415

        jwt = self._settings.jwt
        if jwt is None:
            raise ConfigurationInvalid("expected IMAGEMILL_JWT_ISSUER to be set")
        return TokenVerifier(jwt, KeySet(jwt.issuer, fetch_object, monotonic))

    @cached_property
    def links(self) -> "LinkSigner | None":
        """The signer of the addresses of private images; None if the images are public."""
        private = self._settings.private
        if private is None:
            return None
        # Its library takes 70 ms to load, and requests for other things need none of it.
        from imagemill.wiring.private_links import link_signer  # noqa: PLC0415

        return link_signer(self._environ, private)

    @cached_property
    def shares(self) -> "ShareDeps":
        """The dependencies of share links; raises NotFound if the stack has none."""
        from imagemill.wiring.shares import share_deps  # noqa: PLC0415

        return share_deps(self._environ, self.records, self.prefix)

    @property
    def archives(self) -> bool:
        """Whether the stack has archived originals."""
        return bool(self._environ.get("IMAGEMILL_ARCHIVE_FUNCTION"))

    @cached_property
    def archive(self) -> "ArchiveAccess":
        """The dependencies of addresses of archived originals; raises NotFound."""
        from imagemill.wiring.archive_access import archive_access  # noqa: PLC0415

        return archive_access(self._environ, self._settings.names, self.records)

    @property
    def prefix(self) -> str:
        """The prefix of the keys of all originals."""
        return self._settings.adoption.prefix if self._settings.adoption else ""

    def new_token(self) -> str:
        """Return a random text that is unique to an upload (128 bits, URL-safe)."""
        return secrets.token_urlsafe(16)

    def _require_write(self) -> None:
        if not self._settings.write_originals:
            raise OriginalsReadOnly("the bucket of originals is read-only for this API")

    @cached_property
    def _originals(self) -> "OriginalsBucket":
        from imagemill.aws.buckets import OriginalsBucket  # noqa: PLC0415

        return OriginalsBucket(self._s3, self._settings.names.originals_bucket)


@cache
def api_deps() -> ApiDeps:
    """Return the dependencies of ApiImageUploadFunction, built from the environment once."""
    return ApiDeps(os.environ)
