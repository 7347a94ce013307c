"""What one request and one answer can carry.

API Gateway passes bodies of up to 10 MB. Lambda takes and gives up to 6 MB of JSON, in which the
body stands in base64, four characters for three bytes, beside headers and parameters. The smaller
limit holds, and it is held here, since the embedded AWS has none. Sources: "Quotas for configuring
and running a REST API" (API Gateway), "Lambda quotas".
"""

GATEWAY_BODY_BYTES = 10_000_000
LAMBDA_PAYLOAD_BYTES = 6 * 1024 * 1024
ENVELOPE_BYTES = 64 * 1024
"""Room for the rest of an event: API Gateway takes 10,240 bytes of headers and path, which stand
in it several times."""

MAX_BODY_BYTES = min(GATEWAY_BODY_BYTES, (LAMBDA_PAYLOAD_BYTES - ENVELOPE_BYTES) // 4 * 3)
MAX_ANSWER_BYTES = LAMBDA_PAYLOAD_BYTES - ENVELOPE_BYTES
"""Of an answer that is text, counted after it was escaped for JSON."""
MAX_JSON_BYTES = 16 * 1024
"""Of a body in JSON: the longest file name, every character of it escaped, takes 12 KiB."""
MAX_PAGE_IMAGES = 100
