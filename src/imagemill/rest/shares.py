"""Share links by the REST API, for the commands."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from imagemill.api.shares import NewShare, ShareRequest
from imagemill.domain.share import Share
from imagemill.domain.share_json import reported
from imagemill.errors import RecordedRejection

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
        """Make a link; raises RecordedRejection if there is no such image or folder."""
        target = {"image": request.image} if request.image else {"prefix": request.prefix}
        body = {**target, "seconds": request.seconds, "originals": request.originals}
        made = _found(self._ask("POST", "/shares", body)).json()
        return NewShare(reported(made), made["token"], made["url"] or "")

    def all(self) -> Iterator[Share]:
        """Yield the valid links that the caller has made, newest first."""
        page = _found(self._ask("GET", _LIST, None)).json()
        yield from map(reported, page["shares"])
        while page["cursor"]:
            page = _found(self._ask("GET", f"{_LIST}&cursor={page['cursor']}", None)).json()
            yield from map(reported, page["shares"])

    def revoke(self, share_id: str) -> Share:
        """Revoke a link; raises RecordedRejection if there is none with this id."""
        return reported(_found(self._ask("DELETE", f"/shares/{share_id}", None)).json())


def _found(answer: "httpx.Response") -> "httpx.Response":
    """Return an answer other than 404 and 410; raises RecordedRejection."""
    if answer.is_error:
        raise RecordedRejection("not_found", str(answer.json()["detail"]))
    return answer
