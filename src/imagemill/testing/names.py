"""What the fake and its users have to agree on."""

# Path of the stage of the API.
STAGE = "/live"
# A POST with the key forgets all images.
RESET_PATH = "/_fake/reset"
# What a token of the fake begins with; the name of the user follows.
TOKEN_PREFIX = "fake-token-of-"  # noqa: S105  # no secret
