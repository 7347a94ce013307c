"""ApiImageUploadFunction: the REST API."""

from imagemill.functions.api.entry import handler

__all__ = ["handler"]
