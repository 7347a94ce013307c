"""Records as the JSON of responses, with presigned URLs."""

from typing import TYPE_CHECKING, Literal, cast

from imagemill.domain.keys import has_dot_segments

if TYPE_CHECKING:
    from imagemill.domain.record import Archived as StoredArchive
    from imagemill.domain.record import ImageRecord, StoredRendition
    from imagemill.domain.record import Original as StoredOriginal
    from imagemill.functions.api.models import (
        Accepted,
        Archived,
        Hdr,
        Image,
        ImageLinks,
        Original,
        Rendition,
        StateChange,
        Status,
    )
    from imagemill.wiring.presign import UrlSigner


def image_of(record: "ImageRecord", presigner: "UrlSigner") -> "Image":
    """Return the public fields of a record; unknown values are None."""
    original, error, focus = record.original, record.error, record.wanted_focus
    return {
        "id": record.id,
        "key": record.key,
        "filename": record.filename,
        "owner": record.owner or None,
        # A deleted image is neither listed nor read.
        "status": cast("Status", record.status),
        "sequencer": record.sequencer,
        "uploaded_at": record.uploaded_at,
        "version_id": record.version_id,
        "etag": record.etag,
        "original": _original(original) if original else None,
        "archived": _archived(record.archived) if record.archived else None,
        "renditions": {name: _rendition(one) for name, one in record.renditions.items()},
        "recipe": record.recipe,
        "rule": record.rule,
        "focus": {"x": focus.x, "y": focus.y} if focus else None,
        "focus_applied": record.is_focus_applied,
        "placeholder": record.placeholder,
        "colour": record.colour,
        "warnings": list(record.warnings),
        "error": {"code": error.code, "message": error.message} if error else None,
        "attempts": record.attempts,
        "processed_at": record.processed_at,
        "processing_ms": record.processing_ms,
        "links": _links(record, presigner),
    }


def accepted(record: "ImageRecord", status: Literal["pending", "deleted"]) -> "Accepted":
    """Return the answer to a request that is carried out later, with the status that follows."""
    return {
        "id": record.id,
        "status": status,
        "key": record.key,
        "links": {"self": f"/images/{record.id}"},
    }


def history_of(record: "ImageRecord") -> "list[StateChange]":
    """Return the states of a record, the oldest first."""
    return [
        {
            "status": state.status,
            "at": state.at,
            "attempt": state.attempt,
            "code": state.code or None,
        }
        for state in record.states
    ]


def _original(facts: "StoredOriginal") -> "Original":
    return {
        "bytes": facts.bytes,
        "width": facts.width,
        "height": facts.height,
        "format": facts.format,
        "frames": facts.frames,
        "captured_at": facts.captured_at,
        "camera": facts.camera,
        "hdr": cast("Hdr | None", facts.hdr),
        "lens": facts.lens,
        "exposure_time_s": facts.exposure_time_s,
        "f_number": facts.f_number,
        "iso": facts.iso,
        "focal_length_mm": facts.focal_length_mm,
    }


def _archived(held: "StoredArchive") -> "Archived":
    return {
        "bytes": held.bytes,
        "etag": held.etag,
        "sha256": held.sha256,
        "replaces": held.replaces,
        "at": held.at,
    }


def _rendition(made: "StoredRendition") -> "Rendition":
    return {
        "key": made.key,
        "bytes": made.bytes,
        "width": made.width,
        "height": made.height,
        "format": made.format,
        "hdr": cast("Hdr | None", made.hdr),
        "quality": made.quality,
    }


def _links(record: "ImageRecord", presigner: "UrlSigner") -> "ImageLinks":
    """Return presigned URLs; keys that no URL can name have none."""
    has_url = record.status != "pending" and not has_dot_segments(record.key)
    is_shown = presigner.shows_originals and (presigner.shows_archived or not record.archived)
    return {
        "original": presigner.original(record) if has_url and is_shown else None,
        "renditions": {
            preset: presigner.rendition(record, one)
            for preset, one in record.renditions.items()
            if not has_dot_segments(one.key)
        },
    }
