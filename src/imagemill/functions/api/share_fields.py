"""The fields of requests for share links."""

from imagemill.domain.keys import MAX_KEY_BYTES
from imagemill.domain.share import ID_LENGTH, LONGEST_S, SHORTEST_S
from imagemill.functions.api.fields import IMAGE_ID, NumberField, SwitchField, TextField

SHARE_ID = TextField(
    "share_id",
    f"the id of a share, {ID_LENGTH} characters of a-f and 0-9",
    min_length=ID_LENGTH,
    max_length=ID_LENGTH,
    pattern="^[0-9a-f]+$",
)
SHARED_IMAGE = TextField(
    "image",
    IMAGE_ID.expected,
    min_length=IMAGE_ID.min_length,
    max_length=IMAGE_ID.max_length,
    pattern=IMAGE_ID.pattern,
    description="Id of the image to share.",
)
SHARED_PREFIX = TextField(
    "prefix",
    f"the prefix of a folder, which ends with /, at most {MAX_KEY_BYTES} characters",
    max_length=MAX_KEY_BYTES,
    pattern="^[^\\u0000]*/$",
    description="Prefix of the folder to share, with all folders in it; instead of `image`.",
)
SECONDS = NumberField(
    "seconds",
    f"a whole number from {SHORTEST_S} to {LONGEST_S}",
    least=SHORTEST_S,
    most=LONGEST_S,
    description="Seconds until the link expires.",
)


ORIGINALS = SwitchField(
    "originals",
    "true or false",
    description="Whether the link shows the uploaded files, too, with their metadata.",
)
