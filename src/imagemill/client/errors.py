"""The errors that the API answers with."""

import httpx

from imagemill.errors import ImagemillError


class ApiError(ImagemillError):
    """The API refused a request: a problem (RFC 9457).

    `code` is stable, and the message is its `detail`. `request_id` finds the request in the log of
    the API.
    """

    def __init__(self, code: str, detail: str, status: int, request_id: str = "") -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # each object has its own
        self.status = status
        self.request_id = request_id


def problem_in(answer: httpx.Response) -> ApiError | None:
    """Return the problem in a response; None if it has none, as those of other servers."""
    try:
        facts = answer.json()
        request_id = str(facts.get("request_id") or "")
        return ApiError(str(facts["code"]), str(facts["detail"]), answer.status_code, request_id)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
