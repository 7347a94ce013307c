"""The dependencies of WebhookFunction, built from the environment."""

import os
import time
from functools import cache, partial

from imagemill.aws.errors import configured
from imagemill.aws.light.clients import SQS, SecretsManager
from imagemill.aws.retries import RetryQueue
from imagemill.aws.secret_pairs import KeptSecrets
from imagemill.webhooks.deliver import RETRY_S, DeliverDeps
from imagemill.webhooks.post import Receiver, post
from imagemill.webhooks.settings import WebhookSettings


@cache
def deliver_deps() -> DeliverDeps:
    """Return the dependencies of WebhookFunction; built on the first call."""
    settings = WebhookSettings.read(os.environ)
    receiver = Receiver.parse(settings.url, on_laptop=not settings.require_tls)
    with configured():
        queue, secrets = SQS(os.environ), SecretsManager(os.environ)
    return DeliverDeps(
        post=partial(post, receiver),
        secrets=KeptSecrets(secrets, settings.secret, time.monotonic, "the secret of the webhooks"),
        retries=RetryQueue(queue, settings.queue_url, max(RETRY_S)),
        now=time.time,
    )
