"""RSA keys with SHA-1, as CloudFront verifies signed URLs and cookies.

The library is loaded with this module, which takes 70 ms: import it where a signature is needed.
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

# The only size that CloudFront accepts, bits.
KEY_BITS = 2048
_EXPONENT = 65_537


def new_key() -> tuple[str, str]:
    """Return a new private key and its public key, in PEM."""
    made = rsa.generate_private_key(_EXPONENT, KEY_BITS)
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def signer(private_pem: str) -> Callable[[bytes], bytes]:
    """Return a function that signs bytes; raises ValueError for anything but an RSA key."""
    # The check of the numbers takes longer than ten signatures, and `new_key` made them.
    key = load_pem_private_key(private_pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("expected a private key of RSA")  # noqa: TRY004  # of the text, not of a type
    return lambda data: key.sign(data, padding.PKCS1v15(), SHA1())  # noqa: S303  # CloudFront's default


def is_signed(data: bytes, signature: bytes, public_pem: str) -> bool:
    """Return whether a signature of bytes is valid."""
    try:
        key = load_pem_public_key(public_pem.encode())
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(signature, data, padding.PKCS1v15(), SHA1())  # noqa: S303  # as above
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
