"""API keys with scopes, as the commands make and list them."""

from imagemill.dataclass import dataclass
from imagemill.domain.caller import Scope


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Limits of one key: requests a second and a day; None for those of the stack."""

    requests_per_second: float | None = None
    requests_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `value` is sent by clients."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key with scopes; `created_at` is ISO 8601 in UTC."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    limits: KeyLimits


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A key to make: keys with the same name are of the same owner."""

    name: str
    scopes: frozenset[Scope]
    limits: KeyLimits
