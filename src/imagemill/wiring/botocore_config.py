"""How patient every client of AWS is."""

from botocore.config import Config

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
"""Gives up soon enough that the tries of an image fit into the function's time.

Addresses that are signed name the bucket's own region: a browser cannot follow the redirect that a
new bucket answers with elsewhere.
"""
