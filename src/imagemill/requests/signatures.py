"""Signatures of URLs: HMAC-SHA256 over salt and text, in base64url without padding.

imgproxy's clients sign the path after the signature. In the other grammars the parameter `sig`
signs the path and all other parameters, sorted by name.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from imagemill.requests.settings import SIGNATURE_BYTES, KeyPair

# The parameter with the signature of a query, and the one with the last second of its validity.
SIGNATURE = "sig"
EXPIRES = "expires"


def signature_of(text: str, pair: KeyPair, length: int = SIGNATURE_BYTES) -> str:
    """Return the signature of a text, truncated to `length` bytes."""
    digest = hmac.new(pair.key, pair.salt + text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:length]).decode().rstrip("=")


def is_signed(text: str, signature: str, pairs: Iterable[KeyPair], length: int) -> bool:
    """Return whether one of the key pairs made the signature."""
    given = signature.encode()
    return any(
        hmac.compare_digest(signature_of(text, pair, length).encode(), given) for pair in pairs
    )


def signed_text(path: str, parameters: Mapping[str, str]) -> str:
    """Return the text that `sig` signs: path and parameters as they stand in the URL."""
    rest = sorted(f"{name}={value}" for name, value in parameters.items() if name != SIGNATURE)
    return "?".join([path, "&".join(rest)]) if rest else path
