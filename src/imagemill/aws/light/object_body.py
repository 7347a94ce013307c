"""The body of a stored object."""

from imagemill.aws.light.checks import CheckedBody
from imagemill.aws.light.connection import CONNECTION_ERRORS
from imagemill.aws.light.errors import NoValidResponse


class ObjectBody(CheckedBody):
    """The body of an object: reading returns exactly its bytes or raises NoValidResponse."""

    def read(self, amount: int | None = None, *, beginning: bytes = b"") -> bytes:
        """Return the next `amount` bytes, as CheckedBody does; raises NoValidResponse."""
        try:
            return super().read(amount, beginning=beginning)
        except CONNECTION_ERRORS as error:
            raise NoValidResponse.from_error(error) from error

    def read_into(self, memory: memoryview) -> None:
        """Write the next bytes to `memory`, as CheckedBody does; raises NoValidResponse."""
        try:
            super().read_into(memory)
        except CONNECTION_ERRORS as error:
            raise NoValidResponse.from_error(error) from error
