"""The settings of ArchiveFunction, read from the environment."""

from collections.abc import Mapping
from typing import Self

from imagemill.config import EnvironReader, StackNames
from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """The buckets and the table of the stack."""

    names: StackNames

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raises ConfigurationInvalid with all errors.

        An existing bucket is refused: its owner has other readers, and may not keep versions.
        """
        reader = EnvironReader(environ)
        settings = cls(reader.names())
        reader.own_originals()
        reader.finish()
        return settings
