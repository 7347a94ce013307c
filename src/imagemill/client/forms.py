"""Uploads with a form: the announcement of a file, the form for it, and the stored object."""

from collections.abc import Mapping

import httpx

from imagemill.client.images import Uploaded
from imagemill.dataclass import dataclass
from imagemill.domain.presigned_post import PresignedPost

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of an upload: the name of a rule, empty for none, and a focal point."""

    recipe: str = ""
    focus: Point | None = None


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form that stores one file: the id of its image, its key, and the form itself."""

    id: str
    key: str
    form: PresignedPost

    @classmethod
    def of(cls, answer: httpx.Response) -> "UploadForm":
        """Return the form in the response to an announcement."""
        facts = answer.json()
        return cls(facts["id"], facts["key"], PresignedPost(facts["url"], facts["fields"]))

    def uploaded(self, stored: httpx.Response) -> Uploaded:
        """Return the stored file, by the response of the bucket to the form."""
        return Uploaded(
            id=self.id,
            key=self.key,
            version_id=stored.headers.get("x-amz-version-id", ""),
            etag=stored.headers.get("etag", "").strip('"'),
        )


def announcement(
    filename: str, content_type: str, size: int, choices: Choices = NO_CHOICES
) -> dict[str, object]:
    """Return the body that announces a file of `size` bytes, at `/uploads` and `/multipart`."""
    body: dict[str, object] = {
        # A name of the file system may have bytes that are no text.
        "filename": filename.encode(errors="replace").decode(),
        "content_type": content_type,
        "bytes": size,
    }
    body |= {"recipe": choices.recipe} if choices.recipe else {}
    body |= {"focus": point_json(choices.focus)} if choices.focus else {}
    return body


def point_json(focus: Point) -> Mapping[str, float]:
    """Return a focal point as the API reads it."""
    return {"x": focus[0], "y": focus[1]}
