"""Bodies that are compared with the checksum their answer announces, while they are read.

Sources: "Checking object integrity" and "GetObject" in the S3 documentation; "Programming with
DynamoDB" for x-amz-crc32.
"""

import hashlib
import re
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Protocol

from imagemill.aws.errors import ResponseInvalid

_PIECE_BYTES = 1 << 18
_CHECKSUM = "x-amz-checksum-"
CRC32_HEADER = f"{_CHECKSUM}crc32"
_ENCRYPTION = "x-amz-server-side-encryption"
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')
"""An ETag that is a digest; one of several parts has their number behind it."""


class Digest(Protocol):
    """A digest of the standard library, or one like it."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the digest of all bytes added."""


class Crc32:
    """CRC-32 as the digests of hashlib are used."""

    def __init__(self) -> None:
        self._sum = 0

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        self._sum = zlib.crc32(data, self._sum)

    def digest(self) -> bytes:
        """Return the checksum, in four bytes, the most significant first."""
        return self._sum.to_bytes(4, "big")


def crc32_of(data: bytes) -> str:
    """Return the value of CRC32_HEADER for these bytes."""
    return b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def expected_digest(headers: Mapping[str, str]) -> tuple[Digest, str] | None:
    """Return an empty digest and the Base64 text it must end in; None where S3 announces none.

    `headers` are those of GetObject, by names in lower case. The cheapest one is taken: CRC-32
    before SHA-256 and SHA-1, and the MD5 of an ETag last. CRC-32C and CRC-64/NVME take too long
    in Python. A composite checksum is of the parts' checksums and not of the bytes.
    """
    if headers.get(f"{_CHECKSUM}type", "").upper() != "COMPOSITE":
        for name, digest in (("crc32", Crc32), ("sha256", hashlib.sha256), ("sha1", _sha1)):
            told = headers.get(f"{_CHECKSUM}{name}", "")
            if told and "-" not in told:
                return digest(), told
    found = _MD5.fullmatch(headers.get("etag", ""))
    if found and _has_md5(headers):
        return hashlib.md5(usedforsecurity=False), b64encode(bytes.fromhex(found[1])).decode()
    return None


class CheckedBody:
    """An object's body whose reading ends in exactly the announced bytes or in AnswerBroken."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        close: Callable[[], object],
        length: int,
        headers: Mapping[str, str],
    ) -> None:
        """Read a body of `length` bytes, announced by these headers (names in lower case).

        `read` returns at most so many bytes, b"" at the end; `close` lets the connection go.
        """
        self._read = read
        self._close = close
        self._length = self._left = length
        self._expected = expected_digest(headers)
        self._is_checked = False

    def read(self, amount: int | None = None) -> bytes:
        """Return the next `amount` bytes, fewer only at the end, or all that are left.

        Raises AnswerBroken, and other errors of the source.
        """
        wanted = self._left if amount is None else min(amount, self._left)
        parts: list[bytes] = []
        while wanted:
            part = self._read(min(wanted, _PIECE_BYTES))
            self._take(part)
            wanted -= len(part)
            parts.append(part)
        if not (self._left or self._is_checked):
            self._check_end()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def verify(self) -> None:
        """Read what is left and drop it, if there is a checksum to compare; raises as `read`."""
        while self._expected and not self._is_checked:
            self.read(_PIECE_BYTES)

    def close(self) -> None:
        """Let the connection go."""
        self._close()

    def _take(self, part: bytes) -> None:
        self._left -= len(part)
        if not part or self._left < 0:
            got = self._length - self._left
            raise ResponseInvalid(f"the body has {got} of {self._length} bytes")
        if self._expected:
            self._expected[0].update(part)

    def _check_end(self) -> None:
        if self._read(1):  # at which boto3's body compares its own checksum, too
            raise ResponseInvalid(f"the body has more than {self._length} bytes")
        if self._expected:
            digest, told = self._expected
            if b64encode(digest.digest()).decode() != told:
                raise ResponseInvalid("the body does not match its checksum")
        self._is_checked = True


def _sha1() -> Digest:
    return hashlib.sha1(usedforsecurity=False)


def _has_md5(headers: Mapping[str, str]) -> bool:
    """Return whether the ETag is the MD5 of the bytes: not under SSE-KMS, DSSE-KMS or SSE-C."""
    is_sse_c = f"{_ENCRYPTION}-customer-algorithm" in headers
    return not is_sse_c and not headers.get(_ENCRYPTION, "").startswith("aws:kms")
