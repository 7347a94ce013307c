"""Names that the fake and its users share."""

# Path of the stage of the API.
STAGE = "/live"
# A POST with the key forgets all images.
RESET_PATH = "/_fake/reset"
# Beginning of a token of the fake; the name of the user follows.
TOKEN_PREFIX = "fake-token-of-"  # noqa: S105  # no secret
