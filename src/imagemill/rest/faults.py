"""The errors that the API answers with, as errors of the commands."""

from http import HTTPStatus

import httpx

from imagemill.client.errors import ApiError, problem_in
from imagemill.errors import Gone, NotFound, RequestFault, SetupFailed, StoreUnavailable

_REFUSALS = {
    "forbidden": "the API refused the key or the user",
    "unauthorized": "the API refused the token",
}


class RequestRefused(RequestFault):
    """The API refused a request; `code` is the one that it answered."""

    def __init__(self, problem: ApiError) -> None:
        super().__init__(str(problem))
        self.code = problem.code  # type: ignore[misc]  # each object has its own


def checked(answer: httpx.Response) -> httpx.Response:
    """Return a response that is not an error, or is 404 or 410 of the API.

    Raises SetupFailed for credentials that the API rejects, StoreUnavailable for a failure of the
    server, and RequestRefused for other errors.
    """
    if not answer.is_error or answer.status_code == HTTPStatus.GONE:
        return answer
    problem = problem_in(answer)
    if problem is None:
        raise StoreUnavailable(f"the API answered {answer.status_code}")
    if problem.code in _REFUSALS:
        raise SetupFailed(f"{_REFUSALS[problem.code]}: {problem}")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return answer
    if answer.is_server_error:
        raise StoreUnavailable(f"the API answered {answer.status_code} {problem}")
    raise RequestRefused(problem)


def existing(answer: httpx.Response) -> httpx.Response:
    """Return a response that is neither 404 nor 410; raises NotFound and Gone."""
    if not answer.is_error:
        return answer
    message = str(problem_in(answer) or f"the API answered {answer.status_code}")
    raise Gone(message) if answer.status_code == HTTPStatus.GONE else NotFound(message)
