"""Facts about an AWS account."""

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller of AWS: account, ARN and region."""

    account: str
    arn: str
    region: str

    @property
    def partition(self) -> str:
        """The partition of the account, such as `aws` or `aws-us-gov`."""
        return self.arn.split(":")[1]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Lambda's quota of concurrent executions, and the part that no function has reserved."""

    limit: int
    unreserved: int
