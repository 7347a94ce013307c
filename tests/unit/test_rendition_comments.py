import pytest
from fakes.images import encoded
from live.rendition_comments import without_comment

from imagemill.imaging.distinct import distinct


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_distinguishing_comment_can_be_removed(
    image_format: str,
) -> None:
    data = encoded(60, 41, image_format)

    assert without_comment(distinct(data, f"image/{image_format.lower()}")) == data
    assert without_comment(data) == data
