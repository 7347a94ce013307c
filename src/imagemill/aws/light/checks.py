"""Compare the length and the checksum of a body with the response headers while it is read.

Sources: "Checking object integrity" and "GetObject" in the Amazon S3 documentation.
"""

import hashlib
import re
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Protocol

from imagemill.aws.light.errors import InvalidResponse

# Bytes read at once: the checksum of one piece is computed while the kernel receives the next.
_PIECE_BYTES = 1 << 19
_CHECKSUM = "x-amz-checksum-"
CRC32_HEADER = f"{_CHECKSUM}crc32"
_ENCRYPTION = "x-amz-server-side-encryption"
# An ETag that is an MD5 digest. The ETag of a multipart upload has the number of parts after it.
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


class Digest(Protocol):
    """The part of hashlib's digests that is used here."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the digest of all bytes added."""


class Crc32:
    """CRC-32 with the interface of hashlib's digests."""

    def __init__(self) -> None:
        self._sum = 0

    def update(self, data: bytes | memoryview, /) -> None:
        """Add bytes."""
        self._sum = zlib.crc32(data, self._sum)

    def digest(self) -> bytes:
        """Return the checksum as four bytes, the most significant first."""
        return self._sum.to_bytes(4, "big")


def crc32_of(data: bytes) -> str:
    """Return the value of CRC32_HEADER for these bytes."""
    return b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def expected_digest(headers: Mapping[str, str]) -> tuple[Digest, str] | None:
    """Return an empty digest and the Base64 text that it must end in; None if S3 announces none.

    `headers` are those of GetObject, keyed by lower-case names. The first of these counts: CRC-32,
    SHA-256, SHA-1, the MD5 of the ETag. CRC-32C and CRC-64/NVME are ignored: the standard library
    has neither, and pure Python is too slow. A composite checksum is ignored, too: it is computed
    from the parts' checksums and not from the bytes.
    """
    if headers.get(f"{_CHECKSUM}type", "").upper() != "COMPOSITE":
        for name, digest in (("crc32", Crc32), ("sha256", hashlib.sha256), ("sha1", _sha1)):
            expected = headers.get(f"{_CHECKSUM}{name}", "")
            if expected and "-" not in expected:
                return digest(), expected
    found = _MD5.fullmatch(headers.get("etag", ""))
    if found and _etag_is_md5(headers):
        return hashlib.md5(usedforsecurity=False), b64encode(bytes.fromhex(found[1])).decode()
    return None


class CheckedBody:
    """The body of an object: reading returns exactly the announced bytes or raises an error."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        close: Callable[[], object],
        length: int,
        headers: Mapping[str, str],
        receive: Callable[[memoryview], int] | None = None,
    ) -> None:
        """Check a body of `length` bytes against these headers, keyed by lower-case names.

        `read` returns at most the given number of bytes, b"" at the end; `close` releases the
        connection. `receive`, if there is one, writes the next bytes to memory and returns how
        many.
        """
        self._read = read
        self._receive = receive or self._copy
        self._close = close
        self.length = self._left = length
        self._expected = expected_digest(headers)
        self._is_checked = False

    def read(self, amount: int | None = None, *, beginning: bytes = b"") -> bytes:
        """Return the next `amount` bytes, fewer only at the end; all without it.

        They follow `beginning`: a caller that has read the first bytes before gets the whole body,
        which is copied only once. Raises InvalidResponse, and the errors of `read` given to the
        constructor.
        """
        remaining = self._left if amount is None else min(amount, self._left)
        parts = [beginning] if beginning else []
        while remaining:
            part = self._read(min(remaining, _PIECE_BYTES))
            self._count(part)
            remaining -= len(part)
            parts.append(part)
        if not (self._left or self._is_checked):
            self._check_end()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, memory: memoryview) -> None:
        """Fill `memory` with the next bytes of the body; raises as `read`.

        They are not copied if the connection can write to memory.
        """
        unfilled = memory[: self._left]
        while unfilled:
            count = self._receive(unfilled[:_PIECE_BYTES])
            self._count(unfilled[:count])
            unfilled = unfilled[count:]
        if not (self._left or self._is_checked):
            self._check_end()

    def verify(self) -> None:
        """Read and drop the rest, if there is a checksum to compare; raises as `read`."""
        while self._expected and not self._is_checked:
            self.read(_PIECE_BYTES)

    def close(self) -> None:
        """Release the connection."""
        self._close()

    def _copy(self, memory: memoryview) -> int:
        part = self._read(len(memory))
        memory[: len(part)] = part
        return len(part)

    def _count(self, part: bytes | memoryview) -> None:
        self._left -= len(part)
        if not part or self._left < 0:
            got = self.length - self._left
            raise InvalidResponse(f"the body has {got} of {self.length} bytes")
        if self._expected:
            self._expected[0].update(part)

    def _check_end(self) -> None:
        # boto3's body compares its own checksum only when a read reaches the end.
        if self._read(1):
            raise InvalidResponse(f"the body has more than {self.length} bytes")
        if self._expected:
            digest, expected = self._expected
            if b64encode(digest.digest()).decode() != expected:
                raise InvalidResponse("the body does not match its checksum")
        self._is_checked = True


def _sha1() -> Digest:
    return hashlib.sha1(usedforsecurity=False)


def _etag_is_md5(headers: Mapping[str, str]) -> bool:
    """Return True unless the object is encrypted with SSE-KMS, DSSE-KMS or SSE-C."""
    is_sse_c = f"{_ENCRYPTION}-customer-algorithm" in headers
    return not is_sse_c and not headers.get(_ENCRYPTION, "").startswith("aws:kms")
