"""Where a service answers: AWS's own addresses, or one that the environment names."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_SUFFIXES = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov"}
"""Of the partitions that have another than amazonaws.com, by how their regions begin."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Scheme and host of a service; `is_own` for one that the environment names."""

    is_tls: bool
    host: str
    is_own: bool = False

    @classmethod
    def find(cls, environ: Mapping[str, str], service: str, name: str, region: str) -> "Endpoint":
        """Return a service's endpoint; `name` is what its variable ends on, such as S3."""
        own = environ.get(f"AWS_ENDPOINT_URL_{name}") or environ.get("AWS_ENDPOINT_URL")
        if not own:
            return cls(is_tls=True, host=f"{service}.{region}.{_suffix(region)}")
        parts = urlsplit(own)
        return cls(is_tls=parts.scheme == "https", host=parts.netloc, is_own=True)

    def of_bucket(self, bucket: str) -> tuple["Endpoint", str]:
        """Return where a bucket answers, and what the paths of its objects begin with.

        AWS's certificate covers one label before its own name, so none that has a dot in it.
        """
        if self.is_own or "." in bucket:
            return self, f"/{bucket}/"
        return Endpoint(self.is_tls, f"{bucket}.{self.host}"), "/"


def _suffix(region: str) -> str:
    known = (suffix for begin, suffix in _SUFFIXES.items() if region.startswith(begin))
    return next(known, "amazonaws.com")
