"""The filter of an existing bucket of originals."""

from imagemill.config import Adoption
from imagemill.domain.ignored import KeyFilter, suffixes_in


def key_filter(adoption: Adoption) -> KeyFilter:
    """Return the filter for the keys of an existing bucket."""
    return KeyFilter(adoption.prefix, suffixes_in(adoption.suffixes))
