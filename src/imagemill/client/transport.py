"""Send the requests of operations with httpx, with and without `async`."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import httpx

from imagemill.client.exchange import Ask, Fetch, Flow, Post, Put, Running, Step
from imagemill.errors import SetupFailed, StoreUnavailable

TIMEOUT_S = 30.0
_T = TypeVar("_T")


class Transport:
    """Connections to one API, with the credentials of one caller, and to its buckets, without."""

    def __init__(
        self,
        address: str,
        credentials: httpx.Auth,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._api = httpx.Client(
            base_url=_checked(address), auth=credentials, timeout=timeout_s, transport=transport
        )
        self._plain = httpx.Client(timeout=timeout_s, transport=transport, follow_redirects=True)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._plain.close()

    def run(self, flow: Flow[_T]) -> _T:
        """Carry out an operation, and return its result."""
        running = Running(flow)
        while running.step:
            try:
                answer = self._answer(running.step)
            except StoreUnavailable as fault:
                running.fail(fault)
            else:
                running.answer(answer)
        return running.result

    def _answer(self, step: Step) -> httpx.Response:
        if step.delay_s:
            time.sleep(step.delay_s)
        with _translated(step):
            match step:
                case Ask(method, path, params, json):
                    return self._api.request(method, path, params=params, json=json)
                case Fetch(url):
                    return self._plain.get(url)
                case Post(form):
                    return self._plain.post(form.url, data=dict(form.fields), files=_files(step))
                case Put(url, data, headers):
                    return self._plain.put(url, content=data, headers=headers)


class AsyncTransport:
    """The connections of `Transport`, for asyncio."""

    def __init__(
        self,
        address: str,
        credentials: httpx.Auth,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._api = httpx.AsyncClient(
            base_url=_checked(address), auth=credentials, timeout=timeout_s, transport=transport
        )
        self._plain = httpx.AsyncClient(
            timeout=timeout_s, transport=transport, follow_redirects=True
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._api.aclose()
        await self._plain.aclose()

    async def run(self, flow: Flow[_T]) -> _T:
        """Carry out an operation, and return its result."""
        running = Running(flow)
        while running.step:
            try:
                answer = await self._answer(running.step)
            except StoreUnavailable as fault:
                running.fail(fault)
            else:
                running.answer(answer)
        return running.result

    async def _answer(self, step: Step) -> httpx.Response:
        if step.delay_s:
            await asyncio.sleep(step.delay_s)
        with _translated(step):
            match step:
                case Ask(method, path, params, json):
                    return await self._api.request(method, path, params=params, json=json)
                case Fetch(url):
                    return await self._plain.get(url)
                case Post(form):
                    return await self._plain.post(
                        form.url, data=dict(form.fields), files=_files(step)
                    )
                case Put(url, data, headers):
                    return await self._plain.put(url, content=data, headers=headers)


@contextmanager
def _translated(step: Step) -> Iterator[None]:
    """Raise StoreUnavailable for the errors of httpx."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        server = "API" if isinstance(step, Ask) else "bucket"
        why = str(fault) or type(fault).__name__
        raise StoreUnavailable(f"the {server} could not be reached: {why}") from fault


def _files(step: Post) -> dict[str, tuple[str, BinaryIO, str]]:
    # httpx uses these methods of a file only: read, seek and tell.
    return {"file": (step.file.name, cast("BinaryIO", step.file), step.content_type)}


def _checked(address: str) -> str:
    """Return the URL of an API without a slash at its end; raises SetupFailed."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SetupFailed(f"expected the URL of an API, with https://, got {address!r}")
    return address.rstrip("/")
