"""The signer of the addresses of private images, from the secret with its key."""

import time
from collections.abc import Mapping

from imagemill.aws.errors import configured
from imagemill.aws.light.clients import SecretsManager
from imagemill.aws.private_keys import read_keys
from imagemill.config import PrivateSettings
from imagemill.errors import ConfigurationInvalid
from imagemill.private.rsa import signer
from imagemill.private.signer import LinkSigner


def link_signer(environ: Mapping[str, str], settings: PrivateSettings) -> LinkSigner:
    """Return a signer with the newest key that CloudFront knows; raises ConfigurationInvalid.

    A rotation writes the secret before the stack is deployed with the new key. Until then, the
    function signs with the key before.
    """
    with configured():
        client = SecretsManager(environ)
    for key in read_keys(client, settings.secret):
        if key.slot in settings.key_ids:
            key_id = settings.key_ids[key.slot]
            return LinkSigner(key_id, signer(key.private), settings.seconds, time.time)
    raise ConfigurationInvalid("expected a key of private images that the stack is deployed with")
