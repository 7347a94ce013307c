"""Errors of the URLs of variants."""

from imagemill.errors import InvalidRequest, NotFound, RequestFault


class UrlFault(RequestFault):
    """The URL of a variant cannot be answered; `option` names the part of the URL at fault."""

    def __init__(self, message: str, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


class InvalidUrl(UrlFault):
    """The URL is malformed, or a value in it is out of range."""

    code = InvalidRequest.code


class UnsupportedOption(UrlFault):
    """An option, or a value of it, that imagemill does not support."""

    code = "unsupported_option"


class SignatureRequired(UrlFault):
    """Only a signed URL may contain the option; without an option, all URLs must be signed."""

    code = "signature_required"


class SignatureInvalid(UrlFault):
    """The signature does not belong to the rest of the URL."""

    code = "signature_invalid"


class UrlExpired(UrlFault):
    """The signed URL was valid until a time that is over."""

    code = "expired"


class UnknownRoute(UrlFault):
    """No grammar has such a URL."""

    code = NotFound.code


class NotImplementedByUrl(UrlFault):
    """A valid IIIF request for a feature that imagemill does not offer."""

    code = "not_implemented"
