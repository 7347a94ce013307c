"""Address of a stack that does not exist; port 9 refuses connections."""

from imagemill.local.address import Address

ADDRESS = Address(
    endpoint="http://127.0.0.1:9",
    region="us-east-1",
    stack="imagemill",
    originals_bucket="originals",
    processed_bucket="processed",
    table="records",
    queue_url="http://127.0.0.1:9/queue",
    dead_letter_queue_url="http://127.0.0.1:9/dead",
    api_url="http://127.0.0.1:9/live",
    api_key="it's a key",
    site_bucket="site",
    gallery_url="http://d1.cloudfront.localhost:9/",
    images_url="http://d1.cloudfront.localhost:9",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
