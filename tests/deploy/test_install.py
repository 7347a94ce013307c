"""Installing and updating imagemill with the real SAM CLI: what CI has of the rehearsal."""

from fakes.images import jpeg
from live.account import Account, is_well, width
from live.stack import Stack


def test_a_first_install_makes_renditions_and_answers(installed: Stack) -> None:
    installed.put("first.jpg", jpeg(400, 300))

    [made] = installed.settled("first.jpg").renditions.values()
    assert width(installed, made.key) == made.width < 400
    assert is_well(installed)


def test_an_update_with_another_recipe_holds_for_what_comes_then(
    account: Account, installed: Stack
) -> None:
    installed.put("before.jpg", jpeg(400, 300))
    before = installed.settled("before.jpg")
    [made] = before.renditions.values()

    account.deploy("mill", account.build / "template.yaml", Recipe="small=50")

    installed.put("after.jpg", jpeg(400, 300))
    assert set(installed.settled("after.jpg").renditions) == {"small"}
    assert width(installed, "small/after.jpg") == 50
    assert installed.records.get(before.id) == before
    assert width(installed, made.key) == made.width
