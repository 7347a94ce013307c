"""Reads the parameters in the path and in the query of a request."""

import re

from imagemill.functions.api.faults import FaultList
from imagemill.functions.api.fields import Field, NumberField, TextField
from imagemill.functions.api.messages import Request

# A whole number in a query: also `+5`, `5.0` and `1_000`, with spaces around it.
_NUMBER = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?\s*", re.ASCII)
# Most digits of a number; far more than any parameter accepts.
_MAX_DIGITS = 20


class ParameterReader:
    """Reads typed parameters, and collects all errors until `finish`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._faults = FaultList()

    def path_text(self, field: TextField) -> str:
        """Return a text in the path; empty if it is wrong."""
        value = self._request.parameters[field.name]
        if field.accepts(value):
            return value
        self._faults.add_wrong(field, value)
        return ""

    def query_text(self, field: TextField) -> str | None:
        """Return a text in the query; None if it was not sent or is wrong."""
        value = self._single(field)
        if value is None or field.accepts(value):
            return value
        self._faults.add_wrong(field, value)
        return None

    def required_text(self, field: TextField) -> str:
        """Return a text in the query; empty if it was not sent or is wrong."""
        if field.name not in self._request.query:
            self._faults.add_missing(field)
        return self.query_text(field) or ""

    def query_number(self, field: NumberField, default: int) -> int:
        """Return a number in the query; the default if it was not sent or is wrong."""
        text = self._single(field)
        if text is None:
            return default
        number = _number(text)
        if field.accepts(number):
            return number
        self._faults.add_wrong(field, text)
        return default

    def query_optional(self, field: NumberField) -> int | None:
        """Return a number in the query; None if it was not sent or is wrong."""
        return self.query_number(field, -1) if field.name in self._request.query else None

    def finish(self) -> None:
        """Raise InvalidRequest if a parameter was wrong."""
        self._faults.raise_any()

    def _single(self, field: Field) -> str | None:
        values = self._request.query.get(field.name, ())
        if len(values) > 1:
            self._faults.add_repeated(field)
        return values[0] if len(values) == 1 else None


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found and len(found[1]) <= _MAX_DIGITS else None
