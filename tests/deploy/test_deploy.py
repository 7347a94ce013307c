"""Updating from a release, breaking and removing imagemill with the real SAM CLI."""

import re
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg
from live.sam_cli import DeployFailed, SamCli, is_healthy, rendition_width
from live.stack import Stack

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "tests/deploy/released/template.yaml"
DOOMED: dict[str, Any] = {
    "Type": "AWS::IAM::Policy",
    # CloudFormation updates the function before this resource fails.
    "DependsOn": "ResizeImageFunction",
    "Properties": {
        "PolicyName": "doomed",
        "Roles": ["a-role-that-nobody-has"],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
    },
}


def hashes(said: str) -> set[str]:
    return set(re.findall(r"^\w+Function .* sha256 \w{64}$", said, re.MULTILINE))


def test_two_builds_are_identical(sam: SamCli) -> None:
    first, second = (sam.make_build(sam.folder / name) for name in "pq")

    assert len(hashes(first)) == 4
    assert hashes(first) == hashes(second)
    templates = {(sam.folder / name / "template.yaml").read_text() for name in "pq"}
    assert len(templates) == 1


def test_the_released_version_is_updated_with_its_images(sam: SamCli, template: Path) -> None:
    sam.deploy("released", sam.built_template(RELEASED, "released.json"))
    old = sam.stack("released")
    old.put("old.jpg", jpeg(400, 300))
    before = old.wait_until_final("old.jpg")

    sam.deploy("released", template)

    new = sam.stack("released")
    assert new.records.get(before.id) == before
    assert rendition_width(new, "100/old.jpg") == 100
    version = new.put("old.jpg", jpeg(300, 400))
    assert new.wait_until_final("old.jpg", version).status == "ready"
    assert is_healthy(new)


def test_a_failed_update_is_rolled_back_and_keeps_the_images(sam: SamCli, installed: Stack) -> None:
    installed.put("kept.jpg", jpeg(400, 300))
    kept = installed.wait_until_final("kept.jpg")
    [made] = kept.renditions.values()
    broken = sam.built_template(ROOT / "template.yaml", "broken.json", Doomed=DOOMED)

    with pytest.raises(DeployFailed, match="a-role-that-nobody-has"):
        sam.deploy("mill", broken, Recipe="broken=20")

    assert sam.status("mill") == "UPDATE_ROLLBACK_COMPLETE"
    assert installed.records.get(kept.id) == kept
    assert rendition_width(installed, made.key) == made.width
    installed.put("next.jpg", jpeg(400, 300))
    assert installed.wait_until_final("next.jpg").renditions.keys() == kept.renditions.keys()


def test_a_failed_first_install_leaves_nothing_behind(sam: SamCli, installed: Stack) -> None:
    assert installed
    broken = sam.built_template(ROOT / "template.yaml", "broken.json", Doomed=DOOMED)

    with pytest.raises(DeployFailed, match="a-role-that-nobody-has"):
        sam.deploy("never", broken)

    assert sam.resources_of("never") == set()


def test_deleting_the_stack_keeps_only_images_and_records(sam: SamCli, template: Path) -> None:
    sam.deploy("doomed", template)
    stack = sam.stack("doomed")
    stack.put("mine.jpg", jpeg(400, 300))
    record = stack.wait_until_final("mine.jpg")

    sam.delete("doomed")

    assert stack.records.get(record.id) == record
    assert rendition_width(stack, "100/mine.jpg") == 100
    original = stack.s3.get_object(Bucket=stack.address.originals_bucket, Key="mine.jpg")
    assert original["Body"].read() == jpeg(400, 300)
    assert sam.resources_of("doomed") == {
        "originalsbucket",
        "processedbucket",
        "sitebucket",
        "backfillresultsbucket",
        "RecordsTable",
    }
