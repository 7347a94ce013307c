"""The account that `imagemill doctor` checks."""

from imagemill.aws.account import AccountClients, AwsAccount
from imagemill.errors import SetupFailed
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.session import Credentials, explained, session_of

# The region whose endpoint lists the prices of all regions.
_PRICING_REGION = "us-east-1"


def open_account(profile: str | None, region: str | None) -> AwsAccount:
    """Return the account of a profile; raises SetupFailed without a region; makes no request."""
    with explained():
        session = session_of(Credentials(profile, region))
        if not session.region_name:
            raise SetupFailed("no region is set: name one with --region, or set AWS_DEFAULT_REGION")
        clients = AccountClients(
            region=session.region_name,
            tokens=session.client("sts", config=CLIENT_CONFIG),
            functions=session.client("lambda", config=CLIENT_CONFIG),
            cloudfront=session.client("cloudfront", config=CLIENT_CONFIG),
            buckets=session.client("s3", config=CLIENT_CONFIG),
            gateway=session.client("apigateway", config=CLIENT_CONFIG),
            stacks=session.client("cloudformation", config=CLIENT_CONFIG),
            metrics=session.client("cloudwatch", config=CLIENT_CONFIG),
            pricing=session.client("pricing", config=CLIENT_CONFIG, region_name=_PRICING_REGION),
        )
    return AwsAccount(clients)
