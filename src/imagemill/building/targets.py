"""The functions, and the machines of Lambda that they are built for."""

from collections.abc import Mapping
from types import MappingProxyType

from imagemill.dataclass import dataclass

# The name of Lambda's processors in the tags of wheels.
_PROCESSORS = {"arm64": "aarch64", "x86_64": "x86_64"}
ARCHITECTURES = tuple(_PROCESSORS)
# The glibc of wheels that may be installed: 2.28 at most, older than that of Amazon Linux 2023.
# 2.17 is manylinux2014, the oldest one that the locked packages use.
_OLDEST_GLIBC, _NEWEST_GLIBC = 17, 28


@dataclass(frozen=True, slots=True)
class Target:
    """A machine of Lambda: its processor (arm64 or x86_64) and a version of Python such as 3.13."""

    architecture: str
    python: str

    @property
    def platform(self) -> str:
        """The platform as uv names it."""
        return f"{self._processor}-manylinux_2_{_NEWEST_GLIBC}"

    @property
    def tags(self) -> list[str]:
        """The platforms of wheels as pip names them, the newest first."""
        versions = range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)
        tags = [f"manylinux_2_{minor}_{self._processor}" for minor in versions]
        return [*tags, f"manylinux2014_{self._processor}"]

    @property
    def _processor(self) -> str:
        return _PROCESSORS[self.architecture]


@dataclass(frozen=True, slots=True)
class Build:
    """The contents of a function's archive."""

    lock: str
    """File name of the lock of its packages."""
    budget_mib: int
    """Largest size, unzipped; Lambda's own limit is 250 MiB."""
    has_openapi: bool = False
    """Whether the function returns the OpenAPI document."""


_RESIZE = Build("resize.lock", 104)
_API = Build("api.lock", 28, has_openapi=True)
# The build of each function, by its logical id in the template. TransformFunction renders, too.
# WebhookFunction needs no package, but an archive that exists is built and uploaded only once.
BUILDS: Mapping[str, Build] = MappingProxyType(
    {
        "ResizeImageFunction": _RESIZE,
        "TransformFunction": _RESIZE,
        "ApiImageUploadFunction": _API,
        "WebhookFunction": _API,
        "ArchiveFunction": _RESIZE,
    }
)
