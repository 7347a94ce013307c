"""The client of the REST API."""

from collections.abc import Iterator
from typing import Self, Unpack

import httpx

from imagemill.client import library, operations, shares
from imagemill.client.credentials import TokenSource, credentials_of
from imagemill.client.forms import Choices, Point
from imagemill.client.images import Image, Page, Status, Uploaded
from imagemill.client.library import Filters, Folder, FolderPage, PageRequest, Sort
from imagemill.client.operations import PAGE_SIZE
from imagemill.client.shares import DEFAULT_S, NewShare, Share
from imagemill.client.sources import Progress, Source, opened
from imagemill.client.transport import TIMEOUT_S, Transport


class Client:
    """A client of one API, for several threads; a context manager that closes its connections.

    `url` is the URL of the API. `key` is an API key; `token` is the token of a user, or a function
    that returns the current one and is called again after the API refused the last. `timeout_s` is
    the longest time without a byte of a response. `transport` is one of httpx.

    Requests that may succeed later are repeated after a pause, and none has a second effect.
    Methods raise ApiError with the code of the API, and StoreUnavailable if it cannot be reached.
    `image` is the id of an image.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        token: str | TokenSource | None = None,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Make no request yet; raises SetupFailed."""
        self._transport = Transport(url, credentials_of(key, token), timeout_s, transport)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def upload(
        self,
        source: Source,
        *,
        filename: str | None = None,
        recipe: str = "",
        focus: Point | None = None,
        progress: Progress | None = None,
    ) -> Uploaded:
        """Store an image; it is sent to the bucket directly, also if it is small.

        `source` is a path, bytes, or a stream in binary mode. `filename` is the name of the image,
        by default that of the file. `recipe` chooses a rule of the stack's recipe by its name, and
        `focus` is the focal point. `progress` is called with the bytes sent so far and all bytes;
        it begins again if the upload is repeated. Raises EmptyFile, and OSError of the source.
        """
        with opened(source, filename, progress) as file:
            return self._transport.run(operations.upload(file, Choices(recipe, focus)))

    def wait(
        self, image: str | Uploaded, timeout_s: float = 120, *, after: Image | None = None
    ) -> Image:
        """Return an image when it is ready, with its renditions in their present focal point.

        `after` is the image as it was before: then only a later result counts.

        Raises RecordedRejection with the code of a rejected image, WorkFailed if the stack failed,
        and TimedOut after `timeout_s` seconds.
        """
        name = image.id if isinstance(image, Uploaded) else image
        return self._transport.run(operations.wait(name, timeout_s, after=after))

    def get(self, image: str) -> Image:
        """Return an image in its present state."""
        return self._transport.run(operations.get(image))

    def list(self, *, status: Status | None = None, public: bool = False) -> Iterator[Image]:
        """Yield all images, newest first; each page is requested when it is needed.

        With `public`, each image has its public addresses.
        """
        found = self.page(status=status, public=public)
        yield from found.images
        while found.cursor:
            found = self.page(found.cursor, status=status, public=public)
            yield from found.images

    def page(
        self,
        cursor: str | None = None,
        *,
        limit: int = PAGE_SIZE,
        status: Status | None = None,
        public: bool = False,
    ) -> Page:
        """Return one page of images, the first or that of a cursor with the same status.

        It has at most `limit` images, and may have fewer even if it is not the last.
        """
        return self._transport.run(operations.page(status, cursor, limit, public=public))

    def search(
        self, *, sort: Sort = "newest", public: bool = False, **filters: Unpack[Filters]
    ) -> Iterator[Image]:
        """Yield the images that pass all filters; each page is requested when it is needed.

        `sort` is by the time of upload or by file name. With `public`, each image has its public
        addresses.
        """
        cursor: str | None = ""
        while cursor is not None:
            found = self.search_page(cursor, sort=sort, public=public, **filters)
            yield from found.images
            cursor = found.cursor

    def search_page(
        self,
        cursor: str | None = None,
        *,
        limit: int = PAGE_SIZE,
        sort: Sort = "newest",
        public: bool = False,
        **filters: Unpack[Filters],
    ) -> Page:
        """Return one page of a search, the first or that of a cursor with the same filters.

        It has at most `limit` images, and may be empty even if it is not the last.
        """
        asked = PageRequest(cursor, limit, public)
        return self._transport.run(library.search(asked, sort, filters))

    def folders(
        self,
        prefix: str = "",
        *,
        recursive: bool = False,
        public: bool = False,
        **filters: Unpack[Filters],
    ) -> Iterator[Folder | Image]:
        """Yield the folders and the images below a prefix; of each page, first its folders.

        With `recursive`, yield the images of all folders below, and no folders. Filters hide no
        folders. With `public`, each image has its public addresses.
        """
        cursor: str | None = ""
        while cursor is not None:
            found = self.folders_page(prefix, cursor, recursive=recursive, public=public, **filters)
            yield from found.folders
            yield from found.images
            cursor = found.cursor

    def folders_page(
        self,
        prefix: str = "",
        cursor: str | None = None,
        *,
        limit: int = PAGE_SIZE,
        recursive: bool = False,
        public: bool = False,
        **filters: Unpack[Filters],
    ) -> FolderPage:
        """Return one page of a folder, the first or that of a cursor with the same arguments.

        It has at most `limit` folders and images, and may be empty even if it is not the last.
        """
        asked = PageRequest(cursor, limit, public)
        return self._transport.run(library.folder(asked, prefix, filters, recursive=recursive))

    def delete(self, image: str) -> None:
        """Delete an image with all its renditions; one that was deleted before is no error."""
        self._transport.run(operations.delete(image))

    def move(self, image: str, folder: str) -> Uploaded:
        """Move an image to a folder, such as `holiday/2026/`; it gets a new id and a new key.

        The file name stays. `wait` returns the image when it is ready again.
        """
        return self._transport.run(operations.move(image, folder))

    def set_focus(self, image: str, focus: Point | None) -> Image:
        """Set the focal point, or remove it; `wait` returns the image with the new renditions."""
        return self._transport.run(operations.set_focus(image, focus))

    def reprocess(self, image: str) -> Image:
        """Have the renditions made again, also of an image that was rejected or has failed.

        Returns the image as it is until then: `wait(image.id, after=image)` returns the next one.
        """
        return self._transport.run(operations.reprocess(image))

    def original(self, image: str) -> bytes:
        """Return the bytes of the uploaded file."""
        return self._transport.run(operations.original(image))

    def rendition(self, image: str, preset: str) -> bytes:
        """Return the bytes of one rendition; waits some seconds for an image in progress."""
        return self._transport.run(operations.rendition(image, preset))

    def share(
        self,
        image: str | None = None,
        *,
        prefix: str | None = None,
        seconds: int = DEFAULT_S,
        originals: bool = False,
    ) -> NewShare:
        """Make a link that shows an image, or the folder with a prefix, to everyone who has it.

        It expires after `seconds`, 90 days at most. With `originals` it shows the uploaded files,
        too. Raises SetupFailed unless it is an image or a prefix.
        """
        return self._transport.run(shares.create(image, prefix, seconds, originals=originals))

    def shares(self) -> Iterator[Share]:
        """Yield the valid share links that the caller has made; an administrator gets all."""
        found = self._transport.run(shares.page(None, PAGE_SIZE))
        yield from found.shares
        while found.cursor:
            found = self._transport.run(shares.page(found.cursor, PAGE_SIZE))
            yield from found.shares

    def revoke_share(self, share: str) -> None:
        """Revoke the share link with an id; one that was revoked before is no error."""
        self._transport.run(shares.revoke(share))
