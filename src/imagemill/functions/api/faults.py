"""Validation errors of a request as text, with the field names that the client uses."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from imagemill.domain.cursor import MAX_CURSOR_LENGTH
from imagemill.domain.keys import ID_LENGTH
from imagemill.domain.quoting import quoted
from imagemill.functions.api.limits import MAX_PAGE_IMAGES
from imagemill.functions.api.models import MAX_FILENAME_LENGTH, Status

# The allowed values of every parameter and of every body field.
EXPECTED = {
    "image_id": f"the id of an image, {ID_LENGTH} characters of a-z and 2-7",
    "preset": "the name of a preset, 1 to 32 characters of a-z, 0-9, - and _",
    "limit": f"a whole number from 1 to {MAX_PAGE_IMAGES}",
    "cursor": f"the cursor of a page, 1 to {MAX_CURSOR_LENGTH} characters",
    "status": f"one of {', '.join(get_args(Status))}",
    "filename": f"text of 1 to {MAX_FILENAME_LENGTH} characters",
    "content_type": "an image type such as image/jpeg, or application/octet-stream",
    "bytes": "the size of the file, a whole number of at least 1",
}
# Errors that a response names; it counts the others.
MAX_FAULTS = 3
_NO_OBJECT = {"json_invalid", "json_type", "model_type", "model_attributes_type", "dict_type"}


def described(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return validation errors as one line: `limit: expected …, got …; …`.

    `errors` is the result of pydantic's `errors()`. The line has one error per field, of the first
    MAX_FAULTS fields.
    """
    by_name = {_name(error): error for error in reversed(errors)}
    errors_by_name = list(reversed(by_name.items()))
    worded = "; ".join(_worded(name, error) for name, error in errors_by_name[:MAX_FAULTS])
    more = len(errors_by_name) - MAX_FAULTS
    return f"{worded}; and {more} more" if more > 0 else worded


def _name(error: Mapping[str, Any]) -> str:
    """Return the field's name; Powertools puts `query`, `path` or `body` before it."""
    location = error["loc"]
    return str(location[1] if len(location) > 1 else location[0]) if location else ""


def _worded(name: str, error: Mapping[str, Any]) -> str:
    if error["type"] in _NO_OBJECT:
        return "expected a JSON object as the body"
    if name not in EXPECTED:
        return f"{quoted(name)}: there is no such field"
    if error["type"] == "missing":
        return f"{name}: expected {EXPECTED[name]}, got nothing"
    if isinstance(error.get("input"), list) and error["loc"][0] == "query":
        return f"{name}: expected one value, got several"
    return f"{name}: expected {EXPECTED[name]}, got {quoted(error.get('input'))}"
