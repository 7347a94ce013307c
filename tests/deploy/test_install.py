"""Installing and updating imagemill with the real SAM CLI, as CI does."""

from fakes.images import jpeg
from live.sam_cli import SamCli, is_healthy, rendition_width
from live.stack import Stack


def test_a_first_install_makes_renditions_and_serves_the_api(installed: Stack) -> None:
    installed.put("first.jpg", jpeg(400, 300))

    [made] = installed.wait_until_final("first.jpg").renditions.values()
    assert rendition_width(installed, made.key) == made.width < 400
    assert is_healthy(installed)


def test_an_update_with_another_recipe_applies_to_later_uploads(
    sam: SamCli, installed: Stack
) -> None:
    installed.put("before.jpg", jpeg(400, 300))
    before = installed.wait_until_final("before.jpg")
    [made] = before.renditions.values()

    sam.deploy("mill", sam.build / "template.yaml", Recipe="small=50")

    installed.put("after.jpg", jpeg(400, 300))
    assert set(installed.wait_until_final("after.jpg").renditions) == {"small"}
    assert rendition_width(installed, "small/after.jpg") == 50
    assert installed.records.get(before.id) == before
    assert rendition_width(installed, made.key) == made.width
