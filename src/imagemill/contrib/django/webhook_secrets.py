"""The secrets of webhooks, in the settings."""

from collections.abc import Sequence
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SETTING = "IMAGEMILL_WEBHOOK_SECRETS"


def webhook_secrets() -> Sequence[str]:
    """Return the secrets that are valid; raises ImproperlyConfigured."""
    found = getattr(settings, SETTING, None)
    if not isinstance(found, list | tuple) or not found:
        raise ImproperlyConfigured(f"{SETTING}: expected a list with the secret of the webhooks")
    if not all(isinstance(each, str) and each for each in found):
        raise ImproperlyConfigured(f"{SETTING}: expected texts that are not empty")
    return cast("Sequence[str]", found)
