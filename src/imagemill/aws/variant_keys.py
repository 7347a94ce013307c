"""The keys of an image's variants: those in the processed bucket, and those in the making."""

from typing import TYPE_CHECKING

from imagemill.aws.buckets import listed
from imagemill.domain.image_request import VARIANT_PREFIX

if TYPE_CHECKING:
    from imagemill.aws.object_clients import ListClient
    from imagemill.domain.stores import RegisteredVariants

_STORE = "the processed bucket"


class VariantKeys:
    """Implements `domain.stores.VariantKeys` with one listing and one query."""

    def __init__(self, client: "ListClient", bucket: str, registry: "RegisteredVariants") -> None:
        self._client = client
        self._bucket = bucket
        self._registry = registry

    def of_image(self, image_id: str) -> frozenset[str]:
        """Return the keys under which variants of the image are stored, or may yet be stored."""
        prefix = f"{VARIANT_PREFIX}{image_id}/"
        pages = listed(self._client, self._bucket, _STORE, prefix)
        stored = frozenset(item["Key"] for page in pages for item in page)
        return stored | self._registry.registered(image_id)
