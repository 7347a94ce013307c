import io

import pytest
from PIL import Image, ImageChops

from benchmarks.mixed_objects import formats_here, mixed_objects, numbered


@pytest.mark.parametrize("kind", sorted(set(formats_here())))
def test_a_number_makes_other_bytes_of_the_same_image(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(file, kind)

    one, two = (numbered(kind, file.getvalue(), number) for number in (1, 2))

    assert one != two
    plain, found = (Image.open(io.BytesIO(data)).convert("RGB") for data in (file.getvalue(), one))
    assert ImageChops.difference(plain, found).getbbox() is None


def test_a_bucket_has_markers_sidecars_and_images() -> None:
    keys = [item.key for item in mixed_objects(60)]

    assert len(set(keys)) == 60
    assert {key[-4:] for key in keys} > {".jpg", ".xmp"}
    assert sum(key.endswith("/") for key in keys) == 3
