"""The tree of errors; `client`, `operations`, `rest` and `webhooks` define a few more.

ImagemillError
├── ImageRejected          an error of the image: recorded once, acknowledged, never retried
│   ├── EmptyFile              empty                the file has no bytes
│   ├── NotAnImage             not_an_image         the bytes are not an image
│   ├── UnsupportedFormat      unsupported_format   an image in a format that is not decoded
│   ├── CorruptImage           corrupt              too damaged for a browser to show
│   ├── TooManyBytes           too_many_bytes       the file is larger than the limit
│   ├── TooManyPixels          too_many_pixels      width × height is over the limit
│   └── OverBudget             over_budget          rendering needs more memory or time than granted
├── TransientFault         an error of the environment: raised, retried, then dead-lettered
│   ├── StoreUnavailable       store_unavailable    S3 or DynamoDB failed
│   ├── Throttled              throttled            a service limited the request rate
│   ├── TimedOut               timed_out            the time limit was reached
│   ├── IssuerUnavailable      issuer_unavailable   the issuer of tokens gave no keys
│   └── Crashed                crashed              the worker process ended without a result
├── OriginalUnreadable     recorded as failed, never retried: the owner has to act first
│   ├── OriginalArchived       original_archived        it is in an archive storage class
│   ├── OriginalForbidden      original_forbidden       its bucket or KMS denies access
│   └── OriginalUndecryptable  original_undecryptable   its encryption key is not available to S3
├── RequestFault           an error of the request: returned to the client, not recorded
│   ├── InvalidRequest         invalid_request          a parameter or body is missing or malformed
│   ├── InvalidCursor          invalid_cursor           the cursor is not from this listing
│   ├── Unauthorized           unauthorized             the token is missing or not valid
│   │   ├── ShareExpired           share_expired            the time of the share link is over
│   │   └── ShareRevoked           share_revoked            the share link was revoked
│   ├── Forbidden              forbidden                the credentials lack a scope
│   ├── UnsupportedMediaType   unsupported_media_type   the media type is not an image
│   ├── BodyTooLarge           too_many_bytes           larger than a request; use POST /uploads
│   ├── NotFound               not_found                no such image or route
│   ├── MethodNotAllowed       method_not_allowed       the route does not support this method
│   ├── OriginalsReadOnly      read_only                the stack may not write to its bucket
│   ├── UnknownPreset          unknown_preset           the image has no rendition of this preset
│   ├── NoAddress              no_address               no URL can name a key with a segment . or ..
│   ├── UploadIgnored          ignored                  a rule of the recipe ignores uploads
│   ├── KeyExists              exists                   there is an original with this key already
│   ├── NotReady               not_ready                the image is still being processed
│   ├── RecordedRejection      (the record's code)      the image was rejected; see its record
│   ├── WorkFailed             failed                   processing failed; see the record
│   ├── Gone                   gone                     the image was deleted
│   └── UrlFault               (one of these)           a part of a variant's URL, its `option`
│       ├── InvalidUrl             invalid_request          malformed, or a value out of range
│       ├── UnsupportedOption      unsupported_option       not supported by imagemill
│       ├── SignatureRequired      signature_required       only a signed URL may ask for it
│       ├── SignatureInvalid       signature_invalid        signed with another key, or changed
│       ├── UrlExpired             expired                  signed for a time that is over
│       ├── UnknownRoute           not_found                not a URL of any grammar
│       └── NotImplementedByUrl    not_implemented          valid IIIF that imagemill does not offer
├── ConfigurationInvalid   configuration_invalid    a recipe or a setting is wrong
└── SetupFailed            setup_failed             a port is in use, an extra or a stack is missing
    └── UsageInvalid           setup_failed             an option or argument is invalid
"""

from typing import ClassVar


class ImagemillError(Exception):
    """Root of the tree; `code` is stable, and the message is safe to show to a user."""

    code: ClassVar[str] = "internal"


class ImageRejected(ImagemillError):
    """The image cannot be rendered; another attempt gives the same result."""

    code = "rejected"


class EmptyFile(ImageRejected):
    """The file has no bytes."""

    code = "empty"


class NotAnImage(ImageRejected):
    """The bytes have no known image signature."""

    code = "not_an_image"


class UnsupportedFormat(ImageRejected):
    """The bytes are an image or a document in a format outside the allow list."""

    code = "unsupported_format"


