"""A body that is read into memory is complete, and compared with its checksum."""

import hashlib
import io
import random
import zlib
from base64 import b64encode
from contextlib import closing

import pytest
from fakes.raw_server import (
    ConnectionEnd,
    RawResponse,
    RawServer,
    http_response,
    raw_server,
)

from imagemill.aws.light import S3, CheckedBody, InvalidResponse, NoValidResponse

# More than what the kernel keeps before it wakes the reader.
LARGE = random.Random(1).randbytes(1_400_000)  # noqa: S311 - the same in every run
SMALL = LARGE[:1000]
CRC32 = f"x-amz-checksum-crc32: {b64encode(zlib.crc32(LARGE).to_bytes(4, 'big')).decode()}"


def no_pause(_: float) -> None:
    """Return at once."""


def read_into(client: S3, size: int, beginning: int = 0) -> bytes:
    """Return the body of an object, read into memory; the first `beginning` bytes apart."""
    memory = memoryview(bytearray(size))
    with closing(client.get_object(Bucket="b", Key="k")["Body"]) as body:
        body.read_into(memory[:beginning])
        body.read_into(memory[beginning:])
    return bytes(memory)


def client_of(server: RawServer) -> S3:
    return S3(server.environment, no_pause)


@pytest.mark.parametrize("beginning", [0, 4_096])
@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_a_body_is_read_into_memory(data: bytes, beginning: int) -> None:
    with raw_server(RawResponse(http_response("200 OK", ['ETag: "e"'], data))) as server:
        assert read_into(client_of(server), len(data), min(beginning, len(data))) == data


@pytest.mark.parametrize("end", [ConnectionEnd.FIN, ConnectionEnd.RST])
@pytest.mark.parametrize("missing", [1, 200_000, 1_390_000])
def test_a_body_that_ends_early_is_not_accepted(missing: int, end: ConnectionEnd) -> None:
    whole = http_response("200 OK", ['ETag: "e"'], LARGE)

    with raw_server(RawResponse(whole[:-missing], end)) as server:
        client = client_of(server)
        with pytest.raises(NoValidResponse):
            read_into(client, len(LARGE))


def test_bytes_beyond_the_body_are_not_accepted() -> None:
    whole = http_response("200 OK", ['ETag: "e"'], LARGE)

    with raw_server(RawResponse(whole + b"!")) as server:
        client = client_of(server)
        with pytest.raises(NoValidResponse):
            read_into(client, len(LARGE))


@pytest.mark.parametrize(
    ("headers", "damaged"),
    [
        ([CRC32, 'ETag: "e"'], 700_000),
        ([f'ETag: "{hashlib.md5(LARGE, usedforsecurity=False).hexdigest()}"'], 1_399_999),
    ],
)
def test_damaged_bytes_do_not_match_their_checksum(headers: list[str], damaged: int) -> None:
    data = bytearray(LARGE)
    right = http_response("200 OK", headers, LARGE)
    data[damaged] ^= 1

    with raw_server(RawResponse(http_response("200 OK", headers, bytes(data)))) as server:
        client = client_of(server)
        with pytest.raises(NoValidResponse, match="checksum"):
            read_into(client, len(LARGE))
    with raw_server(RawResponse(right)) as server:
        assert read_into(client_of(server), len(LARGE)) == LARGE


def test_the_next_response_over_the_connection_may_be_short() -> None:
    large, small = (http_response("200 OK", ['ETag: "e"'], data) for data in (LARGE, SMALL))

    with raw_server(RawResponse(large), RawResponse(small)) as server:
        client = client_of(server)
        read = [read_into(client, len(data)) for data in (LARGE, SMALL)]

    assert read == [LARGE, SMALL]
    assert server.connections == 1


def test_a_body_without_a_socket_is_copied_into_memory() -> None:
    source, memory = io.BytesIO(b"1234"), memoryview(bytearray(4))

    CheckedBody(source.read, source.close, 4, {}).read_into(memory)

    assert bytes(memory) == b"1234"


def test_memory_for_a_part_gets_the_next_bytes() -> None:
    source, memory = io.BytesIO(b"1234"), memoryview(bytearray(3))
    body = CheckedBody(source.read, source.close, 4, {})

    body.read_into(memory)

    assert (bytes(memory), body.read()) == (b"123", b"4")


def test_a_copied_body_of_another_length_is_invalid() -> None:
    source = io.BytesIO(b"12345")
    body = CheckedBody(source.read, source.close, 4, {})

    with pytest.raises(InvalidResponse):
        body.read_into(memoryview(bytearray(4)))
