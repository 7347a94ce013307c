"""`imagemill share` and `imagemill shares`."""

import json
import time

import pytest
from fakes.cloud import ready_record
from fakes.terminal import Terminal, rows

from imagemill.domain.caller import Grant
from imagemill.domain.share_tokens import read_token

DAY_S = 86_400


def granted(url: str) -> Grant:
    """Return the grant in the token of a link."""
    site, _, token = url.strip().partition("#share=")
    assert site == "https://gallery.example/"
    return read_token(token, ["present"]).grant


@pytest.mark.parametrize(
    ("options", "seconds"),
    [([], 7 * DAY_S), (["--expires", "90m"], 5400), (["--expires", "90d"], 90 * DAY_S)],
)
def test_a_link_to_a_folder_is_printed(
    terminal: Terminal, options: list[str], seconds: int
) -> None:
    result = terminal.run("share", "holiday/", *options)

    grant = granted(result.stdout)
    assert (result.exit_code, grant.prefix, grant.originals) == (0, "holiday/", False)
    assert 0 <= time.time() + seconds - grant.until < 60


@pytest.mark.parametrize("by", ["key", "id"])
def test_a_link_to_an_image_is_made_by_its_key_or_id(terminal: Terminal, by: str) -> None:
    image = terminal.cloud.add(ready_record("a.jpg"))

    [made] = rows(terminal.run("share", getattr(image, by), "--originals", "--json"))

    assert (made["image"], made["key"], made["made_by"]) == (image.id, "a.jpg", "iam:me")
    assert granted(made["url"]) == Grant(granted(made["url"]).until, image.id, originals=True)


def test_without_a_gallery_the_token_is_printed(terminal: Terminal) -> None:
    terminal.cloud.gallery = ""

    result = terminal.run("share", "a/")

    assert read_token(result.stdout.strip(), ["present"]).grant.prefix == "a/"


def test_links_are_listed_until_they_are_revoked(terminal: Terminal) -> None:
    [made] = rows(terminal.run("share", "holiday/", "--json"))

    before = terminal.run("shares")
    listed = rows(terminal.run("shares", "--json"))
    revoked = terminal.run("share", "--revoke", made["id"])
    after = terminal.run("shares")

    assert "holiday/" in before.stdout
    assert [one["id"] for one in listed] == [made["id"]]
    assert "token" not in listed[0]
    assert (revoked.exit_code, revoked.stderr) == (0, "revoked the link to holiday/\n")
    assert (after.stdout, after.stderr) == ("", "no share links\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "expected either an image or a folder, or --revoke ID"),
        (["a/", "--revoke", "1"], 2, "expected either an image or a folder, or --revoke ID"),
        (["a/", "--expires", "1y"], 2, "expected --expires such as 30m, 12h or 7d"),
        (["a/", "--expires", "91d"], 2, "expected --expires such as 30m, 12h or 7d"),
        (["a/", "--expires", "59s"], 2, "expected --expires such as 30m, 12h or 7d"),
        (["nope.jpg"], 1, "there is no image 'nope.jpg'"),
        (["--revoke", "1"], 1, "there is no share 1"),
    ],
)
def test_a_wrong_request_is_told(
    terminal: Terminal, arguments: list[str], code: int, message: str
) -> None:
    result = terminal.run("share", *arguments)

    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())


def test_a_revoked_link_is_printed_as_json(terminal: Terminal) -> None:
    [made] = rows(terminal.run("share", "a/", "--json"))

    revoked = json.loads(terminal.run("share", "--revoke", made["id"], "--json").stdout)

    assert revoked["revoked_at"]