class CorruptImage(ImageRejected):
    """The image is too damaged for a browser to show it."""

    code = "corrupt"


class TooManyBytes(ImageRejected):
    """The file is larger than the limit allows."""

    code = "too_many_bytes"


class TooManyPixels(ImageRejected):
    """The header declares more pixels, or a longer side, than the limit allows."""

    code = "too_many_pixels"


class OverBudget(ImageRejected):
    """Rendering needs more memory or CPU time than the limit of the function."""

    code = "over_budget"


class OriginalUnreadable(ImagemillError):
    """S3 refuses to return the original, and another attempt gives the same result."""

    code = "original_unreadable"


class OriginalArchived(OriginalUnreadable):
    """The original is in an archive storage class and must be restored first."""

    code = "original_archived"


class OriginalForbidden(OriginalUnreadable):
    """The bucket, the object or its KMS key denies access to the function's role."""

    code = "original_forbidden"


class OriginalUndecryptable(OriginalUnreadable):
    """The original is encrypted with a key that only its owner has, or a disabled KMS key."""

    code = "original_undecryptable"


class TransientFault(ImagemillError):
    """A service or the worker failed; another attempt may succeed."""

    code = "transient"


class StoreUnavailable(TransientFault):
    """A store did not answer, or gave an unexpected answer."""

    code = "store_unavailable"


class Throttled(TransientFault):
    """A store limited the request rate."""

    code = "throttled"


class TimedOut(TransientFault):
    """The time limit of one image was reached."""

    code = "timed_out"


class IssuerUnavailable(TransientFault):
    """The issuer of tokens did not answer, or its answer has no keys."""

    code = "issuer_unavailable"


class Crashed(TransientFault):
    """The worker process of an image ended without a result."""

    code = "crashed"


class RequestFault(ImagemillError):
    """The request is wrong or cannot be answered in the present state of the image."""


class InvalidRequest(RequestFault):
    """A parameter or a body is missing or malformed; the message names the first errors."""

    code = "invalid_request"


class InvalidCursor(RequestFault):
    """The cursor was not returned by a page of this listing."""

    code = "invalid_cursor"


class Unauthorized(RequestFault):
    """The request has no token, or one that is not valid."""

    code = "unauthorized"


class Forbidden(RequestFault):
    """The credentials of the request do not permit it."""

    code = "forbidden"


class UnsupportedMediaType(RequestFault):
    """The media type of the body is not one that the route accepts."""

    code = "unsupported_media_type"


class BodyTooLarge(RequestFault):
    """The body is larger than the limit; larger files are uploaded to the bucket directly."""

    code = TooManyBytes.code


class NotFound(RequestFault):
    """The image or the route does not exist."""

    code = "not_found"


class MethodNotAllowed(RequestFault):
    """The route does not support the method; `allowed` names the methods that it supports."""

    code = "method_not_allowed"

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(f"expected one of {', '.join(sorted(allowed))}")
        self.allowed = allowed


class OriginalsReadOnly(RequestFault):
    """The stack uses an existing bucket of originals that its API may not change."""

    code = "read_only"


class UnknownPreset(RequestFault):
    """The image is ready, but has no rendition of this preset."""

    code = "unknown_preset"


class NoAddress(RequestFault):
    """The object's key has a segment `.` or `..`, so that every URL would name another object."""

    code = "no_address"


class UploadIgnored(RequestFault):
    """A rule of the recipe ignores uploads by the API: they would get no renditions."""

    code = "ignored"


class KeyExists(RequestFault):
    """Another original has the key."""

    code = "exists"


class NotReady(RequestFault):
    """The image is still being processed; a later request may succeed."""

    code = "not_ready"


class RecordedRejection(RequestFault):
    """The image was rejected and has no renditions; `code` is the code of the rejection."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # the only class with several codes


class WorkFailed(RequestFault):
    """Processing the image failed; its record has the error code."""

    code = "failed"


class Gone(RequestFault):
    """The image was deleted."""

    code = "gone"


class ConfigurationInvalid(ImagemillError):
    """A recipe or a setting is wrong; the message lists all errors."""

    code = "configuration_invalid"


class SetupFailed(ImagemillError):
    """A port, a stack, an extra or a file is missing or in use; the message names the remedy."""

    code = "setup_failed"


class UsageInvalid(SetupFailed):
    """An option or argument of a command is invalid; the command ends with exit code 2."""
