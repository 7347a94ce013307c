"""Everything that can go wrong, in one tree.

ImagemillError
├── ImageRejected          the image's fault: recorded once, acknowledged, never retried
│   ├── EmptyFile              empty                nothing was uploaded
│   ├── NotAnImage             not_an_image         the bytes are no image
│   ├── UnsupportedFormat      unsupported_format   an image, but of a kind we do not decode
│   ├── CorruptImage           corrupt              no viewer could show it
│   ├── TooManyBytes           too_many_bytes       the file is larger than the limit
│   ├── TooManyPixels          too_many_pixels      width × height is over the limit
│   ├── TooManyFrames          too_many_frames      the animation has more frames than the limit
│   └── OverBudget             over_budget          it would need more memory or time than granted
├── TransientFault         the world's fault: raised, retried by the queue, dead-lettered at last
│   ├── StoreUnavailable       store_unavailable    S3 or DynamoDB did not answer as promised
│   ├── Throttled              throttled            a service asked us to slow down
│   ├── TimedOut               timed_out            the time granted was used up
│   └── Crashed                crashed              the process at work ended without a word
├── OriginalUnreadable     recorded as failed at once, never retried: somebody has to act first
│   ├── OriginalArchived       original_archived        it lies in an archive storage class
│   ├── OriginalForbidden      original_forbidden       its bucket or KMS refuses the function
│   └── OriginalUndecryptable  original_undecryptable   encrypted with a key that S3 cannot use
├── RequestFault           the request's fault: answered to who made it, recorded nowhere
│   ├── InvalidRequest         invalid_request          a parameter or body is missing or malformed
│   ├── InvalidCursor          invalid_cursor           a cursor that no page of this listing gave
│   ├── UnsupportedMediaType   unsupported_media_type   the body is said to be no image
│   ├── BodyTooLarge           too_many_bytes           more than a request can carry; POST /uploads
│   ├── NotFound               not_found                no such image, or no such route
│   ├── MethodNotAllowed       method_not_allowed       there is the route, but not by this method
│   ├── UnknownPreset          unknown_preset           the image has no rendition of that name
│   ├── NoAddress              no_address               no URL leads to a key with a segment . or ..
│   ├── NotReady               not_ready                the image is still being worked on
│   ├── PictureRefused         (the record's code)      the image was rejected: why, in its record
│   ├── WorkFailed             failed                   we did not manage; the record says why
│   └── Gone                   gone                     the image was deleted
├── ConfigurationInvalid   configuration_invalid    a recipe or setting nobody can work with
└── SetupFailed            setup_failed             a port taken, an extra or a stack missing
"""

from typing import ClassVar


class ImagemillError(Exception):
    """Root of the tree; `code` is stable, the message is safe to show to a user."""

    code: ClassVar[str] = "internal"


class ImageRejected(ImagemillError):
    """The image cannot become renditions, however often it is tried."""

    code = "rejected"


class EmptyFile(ImageRejected):
    """The file has no bytes."""

    code = "empty"


class NotAnImage(ImageRejected):
    """The bytes are recognised as no kind of image."""

    code = "not_an_image"


class UnsupportedFormat(ImageRejected):
    """The bytes are an image or a document of a kind outside the allow list."""

    code = "unsupported_format"


class CorruptImage(ImageRejected):
    """The image is damaged beyond what a browser would show."""

    code = "corrupt"


class TooManyBytes(ImageRejected):
    """The file is larger than the limit allows."""

    code = "too_many_bytes"


class TooManyPixels(ImageRejected):
    """The header announces more pixels, or a longer side, than the limit allows."""

    code = "too_many_pixels"


class TooManyFrames(ImageRejected):
    """The animation has more frames than the limit allows; of earlier versions' records only."""

    code = "too_many_frames"


class OverBudget(ImageRejected):
    """Rendering would need more memory or CPU time than the function is granted."""

    code = "over_budget"


class OriginalUnreadable(ImagemillError):
    """S3 will not hand out the original, and asking again would not change that."""

    code = "original_unreadable"


class OriginalArchived(OriginalUnreadable):
    """The original lies in an archive storage class and has to be restored first."""

    code = "original_archived"


class OriginalForbidden(OriginalUnreadable):
    """The bucket, the object or its KMS key refuses the function's role."""

    code = "original_forbidden"


class OriginalUndecryptable(OriginalUnreadable):
    """The original is encrypted with a key that only its owner has, or that KMS cannot use."""

    code = "original_undecryptable"


class TransientFault(ImagemillError):
    """The world failed us; trying again later may succeed."""

    code = "transient"


class StoreUnavailable(TransientFault):
    """A store did not answer, or answered what it never should."""

    code = "store_unavailable"


class Throttled(TransientFault):
    """A store asked us to slow down."""

    code = "throttled"


class TimedOut(TransientFault):
    """The time granted for one image was used up."""

    code = "timed_out"


class RequestFault(ImagemillError):
    """The request cannot be answered as it was made."""


class InvalidRequest(RequestFault):
    """A parameter or a body is missing or malformed; the message names the first faults."""

    code = "invalid_request"


class InvalidCursor(RequestFault):
    """The cursor is none that a page of this very listing gave."""

    code = "invalid_cursor"


class UnsupportedMediaType(RequestFault):
    """The body is said to be something other than what is taken."""

    code = "unsupported_media_type"


class BodyTooLarge(RequestFault):
    """The body is more than a request can carry; a larger file goes straight to the bucket."""

    code = TooManyBytes.code


class NotFound(RequestFault):
    """There is no such image, or no such route."""

    code = "not_found"


class MethodNotAllowed(RequestFault):
    """The route is there, but not by this method; `allowed` names those it is there by."""

    code = "method_not_allowed"

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(f"expected one of {', '.join(sorted(allowed))}")
        self.allowed = allowed


class UnknownPreset(RequestFault):
    """The image is ready, and has no rendition of that name."""

    code = "unknown_preset"


class NoAddress(RequestFault):
    """The object's key has a segment `.` or `..`: no URL leads to it, only to another object."""

    code = "no_address"


class NotReady(RequestFault):
    """The image is still being worked on; asking again later may succeed."""

    code = "not_ready"


class PictureRefused(RequestFault):
    """The image was rejected, so it has no renditions; `code` is that of the rejection."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # the only class that speaks for others


class WorkFailed(RequestFault):
    """We did not manage to process the image; its record has the code of what went wrong."""

    code = "failed"


class Gone(RequestFault):
    """The image was deleted."""

    code = "gone"


class Crashed(TransientFault):
    """The process at work on one image ended before it could say why."""

    code = "crashed"


class ConfigurationInvalid(ImagemillError):
    """A recipe or a setting that nobody can work with; the message lists every fault found."""

    code = "configuration_invalid"


class SetupFailed(ImagemillError):
    """Something around us is missing or in the way; the message says what to do about it."""

    code = "setup_failed"
