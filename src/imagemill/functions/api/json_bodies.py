"""Parses the JSON bodies of requests: an upload that is announced, a change of an image."""

import json
from collections.abc import Mapping

from imagemill.api.upload import UploadSpec
from imagemill.dataclass import dataclass
from imagemill.domain.event import Focus, UploadChoices
from imagemill.domain.keys import has_dot_segments
from imagemill.errors import InvalidRequest
from imagemill.functions.api.faults import FaultList
from imagemill.functions.api.fields import (
    BYTES,
    CONTENT_TYPE,
    FILENAME,
    FOCUS,
    FOLDER,
    NUMBER,
    PARTS,
    RULE,
    SHA256,
    UPLOAD_ID,
    Field,
    NumberField,
    PartsField,
    PointField,
    SwitchField,
    TextField,
)

_OF_UPLOAD = frozenset({FILENAME.name, CONTENT_TYPE.name, BYTES.name, RULE.name, FOCUS.name})
# Floats from here on are not exact, so none of them counts as a whole number.
_MAX_FLOAT = 2.0**63


def parse_upload_spec(body: bytes) -> UploadSpec:
    """Return the upload that a client announces; its media type is empty if it is unknown.

    Raises InvalidRequest with all errors.
    """
    reader = BodyReader(json_object(body), _OF_UPLOAD)
    filename = reader.text(FILENAME)
    content_type = reader.lowered_text(CONTENT_TYPE, default="")
    size = reader.number(BYTES)
    choices = UploadChoices(reader.optional_text(RULE), reader.optional_point(FOCUS))
    reader.finish()
    return UploadSpec(filename, content_type, size, choices=choices)


@dataclass(frozen=True, slots=True)
class PartList:
    """Parts that a client will send: the id of the upload, and each SHA-256 by its number."""

    upload: str
    checksums: Mapping[int, str]


def parse_part_list(body: bytes) -> PartList:
    """Return the parts that a client will send; raises InvalidRequest with all errors."""
    reader = BodyReader(json_object(body), frozenset({UPLOAD_ID.name, PARTS.name}))
    upload, parts = reader.text(UPLOAD_ID), reader.parts(PARTS)
    reader.finish()
    return PartList(upload, parts)


def parse_upload_id(body: bytes) -> str:
    """Return the id of an upload; raises InvalidRequest with all errors."""
    reader = BodyReader(json_object(body), frozenset({UPLOAD_ID.name}))
    upload = reader.text(UPLOAD_ID)
    reader.finish()
    return upload


def parse_move(body: bytes) -> str:
    """Return the folder that an image moves to; raises InvalidRequest with all errors."""
    reader = BodyReader(json_object(body), frozenset({FOLDER.name}))
    folder = reader.text(FOLDER)
    reader.finish()
    if has_dot_segments(folder):
        # Browsers and most HTTP clients change such keys in URLs.
        raise InvalidRequest("prefix: expected no folder named . or ..")
    return folder


def parse_focus_change(body: bytes) -> Focus | None:
    """Return the focal point that a client sets; None if it removes the point.

    Raises InvalidRequest with all errors.
    """
    reader = BodyReader(json_object(body), frozenset({FOCUS.name}))
    focus = reader.point(FOCUS)
    reader.finish()
    return focus


class BodyReader:
    """Reads typed fields, and collects all errors until `finish`."""

    def __init__(self, found: Mapping[str, object], names: frozenset[str]) -> None:
        self._found = found
        self._faults = FaultList()
        for name in found:
            if name not in names:
                self._faults.add_unknown(name)

    def text(self, field: TextField) -> str:
        """Return a text; empty if it is missing or wrong."""
        if self._has(field):
            value = self._found[field.name]
            if field.accepts(value):
                return value
            self._faults.add_wrong(field, value)
        return ""

    def optional_text(self, field: TextField) -> str:
        """Return a text; empty if it was not sent, or is wrong."""
        return self.text(field) if field.name in self._found else ""

    def lowered_text(self, field: TextField, default: str) -> str:
        """Return a text in lower case, such as a media type; the default if it was not sent."""
        value = self._found.get(field.name, default)
        lowered = value.lower() if isinstance(value, str) else value
        if field.accepts(lowered):
            return lowered
        self._faults.add_wrong(field, lowered)
        return default

    def number(self, field: NumberField) -> int:
        """Return a whole number, 0 if it is missing or wrong; 5.0 is one, as in JSON Schema."""
        if self._has(field):
            value = self._found[field.name]
            number = int(value) if isinstance(value, float) and _is_whole(value) else value
            if field.accepts(number):
                return number
            self._faults.add_wrong(field, value)
        return 0

    def point(self, field: PointField) -> Focus | None:
        """Return a point; None if it is null, missing or wrong."""
        if self._has(field):
            value = self._found[field.name]
            if value is not None and field.accepts(value):
                return Focus.at(value["x"], value["y"])
            if value is not None:
                self._faults.add_wrong(field, value)
        return None

    def parts(self, field: PartsField) -> dict[int, str]:
        """Return the checksums of parts by their numbers; none if they are missing or wrong."""
        if self._has(field):
            value = self._found[field.name]
            if field.accepts(value):
                return {int(one[NUMBER.name]): one[SHA256.name] for one in value}
            self._faults.add_wrong(field, value)
        return {}

    def optional_point(self, field: PointField) -> Focus | None:
        """Return a point; None if it was not sent, is null or is wrong."""
        return self.point(field) if field.name in self._found else None

    def optional_number(self, field: NumberField, default: int) -> int:
        """Return a whole number; the default if it was not sent."""
        return self.number(field) if field.name in self._found else default

    def switch(self, field: SwitchField) -> bool:
        """Return a switch, off if it was not sent or is wrong."""
        value = self._found.get(field.name, False)
        if field.accepts(value):
            return value
        self._faults.add_wrong(field, value)
        return False

    def finish(self) -> None:
        """Raise InvalidRequest if a field was missing, wrong or unknown."""
        self._faults.raise_any()

    def _has(self, field: Field) -> bool:
        if field.name not in self._found:
            self._faults.add_missing(field)
        return field.name in self._found


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) < _MAX_FLOAT


def json_object(body: bytes) -> dict[str, object]:
    """Return a JSON object in UTF-8; raises InvalidRequest for anything else."""
    try:
        found = json.loads(body.decode())
        # A lone surrogate, which JSON can escape, has no form in UTF-8.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise InvalidRequest("expected a JSON object as the body") from fault
    if not isinstance(found, dict):
        raise InvalidRequest("expected a JSON object as the body")
    return found
