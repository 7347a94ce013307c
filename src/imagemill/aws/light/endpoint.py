"""Endpoints: the addresses of AWS services, or those that the environment sets."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from imagemill.aws.light.errors import ConfigurationError

# DNS suffixes of the partitions that do not use amazonaws.com, by the prefix of their regions.
# Source: `partitions.json` in botocore. A test compares the endpoints of all its regions.
_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "eu-isoe-": "cloud.adc-e.uk",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}


class Endpoint(NamedTuple):
    """Scheme and host of a service; `is_custom` is true if the environment sets it."""

    is_tls: bool
    host: str
    is_custom: bool = False

    @classmethod
    def find(
        cls, environ: Mapping[str, str], service: str, variable: str, region: str
    ) -> "Endpoint":
        """Return the endpoint of a service.

        AWS_ENDPOINT_URL_{variable}, such as AWS_ENDPOINT_URL_S3, and AWS_ENDPOINT_URL override it.
        """
        url = environ.get(f"AWS_ENDPOINT_URL_{variable}") or environ.get("AWS_ENDPOINT_URL")
        if not url:
            return cls(is_tls=True, host=f"{service}.{region}.{_dns_suffix(region)}")
        parts = urlsplit(url)
        return cls(is_tls=parts.scheme == "https", host=parts.netloc, is_custom=True)

    @property
    def url(self) -> str:
        """The URL without a path."""
        return f"{'https' if self.is_tls else 'http'}://{self.host}"

    def of_bucket(self, bucket: str) -> tuple["Endpoint", str]:
        """Return the endpoint of a bucket, and the prefix of its objects' paths.

        A bucket has its own host name, except at a custom endpoint, and except for a name with a
        dot: AWS's wildcard certificate covers only one label before its own name.
        """
        if self.is_custom or "." in bucket:
            return self, f"/{bucket}/"
        return Endpoint(self.is_tls, f"{bucket}.{self.host}"), "/"


def region_of(environ: Mapping[str, str]) -> str:
    """Return the region that the environment sets; raises ConfigurationError without one."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise ConfigurationError("expected AWS_REGION to be set")
    return region


def _dns_suffix(region: str) -> str:
    known = (suffix for prefix, suffix in _SUFFIXES.items() if region.startswith(prefix))
    return next(known, "amazonaws.com")
