"""Everything that can go wrong, in one tree.

ImagemillError
├── ImageRejected          the picture's fault: recorded once, acknowledged, never retried
│   ├── EmptyFile              empty                nothing was uploaded
│   ├── NotAnImage             not_an_image         the bytes are no picture
│   ├── UnsupportedFormat      unsupported_format   a picture, but of a kind we do not decode
│   ├── CorruptImage           corrupt              no viewer could show it
│   ├── TooManyBytes           too_many_bytes       the file is larger than the limit
│   ├── TooManyPixels          too_many_pixels      width × height is over the limit
│   ├── TooManyFrames          too_many_frames      the animation has more frames than the limit
│   └── OverBudget             over_budget          decoding it would need more memory than granted
├── TransientFault         the world's fault: raised, retried by the queue, dead-lettered at last
│   ├── StoreUnavailable       store_unavailable    S3 or DynamoDB did not answer as promised
│   ├── Throttled              throttled            a service asked us to slow down
│   └── TimedOut               timed_out            the time granted was used up
├── ConfigurationInvalid   configuration_invalid    a recipe or setting nobody can work with
└── SetupFailed            setup_failed             a port taken, an extra or a stack missing
"""

from typing import ClassVar


class ImagemillError(Exception):
    """Root of the tree; `code` is stable, the message is safe to show to a user."""

    code: ClassVar[str] = "internal"


class ImageRejected(ImagemillError):
    """The picture cannot become renditions, however often it is tried."""

    code = "rejected"


class EmptyFile(ImageRejected):
    """The file has no bytes."""

    code = "empty"


class NotAnImage(ImageRejected):
    """The bytes are recognised as no kind of picture."""

    code = "not_an_image"


class UnsupportedFormat(ImageRejected):
    """The bytes are a picture or a document of a kind outside the allow list."""

    code = "unsupported_format"


class CorruptImage(ImageRejected):
    """The picture is damaged beyond what a browser would show."""

    code = "corrupt"


class TooManyBytes(ImageRejected):
    """The file is larger than the limit allows."""

    code = "too_many_bytes"


class TooManyPixels(ImageRejected):
    """The header announces more pixels, or a longer side, than the limit allows."""

    code = "too_many_pixels"


class TooManyFrames(ImageRejected):
    """The animation has more frames than the limit allows."""

    code = "too_many_frames"


class OverBudget(ImageRejected):
    """Decoding would need more memory than the function is granted."""

    code = "over_budget"


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
    """The time granted for one picture was used up."""

    code = "timed_out"


class ConfigurationInvalid(ImagemillError):
    """A recipe or a setting that nobody can work with; the message lists every fault found."""

    code = "configuration_invalid"


class SetupFailed(ImagemillError):
    """Something around us is missing or in the way; the message says what to do about it."""

    code = "setup_failed"
