"""Updating from a release, breaking and removing imagemill with the real SAM CLI."""

import re
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg
from live.account import Account, DeployFailed, is_well, width
from live.stack import Stack

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "tests/deploy/released/template.yaml"
DOOMED: dict[str, Any] = {
    "Type": "AWS::IAM::Policy",
    "DependsOn": "ResizeImageFunction",  # so that the function was changed before it fails
    "Properties": {
        "PolicyName": "doomed",
        "Roles": ["a-role-that-nobody-has"],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
    },
}


def hashes(said: str) -> set[str]:
    return set(re.findall(r"^\w+Function .* sha256 \w{64}$", said, re.MULTILINE))


def test_two_builds_are_the_same_to_the_last_bit(account: Account) -> None:
    first, second = (account.make_build(account.folder / name) for name in "pq")

    assert len(hashes(first)) == 2
    assert hashes(first) == hashes(second)
    templates = {(account.folder / name / "template.yaml").read_text() for name in "pq"}
    assert len(templates) == 1


def test_with_snapstart_an_update_reaches_the_version_that_takes_events(
    account: Account, template: Path
) -> None:
    account.deploy("snap", template, SnapStart="true", Recipe="first=40")
    stack = account.stack("snap")
    stack.put("one.jpg", jpeg(400, 300))
    assert set(stack.settled("one.jpg").renditions) == {"first"}

    account.deploy("snap", template, SnapStart="true", Recipe="second=20")

    stack.put("two.jpg", jpeg(400, 300))
    assert set(stack.settled("two.jpg").renditions) == {"second"}


def test_what_make_did_not_build_is_not_deployed_with_snapstart(
    account: Account, installed: Stack
) -> None:
    assert installed
    unstamped = account.built(ROOT / "template.yaml", "unstamped.json")

    with pytest.raises(DeployFailed, match=r"Build.*SnapStart.*true"):
        account.deploy("mill", unstamped, SnapStart="true")

    assert account.status("mill") in {"CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


def test_the_released_version_is_updated_with_its_images(account: Account, template: Path) -> None:
    account.deploy("released", account.built(RELEASED, "released.json"))
    old = account.stack("released")
    old.put("old.jpg", jpeg(400, 300))
    before = old.settled("old.jpg")

    account.deploy("released", template)

    new = account.stack("released")
    assert new.records.get(before.id) == before
    assert width(new, "100/old.jpg") == 100
    version = new.put("old.jpg", jpeg(300, 400))
    assert new.settled("old.jpg", version).status == "ready"
    assert is_well(new)


def test_a_broken_change_is_rolled_back_with_the_images_still_there(
    account: Account, installed: Stack
) -> None:
    installed.put("kept.jpg", jpeg(400, 300))
    kept = installed.settled("kept.jpg")
    [made] = kept.renditions.values()
    broken = account.built(ROOT / "template.yaml", "broken.json", Doomed=DOOMED)

    with pytest.raises(DeployFailed, match="a-role-that-nobody-has"):
        account.deploy("mill", broken, Recipe="broken=20")

    assert account.status("mill") == "UPDATE_ROLLBACK_COMPLETE"
    assert installed.records.get(kept.id) == kept
    assert width(installed, made.key) == made.width
    installed.put("next.jpg", jpeg(400, 300))
    assert installed.settled("next.jpg").renditions.keys() == kept.renditions.keys()


def test_deleting_keeps_images_and_records_and_nothing_else(
    account: Account, template: Path
) -> None:
    account.deploy("doomed", template)
    stack = account.stack("doomed")
    stack.put("mine.jpg", jpeg(400, 300))
    record = stack.settled("mine.jpg")

    account.delete("doomed")

    assert stack.records.get(record.id) == record
    assert width(stack, "100/mine.jpg") == 100
    original = stack.s3.get_object(Bucket=stack.address.originals_bucket, Key="mine.jpg")
    assert original["Body"].read() == jpeg(400, 300)
    assert account.left_of("doomed") == {
        "originalsbucket",
        "processedbucket",
        "sitebucket",
        "RecordsTable",
    }
