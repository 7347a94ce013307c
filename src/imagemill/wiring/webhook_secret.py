"""The secrets of a stack's webhooks, on AWS or on this machine."""

from imagemill.aws.secret_pairs import StoredPair
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.domain.secret_pair import SecretStore
from imagemill.errors import SetupFailed
from imagemill.wiring.session import Credentials, explained, session_of


def open_webhook_secret(stack: str, credentials: Credentials) -> SecretStore:
    """Return the secrets of a stack; raises SetupFailed if it sends no webhooks."""
    with explained():
        session = session_of(credentials)
        secrets = session.client("secretsmanager", endpoint_url=credentials.endpoint)
        cloudformation = session.client("cloudformation", endpoint_url=credentials.endpoint)
    outputs = stack_outputs(cloudformation, stack)
    if "WebhookSecretArn" not in outputs:
        raise SetupFailed(f"the stack {stack!r} sends no webhooks: deploy it with WebhookUrl")
    return StoredPair(secrets, outputs["WebhookSecretArn"], "the secret of the webhooks")
