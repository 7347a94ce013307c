"""Share links by the REST API, for the commands."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from imagemill.api.shares import NewShare, ShareRequest
from imagemill.domain.share import Share
from imagemill.domain.share_json import reported
from imagemill.rest.faults import existing

if TYPE_CHECKING:
    import httpx

    # Sends a request: method, path and query, JSON.
    Ask = Callable[[str, str, object], httpx.Response]
_LIST = "/shares?limit=100"


class ApiShares:
    """Implements `cli.cloud.ShareClient`."""

    def __init__(self, ask: "Ask") -> None:
        self._ask = ask

    def create(self, request: ShareRequest) -> NewShare:
        """Make a link; raises NotFound and Gone."""
        target = {"image": request.image} if request.image else {"prefix": request.prefix}
        body = {**target, "seconds": request.seconds, "originals": request.originals}
        made = existing(self._ask("POST", "/shares", body)).json()
        return NewShare(reported(made), made["token"], made["url"] or "")

    def all(self) -> Iterator[Share]:
        """Yield the valid links that the caller has made, newest first."""
        page = existing(self._ask("GET", _LIST, None)).json()
        yield from map(reported, page["shares"])
        while page["cursor"]:
            page = existing(self._ask("GET", f"{_LIST}&cursor={page['cursor']}", None)).json()
            yield from map(reported, page["shares"])

    def revoke(self, share_id: str) -> Share:
        """Revoke a link; raises NotFound."""
        return reported(existing(self._ask("DELETE", f"/shares/{share_id}", None)).json())
