"""Configuration of boto3's and botocore's clients."""

from botocore.config import Config

# The time-outs (seconds) and attempts let a request fail early enough that all attempts to process
# an image fit into the function's time. Presigned URLs name the bucket's own region
# (`us_east_1_regional_endpoint`, virtual addressing): a browser cannot follow the redirect that
# other endpoints send for a new bucket.
CLIENT_CONFIG = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)
