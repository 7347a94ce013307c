"""Installing imagemill with the real SAM CLI, and updating it from the wheel, as CI does."""

from pathlib import Path

from fakes.images import jpeg
from live.sam_cli import SamCli, is_healthy, rendition_width
from live.stack import Stack


def test_a_first_install_makes_renditions_and_serves_the_api(installed: Stack) -> None:
    installed.put("first.jpg", jpeg(400, 300))

    [made] = installed.wait_until_final("first.jpg").renditions.values()
    assert rendition_width(installed, made.key) == made.width < 400
    assert is_healthy(installed)


def test_an_update_from_the_wheel_applies_another_recipe_to_later_uploads(
    sam: SamCli, installed: Stack, wheel: Path
) -> None:
    installed.put("before.jpg", jpeg(400, 300))
    before = installed.wait_until_final("before.jpg")
    [made] = before.renditions.values()

    said = sam.deploy_from_wheel(wheel / "imagemill", "mill", Recipe="small=50")

    assert "~ ResizeImageFunction" in said
    assert said.splitlines()[-1].startswith("VariantsTableName ")
    installed.put("after.jpg", jpeg(400, 300))
    assert set(installed.wait_until_final("after.jpg").renditions) == {"small"}
    assert rendition_width(installed, "small/after.jpg") == 50
    assert installed.records.get(before.id) == before
    assert rendition_width(installed, made.key) == made.width


def test_the_images_of_a_removed_stack_are_adopted_by_a_new_install(
    sam: SamCli, installed: Stack
) -> None:
    installed.put("kept.jpg", jpeg(400, 300))
    kept = installed.wait_until_final("kept.jpg")
    [made] = kept.renditions.values()
    address, template = installed.address, sam.packaged_template("mill")
    sam.delete("mill")

    sam.import_kept(
        "mill",
        OriginalsBucket=address.originals_bucket,
        ProcessedBucket=address.processed_bucket,
        RecordsTable=address.table,
    )
    sam.deploy("mill", template)

    again = sam.stack("mill")
    assert again.address.originals_bucket == address.originals_bucket
    assert again.records.get(kept.id) == kept
    assert rendition_width(again, made.key) == made.width
    again.put("new.jpg", jpeg(400, 300))
    assert again.wait_until_final("new.jpg").status == "ready"
    assert is_healthy(again)
