"""The dependencies of `imagemill deploy`: CloudFormation, and the bucket of the code."""

import time
from collections.abc import Callable, Collection
from functools import partial

from imagemill.aws.stacks import CloudFormationStacks, CodeBucket, ensure_code_bucket
from imagemill.aws.table_indexes import indexes_of
from imagemill.dataclass import dataclass
from imagemill.domain.clock import SystemClock
from imagemill.operations.deploy_stack import DeployDeps
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.session import Credentials, explained, session_of


@dataclass(frozen=True, slots=True)
class DeployParts:
    """CloudFormation, the bucket of the code, and the indexes of a table, in one region."""

    deps: DeployDeps
    code: CodeBucket
    indexes: Callable[[str], Collection[str]]


def open_deployment(credentials: Credentials, bucket: str) -> DeployParts:
    """Return the parts; without the name of a bucket, that of `imagemill deploy` is used or made.

    Raises SetupFailed if AWS cannot be used.
    """
    with explained():
        session = session_of(credentials)
        client = session.client("cloudformation", config=CLIENT_CONFIG)
        s3 = session.client("s3", config=CLIENT_CONFIG)
        dynamodb = session.client("dynamodb", config=CLIENT_CONFIG)
    deps = DeployDeps(CloudFormationStacks(client), SystemClock(), time.sleep)
    code = CodeBucket(s3, bucket or ensure_code_bucket(client))
    return DeployParts(deps, code, partial(indexes_of, dynamodb))
