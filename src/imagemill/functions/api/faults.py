"""Errors of a request as one line of text, with the field names that the client uses."""

from imagemill.domain.quoting import quoted
from imagemill.errors import InvalidRequest
from imagemill.functions.api.fields import Field

# Errors that a response names; it counts the others.
MAX_FAULTS = 3


class FaultList:
    """Collects the errors of a request; there is at most one for each field."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add_unknown(self, name: str) -> None:
        """Add a field that does not exist."""
        self._texts.append(f"{quoted(name)}: there is no such field")

    def add_missing(self, field: Field) -> None:
        """Add a field that is required and was not sent."""
        self._texts.append(f"{field.name}: expected {field.expected}, got nothing")

    def add_repeated(self, field: Field) -> None:
        """Add a parameter that was sent more than once."""
        self._texts.append(f"{field.name}: expected one value, got several")

    def add_wrong(self, field: Field, value: object) -> None:
        """Add a field with a value that it does not accept."""
        self._texts.append(f"{field.name}: expected {field.expected}, got {quoted(value)}")

    def raise_any(self) -> None:
        """Raise InvalidRequest with the first MAX_FAULTS errors and the number of the others."""
        if not self._texts:
            return
        named = "; ".join(self._texts[:MAX_FAULTS])
        more = len(self._texts) - MAX_FAULTS
        raise InvalidRequest(f"{named}; and {more} more" if more > 0 else named)
