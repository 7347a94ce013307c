"""The filter in the query of a folder or a search."""

from typing import TYPE_CHECKING, cast

from imagemill.domain.image_filter import ImageFilter, time_prefix
from imagemill.functions.api.fields import STATUS
from imagemill.functions.api.library_fields import FORMAT, MAX_BYTES, MIN_BYTES, NAME, SINCE, UNTIL

if TYPE_CHECKING:
    from imagemill.domain.record import Status
    from imagemill.functions.api.parameters import ParameterReader


def read_filter(reader: "ParameterReader") -> ImageFilter:
    """Return the filter in a query."""
    return ImageFilter(
        # The field has the choices of the type.
        status=cast("Status | None", reader.query_text(STATUS)),
        format=reader.query_text(FORMAT),
        since=time_prefix(reader.query_text(SINCE) or ""),
        until=time_prefix(reader.query_text(UNTIL) or ""),
        min_bytes=reader.query_optional(MIN_BYTES),
        max_bytes=reader.query_optional(MAX_BYTES),
        name=reader.query_text(NAME),
    )
