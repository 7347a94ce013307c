"""Uploads in parts: the sizes of parts, those that have arrived, and where to send the others."""

from collections.abc import Mapping, Sequence

from imagemill.dataclass import dataclass

# Bytes of every part but the last: of a file of 500 MiB, the most of MaxBytes, there are 63. S3
# accepts no smaller ones than 5 MiB.
PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that S3 has received; `sha256` is its checksum in Base64."""

    number: int
    bytes: int
    etag: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PartRequest:
    """The URL to which a part is sent with PUT, and the headers that go with it."""

    number: int
    url: str
    headers: Mapping[str, str]


def part_sizes(size: int) -> list[int]:
    """Return the bytes of each part of a file; the first part has the number 1."""
    full, rest = divmod(size, PART_BYTES)
    return [PART_BYTES] * full + ([rest] if rest else [])


def missing_parts(size: int, stored: Sequence[StoredPart]) -> list[int]:
    """Return the numbers of the parts that have not arrived, or have another size."""
    arrived = {part.number: part.bytes for part in stored}
    sizes = enumerate(part_sizes(size), 1)
    return [number for number, expected in sizes if arrived.get(number) != expected]
