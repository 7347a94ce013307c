"""The dependencies of `imagemill deploy`: CloudFormation, and the bucket of the code."""

import time

from imagemill.aws.stacks import CloudFormationStacks, CodeBucket, ensure_code_bucket
from imagemill.dataclass import dataclass
from imagemill.domain.clock import SystemClock
from imagemill.operations.deploy_stack import DeployDeps
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.session import Credentials, explained, session_of


@dataclass(frozen=True, slots=True)
class DeployParts:
    """CloudFormation and the bucket of the code, in one region."""

    deps: DeployDeps
    code: CodeBucket


def open_deployment(credentials: Credentials, bucket: str) -> DeployParts:
    """Return the parts; without the name of a bucket, that of `imagemill deploy` is used or made.

    Raises SetupFailed if AWS cannot be used.
    """
    with explained():
        session = session_of(credentials)
        client = session.client("cloudformation", config=CLIENT_CONFIG)
        s3 = session.client("s3", config=CLIENT_CONFIG)
    deps = DeployDeps(CloudFormationStacks(client), SystemClock(), time.sleep)
    return DeployParts(deps, CodeBucket(s3, bucket or ensure_code_bucket(client)))
