"""The client of the REST API for asyncio."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import ExitStack
from typing import Self, Unpack

import httpx

from imagemill.client import library, operations, shares
from imagemill.client.credentials import AsyncTokenSource, async_credentials_of
from imagemill.client.forms import Choices, Point
from imagemill.client.images import Image, Page, Status, Uploaded
from imagemill.client.library import Filters, Folder, FolderPage, PageRequest, Sort
from imagemill.client.operations import PAGE_SIZE
from imagemill.client.shares import DEFAULT_S, NewShare, Share
from imagemill.client.sources import Progress, Source, copy_chunks, opened, spooled
from imagemill.client.transport import TIMEOUT_S, AsyncTransport


class AsyncClient:
    """The methods of `Client` as coroutines; an asynchronous context manager.

    `token` may be a coroutine function, too.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        token: str | AsyncTokenSource | None = None,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Make no request yet; raises SetupFailed."""
        credentials = async_credentials_of(key, token)
        self._transport = AsyncTransport(url, credentials, timeout_s, transport)

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def upload(
        self,
        source: Source | AsyncIterable[bytes],
        *,
        filename: str | None = None,
        recipe: str = "",
        focus: Point | None = None,
        progress: Progress | None = None,
    ) -> Uploaded:
        """Store an image, as `Client.upload`; the source may also be an asynchronous stream.

        A file is read in pieces of 64 kB between the writes to the network.
        """
        with ExitStack() as stack:
            if isinstance(source, AsyncIterable):
                copy = stack.enter_context(spooled())
                await copy_chunks(source, copy)
                source = copy
            file = stack.enter_context(opened(source, filename, progress))
            return await self._transport.run(operations.upload(file, Choices(recipe, focus)))

    async def wait(
        self, image: str | Uploaded, timeout_s: float = 120, *, after: Image | None = None
    ) -> Image:
        """Return an image when it is ready, as `Client.wait`."""
        name = image.id if isinstance(image, Uploaded) else image
        return await self._transport.run(operations.wait(name, timeout_s, after=after))

    async def get(self, image: str) -> Image:
        """Return an image in its present state."""
        return await self._transport.run(operations.get(image))

    async def list(
        self, *, status: Status | None = None, public: bool = False
    ) -> AsyncIterator[Image]:
        """Yield all images, newest first, as `Client.list`."""
        found = await self.page(status=status, public=public)
        for image in found.images:
            yield image
        while found.cursor:
            found = await self.page(found.cursor, status=status, public=public)
            for image in found.images:
                yield image

    async def page(
        self,
        cursor: str | None = None,
        *,
        limit: int = PAGE_SIZE,
        status: Status | None = None,
        public: bool = False,
    ) -> Page:
        """Return one page of images, as `Client.page`."""
        return await self._transport.run(operations.page(status, cursor, limit, public=public))

    async def search(
        self, *, sort: Sort = "newest", public: bool = False, **filters: Unpack[Filters]
    ) -> AsyncIterator[Image]:
        """Yield the images that pass all filters, as `Client.search`."""
        cursor: str | None = ""
        while cursor is not None:
            found = await self.search_page(cursor, sort=sort, public=public, **filters)
            for image in found.images:
                yield image
            cursor = found.cursor

    async def search_page(
        self,
        cursor: str | None = None,
        *,
        limit: int = PAGE_SIZE,
        sort: Sort = "newest",
        public: bool = False,
        **filters: Unpack[Filters],
    ) -> Page:
        """Return one page of a search, as `Client.search_page`."""
        asked = PageRequest(cursor, limit, public)
        return await self._transport.run(library.search(asked, sort, filters))

    async def folders(
        self,
        prefix: str = "",
        *,
        recursive: bool = False,
        public: bool = False,
        **filters: Unpack[Filters],
    ) -> AsyncIterator[Folder | Image]:
        """Yield the folders and the images below a prefix, as `Client.folders`."""
        cursor: str | None = ""
        while cursor is not None:
            found = await self.folders_page(
                prefix, cursor, recursive=recursive, public=public, **filters
            )
            for folder in found.folders:
                yield folder
            for image in found.images:
                yield image
            cursor = found.cursor

    async def folders_page(
        self,
        prefix: str = "",
        cursor: str | None = None,
        *,
        limit: int = PAGE_SIZE,
        recursive: bool = False,
        public: bool = False,
        **filters: Unpack[Filters],
    ) -> FolderPage:
        """Return one page of a folder, as `Client.folders_page`."""
        asked = PageRequest(cursor, limit, public)
        return await self._transport.run(
            library.folder(asked, prefix, filters, recursive=recursive)
        )

    async def delete(self, image: str) -> None:
        """Delete an image with all its renditions; one that was deleted before is no error."""
        await self._transport.run(operations.delete(image))

    async def move(self, image: str, folder: str) -> Uploaded:
        """Move an image to a folder, such as `holiday/2026/`; it gets a new id and a new key.

        The file name stays. `wait` returns the image when it is ready again.
        """
        return await self._transport.run(operations.move(image, folder))

    async def set_focus(self, image: str, focus: Point | None) -> Image:
        """Set the focal point, or remove it; `wait` returns the image with the new renditions."""
        return await self._transport.run(operations.set_focus(image, focus))

    async def reprocess(self, image: str) -> Image:
        """Have the renditions made again, also of an image that was rejected or has failed.

        Returns the image as it is until then: `wait(image.id, after=image)` returns the next one.
        """
        return await self._transport.run(operations.reprocess(image))

    async def original(self, image: str) -> bytes:
        """Return the bytes of the uploaded file."""
        return await self._transport.run(operations.original(image))

    async def rendition(self, image: str, preset: str) -> bytes:
        """Return the bytes of one rendition; waits some seconds for an image in progress."""
        return await self._transport.run(operations.rendition(image, preset))

    async def share(
        self,
        image: str | None = None,
        *,
        prefix: str | None = None,
        seconds: int = DEFAULT_S,
        originals: bool = False,
    ) -> NewShare:
        """Make a link that shows an image or a folder, as `Client.share`."""
        made = shares.create(image, prefix, seconds, originals=originals)
        return await self._transport.run(made)

    async def shares(self) -> AsyncIterator[Share]:
        """Yield the valid share links, as `Client.shares`."""
        found = await self._transport.run(shares.page(None, PAGE_SIZE))
        for share in found.shares:
            yield share
        while found.cursor:
            found = await self._transport.run(shares.page(found.cursor, PAGE_SIZE))
            for share in found.shares:
                yield share

    async def revoke_share(self, share: str) -> None:
        """Revoke the share link with an id; one that was revoked before is no error."""
        await self._transport.run(shares.revoke(share))
