"""Responses of the fake."""

from collections.abc import Mapping
from dataclasses import field

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
