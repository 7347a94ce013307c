"""Parameters and responses that folders and searches have in common."""

from typing import TYPE_CHECKING, cast

from imagemill.domain.image_filter import ImageFilter, beginning_of_time
from imagemill.functions.api.fields import STATUS
from imagemill.functions.api.image_json import image_of
from imagemill.functions.api.library_fields import FORMAT, MAX_BYTES, MIN_BYTES, NAME, SINCE, UNTIL
from imagemill.functions.api.limits import MAX_ANSWER_BYTES
from imagemill.functions.api.messages import Request, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagemill.domain.record import ImageRecord, Status
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.models import ListedImage
    from imagemill.functions.api.parameters import ParameterReader


def read_filter(reader: "ParameterReader") -> ImageFilter:
    """Return the filter in a query."""
    return ImageFilter(
        # The field has the choices of the type.
        status=cast("Status | None", reader.query_text(STATUS)),
        format=reader.query_text(FORMAT),
        since=beginning_of_time(reader.query_text(SINCE) or ""),
        until=beginning_of_time(reader.query_text(UNTIL) or ""),
        min_bytes=reader.query_optional(MIN_BYTES),
        max_bytes=reader.query_optional(MAX_BYTES),
        name=reader.query_text(NAME),
    )


def listed_images(
    records: "Sequence[ImageRecord]", request: Request, deps: "Deps", *, with_public: bool
) -> list[str]:
    """Return the JSON of images, cut to the size limit of a response; at least one of them.

    Lambda returns a body as text inside JSON, where each character takes up to two bytes.
    """
    images: list[str] = []
    # Half is for folders and breadcrumbs.
    left_bytes = MAX_ANSWER_BYTES // 2
    for record in records:
        image = json_text(_listed(record, request, deps, with_public=with_public))
        left_bytes -= 2 * len(image)
        if left_bytes < 0 and images:
            break
        images.append(image)
    return images


def _listed(
    record: "ImageRecord", request: Request, deps: "Deps", *, with_public: bool
) -> "ListedImage":
    image = image_of(record, deps.presigner)
    if not with_public:
        return cast("ListedImage", image)
    # Imported here because most requests do not need it.
    from imagemill.functions.api.public_links import public_links  # noqa: PLC0415

    return {**image, "public": public_links(record, request.site, deps.links)}
