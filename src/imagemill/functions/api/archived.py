"""Addresses of originals for a stack that archives some of them."""

from typing import TYPE_CHECKING, cast

from imagemill.api.archived import ArchiveAccess, jpeg_key, original_token, record_of
from imagemill.wiring.presign import URL_LIFETIME_S

if TYPE_CHECKING:
    from imagemill.domain.event import UploadChoices
    from imagemill.domain.presigned_post import PresignedPost
    from imagemill.domain.record import ImageRecord, StoredRendition
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.messages import Request
    from imagemill.wiring.presign import UrlSigner


def with_archive(deps: "Deps", request: "Request") -> "Deps":
    """Return dependencies whose URLs of archived originals lead to this API."""
    return cast("Deps", _ArchiveDeps(deps, request))


def address_of_original(record: "ImageRecord", deps: "Deps") -> str:
    """Return a presigned URL of the bytes that were uploaded, unpacked if they are archived."""
    key = jpeg_key(record, deps.archive)
    return deps.presigner.unpacked(record, key) if key else deps.presigner.original(record)


def address_behind(token: str, deps: "Deps") -> str:
    """Return a presigned URL of the original that a token shows."""
    return address_of_original(record_of(token, deps.archive), deps)


class _ArchiveDeps:
    """All of `Deps`, with another signer of URLs."""

    def __init__(self, deps: "Deps", request: "Request") -> None:
        self._deps = deps
        self._request = request

    def __getattr__(self, name: str) -> object:
        """Return the dependencies that archiving does not change."""
        return getattr(self._deps, name)

    @property
    def presigner(self) -> "UrlSigner":
        """The signer of URLs."""
        signer = self._deps.presigner
        if self._request.credentials.kind == "iam":
            # Every route of this URL needs a signature.
            return signer
        base_url, access = self._request.base_url, self._deps.archive
        base_url = f"{access.endpoint}{base_url}" if base_url.startswith("/") else base_url
        return ArchiveSigner(signer, access, base_url, URL_LIFETIME_S)


class ArchiveSigner:
    """Implements `wiring.presign.UrlSigner`, with addresses of the API for archived originals."""

    shows_archived = True

    def __init__(
        self, signer: "UrlSigner", access: ArchiveAccess, base_url: str, lifetime_s: int
    ) -> None:
        self._signer = signer
        self._access = access
        self._base_url = base_url
        self._lifetime_s = lifetime_s
        self.shows_originals = signer.shows_originals

    def limited(self, seconds: int, *, originals: bool) -> "ArchiveSigner":
        """Return a signer of URLs that work for `seconds` at most, with or without originals."""
        signer = self._signer.limited(seconds, originals=originals)
        lifetime_s = max(1, min(self._lifetime_s, seconds))
        return ArchiveSigner(signer, self._access, self._base_url, lifetime_s)

    def original(self, record: "ImageRecord") -> str:
        """Return a URL of the original; raises NoAddress or Forbidden if there is none."""
        address = self._signer.original(record)
        if record.archived is None:
            return address
        token = original_token(record, self._access, self._lifetime_s)
        return f"{self._base_url}/originals/{token}"

    def unpacked(self, record: "ImageRecord", key: str) -> str:
        """Return a URL of an unpacked original; raises NoAddress or Forbidden."""
        return self._signer.unpacked(record, key)

    def rendition(self, record: "ImageRecord", made: "StoredRendition") -> str:
        """Return a URL of one rendition; raises NoAddress if no URL can name its key."""
        return self._signer.rendition(record, made)

    def form(
        self, key: str, content_type: str, max_bytes: int, choices: "UploadChoices | None" = None
    ) -> "PresignedPost":
        """Return a form that uploads one object under exactly this key."""
        if choices is None:
            return self._signer.form(key, content_type, max_bytes)
        return self._signer.form(key, content_type, max_bytes, choices)
