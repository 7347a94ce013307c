"""Size limits of a request and of a response.

API Gateway accepts bodies of up to 10 MB. Lambda accepts and returns up to 6 MB of JSON, which
contains the body in base64 (four characters for three bytes), the headers and the parameters. The
smaller limit applies. The function checks it too, because the embedded AWS does not. Sources:
"Quotas for configuring and running a REST API" (API Gateway), "Lambda quotas".
"""

GATEWAY_BODY_BYTES = 10_000_000
LAMBDA_PAYLOAD_BYTES = 6 * 1024 * 1024
# Reserve for the other fields of an event, in bytes: API Gateway accepts 10,240 bytes of headers
# and path, and an event contains them several times.
ENVELOPE_BYTES = 64 * 1024

MAX_BODY_BYTES = min(GATEWAY_BODY_BYTES, (LAMBDA_PAYLOAD_BYTES - ENVELOPE_BYTES) // 4 * 3)
# Largest text response, in bytes after it is escaped for JSON.
MAX_ANSWER_BYTES = LAMBDA_PAYLOAD_BYTES - ENVELOPE_BYTES
# Largest JSON body, in bytes: the longest file name takes 12 KiB if every character is escaped.
MAX_JSON_BYTES = 16 * 1024
# Largest `limit` of a listing.
MAX_PAGE_IMAGES = 100
# Longest file name in a request, in characters; S3 limits a key to 1,024 bytes.
MAX_FILENAME_LENGTH = 1024
# Parts of an upload that one request presigns; more are presigned by several.
MAX_PARTS = 64
