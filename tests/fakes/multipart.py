"""Uploads in parts, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagemill.domain.event import UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import PartRequest, StoredPart


@dataclass
class FakePartUploads:
    """The uploads that have begun, by key and id, and the versions of those that were completed."""

    begun: dict[tuple[str, str], list[StoredPart]] = field(default_factory=dict)
    versions: dict[str, ObjectVersion] = field(default_factory=dict)

    def begin(self, key: str, content_type: str, choices: UploadChoices) -> str:
        upload = f"upload-{len(self.begun)}-{content_type}-{choices.rule}"
        self.begun[key, upload] = []
        return upload

    def presign(self, key: str, upload: str, part: StoredPart) -> PartRequest:
        url = f"https://bucket/{key}?partNumber={part.number}&uploadId={upload}"
        return PartRequest(part.number, url, {"length": str(part.bytes), "sha256": part.sha256})

    def parts(self, key: str, upload: str) -> list[StoredPart] | None:
        return self.begun.get((key, upload))

    def complete(self, key: str, upload: str, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        found = self.begun.pop((key, upload), None)
        assert found is None or list(parts) == found
        if found is not None:
            self.versions[key] = ObjectVersion("v1", f"e-{len(parts)}")
        return self.versions.get(key) if found is not None else None

    def abort(self, key: str, upload: str) -> None:
        self.begun.pop((key, upload), None)

    def stored(self, key: str) -> ObjectVersion | None:
        return self.versions.get(key)
